"""Closing an account and coming back: the days in between, and who may end them (CP.19 to CP.26)."""

from __future__ import annotations

from datetime import datetime, timedelta

from msgspec.structs import replace

from handlers import audit, cases, grants, limits, outbox, passwords
from handlers.desk import Desk
from handlers.model.account import Account
from handlers.model.case import Case
from handlers.model.closing import Purge
from handlers.model.document import Value
from handlers.model.errors import Invalid, Refused, Spent, Unknown
from handlers.model.grant import Grant
from handlers.model.service import Closure, Service
from handlers.model.staff import CUSTOMER, Staff
from handlers.rules.closing import may_reopen, reopens_until
from handlers.signing_in import sessions
from handlers.signing_in.sessions import Onward
from handlers.store.contract import Reader, Transaction


class Consents(Value, frozen=True, kw_only=True):
    """The two that closing an account takes (CP.23): what happens was read, and the data may be deleted."""

    warnings: bool = False
    deletion: bool = False


class ClosingView(Value, frozen=True, kw_only=True):
    """What the page says before an account is closed: what stops at once, and for how many days it can be undone."""

    service: Service
    language: str
    integrations: tuple[str, ...]
    grace_days: int


class ClosedView(Value, frozen=True, kw_only=True):
    """A closed account that can be reopened until `until` (UTC), and the integrations that stay off all the same."""

    service: Service
    language: str
    integrations: tuple[str, ...]
    until: datetime


async def look(desk: Desk, token: str) -> ClosingView:
    """What closing would mean for whoever is signed in; changes nothing. Raises SignInNeeded, Unknown."""
    session, account = await sessions.require(desk.store, desk, token)
    service, closure = _closure(desk, account)
    return ClosingView(
        service=service,
        language=session.language,
        integrations=account.integrations,
        grace_days=closure.grace_days,
    )


async def close(desk: Desk, token: str, password: str, consents: Consents) -> ClosedView:
    """Close the account of whoever is signed in: integrations first, then the account, and all its sessions end.

    Raises SignInNeeded, Unknown where the service closes no accounts, Invalid without both consents, WrongPassword,
    Limited.
    """
    if not (consents.warnings and consents.deletion):
        raise Invalid("Closing an account takes both consents.")
    _closure(desk, (await sessions.require(desk.store, desk, token))[1])
    await passwords.prove(desk, token, password)
    async with desk.store.transaction() as tx:
        session, account = await sessions.require(tx, desk, token)
        service, closure = _closure(desk, account)
        account = await _close(tx, desk, account, closure)
    return _closed_view(service, session.language, account)


async def look_back(desk: Desk, token: str) -> ClosedView:
    """What the page of a living link says before it reopens the account. Raises Spent."""
    grant, account = await _reopening(desk.store, desk, token)
    return _closed_view(desk.service(grant.service), grant.language, account)


async def reopen(desk: Desk, token: str) -> ClosedView:
    """Use the link up and reopen the account. Raises Spent, also once the days to come back in are over (CP.26)."""
    async with desk.store.transaction() as tx:
        grant, account = await _reopening(tx, desk, token)
        case = await cases.load(tx, grant.case)
        tx.put(replace(grant, state="redeemed", redeemed_at=desk.now()))
        await _reopened(tx, desk, account)
        await cases.record(tx, desk, case, "reactivation.used", CUSTOMER, to="redeemed")
    return _closed_view(desk.service(grant.service), grant.language, account)


async def look_signing_in(desk: Desk, token: str) -> ClosedView:
    """What a sign-in to a closed account is told before it reopens it (CP.25). Raises SignInNeeded."""
    session, account = await sessions.at(desk.store, desk, token, "closed")
    return _closed_view(desk.service(session.service), session.language, account)


async def reopen_signing_in(desk: Desk, token: str, browser: str) -> Onward:
    """Reopen the account with a yes from whoever signs in, and go on with the sign-in. Raises SignInNeeded, Spent."""
    async with desk.store.transaction() as tx:
        session, account = await sessions.at(tx, desk, token, "closed")
        _require_time(desk, account, session.language)
        account = await _reopened(tx, desk, account)
        await audit.of_account(tx, desk, "account.reactivated", account)
        return await sessions.advance(tx, desk, session, account, browser=browser)


async def offer(tx: Transaction, desk: Desk, case: Case, account: Account, by: Staff) -> Case:
    """Mail a link that reopens the account to the address on file. Raises Limited, Refused when it is too late."""
    if not may_reopen(account, desk.now()) or account.reopens_until is None:
        raise Refused("The days in which this account could be reopened are over: its data are being deleted.")
    await limits.take(tx, desk, limits.of_grants(by), account.id)
    minutes = desk.service(case.service).offer.link_minutes
    end = min(desk.now() + timedelta(minutes=minutes), account.reopens_until)
    grant, token = grants.make(desk, "reactivation", case, account, by, end)
    await grants.keep(tx, desk, grant)
    outbox.letter(
        *(tx, desk, "reactivation", case, account.address),
        language=grant.language,
        grant=grant,
        secret=token,
        detail=account.reopens_until.isoformat(),
    )
    return await cases.record(tx, desk, replace(case, grant=grant.id), "reactivation.issued", by, to="issued")


async def _close(tx: Transaction, desk: Desk, account: Account, closure: Closure) -> Account:
    """In the order the customer was told (CP.19, CP.20); links and codes that are out die, and so do sessions."""
    now = desk.now()
    until = reopens_until(closure, now)
    stopped = tuple(dict.fromkeys((*account.closed_integrations, *account.integrations)))
    account = replace(account, integrations=(), closed_integrations=stopped)
    account = replace(account, closed_at=now, reopens_until=until, credentials=account.credentials + 1)
    tx.put(account, Purge(id=account.id, queue="purges", due=until))
    await grants.retire(tx, desk, account.id, successor="")
    await audit.of_account(tx, desk, "account.closed", account)
    language, moment = account.language, until.isoformat()
    outbox.letter(tx, desk, "closed", account, account.address, language=language, detail=moment)
    return account


async def _reopened(tx: Transaction, desk: Desk, account: Account) -> Account:
    """Open again, and not to be deleted; integrations stay off, for their owner to start one by one (CP.20)."""
    account = replace(account, closed_at=None, reopens_until=None)
    tx.put(account)
    tx.delete(Purge, account.id)
    outbox.letter(tx, desk, "reactivated", account, account.address, language=account.language)
    return account


async def _reopening(reader: Reader, desk: Desk, token: str) -> tuple[Grant, Account]:
    grant, account = await grants.find(reader, desk, "reactivation", token)
    if account.closed_at is None:
        raise Spent("used", grant.service, grant.language)
    _require_time(desk, account, grant.language)
    return grant, account


def _require_time(desk: Desk, account: Account, language: str) -> None:
    if not may_reopen(account, desk.now()):
        raise Spent("expired", account.service, language)


def _closure(desk: Desk, account: Account) -> tuple[Service, Closure]:
    service = desk.service(account.service)
    if service.closure is None:
        raise Unknown(f"{service.name} closes no accounts.")
    return service, service.closure


def _closed_view(service: Service, language: str, account: Account) -> ClosedView:
    until = account.reopens_until
    if until is None:
        raise Unknown("This account is not closed.")
    return ClosedView(service=service, language=language, integrations=account.closed_integrations, until=until)
