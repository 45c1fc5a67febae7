"""ESP Websites' page, played through real doors: a temporary password, copied out of a mail, and one of one's own."""

from __future__ import annotations

import re

import pytest
import pytest_asyncio
from playwright.async_api import expect

from demo.house import sample
from demo.slack import AYSE
from tests.scenarios.people import Customer
from tests.scenarios.town import Scenario, in_one_loop

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180), pytest.mark.xdist_group("scenarios-2"), in_one_loop]

HUGO = "hugo.bernard@courrier.example"
LEA = "lea.robin@courrier.example"
OLD = "Neuf girafes au balcon"
NEW = "Une lampe sous la pluie"
TEMPORARY = "ESP Websites\u00a0: votre mot de passe temporaire"
CHOOSE = "Choisissez un nouveau mot de passe"


@pytest_asyncio.fixture(loop_scope="module")
async def store(scenario: Scenario) -> Scenario:
    """A company store on which Hugo and Léa have accounts and passwords."""
    for login, address, name in (("h.bernard", HUGO, "Hugo Bernard"), ("l.robin", LEA, "Léa Robin")):
        row = {"service": "esp", "login": login, "address": address, "name": name, "language": "fr"}
        await scenario.add_with_password(OLD, **row)
    return scenario


async def forget(scenario: Scenario, customer: Customer, address: str = HUGO) -> None:
    """Box, link, second box with the address, button (ESP.3, ESP.4)."""
    await customer.open(f"{scenario.house.portal}/sign-in/esp")
    await customer.fill("Poursuivre", name=address)
    await customer.press("Mot de passe oublié")
    await expect(customer.page.get_by_label("Votre adresse e-mail")).to_have_value(address)
    await customer.press("Continuer")
    await customer.reads("nous enverrons un e-mail", "Connectez-vous avec le mot de passe temporaire")
    await scenario.pass_time(seconds=5)


async def sign_in(scenario: Scenario, customer: Customer, password: str, address: str = HUGO) -> None:
    """Address, then password."""
    await customer.open(f"{scenario.house.portal}/sign-in/esp")
    await customer.fill("Poursuivre", name=address)
    await customer.fill("Se connecter", password=password)


async def is_refused(customer: Customer) -> None:
    """The password opened nothing."""
    await customer.titled("Saisir votre mot de passe")
    await customer.reads("mot de passe est incorrect")


async def test_ESP_5_a_customer_is_back_in_with_a_temporary_password(store: Scenario, customer: Customer) -> None:
    """Box, link, address, letter, sign-in, a password of one's own, and sign-in with that (ESP.3 to ESP.14)."""
    await forget(store, customer)
    letter = await store.opens(HUGO, TEMPORARY)
    assert not letter.link
    assert not letter.digits
    await customer.press_in_letter(letter)
    await customer.fill("Poursuivre", name=HUGO)
    await customer.fill("Se connecter", password=letter.password)
    await customer.titled(CHOOSE)
    await customer.fill("Changer le mot de passe", old=letter.password, password=NEW, again=NEW)
    await customer.reads("Votre mot de passe a été changé")
    await store.letter(lambda one: one.to == HUGO and "a été modifié" in one.subject, "the notice of the change")
    await customer.press("Se déconnecter")
    await sign_in(store, customer, NEW)
    await customer.titled("Votre compte")


@pytest.mark.parametrize(("styled", "clicks"), [(True, 1), (False, 3)])
async def test_ESP_8_the_password_is_copied_out_of_the_letter_to_the_character(
    store: Scenario, customer: Customer, styled: bool, clicks: int
) -> None:
    """Marked with a click (three where the mail program drops styles), copied, pasted: not a character more or less."""
    await forget(store, customer)
    letter, page = await store.opens(HUGO, TEMPORARY), customer.page
    await customer.open_letter(letter)
    if not styled:
        await page.set_content(re.sub(r"<style>.*</style>", "", letter.html, flags=re.DOTALL))
    await page.locator(".password").click(click_count=clicks)
    assert await page.evaluate("getSelection().toString().trimEnd()") == letter.password
    await page.keyboard.press("Control+C")
    await page.locator(".button a").click()
    await customer.fill("Poursuivre", name=HUGO)
    await page.get_by_label("Mot de passe").focus()
    await page.keyboard.press("Control+V")
    await expect(page.get_by_label("Mot de passe")).to_have_value(letter.password)
    await customer.press("Se connecter")
    await customer.titled(CHOOSE)


async def test_ESP_12_the_page_asks_for_the_old_one_and_twice_for_the_new(store: Scenario, customer: Customer) -> None:
    """In the account, with its address: three fields that must be filled in, and a fault is said beside its field."""
    await sign_in(store, customer, OLD)
    await customer.page.get_by_role("link", name="Changer le mot de passe").click()
    await customer.reads(HUGO, "Mot de passe actuel", "Nouveau mot de passe", "Confirmez le nouveau mot de passe")
    assert await customer.page.locator("main input[type=password][required]").count() == 3
    await customer.fill("Changer le mot de passe", old=OLD, password=NEW, again=OLD)
    await customer.reads("Les deux mots de passe")
    await customer.fill("Changer le mot de passe", old=NEW, password=NEW, again=NEW)
    await customer.reads("Ce n’est pas votre mot de passe actuel.")
    await customer.fill("Changer le mot de passe", old=OLD, password=NEW, again=NEW)
    await customer.reads("Votre mot de passe a été changé")


