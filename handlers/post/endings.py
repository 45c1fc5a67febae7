"""What becomes of a letter that was claimed: one transaction each, and only while nobody else has claimed it since."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import timedelta

import structlog
from msgspec.structs import replace

from handlers import audit, bounces, cases
from handlers.closing import erasure
from handlers.desk import Desk
from handlers.letters import Facts
from handlers.model.case import Case
from handlers.model.outbox import Letter
from handlers.model.staff import DESK
from handlers.rules.addresses import mask
from handlers.store.contract import Transaction
from handlers.vault import Secret

LONGEST_FAILURE = 200

GIVE_UP = timedelta(hours=24)
"""After so long, staff are told that a letter could not be sent."""

log = structlog.get_logger()


async def sent(desk: Desk, letter: Letter, ms: int) -> None:
    """The relay has it, after that many milliseconds."""
    async with desk.store.transaction() as tx:
        if await _is_ours(tx, letter):
            case = await tx.get(Case, letter.case) if letter.case else None
            tx.delete(Letter, letter.id)
            if case and letter.kind != "acknowledgement":  # whose return path is null
                await bounces.remember(tx, desk, letter)
            await audit.add(
                *(tx, desk, "letter.sent", DESK),
                case=case,
                account=letter.account,
                service=letter.service,
                detail=letter.kind,
            )
    log.info("letter.sent", case=letter.case, kind=letter.kind, tries=letter.tries, ms=ms)


async def drop(desk: Desk, letter: Letter, why: str) -> None:
    """What it carries was used, replaced or tried out: sending it would only mislead."""
    async with desk.store.transaction() as tx:
        if await _is_ours(tx, letter):
            tx.delete(Letter, letter.id)
    log.info("letter.dropped", case=letter.case, kind=letter.kind, why=why)


async def bury(desk: Desk, letter: Letter, why: str) -> None:
    """Keep the letter as a dead one, without its secret, and tell its case."""
    why = why[:LONGEST_FAILURE]
    async with desk.store.transaction() as tx:
        if await _is_ours(tx, letter):
            tx.put(replace(letter, due=None, leased_until=None, sealed="", failure=why))
            erasure.bury_later(tx, desk, letter)
            if letter.case:
                await undelivered(tx, desk, letter, why)
    log.warning("letter.failed", case=letter.case, kind=letter.kind, tries=letter.tries, why=why)


async def undelivered(tx: Transaction, desk: Desk, letter: Letter, why: str) -> None:
    """Tell the case that a letter did not arrive; `why` is for staff and holds no secret and no full address."""
    case = await cases.load(tx, letter.case)
    waiting = letter.grant and letter.grant == case.grant and case.state == "issued"
    await cases.record(tx, desk, case, "letter.failed", DESK, to="undelivered" if waiting else None, detail=why)


async def put_off(desk: Desk, facts: Facts, why: str, pause: timedelta) -> None:
    """Try again after `pause`, or when its grant or its time ends, if that comes first: then staff are told."""
    letter = facts.letter
    due = min(desk.now() + pause, letter.written_at + GIVE_UP)
    if facts.grant:
        due = min(due, facts.grant.expires_at)
    async with desk.store.transaction() as tx:
        if await _is_ours(tx, letter):
            tx.put(replace(letter, due=due, leased_until=None, failure=why))
    log.info("letter.deferred", case=letter.case, kind=letter.kind, tries=letter.tries, why=why)


async def give_back(desk: Desk, letters: Sequence[Letter], wait: timedelta = timedelta(0)) -> None:
    """Let letters that were claimed and not begun be claimed again, at once or after `wait`; it was no try."""
    if not letters:
        return
    async with desk.store.transaction() as tx:
        for letter in letters:
            if await _is_ours(tx, letter):
                due = desk.now() + wait if wait else letter.due
                tx.put(replace(letter, due=due, leased_until=None, tries=letter.tries - 1))


async def _is_ours(tx: Transaction, letter: Letter) -> bool:
    current = await tx.get(Letter, letter.id)
    return current is not None and current.leased_until == letter.leased_until


def for_staff(said: str, secret: Secret | None) -> str:
    """What the relay said, fit for a card: one line, addresses masked, nothing of the letter it may have quoted."""
    text = "".join(sign if sign.isprintable() else " " for sign in said)
    for part in secret.value.split() if secret else ():
        text = text.replace(part, "•••")
    text = re.sub(r"\S*://\S*", "•••", text)
    text = re.sub(r"[^\s<>()\[\],;:\"']+@[^\s<>()\[\],;:\"']+", lambda found: mask(found[0]), text)
    return re.sub(r"[\w=+/-]{24,}", "•••", " ".join(text.split()))[:LONGEST_FAILURE]
