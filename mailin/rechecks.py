"""Checks a mail's sender again that the DNS said nothing of, long after the mail itself is gone from here."""

from __future__ import annotations

from functools import partial

import msgspec
import structlog

from handlers import rechecks, timers
from handlers.desk import Desk
from handlers.model.document import Value
from handlers.model.kept_mail import Unchecked
from mailin.origin.checks import Checks
from mailin.origin.clues import Clues
from mailin.origin.spf import Sender

log = structlog.get_logger()


class Facts(Value, frozen=True, kw_only=True):
    """All that the checks of one mail take: nobody needs its bytes for them."""

    clues: Clues
    sender: Sender


def facts(clues: Clues, sender: Sender) -> str:
    """As the desk keeps them: JSON."""
    return msgspec.json.encode(Facts(clues=clues, sender=sender)).decode()


async def run(desk: Desk, checks: Checks) -> None:
    """Check again what is due, until cancelled."""
    await timers.work_off(desk, Unchecked, rechecks.QUEUE, partial(again, desk, checks))


async def again(desk: Desk, checks: Checks, piece: Unchecked) -> None:
    """Check one mail again, and tell its case; facts that another release wrote are forgotten."""
    noted = await rechecks.noted(desk, piece)
    if noted is None:
        return
    try:
        known = msgspec.json.decode(noted.facts, type=Facts)
    except msgspec.DecodeError:
        return await rechecks.forget(desk, piece)
    origin = (await checks.proof(known.clues, known.sender)).origin
    await rechecks.answer(desk, piece, noted.asked, origin)
    log.info("mail.checked", case=piece.id, origin=origin.grade, tries=piece.tries)
