"""L'Opcommerce's page, played through real doors: two steps to sign in, and the occasional third."""

from __future__ import annotations

import re

import pytest
import pytest_asyncio
from playwright.async_api import expect

from demo.letters import Letter
from tests.scenarios.people import Customer
from tests.scenarios.town import Scenario, in_one_loop

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180), pytest.mark.xdist_group("scenarios-1"), in_one_loop]

NATHALIE = "nathalie.fontaine@formation-fontaine.example"
OLD = "Trois pommes vertes 1911"
ACCOUNT = {
    "service": "opcommerce", "login": "n.fontaine", "address": NATHALIE, "name": "Nathalie Fontaine", "language": "fr",
}  # fmt: skip
CODE = "L'Opcommerce : votre code de connexion temporaire."
SAFER = "Renforcement de la sécurité anti-fraude"


@pytest_asyncio.fixture(loop_scope="module")
async def portal(scenario: Scenario) -> Scenario:
    """L'Opcommerce's portal, on which Nathalie has an account and a password."""
    await scenario.add_with_password(OLD, **ACCOUNT)
    return scenario


async def sign_in(scenario: Scenario, customer: Customer, password: str = OLD) -> None:
    """The two steps (OC.1)."""
    await customer.open(f"{scenario.house.portal}/sign-in/opcommerce")
    await customer.titled("Se connecter")
    await customer.fill("Poursuivre", name=NATHALIE)
    await customer.titled("Saisir votre mot de passe")
    await customer.fill("Se connecter", password=password)


async def prove(scenario: Scenario, customer: Customer) -> None:
    """The occasional step: the code from the mailbox."""
    await customer.titled(SAFER)
    letter = await scenario.opens(NATHALIE, CODE)
    await customer.fill("Vérifier", code=letter.digits)


async def is_in(customer: Customer) -> None:
    """The customer is signed in, and reads whose account it is."""
    await customer.titled("Votre compte")
    await customer.reads(NATHALIE)


async def sign_out(customer: Customer) -> None:
    """Leave; the browser stays known."""
    await customer.press("Se déconnecter")
    await customer.reads("Vous êtes déconnecté")


async def test_OC_1_a_known_browser_signs_in_in_two_steps(portal: Scenario, customer: Customer) -> None:
    """Address, then password: that is all where the browser has proved itself before (OC.2, OC.3)."""
    await sign_in(portal, customer)
    await prove(portal, customer)
    await is_in(customer)
    await sign_out(customer)
    await sign_in(portal, customer)
    await is_in(customer)
    assert portal.letters(NATHALIE) == [CODE]


async def test_OC_2_the_first_page_asks_for_the_address_alone(portal: Scenario, customer: Customer) -> None:
    """One field, one button; a stranger's address leads to the same second page."""
    await customer.open(f"{portal.house.portal}/sign-in/opcommerce")
    assert await customer.page.locator("main input:not([type=hidden])").count() == 1
    await customer.fill("Poursuivre", name=NATHALIE)
    known = await customer.text()
    await customer.open(f"{portal.house.portal}/sign-in/opcommerce")
    await customer.fill("Poursuivre", name="personne@nulle-part.example")
    assert await customer.text() == known.replace(NATHALIE, "personne@nulle-part.example")


async def test_OC_3_the_password_is_masked_and_can_be_given_up(portal: Scenario, customer: Customer) -> None:
    """The second page hides what is typed, says as whom, and has a way back."""
    await customer.open(f"{portal.house.portal}/sign-in/opcommerce")
    await customer.fill("Poursuivre", name=NATHALIE)
    await customer.reads(NATHALIE)
    await expect(customer.page.get_by_label("Mot de passe")).to_have_attribute("type", "password")
    await customer.page.get_by_role("link", name=re.compile("Retour")).click()
    await customer.titled("Se connecter")


