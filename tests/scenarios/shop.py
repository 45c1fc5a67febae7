"""Marie Durand's shop at ShopFactory, and what she and the staff do about her passwords."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import Browser, Page

from demo.cards import Card
from demo.letters import Letter
from demo.slack import Workspace
from tests.scenarios.people import Customer
from tests.scenarios.town import Scenario

MARIE = "marie.durand@boutique-durand.example"
PROFILE = "marie@nouvelle-boutique.example"
NEW = "Sept cerfs-volants orange"
HOSTING = "Neuf phares sous la neige"
ACCOUNT = {
    "service": "shopfactory", "login": "durand42", "address": MARIE, "name": "Marie Durand", "language": "fr",
    "hosted": "yes",
}  # fmt: skip

ASKS_TO_FOLLOW = """\
From: Marie Durand <marie@nouvelle-boutique.example>
To: ShopFactory <registrations@shopfactory.example>
Subject: Adresse enregistrée à modifier
Message-ID: <follow.durand@nouvelle-boutique.example>
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit

Bonjour,

l’adresse de mon profil ShopFactory Cloud n’est plus celle de mon achat, et je ne peux pas réinitialiser mon mot de
passe. Merci de faire modifier mon adresse enregistrée pour qu’elle corresponde à celle du profil.
Mon identifiant est durand42.

Marie Durand
""".encode()


async def ask_for_link(scenario: Scenario, customer: Customer, login: str = "durand42", address: str = MARIE) -> None:
    """Fill the form in that asks for both keys, and let the desk take its time (SF.6-8)."""
    await customer.open(f"{scenario.house.portal}/lost/shopfactory")
    await customer.fill("Envoyer", login=login, address=address)
    await customer.reads("nous enverrons un e-mail à l’adresse enregistrée", "courriers indésirables")
    await scenario.pass_time(seconds=5)


async def reset(scenario: Scenario, customer: Customer) -> None:
    """From the form to the page that says that the password is changed."""
    await ask_for_link(scenario, customer)
    await customer.open((await scenario.mailed_link(MARIE)).link)
    await choose_password(customer)


async def choose_password(customer: Customer, password: str = NEW) -> None:
    """On the page of a link."""
    await customer.fill("Réinitialiser le mot de passe", password=password, again=password)


async def sign_in(scenario: Scenario, customer: Customer, password: str = NEW) -> None:
    """Name, then password."""
    await customer.open(f"{scenario.house.portal}/sign-in/shopfactory")
    await customer.fill("Poursuivre", name="durand42")
    await customer.fill("Se connecter", password=password)


async def follow(customer: Customer, link: str) -> None:
    """Click a link of the page by its words."""
    await customer.page.get_by_role("main").get_by_role("link", name=link, exact=True).click()


async def with_page(scenario: Scenario, to: str, page: str) -> Letter:
    """The first letter to that mailbox that leads to this kind of page, such as `reset` or `address`."""
    return await scenario.letter(lambda one: one.to == to and bool(one.leads_to(page)), f"a letter with {page} to {to}")


def stands_in_order(text: str, *marks: str) -> bool:
    """Whether each mark is in the text, after the one before."""
    plain = " ".join(text.split())
    places = [plain.find(mark) for mark in marks]
    return -1 not in places and places == sorted(places)


@asynccontextmanager
async def channel(chromium: Browser, slack: Workspace) -> AsyncIterator[Page]:
    """The workspace's web page, seen by Ayşe."""
    page = await chromium.new_page(viewport={"width": 1100, "height": 1400})
    page.set_default_timeout(10_000)
    await page.goto(slack.url)
    yield page
    await page.close()


async def propose(chromium: Browser, scenario: Scenario) -> None:
    """Ayşe reads what a change of address sets going, and proposes it."""
    async with channel(chromium, scenario.house.slack) as page:
        await page.get_by_role("button", name="Change address…").click()
        await page.get_by_label("This is what the customer asked for").check()
        await page.get_by_role("button", name="Propose the change").click()
        await page.get_by_text("0 of 1 approval").wait_for()


async def says(scenario: Scenario, case: str, words: str) -> Card:
    """The case's card, once these words stand on it."""
    return await scenario.card(lambda card: card.case == case and words in card.text, f"{case} to say {words!r}")


async def alerted(scenario: Scenario, words: str) -> str:
    """What the channel or a thread was told, once it says these words."""
    said: list[str] = []
    for _ in range(200):
        said = [str(message.get("text")) for message in await scenario.house.slack.messages()]
        found = [one for one in said if words in one]
        if found:
            return found[0]
        await scenario.pass_time(seconds=0)
    raise AssertionError(f"nobody was told {words!r}: {said}")
