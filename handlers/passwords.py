"""Passwords: the service's rules, the hash, and the change with everything that follows from it."""

from __future__ import annotations

import asyncio
import unicodedata
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from functools import cache

import argon2
from argon2.exceptions import Argon2Error, InvalidHashError
from msgspec.structs import replace

from handlers import audit, cases, checklists, grants, limits, outbox
from handlers.desk import Desk
from handlers.model.account import Account
from handlers.model.case import Case
from handlers.model.document import Value
from handlers.model.errors import Fault, Limited, SignInNeeded, WeakPassword, WrongPassword
from handlers.model.grant import Grant
from handlers.model.service import Service
from handlers.model.session import Session, Stage
from handlers.model.staff import CUSTOMER
from handlers.rules import passwords as rules
from handlers.signing_in import sessions
from handlers.signing_in.sessions import Onward
from handlers.store.contract import Reader, Transaction

MOST_WAITING = 24
MOST_OF_ONE = 8
"""How many sign-ins may wait for their password to be checked, in all and from one network.

So many new passwords of one account may wait to be compared: whoever holds a link keeps nobody else from using theirs.
"""

BUSY_SECONDS = 3.0
"""When to try again if more than that wait."""

OLD_PASSWORD = limits.Limit(
    name="old password", most=10, within=timedelta(hours=1), said="The old password was typed 10 times within the hour."
)

_hasher = argon2.PasswordHasher()
# New passwords have threads of their own: a flood of sign-ins keeps nobody from setting one.
_setting = ThreadPoolExecutor(2, "set-password")
_checking = ThreadPoolExecutor(2, "check-password")
_waiting: Counter[str] = Counter()
_comparing: Counter[str] = Counter()


class PasswordView(Value, frozen=True, kw_only=True):
    """What a page says that asks for a new password: whose it is, and why; both are the customer's own.

    `stage` is `open` for whoever asked for the page, `change` for a sign-in that waits for it; `temporary` says that
    it was begun with a temporary password.
    """

    service: Service
    language: str
    login: str
    address: str
    stage: Stage
    temporary: bool


async def faults(desk: Desk, service: Service, account: Account, password: str) -> tuple[Fault, ...]:
    """Which of the service's rules the password breaks; the customer's own data counts as guessable.

    A password that breaks none is compared with the one in use and those before it, in a thread. Raises Limited when
    `MOST_OF_ONE` of the account are already (T31).
    """
    broken = broken_rules(desk, service, account, password)
    if broken:
        return broken
    if _comparing[account.id] >= MOST_OF_ONE:
        raise Limited("New passwords of this account are being compared.", BUSY_SECONDS)
    hashes = rules.to_differ_from(account.password_hash, account.former_hashes, service.password)
    with _counted(_comparing, account.id):
        used = await asyncio.get_running_loop().run_in_executor(_setting, _is_any, hashes, password)
    return (Fault(code="used_before"),) if used else ()


def broken_rules(desk: Desk, service: Service, account: Account, password: str) -> tuple[Fault, ...]:
    """Which rules the password breaks, without a look at earlier ones."""
    personal = (account.login, account.address, account.name, account.company, service.name, *service.aliases)
    return rules.faults(password, service.password, personal, desk.common_passwords)


async def hashed(password: str) -> str:
    """The password's argon2id hash; takes about 0.1 s in a thread, two at a time."""
    return await asyncio.get_running_loop().run_in_executor(_setting, _hasher.hash, _normal(password))


async def is_right(hash: str, password: str, network: str = "", *, proven: bool = False) -> bool:
    """Whether `hash` was made of the password; always one verification, in the same time also where there is no hash.

    Two at a time; raises Limited when too many wait, in all or from one `network` (empty: not counted on its own). Who
    has `proven` something before, and is counted elsewhere, waits with the others and is not turned away (T31).
    """
    if not proven and (_waiting.total() >= MOST_WAITING or (network and _waiting[network] >= MOST_OF_ONE)):
        raise Limited("Too many passwords wait to be checked.", BUSY_SECONDS)
    with _counted(_waiting, network):
        return await asyncio.get_running_loop().run_in_executor(_checking, _is_right, hash, password)


async def set(tx: Transaction, desk: Desk, account: Account, hash: str, about: Case | Account) -> Account:
    """Give the account its new password hash, and return it as it is then.

    Its living grants and its sessions die, what remains to be done can be ticked off, and a notice goes to the address
    on file, about the case that led here or about the account alone.
    """
    service = desk.service(account.service)
    account = replace(
        account,
        password_hash=hash,
        password_changed_at=desk.now(),
        former_hashes=rules.remembered(account.password_hash, account.former_hashes, service.password),
        credentials=account.credentials + 1,
    )
    tx.put(account)
    await grants.retire(tx, desk, account.id, successor=about.id)
    checklists.begin(tx, desk, account, "reset")
    outbox.letter(tx, desk, "changed", about, account.address, language=account.language or about.language)
    return account


