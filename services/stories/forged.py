"""A mail in the name of a customer, handed in by somebody else (T1)."""

from __future__ import annotations

import asyncio

from demo.house import sample
from demo.story import QUIET, Step, Story, require
from handlers.rules.permits import TRUSTING

OWNER = "jane.miller@miller-trading.example"
EVE = "eve@elsewhere.example"


async def not_hers(story: Story) -> None:
    """A mail that names the registered address, and whose domain disowns it, gets a card that says so and why."""
    raw = sample("06").replace(b"<20206.miller@", b"<1.eve@").replace(b"Can't log in", b"Urgent! Can't log in")
    card = await story.write(raw, sender=EVE)
    require("does not come from" in card.text and "DMARC:" in card.text, "what is wrong with the sender", card.text)
    require(not set(TRUSTING) & set(card.buttons), "no button that trusts the sender", card.buttons)
    story.case = card.case


async def nobody_told(story: Story) -> None:
    """Neither the owner nor who forged it gets a letter, not even when staff refuse."""
    before = len(story.house.inbox.of(lambda one: one.to in (OWNER, EVE)))
    await story.bot("act", story.case, "refuse", "--by", "Marc Petit", "--reason", "suspicious")
    await story.turns(story.case, "Refused")
    await asyncio.sleep(QUIET)
    after = story.house.inbox.of(lambda one: one.to in (OWNER, EVE))
    require(len(after) == before, "no letter", [letter.subject for letter in after])


STEPS: tuple[Step, ...] = (not_hers, nobody_told)
