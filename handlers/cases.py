"""A case's record: opening it, moving it on, and telling its card and the trail."""

from __future__ import annotations

from datetime import datetime, timedelta

from msgspec.structs import replace

from handlers import audit, outbox
from handlers.desk import Desk
from handlers.model.account import Account
from handlers.model.case import Case, State, Step, Way
from handlers.model.closing import Reminder
from handlers.model.errors import Refused, Unknown
from handlers.model.mail import Intent, Origin
from handlers.model.paper import Keeping
from handlers.model.service import Service
from handlers.model.staff import CUSTOMER, Staff
from handlers.rules.addresses import canonical
from handlers.rules.documents import must_destroy
from handlers.rules.identity import Match, still_on_file
from handlers.rules.retention import falls_due
from handlers.rules.second_factor import still_known
from handlers.rules.states import may_move
from handlers.store.contract import Reader, Transaction

MOST_REQUESTS = 50
"""How many further mails and requests stand on a case's history."""


class ImpossibleMove(Refused):
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


def weighed(case: Case, account: Account | None, now: datetime) -> Case:
    """The case with the evidence that still counts at `now`: what a card shows, and what is decided from."""
    changed_at = account.password_changed_at if account else None
    known = still_known(case.evidence, changed_at, now)
    return replace(case, evidence=still_on_file(known, account.address_changed_at if account else None))


def begin(
    desk: Desk,
    service: Service,
    source: Way,
    asked: Intent,
    language: str,
    requester: str,
    found: Match,
    origin: Origin | None = None,
    key: str = "",
) -> Case:
    """A new case, kept first by `record`. `key` is the requester's, if not the plain one."""
    return Case(
        id=desk.vault.name("R"),
        service=service.id,
        source=source,
        version=0,
        asked=asked,
        language=language,
        account=found.account.id if found.account else None,
        requester=requester,
        requester_key=key or canonical(requester),
        origin=origin,
        evidence=found.evidence,
        opened_at=desk.now(),
        changed_at=desk.now(),
    )


async def record(
    tx: Transaction,
    desk: Desk,
    case: Case,
    event: str,
    by: Staff,
    *,
    to: State | None = None,
    detail: str = "",
    card_in: timedelta = timedelta(0),
) -> Case:
    """Keep `case` as its next version, moved to state `to`, with the event on its history, the trail and the card.

    What becomes known of a case that is over is recorded without a move. Raises ImpossibleMove.
    """
    if to is not None and not may_move(case.state, to):
        raise ImpossibleMove(f"Case {case.id} is {case.state} and cannot become {to}.")
    now = desk.now()
    step = Step(event=event, by=by.id, name=by.name, at=now, detail=detail)
    case = replace(
        case, state=to or case.state, version=case.version + 1, changed_at=now, history=(*case.history, step)
    )
    due = falls_due(case)
    tx.put(case, *([Reminder(id=case.id, queue="reminders", due=due)] if due else []))
    if must_destroy(case) and (keeping := await tx.get(Keeping, case.id)):
        tx.put(replace(keeping, due=now))
    await audit.add(tx, desk, event, by, case=case, detail=detail, at=now)
    await outbox.refresh_card(tx, desk, case, card_in)
    return case


def is_full(case: Case) -> bool:
    """Whether so much was added to a case already that a further mail only adds its words."""
    return sum(step.event == "case.continued" for step in case.history) >= MOST_REQUESTS


async def go_on(tx: Transaction, desk: Desk, case: Case, detail: str = "") -> Case:
    """Keep what the customer added; in a full case words alone make no step, and no card stale.

    Whatever else is new always gets its version and its entry: what staff decide from cannot change behind them (T6).
    """
    before = await load(tx, case.id)
    if not is_full(case) or case != replace(before, text=case.text):
        return await record(tx, desk, case, "case.continued", CUSTOMER, detail=detail)
    tx.put(case)
    await outbox.refresh_card(tx, desk, case)
    return case