async def test_ESP_15_a_stranger_who_asks_locks_nobody_out(
    store: Scenario, customer: Customer, elsewhere: Customer
) -> None:
    """The old password opens the account after the letter, and whoever is signed in stays so."""
    await sign_in(store, customer, OLD)
    await forget(store, elsewhere)
    await store.opens(HUGO, TEMPORARY)
    await customer.open(f"{store.house.portal}/account")
    await customer.titled("Votre compte")
    await customer.press("Se déconnecter")
    await sign_in(store, customer, OLD)
    await customer.titled("Votre compte")


async def test_ESP_15_a_password_just_chosen_stays_when_another_is_asked_for(
    store: Scenario, customer: Customer, elsewhere: Customer
) -> None:
    """Also right after a change, without staff: the letter comes, and what the customer chose still opens."""
    await forget(store, customer)
    temporary = (await store.opens(HUGO, TEMPORARY)).password
    await sign_in(store, customer, temporary)
    await customer.fill("Changer le mot de passe", old=temporary, password=NEW, again=NEW)
    await customer.press("Se déconnecter")
    await forget(store, elsewhere)
    await store.opens(HUGO, TEMPORARY)
    await sign_in(store, customer, NEW)
    await customer.titled("Votre compte")


async def test_ESP_16_it_opens_one_sign_in_and_nothing_but_the_change(
    store: Scenario, customer: Customer, elsewhere: Customer
) -> None:
    """No way around the change, no second sign-in, and it is refused as the password to keep."""
    await forget(store, customer)
    temporary = (await store.opens(HUGO, TEMPORARY)).password
    await sign_in(store, customer, temporary)
    await customer.open(f"{store.house.portal}/account")
    await customer.titled(CHOOSE)
    assert await customer.page.get_by_role("button", name="Plus tard").count() == 0
    await sign_in(store, elsewhere, temporary)
    await is_refused(elsewhere)
    await customer.fill("Changer le mot de passe", old=temporary, password=temporary, again=temporary)
    await customer.reads("déjà utilisé ce mot de passe")
    await customer.fill("Changer le mot de passe", old=temporary, password=NEW, again=NEW)
    await customer.titled("Votre compte")


async def test_ESP_16_it_is_dead_after_an_hour(store: Scenario, customer: Customer) -> None:
    """The letter says one hour; to the minute it opens nothing, and the old password still does."""
    await forget(store, customer)
    letter = await store.opens(HUGO, TEMPORARY)
    assert "1 heure" in letter.text.replace("\u00a0", " ")
    await store.pass_time(minutes=60)
    await sign_in(store, customer, letter.password)
    await is_refused(customer)
    await sign_in(store, customer, OLD)
    await customer.titled("Votre compte")


async def test_ESP_17_an_unknown_address_reads_what_everybody_reads(
    store: Scenario, customer: Customer, elsewhere: Customer
) -> None:
    """Two customers ask at the same time and a stranger: one page for all, a password of their own for the two."""
    await forget(store, customer)
    await forget(store, elsewhere, LEA)
    hugos, leas = await store.opens(HUGO, TEMPORARY), await store.opens(LEA, TEMPORARY)
    said = await customer.text()
    assert await elsewhere.text() == said
    await forget(store, elsewhere, "personne@nulle-part.example")
    assert await elsewhere.text() == said
    assert {letter.to for letter in store.house.inbox.letters} == {HUGO, LEA}
    await sign_in(store, elsewhere, hugos.password, LEA)
    await is_refused(elsewhere)
    await sign_in(store, elsewhere, leas.password, LEA)
    await elsewhere.titled(CHOOSE)


async def test_ESP_18_of_two_requests_in_a_row_the_last_one_counts(store: Scenario, customer: Customer) -> None:
    """Asked twice within five minutes, one letter; asked later, a new one, and the older password is dead."""
    await forget(store, customer)
    first = await store.opens(HUGO, TEMPORARY)
    await forget(store, customer)
    await store.pass_time(minutes=5)
    assert store.letters(HUGO) == [TEMPORARY]
    await forget(store, customer)
    second = await store.opens(HUGO, TEMPORARY)
    await sign_in(store, customer, first.password)
    await is_refused(customer)
    await sign_in(store, customer, second.password)
    await customer.titled(CHOOSE)


async def test_ESP_9_staff_send_one_to_a_customer_who_wrote(store: Scenario, customer: Customer) -> None:
    """A mail, a card, a click: the customer signs in with what came, and neither card nor trail holds it."""
    case = (await store.write(sample("08"))).case
    await store.click(case, "send_temporary_password", AYSE.id)
    letter = await store.opens(HUGO, TEMPORARY)
    assert letter.recipients == (HUGO,)
    await store.turns(case, "Sent")
    await sign_in(store, customer, letter.password)
    await store.turns(case, "Opened")
    await customer.fill("Changer le mot de passe", old=letter.password, password=NEW, again=NEW)
    card = await store.turns(case, "Done")
    assert "Ayşe Demir sent a temporary password" in card.text
    assert letter.password not in str(await store.house.slack.messages())
    events = await store.events("h.bernard")
    assert [event for event in events if event.startswith(("temporary", "password"))] == [
        "temporary.issued", "temporary.used", "password.changed",
    ]  # fmt: skip
