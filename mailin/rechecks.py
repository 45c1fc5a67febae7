"""Checks a mail's sender again that the DNS said nothing of, long after the mail itself is gone from here."""

from __future__ import annotations

from functools import partial

import msgspec
import structlog

from handlers import rechecks, timers
from handlers.desk import Desk
from handlers.model.document import Value
from handlers.model.kept_mail import Unchecked
from handlers.rechecks import Facts
from mailin.networks import network_of, wider
from mailin.origin.checks import Checks
from mailin.origin.clues import Clues, Trust
from mailin.origin.slots import owner_of
from mailin.origin.spf import Sender, plain_address

log = structlog.get_logger()


AT_ONCE = 8
"""So many mails are checked at the same time: five seconds each, so that no claim of them outlasts its lease."""


class Known(Value, frozen=True, kw_only=True):
    """All that the checks of one mail take: nobody needs its bytes for them."""

    clues: Clues
    sender: Sender


def facts(clues: Clues, sender: Sender, trust: Trust) -> Facts:
    """As the desk keeps them, with who has a share in what it keeps; behind a border server all come from there."""
    known = msgspec.json.encode(Known(clues=clues, sender=sender)).decode()
    network = "" if trust.authserv_id else wider(network_of(plain_address(sender.peer)))
    return Facts(text=known, domain=owner_of(clues.domain), network=network)


async def run(desk: Desk, checks: Checks) -> None:
    """Check again what is due, several at once, until cancelled."""
    await timers.work_off(desk, Unchecked, rechecks.QUEUE, partial(again, desk, checks), at_once=AT_ONCE)


async def again(desk: Desk, checks: Checks, piece: Unchecked) -> None:
    """Check one mail again, and tell its case; facts that another release wrote are forgotten."""
    noted = await rechecks.noted(desk, piece)
    if noted is None:
        return
    try:
        known = msgspec.json.decode(noted.facts, type=Known)
    except msgspec.DecodeError:
        return await rechecks.forget(desk, piece)
    origin = (await checks.proof(known.clues, known.sender)).origin
    await rechecks.answer(desk, piece, noted.asked, origin)
    log.info("mail.checked", case=piece.id, origin=origin.grade, tries=piece.tries)