async def look(desk: Desk, token: str) -> PasswordView:
    """What the page shows; changes nothing. Raises SignInNeeded."""
    session, account = await sessions.at(desk.store, desk, token, "change", "open")
    return PasswordView(
        service=desk.service(account.service),
        language=session.language,
        login=account.login,
        address=account.address,
        stage=session.stage,
        temporary=bool(session.temporary),
    )


async def change(desk: Desk, token: str, old: str, new: str, browser: str = "") -> Onward:
    """Change the password of whoever is signed in, or still has to choose one; the other sessions end, this goes on.

    `old` is the temporary password after a sign-in with one. Raises SignInNeeded, WrongPassword, WeakPassword, Limited.
    """
    session, account = await sessions.at(desk.store, desk, token, "change", "open")
    await _require_old(desk, session, account, old)
    # A temporary password came by mail: it is none to keep, even where the account's own rules would take it (ESP.16).
    same = session.temporary and rules.trimmed(_normal(old)) == _normal(new)
    broken = (Fault(code="used_before"),) if same else await faults(desk, desk.service(account.service), account, new)
    if broken:
        raise WeakPassword(broken)
    hash = await hashed(new)
    async with desk.store.transaction() as tx:
        session, account = await sessions.at(tx, desk, token, "change", "open")
        case = await _case(tx, session)
        account = await set(tx, desk, account, hash, case or account)
        if case:
            await cases.record(tx, desk, case, "password.changed", CUSTOMER, to="redeemed")
        else:
            await audit.of_account(tx, desk, "account.password_changed", account)
        return await sessions.advance(tx, desk, replace(session, temporary=""), account, browser=browser)


async def later(desk: Desk, token: str, browser: str = "") -> Onward:
    """Put a renewal off until the next sign-in (CP.17); a temporary password has no later. Raises SignInNeeded."""
    async with desk.store.transaction() as tx:
        session, account = await sessions.at(tx, desk, token, "change")
        if session.temporary:
            raise SignInNeeded(session.service, session.stage)
        return await sessions.advance(tx, desk, session, account, browser=browser)


async def prove(desk: Desk, token: str, password: str) -> None:
    """Have whoever is signed in type the password once more, before something that weighs. Changes nothing else.

    Raises SignInNeeded, WrongPassword (also for an empty one, which is no try), Limited.
    """
    session, account = await sessions.require(desk.store, desk, token)
    await _require_old(desk, session, account, password)


async def _require_old(desk: Desk, session: Session, account: Account, old: str) -> None:
    """The try is counted before it is compared: an open browser is no place to guess at the password."""
    if not old:
        raise WrongPassword
    async with desk.store.transaction() as tx:
        await limits.take(tx, desk, OLD_PASSWORD, limits.of_credentials(account))
    typed = rules.trimmed(old) if session.temporary else old
    if not await is_right(await _old_hash(desk.store, session, account), typed, proven=True):
        raise WrongPassword


async def _old_hash(reader: Reader, session: Session, account: Account) -> str:
    if not session.temporary:
        return account.password_hash
    grant = await reader.get(Grant, session.temporary)
    return grant.code if grant else ""


async def _case(tx: Transaction, session: Session) -> Case | None:
    """The case that sent the temporary password, while it waits for its end."""
    grant = await tx.get(Grant, session.temporary) if session.temporary else None
    case = await tx.get(Case, grant.case) if grant else None
    return case if case and grant and case.grant == grant.id and case.state == "opened" else None


@contextmanager
def _counted(under_way: Counter[str], whose: str) -> Iterator[None]:
    """Count one in while the block runs."""
    under_way[whose] += 1
    try:
        yield
    finally:
        under_way[whose] -= 1
        if not under_way[whose]:
            del under_way[whose]


def _is_any(hashes: tuple[str, ...], password: str) -> bool:
    return any(_is_right(hash, password) for hash in hashes)


def _is_right(hash: str, password: str) -> bool:
    nobody = _nobodys_hash()
    try:
        _hasher.verify(hash or nobody, _normal(password))
    except (Argon2Error, InvalidHashError):
        return False
    return bool(hash)


@cache
def _nobodys_hash() -> str:
    """What a password is compared with where there is nothing to compare it with."""
    return _hasher.hash("nobody's")


def _normal(password: str) -> str:
    """One form for what keyboards write in several: `é` is one character or two (NIST SP 800-63B, 3.1.1.2)."""
    return unicodedata.normalize("NFC", password)
