"""A webmaster wants the owner's account (O2.11), and staff say no, from the command line."""

from __future__ import annotations

import asyncio

from demo.house import sample
from demo.story import QUIET, Step, Story, require

WEBMASTER = "contact@agence-pixel.example"
OWNER = "alice.moreau@chorale-vercors.example"


async def no_button(story: Story) -> None:
    """The card of a webmaster who asks for the owner's account offers nothing to send (O2.11)."""
    story.expected.add(WEBMASTER)
    card = await story.write(sample("04"))
    require("refuse" in card.buttons, "a button to refuse", card.buttons)
    require(not {"send_link", "send_code"} & set(card.buttons), "no button that sends anything", card.buttons)
    require("somebody else" in card.text, "a card that says why", card.text)
    story.case = card.case


async def refused(story: Story) -> None:
    """`bot.py act` refuses while the desk runs; the card follows, with the name and no button to refuse."""
    said = await story.bot("act", story.case, "refuse", "--by", "Marc Petit", "--reason", "not_the_owner")
    require(story.case in said, f"a line about {story.case}", said)
    card = await story.turns(story.case, "Refused")
    require("refuse" not in card.buttons and "Marc Petit" in card.text, "who refused, and no such button", card.text)


async def neutral(story: Story) -> None:
    """The writer gets a neutral letter without a reason; the owner gets nothing."""
    letter = await story.letter(lambda one: one.to == WEBMASTER and not one.is_acknowledgement, "a refusal")
    told = [word for word in ("propriétaire", "OX-20815", "alice") if word in letter.text.lower()]
    require(not told and not letter.link, "no reason and no link", letter.text)
    await asyncio.sleep(QUIET)
    others = [one.subject for one in story.house.inbox.of(lambda one: one.to == OWNER)]
    require(not others, f"nothing for {OWNER}", others)


STEPS: tuple[Step, ...] = (no_button, refused, neutral)
