"""L'Opcommerce's page, played through real doors: a forgotten password, one to renew, and a code that never came."""

from __future__ import annotations

import pytest
import pytest_asyncio
from playwright.async_api import expect

from demo.house import sample
from demo.slack import AYSE
from tests.scenarios.people import Customer
from tests.scenarios.test_opcommerce import ACCOUNT, CODE, NATHALIE, OLD, is_in, prove, sign_in, sign_out
from tests.scenarios.town import Scenario, in_one_loop

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180), pytest.mark.xdist_group("scenarios-1"), in_one_loop]

RESET = "L'Opcommerce : demande de renouvellement de votre mot de passe."
NEW = "Un héron dort debout"
THIRTEEN = "merles chante"
"""Small letters and a space, and not one character more than the rule wants."""


@pytest_asyncio.fixture(loop_scope="module")
async def portal(scenario: Scenario) -> Scenario:
    """L'Opcommerce's portal, on which Nathalie has an account and a password."""
    await scenario.add_with_password(OLD, **ACCOUNT)
    return scenario


async def forget(scenario: Scenario, customer: Customer, address: str = NATHALIE) -> None:
    """The two pages up to the password, which is forgotten; the address is not typed again."""
    await customer.open(f"{scenario.house.portal}/sign-in/opcommerce")
    await customer.fill("Poursuivre", name=address)
    await customer.press("Mot de passe oublié")
    await customer.titled("Mot de passe oublié ?")
    await expect(customer.page.get_by_label("Votre adresse e-mail")).to_have_value(address)
    await customer.press("Continuer")
    await customer.reads("nous enverrons un e-mail", "courriers indésirables")
    await scenario.pass_time(seconds=5)


async def test_OC_13_a_forgotten_password_is_renewed_from_the_password_page(
    portal: Scenario, customer: Customer
) -> None:
    """Page, letter, button, new password, confirmation, sign-in: the whole way (OC.13 to OC.19)."""
    await forget(portal, customer)
    await customer.press_in_letter(await portal.opens(NATHALIE, RESET))
    await customer.titled("Choisissez un nouveau mot de passe")
    await customer.reads("Au moins 13 caractères", "Conseil")
    await customer.fill("Réinitialiser le mot de passe", password=NEW, again=NEW)
    await customer.titled("Votre mot de passe est mis à jour")
    await customer.reads("Reconnectez-vous au portail")
    await customer.page.get_by_role("main").get_by_role("link", name="Se connecter").click()
    await sign_in(portal, customer, NEW)
    await is_in(customer)
    await portal.letter(lambda one: one.to == NATHALIE and "modifié" in one.subject, "the notice of the change")


async def test_OC_14_the_portal_confirms_the_same_to_everybody(
    portal: Scenario, customer: Customer, elsewhere: Customer
) -> None:
    """Who is known reads what a stranger reads; only the known one gets a letter, within seconds."""
    await forget(portal, customer)
    await forget(portal, elsewhere, "personne@nulle-part.example")
    assert await customer.text() == await elsewhere.text()
    await portal.opens(NATHALIE, RESET)
    assert {letter.to for letter in portal.house.inbox.letters} == {NATHALIE}


async def test_OC_17_the_new_password_is_typed_twice_and_has_thirteen_characters(
    portal: Scenario, customer: Customer
) -> None:
    """Twelve characters, or two that differ, change nothing and keep the link; thirteen small letters do (OC.22)."""
    await forget(portal, customer)
    await customer.press_in_letter(await portal.opens(NATHALIE, RESET))
    await customer.fill("Réinitialiser le mot de passe", password=THIRTEEN, again=NEW)
    await customer.reads("Les deux mots de passe")
    await customer.fill("Réinitialiser le mot de passe", password=THIRTEEN[:12], again=THIRTEEN[:12])
    await customer.reads("trop court")
    await customer.fill("Réinitialiser le mot de passe", password=THIRTEEN, again=THIRTEEN)
    await customer.titled("Votre mot de passe est mis à jour")


