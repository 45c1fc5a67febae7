"""Letters of ours that come back: which one it was, what its case is told, and how often."""

from __future__ import annotations

from datetime import datetime

from msgspec.structs import replace

from handlers import cases
from handlers.desk import Desk
from handlers.model.case import Case, State
from handlers.model.mail import Bounce
from handlers.model.outbox import Letter, Sent
from handlers.model.staff import DESK
from handlers.rules.deliveries import BOUNCES, fate, told
from handlers.store.contract import Transaction


async def remember(tx: Transaction, desk: Desk, letter: Letter) -> None:
    """Know of a letter that left the house, for as long as it may come back; what it said already stays said."""
    if await tx.get(Sent, letter.id) is None:
        tx.put(_sent(letter, desk.now()))


async def receive(tx: Transaction, desk: Desk, letter_id: str, bounce: Bounce | None) -> Case | None:
    """Tell the case of a letter that came back, once; None when nothing is to be told.

    Only an address with our tag names a letter (T17), only one that left the house lately can come back, and a report
    that it arrived changes nothing. A grant that was in it stays: nobody has it, and staff see the next step.
    """
    sent, said = await _found(tx, desk, letter_id), fate(bounce)
    case = await tx.get(Case, sent.case) if sent else None
    if sent is None or case is None or said == "delivered" or sent.told in ("bounced", said):
        return None
    tx.put(replace(sent, told="delayed" if said == "delayed" else "bounced"))
    detail = told(sent.kind, sent.at, bounce)
    if said == "delayed":
        return await cases.record(tx, desk, case, "letter.delayed", DESK, detail=detail)
    waiting = sent.grant and sent.grant == case.grant and case.state == "issued"
    to: State | None = "undelivered" if waiting else None
    return await cases.record(tx, desk, case, "letter.bounced", DESK, to=to, detail=detail)


async def _found(tx: Transaction, desk: Desk, id: str) -> Sent | None:
    """The letter, while it may come back; a relay may refuse it before the desk has noted that it took it."""
    sent = await tx.get(Sent, id)
    if sent is None and (letter := await tx.get(Letter, id)) and letter.due and letter.leased_until:
        sent = _sent(letter, desk.now())
    return sent if sent and desk.now() - sent.at < BOUNCES else None


def _sent(letter: Letter, now: datetime) -> Sent:
    return Sent(
        id=letter.id,
        queue="sent",
        due=now + BOUNCES,
        kind=letter.kind,
        service=letter.service,
        case=letter.case,
        grant=letter.grant,
        at=now,
    )
