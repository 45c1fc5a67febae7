"""What repeats, what strangers see, and the way in by the portal's own form."""

from __future__ import annotations

import asyncio

from demo import cards
from demo.browser import Page, browser
from demo.house import sample
from demo.story import QUIET, Step, Story, require, shows
from services.stories.shopfactory import ADDRESS as KNOWN

MILLER = "jane.miller@miller-trading.example"
STRANGER = "jean.inconnu@ailleurs.example"
LEMOINE = "paul.lemoine@atelier-lemoine.example"
NOBODY = "personne@nulle-part.example"


async def three_times(story: Story) -> None:
    """The same mail sent three times makes one case, one card and one acknowledgement."""
    story.expected.add(MILLER)
    card = await story.write(sample("06"))
    await asyncio.gather(*(story.house.send(sample("06")) for _ in range(2)))
    await asyncio.sleep(QUIET)
    same = [one.case for one in await cards.cards(story.house.slack) if "jane.miller" in one.text]
    require(same == [card.case], f"one card, {card.case}", same)
    answers = story.house.inbox.of(lambda one: one.to == MILLER and one.is_acknowledgement)
    require(len(answers) == 1, "one acknowledgement", len(answers))


async def stranger(story: Story) -> None:
    """A writer whom nobody knows gets the same acknowledgement, word for word."""
    story.expected.add(STRANGER)
    card = await story.write(sample("03"))
    require("send_link" not in card.buttons, "no way to send a link", card.buttons)
    letter = await story.letter(lambda one: one.to == STRANGER, f"an acknowledgement for {STRANGER}")
    known = await story.letter(lambda one: one.is_acknowledgement and one.to == KNOWN, f"the one for {KNOWN}")
    require(letter.words == known.words, f"the words the known one got: {known.text}", letter.text)


async def form(story: Story) -> None:
    """The portal's form answers the same for a known and an unknown account."""
    story.expected.add(LEMOINE)
    known, unknown = await _asked(story, "lemoine", LEMOINE), await _asked(story, "personne7", NOBODY)
    shows(known, 200, "votre demande est enregistrée")
    require(known == unknown, f"the page the known account got: {known}", unknown)


async def form_link(story: Story) -> None:
    """The known account gets its link, which the policy lets the desk send alone; nobody else gets anything."""
    letter = await story.mailed_link(LEMOINE)
    await story.card(lambda card: "lemoine" in card.text, "a card that names lemoine")
    async with browser() as theirs:
        shows(await theirs.open(letter.link), 200, "nouveau mot de passe")
    others = [letter.to for letter in story.house.inbox.of(lambda one: one.to == NOBODY)]
    require(not others, f"nothing for {NOBODY}", others)


async def vacation(story: Story) -> None:
    """A vacation notice opens no case and is not answered."""
    before = len(await cards.cards(story.house.slack)), len(story.house.inbox.letters)
    await story.house.send(sample("05"))
    await asyncio.sleep(QUIET)
    after = len(await cards.cards(story.house.slack)), len(story.house.inbox.letters)
    require(before == after, f"{before[0]} cards and {before[1]} letters, as before", after)


async def _asked(story: Story, login: str, address: str) -> Page:
    async with browser() as theirs:
        page = await theirs.open(f"{story.house.portal}/lost/shopfactory")
        return await theirs.submit(page, login=login, address=address)


STEPS: tuple[Step, ...] = (three_times, stranger, form, form_link, vacation)
