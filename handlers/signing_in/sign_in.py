"""Signing in: a login or address and a password, checked in the same time whether or not there is such an account.

Strangers who guess shut out no owner: what they try is counted for browsers that nobody knows, and a browser that
proved itself, or a letter in the mailbox, still opens the account.
"""

from __future__ import annotations

from datetime import timedelta

from handlers import audit, limits, passwords, temporary
from handlers.desk import Desk
from handlers.limits import Limit
from handlers.model.account import Account
from handlers.model.document import Value
from handlers.model.errors import Limited, WrongPassword
from handlers.model.grant import Grant
from handlers.model.service import Service
from handlers.rules import passwords as rules
from handlers.rules.addresses import canonical, canonical_login
from handlers.rules.sign_in import may_begin
from handlers.signing_in import devices, risk_codes, sessions
from handlers.signing_in.sessions import Onward
from handlers.store.contract import Reader, Transaction

LONGEST_NAME = 254
LONGEST_PASSWORD = 4096
"""Characters; far more than any service allows, and still cheap to hash."""

WINDOWS = (
    Limit(name="sign-in hour", most=10, within=timedelta(hours=1), said="10 sign-ins failed within the hour."),
    Limit(name="sign-in day", most=50, within=timedelta(days=1), said="50 sign-ins failed today."),
    Limit(name="sign-in month", most=100, within=timedelta(days=30), said="100 sign-ins failed in 30 days."),
)
"""Wrong passwords, per account and kind of browser; NIST SP 800-63B (3.2.2) allows a hundred."""


class Visitor(Value, frozen=True, kw_only=True):
    """Who signs in: the language of the page, both cookies of the browser, and its network if that says anything."""

    language: str
    browser: str = ""
    session: str = ""
    network: str = ""


class _Tried(Value, frozen=True, kw_only=True):
    """A try: the hash to compare with, and whether a right password would open anything.

    `counted` says that every window had room for it. `proven` is a browser that is known and not guessing, or what the
    desk recognises as mailed.
    """

    account: Account | None
    subject: str
    hash: str
    opens: bool
    counted: bool = False
    proven: bool = False
    grant: Grant | None = None


async def begin(desk: Desk, service_id: str, name: str, password: str, visitor: Visitor) -> Onward:
    """Check the password of the account of that login or address, and begin a session.

    An address that several accounts share names none of them. Raises WrongPassword for whatever does not fit, and
    Limited when the desk is too busy to check; the same for known and unknown accounts, in words and in time.
    """
    service = desk.service(service_id)
    async with desk.store.transaction() as tx:
        tried = await _try(tx, desk, service, name, password, visitor.browser)
    typed = rules.trimmed(password) if tried.grant else password
    try:
        right = await passwords.is_right(tried.hash, typed[:LONGEST_PASSWORD], visitor.network, proven=tried.proven)
    except Limited:  # nothing was compared: a flood uses up nobody's tries
        async with desk.store.transaction() as tx:
            await _uncount(tx, desk, tried)
        raise
    async with desk.store.transaction() as tx:
        onward = await _enter(tx, desk, tried, visitor) if right and tried.opens else None
        if onward is None:
            await _failed(tx, desk, service, tried)
    if onward is None:
        raise WrongPassword
    await sessions.end(desk, visitor.session)
    return onward


async def _try(tx: Transaction, desk: Desk, service: Service, name: str, password: str, browser: str) -> _Tried:
    """Count the try before anything is compared."""
    account = await _find(tx, service, name.strip()[:LONGEST_NAME])
    if account is None:
        subject = f"nobody {desk.vault.tag('nobody', f'{service.id} {name}')[:2]}"  # a bounded number of them
        counted = await _is_within(tx, desk, subject)
        return _Tried(account=None, subject=subject, hash="", opens=False, counted=counted)
    opens = may_begin(account, desk.now())
    grant = await temporary.claimed(tx, desk, account, password)
    if grant:
        return _Tried(account=account, subject="", hash=grant.code, opens=opens, proven=True, grant=grant)
    device = await devices.known(tx, desk, account, browser)
    subject = device.id if device else limits.of_credentials(account)
    counted = await _is_within(tx, desk, subject)
    return _Tried(
        account=account,
        subject=subject,
        hash=account.password_hash,
        opens=opens and counted,
        counted=counted,
        proven=device is not None and counted,
    )


async def _enter(tx: Transaction, desk: Desk, tried: _Tried, visitor: Visitor) -> Onward | None:
    """Begin the session, unless the account changed while its password was checked."""
    account = await tx.get(Account, tried.account.id) if tried.account else None
    if account is None or account != tried.account:
        return None
    if tried.grant and not await temporary.use(tx, desk, tried.grant):
        return None
    await _uncount(tx, desk, tried)
    session, onward = await sessions.begin(
        *(tx, desk, account),
        language=account.language or visitor.language,
        browser=visitor.browser,
        temporary=tried.grant.id if tried.grant else "",
    )
    if onward.stage == "code":
        await risk_codes.send(tx, desk, session, account)
    return onward


async def _failed(tx: Transaction, desk: Desk, service: Service, tried: _Tried) -> None:
    account = tried.account.id if tried.account else ""
    why = "" if account else "no such account"
    await audit.note(tx, desk, "account.sign_in_failed", service=service.id, account=account, detail=why)


async def _is_within(tx: Transaction, desk: Desk, subject: str) -> bool:
    """Count the try in every window, and say whether none was full."""
    return all([await limits.within(tx, desk, window, subject) for window in WINDOWS])


async def _uncount(tx: Transaction, desk: Desk, tried: _Tried) -> None:
    """Take back what was counted for the try."""
    for window in WINDOWS if tried.counted else ():
        await limits.give_back(tx, desk, window, tried.subject)


async def _find(reader: Reader, service: Service, name: str) -> Account | None:
    """The account of that login, else the only one of that address."""
    by_login = await reader.find(Account, service=service.id, login_key=canonical_login(name))
    by_address = await reader.find(Account, service=service.id, address_key=canonical(name))
    found = by_login or by_address
    return found[0] if name and len(found) == 1 else None
