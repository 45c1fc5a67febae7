"""ShopFactory's page, played through real doors: two keys to one link, two passwords, and an address that follows."""

from __future__ import annotations

import pytest

from demo.letters import Letter
from tests.scenarios.people import Customer
from tests.scenarios.town import Scenario

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180), pytest.mark.xdist_group("scenarios-1")]

MARIE = "marie.durand@boutique-durand.example"
NEW = "Sept cerfs-volants orange"
ACCOUNT = {
    "service": "shopfactory", "login": "durand42", "address": MARIE, "name": "Marie Durand", "language": "fr",
    "hosted": "yes",
}  # fmt: skip


async def ask_for_link(scenario: Scenario, customer: Customer, login: str = "durand42", address: str = MARIE) -> None:
    """Fill the form in that asks for both keys, and let the desk take its time (SF.6-8)."""
    await customer.open(f"{scenario.house.portal}/lost/shopfactory")
    await customer.fill("Envoyer", login=login, address=address)
    await customer.reads("nous enverrons un e-mail à l’adresse enregistrée", "courrier")
    await scenario.pass_time(seconds=5)


async def test_SF_11_a_customer_is_back_in_within_thirty_minutes(scenario: Scenario, customer: Customer) -> None:
    """Both keys, a link to the registered address, a new password, and the list of what comes next."""
    await scenario.add(**ACCOUNT)
    await ask_for_link(scenario, customer)
    letter: Letter = await scenario.mailed_link(MARIE)
    await customer.open(letter.link)
    await customer.fill("Réinitialiser le mot de passe", password=NEW, again=NEW)
    await customer.reads("Réenregistrez votre logiciel")
