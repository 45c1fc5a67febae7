"""A case's record: opening it, moving it on, and telling its card and the trail."""

from __future__ import annotations

from msgspec.structs import replace

from handlers import audit, outbox
from handlers.desk import Desk
from handlers.model.account import Account
from handlers.model.case import Case, State, Step
from handlers.model.errors import DeskError, Unknown
from handlers.model.staff import Staff
from handlers.rules.states import is_over, may_move
from handlers.store.contract import Reader, Transaction


class ImpossibleMove(DeskError):
    """A case cannot go from its state to that one; a caller should have asked the rules first."""


async def load(reader: Reader, id: str) -> Case:
    """The case of that id; raises Unknown."""
    case = await reader.get(Case, id)
    if case is None:
        raise Unknown(f"There is no case {id}.")
    return case


async def account_of(reader: Reader, case: Case) -> Account | None:
    """The account the case is about, if one was found."""
    return await reader.get(Account, case.account) if case.account else None


async def open_of(reader: Reader, account: str) -> Case | None:
    """The newest case of the account that is not over."""
    cases = [case for case in await reader.find(Case, account=account) if not is_over(case.state)]
    return max(cases, key=lambda case: case.opened_at, default=None)


async def record(
    tx: Transaction,
    desk: Desk,
    case: Case,
    event: str,
    by: Staff,
    *,
    to: State | None = None,
    detail: str = "",
) -> Case:
    """Keep `case` as its next version, moved to state `to`, with the event on its history, the trail and the card."""
    if not may_move(case.state, to or case.state):
        raise ImpossibleMove(f"Case {case.id} is {case.state} and cannot become {to or case.state}.")
    step = Step(event=event, by=by.id, name=by.name, at=desk.now(), detail=detail)
    case = replace(
        case, state=to or case.state, version=case.version + 1, changed_at=desk.now(), history=(*case.history, step)
    )
    tx.put(case)
    await audit.add(tx, desk, event, by, case=case, detail=detail)
    await outbox.refresh_card(tx, desk, case)
    return case
