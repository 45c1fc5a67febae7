"""A customer and an agent who do not give up: what they try while the desk is away, they try again."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

import aiohttp
import aiosmtplib

from demo import cards
from demo.browser import browser
from demo.cards import Card
from demo.house import House
from demo.letters import Letter
from demo.slack import AYSE

PATIENCE = 30.0
PAUSE = 0.02
PASSWORD = "Sept cerfs-volants orange"
AWAY = (aiohttp.ClientError, aiosmtplib.SMTPException, OSError, TimeoutError)

Reached = Callable[[str], None]


@dataclass(frozen=True)
class Person:
    """A customer of ShopFactory by login; `reached` hears of every moment of the recovery as it comes."""

    house: House
    login: str
    reached: Reached

    @property
    def address(self) -> str:
        """The registered address."""
        return f"{self.login}@customers.example"

    async def recover(self) -> None:
        """From the first mail to the notice of the new password."""
        async with asyncio.timeout(3 * PATIENCE):
            await self._write()
            card = await self._card()
            await self._sent(card.case)
            letter = await self.house.inbox.wait(self.is_link, PATIENCE)
            assert letter, f"no link for {self.address}"
            self.reached("linked")
            await self._redeem(letter.link)
            done = await cards.wait(self.house.slack, lambda one: one.case == card.case and one.shows("Done"), PATIENCE)
            assert done, f"{card.case} is not done"
            assert await self.house.inbox.wait(self.is_notice, PATIENCE), f"no notice for {self.address}"

    def is_link(self, letter: Letter) -> bool:
        """Whether the letter brings this person a link."""
        return letter.to == self.address and bool(letter.link)

    def is_notice(self, letter: Letter) -> bool:
        """Whether the letter tells this person that the password was changed."""
        return letter.to == self.address and not letter.link and not letter.is_acknowledgement

    async def cards(self) -> list[Card]:
        """The cards that name this person's login, as often as they stand in the channel."""
        return [card for card in await cards.cards(self.house.slack) if self.login in card.text]

    def mail(self) -> bytes:
        """The mail; the same however often it is sent."""
        return (
            f"Message-ID: <{self.login}@customers.example>\nFrom: {self.address}\nTo: support@shopfactory.example\n"
            "Subject: Mot de passe perdu\nContent-Type: text/plain; charset=utf-8\n\n"
            f"Bonjour, j'ai oublié mon mot de passe, mon identifiant est {self.login}.\n"
        ).encode()

    async def _write(self) -> None:
        while True:
            with suppress(*AWAY):
                await self.house.send(self.mail())
                return self.reached("accepted")
            await asyncio.sleep(PAUSE)

    async def _card(self) -> Card:
        card = await cards.wait(self.house.slack, lambda one: self.login in one.text, PATIENCE)
        assert card, f"no card for {self.login}"
        self.reached("carded")
        return card

    async def _sent(self, case: str) -> None:
        """Click until the card says that the link is sent; a click into the void is one that was never made."""
        while True:
            card = next(one for one in await cards.cards(self.house.slack) if one.case == case)
            if "send_link" not in card.buttons or not card.shows("New"):
                return
            self.reached("clicking")
            with suppress(*AWAY):
                await self.house.slack.click(card.message, "send_link", AYSE.id)
                self.reached("clicked")
            await cards.wait(self.house.slack, lambda one: one.case == case and not one.shows("New"), 4)

    async def _redeem(self, link: str) -> None:
        """Open the page and type until the password is changed, or the page says that it was."""
        while True:
            with suppress(*AWAY):
                async with browser() as mine:
                    page = await mine.open(link)
                    if page.status == 410:
                        assert "déjà utilisé" in page.text.lower(), page.text
                        return
                    self.reached("typing")
                    page = await mine.submit(page, password=PASSWORD, again=PASSWORD)
                    assert page.status == 200, page.text
                    return self.reached("redeemed")
            await asyncio.sleep(PAUSE)
