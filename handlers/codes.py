"""One-time codes: issued, resent, verified."""

from __future__ import annotations

from datetime import datetime, timedelta

from msgspec.structs import replace

from handlers import cases, grants, limits, links, outbox
from handlers.desk import Desk
from handlers.model.account import Account
from handlers.model.case import Case
from handlers.model.document import Value
from handlers.model.errors import Limited, Spent, WrongCode
from handlers.model.grant import Grant
from handlers.model.service import Service
from handlers.model.staff import CUSTOMER, Staff
from handlers.rules.addresses import mask
from handlers.store.contract import Transaction
from handlers.vault import Secret


class CodeView(Value, frozen=True, kw_only=True):
    """What the page of a living code may show: the masked address it went to, its length and life (UTC)."""

    service: Service
    language: str
    address: str
    expires_at: datetime
    digits: int
    resends_left: int


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


async def verify(desk: Desk, token: str, digits: str) -> Secret:
    """Use the code up for a reset link of the same life, and return that link's raw token.

    The try is counted and durable before the code is compared. Raises Spent, WrongCode, Limited.
    """
    grant = await _count_try(desk, token)
    if not desk.vault.matches("code digits", _bound(grant, digits), grant.code):
        await _wrong(desk, grant)
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
        _require_resend(grant, desk.now(), timedelta(seconds=offer.resend_wait_seconds))
        await limits.take(tx, desk, limits.of_grants(CUSTOMER), account.id)
        case = await cases.load(tx, grant.case)
        now = desk.now()
        expires_at = now + timedelta(minutes=offer.code_minutes)
        grant = replace(grant, issued_at=now, expires_at=expires_at, tries=0, resends=grant.resends + 1)
        _send(tx, desk, grant, account, case, token)
        await cases.record(tx, desk, case, "code.resent", CUSTOMER, to="issued")


def _send(tx: Transaction, desk: Desk, grant: Grant, account: Account, case: Case, token: str) -> None:
    digits = desk.vault.code(desk.service(grant.service).offer.code_digits)
    grant = replace(grant, code=desk.vault.digest("code digits", _bound(grant, digits.value)))
    tx.put(grant)
    secret = Secret(f"{token} {digits.value}")
    outbox.letter(tx, desk, "code", case, account.address, language=grant.language, grant=grant, secret=secret)


async def _count_try(desk: Desk, token: str) -> Grant:
    async with desk.store.transaction() as tx:
        grant, account = await grants.find(tx, desk, "code", token)
        if grant.tries >= grant.tries_allowed:
            raise Spent("too_many_tries", grant.service, grant.language)
        await limits.take(tx, desk, limits.TRIES_PER_ACCOUNT, account.id)
        grant = replace(grant, tries=grant.tries + 1)
        tx.put(grant)
    return grant


async def _wrong(desk: Desk, tried: Grant) -> None:
    left = tried.tries_allowed - tried.tries
    async with desk.store.transaction() as tx:
        case = await cases.load(tx, tried.case)
        current = await tx.get(Grant, tried.id)
        if left <= 0 and current and current.state in grants.LIVE and current.code == tried.code:
            tx.put(replace(current, state="dead"))
            await cases.record(tx, desk, case, "code.wrong", CUSTOMER, to="expired", detail="no tries left")
        else:
            await cases.record(tx, desk, case, "code.wrong", CUSTOMER, detail=f"{left} tries left")
    if left <= 0:
        raise Spent("too_many_tries", tried.service, tried.language)
    raise WrongCode(left)


def _require_resend(grant: Grant, now: datetime, pause: timedelta) -> None:
    if grant.resends >= grant.resends_allowed:
        raise Limited("No more codes can be sent for this request.", (grant.expires_at - now).total_seconds())
    wait = (grant.issued_at + pause - now).total_seconds()
    if wait > 0:
        raise Limited("A code was sent a moment ago.", wait)


def _bound(grant: Grant, digits: str) -> str:
    return f"{grant.id} {digits}"
