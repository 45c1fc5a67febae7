"""A signed-in customer's second factor: begun, switched on by a code, given new recovery codes, taken off.

One of two methods at a time (CP.5): an authenticator app, or a code by mail. How sign-in asks for it is in
`factor_checks.py`, what helps who lost it in `factor_resets.py`.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

from msgspec.structs import replace

from handlers import audit, grants, passwords
from handlers.desk import Desk
from handlers.factors import factor_checks as checks
from handlers.factors import factor_mails as mails
from handlers.factors import totp
from handlers.model.account import Account, Factor
from handlers.model.document import Value
from handlers.model.errors import Refused
from handlers.model.second_factor import SecondFactor
from handlers.model.service import Service
from handlers.model.session import Session
from handlers.rules.addresses import mask
from handlers.rules.second_factor import kind_of
from handlers.signing_in import sessions
from handlers.signing_in.sessions import Onward
from handlers.store.contract import Reader, Transaction
from handlers.vault import Secret

Method = Literal["totp", "mail"]

KEY_LIVES = timedelta(minutes=15)
"""For so long a key that was begun is shown, and can be switched on: long enough to install an app."""


class FactorView(Value, frozen=True, kw_only=True):
    """What the page about the second factor shows: the one in use since `since` (UTC), or what there is to choose from.

    `pending` is the method that was begun and waits for its first code; `recovery_left` counts unused recovery codes.
    """

    service: Service
    language: str
    factor: Factor
    since: datetime | None
    pending: Method | None
    methods: tuple[Method, ...]
    recovery_left: int


class Enrolment(Value, frozen=True, kw_only=True):
    """What is needed to switch on the method that was begun: for an app its key, for mail where the code went."""

    service: Service
    language: str
    method: Method
    login: str
    address: str
    digits: int
    key: Secret
    uri: Secret


class SwitchedOn(Value, frozen=True, kw_only=True):
    """The recovery codes, which are never shown again, and the session's new cookies."""

    codes: tuple[Secret, ...]
    onward: Onward


async def look(desk: Desk, token: str) -> FactorView:
    """What the page shows; changes nothing. Raises SignInNeeded."""
    session, account = await sessions.require(desk.store, desk, token)
    factor = await desk.store.get(SecondFactor, account.id)
    active = factor if factor and factor.active_since else None
    pending = await _pending(desk.store, desk, session)
    return FactorView(
        service=desk.service(account.service),
        language=session.language,
        factor=account.second_factor,
        since=active.active_since if active else None,
        pending=pending.method if pending else None,
        methods=_methods(desk, account),
        recovery_left=len(active.recovery) if active else 0,
    )


async def enrol(desk: Desk, token: str, method: str, password: str) -> None:
    """Begin a method: a fresh key for an app, or a code by mail; nothing is asked for at sign-in yet.

    It takes the password: a stolen cookie must not become a factor of the thief's (T28). A method begun before is
    forgotten. Raises SignInNeeded, WrongPassword, Limited, and Refused for a method that the service does not offer, or
    while another is in use (CP.5).
    """
    await passwords.prove(desk, token, password)
    async with desk.store.transaction() as tx:
        session, account = await sessions.use(tx, desk, token)
        chosen = next((one for one in _methods(desk, account) if one == method), None)
        if chosen is None:
            raise Refused("This second factor is not offered, or another one is in use.")
        key = checks.sealed(desk, account, desk.vault.seed()) if chosen == "totp" else ""
        tx.put(SecondFactor(id=account.id, method=chosen, sealed=key, begun_by=session.id, begun_at=desk.now()))
        if chosen == "mail":
            await mails.send(tx, desk, session, account)


async def enrolment(desk: Desk, token: str) -> Enrolment | None:
    """What the method that this session began needs; None when it began none, or too long ago.

    Changes nothing. Raises SignInNeeded.
    """
    session, account = await sessions.require(desk.store, desk, token)
    factor = await _pending(desk.store, desk, session)
    if factor is None:
        return None
    service = desk.service(account.service)
    key = checks.secret_of(desk, factor) if factor.method == "totp" else Secret("")
    return Enrolment(
        service=service,
        language=session.language,
        method=factor.method,
        login=account.login,
        address=mask(account.address),
        digits=service.offer.code_digits,
        key=key,
        uri=Secret(totp.uri(key.value, account.login, service.name) if key.value else ""),
    )


async def give_up(desk: Desk, token: str) -> None:
    """Forget the method that was begun, if one was. Raises SignInNeeded."""
    async with desk.store.transaction() as tx:
        session, account = await sessions.use(tx, desk, token)
        if await _pending(tx, desk, session):
            tx.delete(SecondFactor, account.id)


async def activate(desk: Desk, token: str, browser: str, typed: str) -> SwitchedOn | None:
    """Switch on what was begun, by a code while it is valid (CP.10, CP.12); None for a wrong one.

    Every other session of the account ends. Raises SignInNeeded, Limited, Spent, and Refused when nothing was begun.
    """
    async with desk.store.transaction() as tx:
        session, account = await sessions.use(tx, desk, token)
        factor = await _pending(tx, desk, session)
        if factor is None:
            raise Refused("No second factor was begun.")
        step = await _first_step(tx, desk, session, factor, typed)
        if step is None:
            return None
        codes, digests = checks.draw_recovery(desk, account)
        tx.put(replace(factor, active_since=desk.now(), last_step=step, recovery=digests))
        await audit.of_account(tx, desk, "account.factor_added", account, detail=factor.method)
        checks.tell(tx, desk, account, account, f"added_{factor.method}")
        onward = await _become(tx, desk, session, account, factor.method, browser)
    return SwitchedOn(codes=codes, onward=onward)