async def test_OC_19_nobody_is_signed_in_by_the_link(portal: Scenario, customer: Customer, elsewhere: Customer) -> None:
    """The account stays shut after the change, the old password opens nothing, and other devices are out."""
    await sign_in(portal, elsewhere)
    await prove(portal, elsewhere)
    await forget(portal, customer)
    await customer.press_in_letter(await portal.opens(NATHALIE, RESET))
    await customer.fill("Réinitialiser le mot de passe", password=NEW, again=NEW)
    await customer.titled("Votre mot de passe est mis à jour")
    for browser in (customer, elsewhere):
        await browser.open(f"{portal.house.portal}/account")
        assert await browser.page.get_by_text("Votre compte").count() == 0
    await sign_in(portal, elsewhere)
    await elsewhere.reads("mot de passe est incorrect")


async def test_OC_20_the_link_dies_after_thirty_minutes(portal: Scenario, customer: Customer) -> None:
    """A minute before, it opens the page; at thirty minutes it says so, and leads to a new request."""
    await forget(portal, customer)
    letter = await portal.opens(NATHALIE, RESET)
    await portal.pass_time(minutes=29)
    await customer.open(letter.link)
    await customer.titled("Choisissez un nouveau mot de passe")
    await portal.pass_time(minutes=1)
    await customer.fill("Réinitialiser le mot de passe", password=NEW, again=NEW)
    await customer.titled("Ce lien n’est plus valable")
    await customer.page.get_by_role("link", name="Demander un nouvel e-mail").click()
    await customer.titled("Mot de passe oublié ?")
    await sign_in(portal, customer)
    await customer.titled("Renforcement de la sécurité anti-fraude")


async def test_OC_12_a_year_old_password_is_to_be_renewed_and_can_wait(portal: Scenario, customer: Customer) -> None:
    """Not a day before a year is over; then at every sign-in until it is done, and nobody is ever shut out."""
    await portal.pass_time(days=364)
    await sign_in(portal, customer)
    await prove(portal, customer)
    await is_in(customer)
    await sign_out(customer)
    await portal.pass_time(days=1)
    for _ in range(2):
        await sign_in(portal, customer)
        await customer.titled("Choisissez un nouveau mot de passe")
        await customer.press("Plus tard")
        await is_in(customer)
        await sign_out(customer)
    await sign_in(portal, customer)
    await customer.fill("Changer le mot de passe", old=OLD, password=NEW, again=NEW)
    await is_in(customer)
    await sign_out(customer)
    await sign_in(portal, customer, NEW)
    await is_in(customer)


async def test_OC_22_advice_is_given_and_never_enforced_at_the_renewal(portal: Scenario, customer: Customer) -> None:
    """The page advises capitals, digits and specials, and takes thirteen small letters all the same."""
    await portal.pass_time(days=365)
    await sign_in(portal, customer)
    await prove(portal, customer)
    await customer.reads("Conseil", "une majuscule", "un chiffre", "un caractère spécial")
    await customer.fill("Changer le mot de passe", old=OLD, password=THIRTEEN[:12], again=THIRTEEN[:12])
    await customer.reads("trop court")
    await customer.fill("Changer le mot de passe", old=OLD, password=THIRTEEN, again=THIRTEEN)
    await is_in(customer)


async def test_OC_5_staff_send_a_code_to_who_got_none(portal: Scenario, customer: Customer) -> None:
    """A mail, a card, a click: the same subject, six digits, and a new password at their end."""
    case = (await portal.write(sample("02"))).case
    await portal.click(case, "send_code", AYSE.id)
    letter = await portal.opens(NATHALIE, CODE)
    assert letter.recipients == (NATHALIE,)
    await customer.press_in_letter(letter)
    await customer.titled("Renforcement de la sécurité anti-fraude")
    await customer.fill("Vérifier", code=letter.digits)
    await customer.titled("Choisissez un nouveau mot de passe")
    await customer.fill("Réinitialiser le mot de passe", password=NEW, again=NEW)
    card = await portal.turns(case, "Done")
    assert not [button for button in card.buttons if button.startswith("send")]
    assert "Ayşe Demir sent a one-time code" in card.text
    shown = str(await portal.house.slack.messages())
    assert letter.digits not in shown
    assert NATHALIE not in shown