async def test_OC_6_the_right_code_lets_the_sign_in_go_on(portal: Scenario, customer: Customer) -> None:
    """Without it the account stays shut; a wrong one counts; the right one opens it, and the trail says so."""
    await sign_in(portal, customer)
    letter = await portal.opens(NATHALIE, CODE)
    await customer.open(f"{portal.house.portal}/account")
    await customer.titled(SAFER)
    await customer.fill("Vérifier", code=other_than(letter.digits))
    await customer.reads("Il vous reste 4 essais")
    await customer.fill("Vérifier", code=letter.digits)
    await is_in(customer)
    assert (await portal.events("n.fontaine"))[1:] == ["account.code_sent", "letter.sent", "account.signed_in"]


async def test_OC_7_asked_after_thirty_days_and_on_another_device(
    portal: Scenario, customer: Customer, elsewhere: Customer
) -> None:
    """A month later the same browser is asked again, not a day before; another browser is asked at once."""
    await sign_in(portal, customer)
    await prove(portal, customer)
    await sign_out(customer)
    await portal.pass_time(days=29)
    await sign_in(portal, customer)
    await is_in(customer)
    await sign_out(customer)
    await sign_in(portal, elsewhere)
    await prove(portal, elsewhere)
    await is_in(elsewhere)
    await portal.pass_time(days=1)
    await sign_in(portal, customer)
    await prove(portal, customer)
    await is_in(customer)


async def test_OC_8_the_page_says_where_the_code_went(portal: Scenario, customer: Customer) -> None:
    """Its title, the mailbox (masked: the password alone tells nobody a whole address), the life, the junk mail."""
    await sign_in(portal, customer)
    await customer.titled(SAFER)
    await customer.reads("n•••@f••••.example", "10 minutes", "courriers indésirables")
    assert "Renforcement de la sécurité anti-fraude – L'Opcommerce" in await customer.page.title()


async def test_OC_9_the_code_is_dead_after_ten_minutes(portal: Scenario, customer: Customer) -> None:
    """Right to the digit and ten minutes old it opens nothing; a new one is a press away."""
    await sign_in(portal, customer)
    letter = await portal.opens(NATHALIE, CODE)
    await portal.pass_time(minutes=10)
    await customer.fill("Vérifier", code=letter.digits)
    await customer.reads("Ce code n’est plus valable")
    assert "Code valable encore" not in await customer.text()
    await customer.press("Renvoyer")
    await customer.reads("Un nouveau code vous a été envoyé")
    await prove(portal, customer)
    await is_in(customer)


async def test_OC_11_the_letter_holds_six_digits_alone_on_a_line(portal: Scenario, customer: Customer) -> None:
    """The subject to the letter (OC.5), one code of six digits, and a way to say that it was somebody else."""
    await sign_in(portal, customer)
    letter: Letter = await portal.opens(NATHALIE, CODE)
    assert re.findall(r"\b\d{6}\b", letter.text) == [letter.digits]
    assert letter.author == "L'Opcommerce <support@opcommerce.example>"
    assert f"{portal.house.portal}/stop/" in letter.text


async def test_OC_21_a_resent_code_kills_the_one_before(portal: Scenario, customer: Customer) -> None:
    """Not twice within a minute, three times at most, and only the last one opens."""
    await sign_in(portal, customer)
    first = await portal.opens(NATHALIE, CODE)
    await customer.press("Renvoyer")
    await customer.reads("C’est trop tôt")
    letters = [first]
    for _ in range(3):
        await portal.pass_time(minutes=1)
        await customer.press("Renvoyer")
        await customer.reads("Un nouveau code vous a été envoyé")
        letters.append(await portal.opens(NATHALIE, CODE))
    await customer.reads("Aucun autre code")
    assert await customer.page.get_by_role("button", name="Renvoyer").count() == 0
    await customer.fill("Vérifier", code=first.digits)
    await customer.reads("Ce code n’est pas le bon")
    await customer.fill("Vérifier", code=letters[-1].digits)
    await is_in(customer)


def other_than(digits: str) -> str:
    """A code that was never sent."""
    return f"{(int(digits) + 1) % 1_000_000:06d}"
