"""Jane Miller and Emre Kaya at ConnectProf's panel: how they sign in, set a second factor up, and close the account."""

from __future__ import annotations

from dataclasses import dataclass

import pyotp
from playwright.async_api import expect

from demo.cards import Card
from tests.scenarios.people import Customer
from tests.scenarios.town import Scenario

JANE = "jane.miller@miller-trading.example"
EMRE = "emre.kaya@kaya-ticaret.example"
OLD = "Blue-Harbour7"
NEW = "Green-Lantern9"
RUNNING = "Marketplace One; Cargo Two"

BARE = {
    "service": "connectprof", "login": "jane.miller", "address": JANE, "kind": "company", "name": "Jane Miller",
    "company": "Miller Trading Ltd", "language": "en", "phone": "+44 20 7946 0018",
}  # fmt: skip
COMPLETE = {**BARE, "country": "United Kingdom", "city": "Whitby", "born": "1984-05-06", "integrations": RUNNING}
EMRES = {
    "service": "connectprof", "login": "emre.kaya", "address": EMRE, "kind": "company", "name": "Emre Kaya",
    "company": "Kaya Ticaret A.Ş.", "language": "tr", "phone": "+90 232 000 00 00", "country": "Türkiye",
    "city": "İzmir", "born": "1979-11-30", "integrations": RUNNING,
}  # fmt: skip


@dataclass(frozen=True)
class Words:
    """What the buttons and headings are called that both of them meet."""

    go_on: str = "Continue"
    enter: str = "Sign in"
    inside: str = "Your account"
    leave: str = "Sign out"
    app: str = "Set up an app"
    switch: str = "Switch it on"
    codes: str = "Your recovery codes"
    kept: str = "I have kept them safe"
    verify: str = "Verify"
    factor: str = "Two-step verification"
    close: str = "Close my account"
    closed: str = "Your account is closed"


ENGLISH = Words()
TURKISH = Words(
    go_on="Devam et",
    enter="Giriş yap",
    inside="Hesabınız",
    leave="Çıkış yap",
    app="Uygulama kur",
    switch="Etkinleştir",
    codes="Kurtarma kodlarınız",
    kept="Güvenli bir yere kaydettim",
    verify="Doğrula",
    factor="İki adımlı doğrulama",
    close="Hesabımı kapat",
    closed="Hesabınız kapatıldı",
)


@dataclass(frozen=True)
class Factor:
    """A phone with the app, and the recovery codes that its owner wrote down."""

    app: pyotp.TOTP
    recovery: list[str]


async def sign_in(
    scenario: Scenario, customer: Customer, password: str = OLD, name: str = JANE, words: Words = ENGLISH
) -> None:
    """Address, then password."""
    await customer.open(f"{scenario.house.portal}/sign-in/connectprof")
    await customer.fill(words.go_on, name=name)
    await customer.fill(words.enter, password=password)


async def sign_out(customer: Customer, words: Words = ENGLISH) -> None:
    """Leave from the account's page."""
    await customer.titled(words.inside)
    await customer.press(words.leave)


async def visit(scenario: Scenario, customer: Customer, page: str) -> None:
    """A page of whoever is signed in, such as `password`."""
    await customer.open(f"{scenario.house.portal}/account/{page}".rstrip("/"))


async def set_up(scenario: Scenario, customer: Customer, words: Words = ENGLISH, password: str = OLD) -> Factor:
    """From the page about the second factor to the account, with the app switched on."""
    await visit(scenario, customer, "second-factor")
    await customer.fill(words.app, password=OLD)
    return await switch_on(scenario, customer, words)


async def switch_on(scenario: Scenario, customer: Customer, words: Words = ENGLISH) -> Factor:
    """Type the page's key into an app, and the app's code into the page; write the recovery codes down."""
    page = customer.page
    app = pyotp.TOTP((await page.locator("main .copy").inner_text()).replace(" ", ""))
    await customer.fill(words.switch, code=shown(scenario, app))
    await customer.titled(words.codes)
    recovery = (await page.locator("main .copy").inner_text()).split()
    await page.get_by_role("link", name=words.kept).click()
    return Factor(app, recovery)


def shown(scenario: Scenario, app: pyotp.TOTP, seconds: float = 0) -> str:
    """What the app shows by the desk's clock, or showed so many seconds ago (negative)."""
    return app.at(round(scenario.house.desk.now().timestamp() + seconds))


async def prove(scenario: Scenario, customer: Customer, app: pyotp.TOTP, words: Words = ENGLISH) -> None:
    """Wait for a code that was not used yet, and type it."""
    await scenario.pass_time(seconds=30)
    await customer.titled(words.factor)
    await customer.fill(words.verify, code=shown(scenario, app))


async def lose_the_phone(scenario: Scenario, customer: Customer) -> Card:
    """On the page that asks for the code: ask the team; returns the card that staff see."""
    main = customer.page.get_by_role("main")
    await main.get_by_role("link", name="I can no longer get a code").click()
    await customer.press("Ask the team")
    await customer.titled("Thank you, we have your request")
    return await scenario.card(lambda card: "Second factor" in card.text, "a card about the second factor")


async def close(scenario: Scenario, customer: Customer, words: Words = ENGLISH, password: str = OLD) -> None:
    """Both boxes, the password, and the button."""
    await visit(scenario, customer, "close")
    for box in ("warnings", "deletion"):
        await customer.page.locator(f"[name={box}]").check()
    await customer.fill(words.close, password=password)
    await customer.titled(words.closed)


async def is_in(customer: Customer, words: Words = ENGLISH) -> None:
    """The customer is signed in."""
    await expect(customer.page.get_by_role("heading", level=1)).to_have_text(words.inside)
