"""Following a request: what its page tells whoever got our letter about it, and taking it back."""

from __future__ import annotations

from datetime import datetime

from msgspec.structs import replace

from handlers import cases, signed
from handlers.desk import Desk
from handlers.grants import LIVE
from handlers.model.case import Case
from handlers.model.document import Value
from handlers.model.errors import Spent
from handlers.model.grant import Grant
from handlers.model.mail import Intent
from handlers.model.service import Service
from handlers.model.staff import CUSTOMER
from handlers.registered_address import address_changes
from handlers.rules.following import Standing, may_cancel, standing
from handlers.store.contract import Reader, Transaction


class CaseView(Value, frozen=True, kw_only=True):
    """What a request's page may show: nothing about the account. `deadline` (UTC) is the customer's own."""

    service: Service
    language: str
    asked: Intent
    asked_at: datetime
    standing: Standing
    deadline: datetime | None
    may_cancel: bool


async def look(desk: Desk, token: str) -> CaseView:
    """Where the request stands; changes nothing. Raises Spent."""
    case = await _case(desk.store, desk, token)
    return _view(desk, case)


async def cancel(desk: Desk, token: str) -> CaseView:
    """Take the request back: what was sent for it dies. Once it is over, nothing changes. Raises Spent."""
    async with desk.store.transaction() as tx:
        case = await _case(tx, desk, token)
        if may_cancel(case):
            await _withdraw(tx, case)
            case = await address_changes.stop_of(tx, desk, case, CUSTOMER, "the customer cancelled the request")
            taken_back = replace(case, proposal=None, deadline=None)
            case = await cases.record(tx, desk, taken_back, "case.cancelled", CUSTOMER, to="cancelled")
    return _view(desk, case)


async def _case(reader: Reader, desk: Desk, token: str) -> Case:
    case = await reader.get(Case, signed.subject(desk.vault, "case", token, desk.now()))
    if case is None:
        raise Spent("unknown")
    return case


async def _withdraw(tx: Transaction, case: Case) -> None:
    """Let what was sent for this request die, and nothing that another one led to."""
    for grant in await tx.find(Grant, account=case.account):
        if grant.case == case.id and grant.state in LIVE:
            tx.put(replace(grant, state="withdrawn"))


def _view(desk: Desk, case: Case) -> CaseView:
    return CaseView(
        service=desk.service(case.service),
        language=case.language,
        asked=case.asked,
        asked_at=case.opened_at,
        standing=standing(case),
        deadline=case.deadline if case.state == "waiting" else None,
        may_cancel=may_cancel(case),
    )
