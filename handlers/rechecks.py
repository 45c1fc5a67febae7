"""Mails whose senders nobody could check because the DNS did not answer: checked again, and their cases told.

Nobody waits for it: such a mail is a case at once, apart from what was proven. What is found out later is said there,
where `handlers.rules.origins.may_learn` lets it.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec
from msgspec.structs import replace

from handlers import cases, evidence, mails
from handlers.desk import Desk
from handlers.model.case import Case
from handlers.model.document import Value
from handlers.model.errors import Unavailable
from handlers.model.kept_mail import Unchecked
from handlers.model.mail import Origin
from handlers.model.staff import DESK
from handlers.rules.identity import Asked, rematched
from handlers.rules.origins import marked_key, may_learn
from handlers.store.contract import Transaction

QUEUE = "unchecked"
AGAIN_MINUTES = (1, 5, 15)
"""How long after each other it is tried again; what is unknown then stays so."""

MOST = 200
SHARE = 20
MOST_FACTS = 40_000
"""How many mails wait for it, how many of them in one domain's name or from one network, and how many characters of
facts one may have; what is beyond stays unknown. Without shares one stranger would say whose mails are checked."""


class Facts(Value, frozen=True, kw_only=True):
    """What the door checks a sender by again, as a text that only the door reads.

    `domain` and `network` are those in whose name, and from where, the mail came: a share of the places is theirs. ""
    where that says nothing of who sent it.
    """

    text: str
    domain: str = ""
    network: str = ""


class Noted(Value, frozen=True, kw_only=True):
    """What a mail asked, and the facts its door checks its sender by: only the door reads these."""

    asked: Asked
    facts: str


async def has_room(desk: Desk, facts: Facts) -> bool:
    """Whether one more mail of theirs may wait to be checked again."""
    if len(facts.text) > MOST_FACTS or await desk.store.count(Unchecked) >= MOST:
        return False
    domain, network = _tag(desk, facts.domain), _tag(desk, facts.network)
    waiting = [await desk.store.find(Unchecked, domain=domain)] if domain else []
    waiting += [await desk.store.find(Unchecked, network=network)] if network else []
    return all(len(share) < SHARE for share in waiting)


async def note(tx: Transaction, desk: Desk, case: Case, asked: Asked, facts: Facts) -> None:
    """Have the mail that opened the case checked again by these facts, where that can find out anything."""
    if may_learn(case, asked.sender):
        sealed = desk.vault.seal("mail", msgspec.json.encode(Noted(asked=asked, facts=facts.text)).decode())
        due, domain, network = _in(desk, AGAIN_MINUTES[0]), _tag(desk, facts.domain), _tag(desk, facts.network)
        tx.put(Unchecked(id=case.id, queue=QUEUE, due=due, domain=domain, network=network, sealed=sealed))


async def noted(desk: Desk, piece: Unchecked) -> Noted | None:
    """What is noted of a mail that is due; None, and forgotten, where it cannot be read or it failed each time."""
    try:
        if piece.tries <= len(AGAIN_MINUTES):
            return msgspec.json.decode(desk.vault.open("mail", piece.sealed).value, type=Noted)
    except (Unavailable, msgspec.DecodeError):  # the key is gone, or another release wrote it
        pass
    await forget(desk, piece)
    return None


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
        if case and origin.grade != "unknown" and may_learn(case, asked.sender):
            await _tell(tx, desk, case, asked, origin)


async def _tell(tx: Transaction, desk: Desk, case: Case, asked: Asked, origin: Origin) -> None:
    """Grade, key and evidence as the mail would have had them; nothing where it is about another account by now."""
    service = desk.service(case.service)
    found = await evidence.gather(tx, desk, service, replace(asked, grade=origin.grade))
    if (found.account.id if found.account else None) != case.account:
        return
    case = replace(
        case,
        origin=origin,
        requester_key=marked_key(asked.sender, origin.grade),
        evidence=rematched(case.evidence, found.evidence),
    )
    await mails.correct(tx, desk, case, origin)
    await cases.record(tx, desk, case, "mail.checked", DESK, detail=origin.grade)


def _tag(desk: Desk, name: str) -> str:
    """By which a store tells one domain or network from others, without knowing it."""
    return desk.vault.tag("unchecked", name) if name else ""


def _in(desk: Desk, minutes: int) -> datetime:
    return desk.now() + timedelta(minutes=minutes)
