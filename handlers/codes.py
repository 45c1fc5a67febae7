"""One-time codes: issued, resent, verified."""

from __future__ import annotations

from datetime import datetime, timedelta

from msgspec.structs import replace

from handlers import cases, digits, grants, limits, links, outbox
from handlers.desk import Desk
from handlers.model.account import Account
from handlers.model.case import Case
from handlers.model.document import Value
from handlers.model.errors import Spent
from handlers.model.grant import Grant
from handlers.model.service import Service
from handlers.model.staff import CUSTOMER, Staff
from handlers.rules.addresses import mask
from handlers.store.contract import Transaction
from handlers.vault import Secret


class CodeView(Value, frozen=True, kw_only=True):
    """What the page of a living code may show: the masked address it went to, its length and life (UTC).

    `recovers` says that a recovery code would do as well.
    """

    service: Service
    language: str
    address: str
    expires_at: datetime
    digits: int
    resends_left: int
    recovers: bool = False


async def issue(tx: Transaction, desk: Desk, case: Case, account: Account, by: Staff) -> Case:
    """Mail a one-time code to the address on file; older codes and links of the account die. Raises Limited."""
    await limits.take(tx, desk, limits.of_grants(by), account.id)
    offer = desk.service(case.service).offer
    grant, token = grants.make(desk, "code", case, account, by, desk.now() + timedelta(minutes=offer.code_minutes))
    grant = replace(grant, tries_allowed=offer.code_tries, resends_allowed=offer.code_resends)
    await grants.keep(tx, desk, grant)
    _send(tx, desk, grant, account, case, token.value)
    return await cases.record(tx, desk, replace(case, grant=grant.id), "code.issued", by, to="issued")


async def look(desk: Desk, token: str) -> CodeView:
    """What the code's page shows; changes nothing. Raises Spent."""
    grant, account = await grants.find(desk.store, desk, "code", token)
    service = desk.service(grant.service)
    return CodeView(
        service=service,
        language=grant.language,
        address=mask(account.address),
        expires_at=grant.expires_at,
        digits=service.offer.code_digits,
        resends_left=grant.resends_allowed - grant.resends,
    )


async def verify(desk: Desk, token: str, typed: str) -> Secret:
    """Use the code up for a reset link of the same life, and return that link's raw token.

    The try is counted and durable before the code is compared. Raises Spent, WrongCode, Limited.
    """
    grant = await digits.count_try(desk, "code", token)
    if not digits.are_right(desk, grant, typed):
        await digits.wrong(desk, grant, _given_up)
    async with desk.store.transaction() as tx:
        current, account = await grants.find(tx, desk, "code", token)
        if current.code != grant.code:
            raise Spent("replaced", grant.service, grant.language)
        case = await cases.load(tx, current.case)
        tx.put(replace(current, state="redeemed", redeemed_at=desk.now()))
        link, raw = await links.mint(tx, desk, case, account, CUSTOMER, current.expires_at)
        await cases.record(tx, desk, replace(case, grant=link.id), "code.verified", CUSTOMER, to="opened")
    return raw


async def resend(desk: Desk, token: str) -> None:
    """Mail a new code in place of the old one, to the same address. Raises Limited (too soon, too often), Spent."""
    async with desk.store.transaction() as tx:
        grant, account = await grants.find(tx, desk, "code", token)
        offer = desk.service(grant.service).offer
        digits.require_resend(grant, desk.now(), timedelta(seconds=offer.resend_wait_seconds))
        await limits.take(tx, desk, limits.of_grants(CUSTOMER), account.id)
        case = await cases.load(tx, grant.case)
        now = desk.now()
        expires_at = now + timedelta(minutes=offer.code_minutes)
        grant = replace(grant, issued_at=now, expires_at=expires_at, tries=0, resends=grant.resends + 1)
        _send(tx, desk, grant, account, case, token)
        await cases.record(tx, desk, case, "code.resent", CUSTOMER, to="issued")


def _send(tx: Transaction, desk: Desk, grant: Grant, account: Account, case: Case, token: str) -> None:
    grant, typed = digits.draw(desk, grant)
    tx.put(grant)
    secret = Secret(f"{token} {typed.value}")
    outbox.letter(tx, desk, "code", case, account.address, language=grant.language, grant=grant, secret=secret)


async def _given_up(tx: Transaction, desk: Desk, case: Case) -> None:
    await cases.record(tx, desk, case, "code.wrong", CUSTOMER, to="expired", detail="no tries left")