async def send_code(desk: Desk, token: str) -> None:
    """Mail a code to whoever has mail for a second factor, in use or begun. Raises SignInNeeded, Limited, Refused."""
    async with desk.store.transaction() as tx:
        session, account = await sessions.use(tx, desk, token)
        factor = await tx.get(SecondFactor, account.id)
        factor = factor if factor and factor.active_since else await _pending(tx, desk, session)
        if factor is None or factor.method != "mail":
            raise Refused("The second factor of this account is no code by mail.")
        await mails.send(tx, desk, session, account)


async def renew_codes(desk: Desk, token: str, browser: str, typed: str) -> SwitchedOn | None:
    """Ten other recovery codes in place of the old ones, for a code of the second factor; None for a wrong one.

    Every other session of the account ends. Raises SignInNeeded, Limited, Spent, Refused.
    """
    async with desk.store.transaction() as tx:
        session, account = await sessions.use(tx, desk, token)
        if not await _prove(tx, desk, session, account, typed):
            return None
        codes, digests = checks.draw_recovery(desk, account)
        tx.put(replace(await _active(tx, account), recovery=digests))
        await audit.of_account(tx, desk, "account.recovery_codes_made", account)
        checks.tell(tx, desk, account, account, "recovery_made")
        onward = await _become(tx, desk, session, account, account.second_factor, browser)
    return SwitchedOn(codes=codes, onward=onward)


async def remove(desk: Desk, token: str, browser: str, password: str, typed: str) -> Onward | None:
    """Take the second factor off, for the password and a code of it or a recovery code; None for a wrong code.

    Every other session of the account ends. Raises SignInNeeded, WrongPassword, Limited, Spent, Refused.
    """
    await passwords.prove(desk, token, password)
    async with desk.store.transaction() as tx:
        session, account = await sessions.use(tx, desk, token)
        if not await _prove(tx, desk, session, account, typed):
            return None
        tx.delete(SecondFactor, account.id)
        await audit.of_account(tx, desk, "account.factor_removed", account, detail=account.second_factor)
        checks.tell(tx, desk, account, account, "removed")
        return await _become(tx, desk, session, account, "", browser)


async def take_over(tx: Transaction, desk: Desk, account: Account, imported: Secret) -> Account:
    """The account with the key it had elsewhere, kept in `tx`; one that no library can check is `unusable`.

    A second factor that the customer has here stays as it is. Sessions, links and codes of before are dead.
    """
    if not imported.value or account.second_factor in ("totp", "mail"):
        return account
    key = Secret("".join(imported.value.split()).upper().rstrip("="))
    factor: Factor = "totp" if totp.is_usable(key.value) else "unusable"
    if factor == account.second_factor:
        return account
    if factor == "totp":
        sealed = checks.sealed(desk, account, key)
        tx.put(SecondFactor(id=account.id, method="totp", sealed=sealed, active_since=desk.now()))
    return replace(account, second_factor=factor, credentials=account.credentials + 1)


def _methods(desk: Desk, account: Account) -> tuple[Method, ...]:
    """What the customer can begin now."""
    return () if account.second_factor in ("totp", "mail") else desk.service(account.service).second_factor.methods


async def _pending(reader: Reader, desk: Desk, session: Session) -> SecondFactor | None:
    """What this session began and can still switch on: a key that somebody else saw, or could, is no secret (T28)."""
    factor = await reader.get(SecondFactor, session.account)
    if factor is None or factor.active_since or factor.begun_by != session.id or factor.begun_at is None:
        return None
    # A code by mail has a life of its own, which its letter names.
    return factor if factor.method == "mail" or desk.now() - factor.begun_at < KEY_LIVES else None


async def _active(tx: Transaction, account: Account) -> SecondFactor:
    factor = await tx.get(SecondFactor, account.id)
    if factor is None or factor.active_since is None:
        raise Refused("This account has no second factor.")
    return factor


async def _first_step(tx: Transaction, desk: Desk, session: Session, factor: SecondFactor, typed: str) -> int | None:
    """The time step of the code that switches the method on, 0 for a code by mail; None when the code is wrong."""
    kind, digits = kind_of(typed)
    if factor.method == "mail":
        return 0 if await mails.check(tx, desk, session, digits) else None
    return totp.step_of(checks.secret_of(desk, factor).value, digits, desk.now()) if kind == "digits" else None


async def _prove(tx: Transaction, desk: Desk, session: Session, account: Account, typed: str) -> bool:
    """Whether this is a code of the factor in use, or a recovery code."""
    factor = await _active(tx, account)
    kind, digits = kind_of(typed)
    if factor.method == "mail" and kind == "digits":
        return await mails.check(tx, desk, session, digits)
    return await checks.check(tx, desk, account, typed)


async def _become(
    tx: Transaction, desk: Desk, session: Session, account: Account, factor: Factor, browser: str
) -> Onward:
    """The account with that factor: links, codes and all sessions of before are dead, and this one goes on."""
    account = replace(account, second_factor=factor, credentials=account.credentials + 1)
    tx.put(account)
    await grants.retire(tx, desk, account.id, successor="")
    return await sessions.advance(tx, desk, session, account, browser=browser)
