"""Reset links: issued, looked at, redeemed."""

from __future__ import annotations

from datetime import datetime, timedelta

from msgspec.structs import replace

from handlers import cases, grants, hosting, limits, outbox, passwords
from handlers.desk import Desk
from handlers.model.account import Account
from handlers.model.case import Case
from handlers.model.document import Value
from handlers.model.errors import WeakPassword
from handlers.model.grant import Grant
from handlers.model.service import Service
from handlers.model.staff import CUSTOMER, Staff
from handlers.rules.closing import may_reopen
from handlers.signing_in import devices
from handlers.store.contract import Transaction
from handlers.vault import Secret


class LinkView(Value, frozen=True, kw_only=True):
    """What the page of a living link may show; times in UTC.

    `reopens_until` is set for a closed account, which signing in afterwards reopens (CP.25).
    """

    service: Service
    language: str
    login: str
    expires_at: datetime
    reopens_until: datetime | None = None


class Redeemed(Value, frozen=True, kw_only=True):
    """What the page says once the password is changed; `hosted` is whose second password comes next (SF.24).

    `browser` is the new value of the browser's own cookie: a link from the mailbox proved it, so that nobody's wrong
    guesses shut it out. It signs nobody in (OC.19).
    """

    service: Service
    language: str
    hosted: bool
    browser: Secret


async def issue(tx: Transaction, desk: Desk, case: Case, account: Account, by: Staff) -> Case:
    """Mail a reset link to the address on file; older links and codes of the account die. Raises Limited."""
    await limits.take(tx, desk, limits.of_grants(by), account.id)
    return await mail(tx, desk, case, account, by)


async def mail(tx: Transaction, desk: Desk, case: Case, account: Account, by: Staff) -> Case:
    """As `issue`, whatever was sent before: for a link that something rare and agreed to leads to."""
    minutes = desk.service(case.service).offer.link_minutes
    grant, token = await mint(tx, desk, case, account, by, desk.now() + timedelta(minutes=minutes))
    outbox.letter(tx, desk, "reset", case, account.address, language=grant.language, grant=grant, secret=token)
    return await cases.record(tx, desk, replace(case, grant=grant.id), "link.issued", by, to="issued")


async def mint(
    tx: Transaction, desk: Desk, case: Case, account: Account, by: Staff, expires_at: datetime
) -> tuple[Grant, Secret]:
    """A new reset link that lives until `expires_at` (UTC), and its raw token."""
    grant, token = grants.make(desk, "link", case, account, by, expires_at)
    await grants.keep(tx, desk, grant)
    return grant, token


async def look(desk: Desk, token: str) -> LinkView:
    """What the link's page shows; changes nothing. Raises Spent."""
    grant, account = await grants.find(desk.store, desk, "link", token)
    service = desk.service(grant.service)
    return LinkView(
        service=service,
        language=grant.language,
        login=account.login,
        expires_at=grant.expires_at,
        reopens_until=account.reopens_until if may_reopen(account, desk.now()) else None,
    )


async def redeem(desk: Desk, token: str, password: str, browser: str = "") -> Redeemed:
    """Set a new password and use the link up; `browser` is the browser's own cookie.

    Raises Spent, or WeakPassword or Limited, which leave the link alive.
    """
    grant, account = await grants.find(desk.store, desk, "link", token)
    service = desk.service(grant.service)
    faults = await passwords.faults(desk, service, account, password)
    if faults:
        await _rejected(desk, token, faults[0].code)
        raise WeakPassword(faults)
    hashed = await passwords.hashed(password)
    async with desk.store.transaction() as tx:
        grant, account = await grants.find(tx, desk, "link", token)
        case = await cases.load(tx, grant.case)
        tx.put(replace(grant, state="redeemed", redeemed_at=desk.now()))
        account = await passwords.set(tx, desk, account, hashed, case)
        known = await devices.remember(tx, desk, account, browser)
        await cases.record(tx, desk, case, "password.changed", CUSTOMER, to="redeemed")
    return Redeemed(service=service, language=grant.language, hosted=hosting.has(account, service), browser=known)


async def _rejected(desk: Desk, token: str, fault: str) -> None:
    """The first refusal shows on the case; the others would only let whoever holds the link fill the disk."""
    async with desk.store.transaction() as tx:
        grant, _ = await grants.find(tx, desk, "link", token)
        if grant.state == "issued":
            case = await cases.load(tx, grant.case)
            tx.put(replace(grant, state="opened"))
            await cases.record(tx, desk, case, "link.opened", CUSTOMER, to="opened", detail=fault)
