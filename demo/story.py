"""The story that the demonstration plays to prove itself: what customers and staff do, and what has to come of it.

Every step acts through the real doors only (SMTP, Slack, the portal, the command line) and looks only at what people
see. It ends silently or raises Broken.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from email import message_from_bytes
from email.policy import default
from typing import Any

from demo import cards
from demo.browser import Browser, Page
from demo.cards import Card
from demo.house import Doors, House
from demo.letters import Letter

SECONDS = 10.0
"""How long to wait for what happens in the background; far longer than it takes."""

QUIET = 1.5
"""How long to wait before saying that something did not happen."""


class Broken(AssertionError):
    """The story did not go as it must."""


class Watch:
    """What people do at a desk's doors, and what they see come of it."""

    def __init__(self, house: Doors) -> None:
        self.house = house

    async def write(self, raw: bytes, *, seconds: float = SECONDS, sender: str | None = None) -> Card:
        """A customer writes, or `sender` in her name; the new card that staff see then, with the mail's subject."""
        known = {card.case for card in await cards.cards(self.house.slack)}
        subject = str(message_from_bytes(raw, policy=default)["Subject"] or "")
        await self.house.send(raw, sender)
        return await self.card(
            lambda card: card.case not in known and subject in card.text, f"a new card about {subject!r}", seconds
        )

    async def card(self, wanted: Callable[[Card], bool], what: str, seconds: float = SECONDS) -> Card:
        """The card of that description, soon."""
        found = await cards.wait(self.house.slack, wanted, seconds)
        if found is None:
            seen = [card.text for card in await cards.cards(self.house.slack)]
            raise Broken(f"expected {what} within {seconds:g} s; the channel shows: {seen[-1:] or 'nothing'}")
        return found

    async def turns(self, case: str, word: str) -> Card:
        """The case's card, once it says `word`."""
        return await self.card(lambda card: card.case == case and card.shows(word), f"{case} to be {word}")

    async def click(self, case: str, action: str, user: str) -> None:
        """Somebody clicks a button of the case's card as it is now."""
        card = await self.card(
            lambda card: card.case == case and action in card.buttons, f"a button {action} on {case}"
        )
        await self.house.slack.click(card.message, action, user)

    async def letter(self, wanted: Callable[[Letter], bool], what: str) -> Letter:
        """The first letter of that description, soon."""
        found = await self.house.inbox.wait(wanted, SECONDS)
        if found is None:
            arrived = [f"{letter.subject!r} to {letter.to}" for letter in self.house.inbox.letters]
            raise Broken(f"expected {what} within {SECONDS:g} s; the inbox has: {'; '.join(arrived) or 'nothing'}")
        return found

    async def mailed_link(self, address: str) -> Letter:
        """The one letter with a link to this mailbox; it may have come twice, but not two of them."""
        letter = await self.letter(lambda one: bool(one.link) and one.to == address, f"a link for {address}")
        links = {one.link for one in self.house.inbox.of(lambda one: bool(one.link) and one.to == address)}
        require(len(links) == 1, f"one link for {address}", len(links))
        return letter


class Story(Watch):
    """One house and what was learned on the way; the steps of a chapter follow each other and share it.

    `expected` are the mailboxes that may have received anything, over all chapters; `kept` is what a customer
    wrote down.
    """

    house: House

    def __init__(self, house: House, browser: Browser, expected: set[str]) -> None:
        super().__init__(house)
        self.browser = browser
        self.case = ""
        self.link = ""
        self.kept: list[str] = []
        self.expected = expected

    async def trail(self, case: str) -> list[dict[str, Any]]:
        """The audit trail of a case, as the command line prints it."""
        entries: list[dict[str, Any]] = json.loads(await self.bot("audit", case, "--json"))
        return entries

    async def bot(self, *arguments: str) -> str:
        """What a command of `bot.py` prints; it has to succeed."""
        done = await self.house.desk.command(*arguments)
        require(done.status == 0, f"`bot.py {' '.join(arguments)}` to succeed", done.errors or done.output)
        return done.output


Step = Callable[[Story], Awaitable[None]]


def title(step: Step) -> str:
    """What a step proves: the first line of its description."""
    return (step.__doc__ or step.__name__).strip().splitlines()[0].rstrip(".")


def require(holds: bool, wanted: str, came: object) -> None:
    """Raise Broken with what was expected and what came instead."""
    if not holds:
        raise Broken(f"expected {wanted}; what came: {came}")


def shows(page: Page, status: int, *words: str) -> None:
    """Raise Broken unless the page has this status and says all these words."""
    missing = [word for word in words if word.lower() not in page.text.lower()]
    require(
        page.status == status and not missing,
        f"a page with status {status} that says {', '.join(words) or 'anything'}",
        f"status {page.status}: {page.text}",
    )
