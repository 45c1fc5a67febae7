"""Requests from the portal's form: taken at once, answered out of the asker's sight."""

from __future__ import annotations

from datetime import timedelta

from msgspec.structs import replace

from handlers import audit, cases, decide, evidence, grants
from handlers.desk import Desk
from handlers.model.account import Account
from handlers.model.case import Case
from handlers.model.errors import Limited
from handlers.model.grant import Grant
from handlers.model.outbox import PortalRequest
from handlers.model.service import Service
from handlers.model.staff import CUSTOMER, DESK
from handlers.rules.addresses import canonical, canonical_login, parse_one
from handlers.rules.identity import Asked, Match, merged
from handlers.rules.permits import allowed
from handlers.rules.proofs import missing
from handlers.rules.states import is_over
from handlers.store.contract import Transaction

LOGIN_LIMIT = 100
LATEST = timedelta(seconds=4)
"""A request is answered at some moment within this time: the work it makes would tell whether there is an account."""

MOST_WAITING = 2000
"""How many requests may wait. They are not counted per person here: that would tell who asked, and shut people out."""

SETTLED = timedelta(minutes=5)
"""For so long a link or code that the desk sent alone is not replaced by one more request."""


async def ask(desk: Desk, service_id: str, login: str, address: str, language: str) -> None:
    """Take a request from the portal's form; known and unknown accounts take the same way and the same time.

    What the service does not require is not looked at. What it leads to is found out later, by `answer`. Raises Invalid
    for what is no address, Limited.
    """
    required = desk.service(service_id).identify.require
    login = login.strip()[:LOGIN_LIMIT].strip() if "login" in required else ""
    address = parse_one(address) if "address" in required else ""
    async with desk.store.transaction() as tx:
        if await tx.count(PortalRequest) >= MOST_WAITING:
            raise Limited(f"{MOST_WAITING} requests wait.", LATEST.total_seconds())
        tx.put(
            PortalRequest(
                id=desk.vault.name("P", 12),
                queue="requests",
                due=desk.now() + desk.vault.moment(LATEST),
                service=service_id,
                login=login,
                address=address,
                language=language,
            )
        )


async def answer(desk: Desk, request: PortalRequest) -> None:
    """Open the case of a portal request and, where the service lets the desk act alone, send what was asked for.

    An account that does not match everything the service requires opens no case; an address that several accounts
    share opens one without an account, for staff to ask which.
    """
    async with desk.store.transaction() as tx:
        if await tx.get(PortalRequest, request.id) is None:
            return
        tx.delete(PortalRequest, request.id)
        service = desk.services.get(request.service)
        if service is None:
            return
        logins = (canonical_login(request.login),) if request.login else ()
        asked = Asked(source="portal", sender=canonical(request.address), logins=logins)
        found = await evidence.gather(tx, desk, service, asked)
        several = any(one.kind == "several_accounts" for one in found.evidence)
        if missing(found.evidence, service) and not several:
            await audit.note(tx, desk, "portal.unmatched", service=service.id, detail="no account matches")
            return
        case = await _case(tx, desk, service, request, found)
        if found.account:
            await _act_alone(tx, desk, case, found.account, service)


async def _case(tx: Transaction, desk: Desk, service: Service, request: PortalRequest, found: Match) -> Case:
    """The person's open case about the account, or a new one."""
    account = found.account.id if found.account else None
    for case in await tx.find(Case, service=service.id, requester_key=canonical(request.address)):
        if case.account == account and case.proposal is None and not is_over(case.state):
            known = {one.kind for one in case.evidence}
            if cases.is_full(case) and known >= {one.kind for one in found.evidence}:
                return case
            return await cases.go_on(tx, desk, replace(case, evidence=merged(case.evidence, found.evidence)))
    case = cases.begin(desk, service, "portal", "password_reset", request.language, request.address, found)
    return await cases.record(tx, desk, case, "case.opened", CUSTOMER)


async def _act_alone(tx: Transaction, desk: Desk, case: Case, account: Account, service: Service) -> None:
    if await _must_not_replace(tx, desk, account):
        return
    for action in service.offer.automatic:
        if allowed(action, case, account, service, DESK).allowed:
            try:
                await decide.REMEDIES[action](tx, desk, case, account, DESK)
            except Limited as error:
                await audit.add(tx, desk, "action.denied", DESK, case=case, detail=f"{action}: {error}")
            return


async def _must_not_replace(tx: Transaction, desk: Desk, account: Account) -> bool:
    """Whether something is out that a stranger, by asking, must not take from the customer's hands."""
    now = desk.now()
    living = [one for one in await tx.find(Grant, account=account.id) if not grants.why_dead(one, account, now)]
    return any(one.by != DESK.id or one.state == "opened" or now - one.issued_at < SETTLED for one in living)
