"""Mails whose senders nobody could check because the DNS did not answer: checked again, and their cases told.

Nobody waits for it: such a mail is a case at once, apart from what was proven. What is found out later is said there,
as long as no other mail went on with it: a mail proven late lifts nothing that came with it unproven (T1, T31).
"""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec
from msgspec.structs import replace

from handlers import cases, evidence, mails
from handlers.desk import Desk
from handlers.model.case import Case, State
from handlers.model.document import Value
from handlers.model.kept_mail import Unchecked
from handlers.model.mail import Origin
from handlers.model.staff import DESK
from handlers.rules.identity import Asked, merged
from handlers.rules.origins import marked_key
from handlers.store.contract import Transaction

QUEUE = "unchecked"
AGAIN_MINUTES = (1, 5, 15)
"""How long after each other it is tried again; what is unknown then stays so."""

MOST = 200
MOST_FACTS = 40_000
"""How many mails wait for it, and how many characters a door may need for one; what is beyond stays unknown."""

OPEN: tuple[State, ...] = ("new", "claimed", "waiting", "review")
"""Where nothing was decided yet on what was known of the sender."""


class Facts(Value, frozen=True, kw_only=True):
    """What the mail asked, and what its door checks it by."""

    asked: Asked
    door: str


async def note(tx: Transaction, desk: Desk, case: Case, asked: Asked, door: str) -> None:
    """Have the mail that opened the case checked again by its door's facts; "" where that would find out nothing."""
    if door and len(door) <= MOST_FACTS and asked.sender and _is_its_own(case, asked):
        sealed = desk.vault.seal("mail", msgspec.json.encode(Facts(asked=asked, door=door)).decode())
        tx.put(Unchecked(id=case.id, queue=QUEUE, due=_in(desk, AGAIN_MINUTES[0]), sealed=sealed))


def facts(desk: Desk, piece: Unchecked) -> Facts:
    """What is sealed in a note; raises Unavailable."""
    return msgspec.json.decode(desk.vault.open("mail", piece.sealed).value, type=Facts)


async def forget(desk: Desk, piece: Unchecked) -> None:
    """Leave a mail unknown."""
    async with desk.store.transaction() as tx:
        tx.delete(Unchecked, piece.id)


async def answer(desk: Desk, piece: Unchecked, asked: Asked, origin: Origin) -> None:
    """Say on its case what the checks found this time, or have them tried again; the same answer twice says it once."""
    async with desk.store.transaction() as tx:
        if await tx.get(Unchecked, piece.id) is None:
            return
        if origin.grade == "unknown" and piece.tries < len(AGAIN_MINUTES):
            tx.put(replace(piece, due=_in(desk, AGAIN_MINUTES[piece.tries]), leased_until=None))
            return
        tx.delete(Unchecked, piece.id)
        case = await tx.get(Case, piece.id)
        if case and origin.grade != "unknown" and case.state in OPEN and _is_its_own(case, asked):
            await _tell(tx, desk, case, asked, origin)


def _is_its_own(case: Case, asked: Asked) -> bool:
    """Whether the case is of this one mail, and of nobody else's in the same name."""
    is_unknown = case.origin is not None and case.origin.grade == "unknown"
    alone = all(step.event != "case.continued" for step in case.history)
    return is_unknown and alone and case.requester_key == marked_key(asked.sender, "unknown")


async def _tell(tx: Transaction, desk: Desk, case: Case, asked: Asked, origin: Origin) -> None:
    service = desk.service(case.service)
    before = await evidence.gather(tx, desk, service, asked)
    found = await evidence.gather(tx, desk, service, replace(asked, grade=origin.grade))
    if (found.account.id if found.account else None) != case.account:
        return
    gone = {one.kind for one in before.evidence} - {one.kind for one in found.evidence}
    case = replace(
        case,
        origin=origin,
        requester_key=marked_key(asked.sender, origin.grade),
        evidence=merged([one for one in case.evidence if one.kind not in gone], found.evidence),
    )
    await mails.check(tx, desk, case, origin)
    await cases.record(tx, desk, case, "mail.checked", DESK, detail=origin.grade)


def _in(desk: Desk, minutes: int) -> datetime:
    return desk.now() + timedelta(minutes=minutes)
