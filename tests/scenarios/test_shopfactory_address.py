"""ShopFactory's detour: the registered address is not the profile's, and has to follow it before a reset can run."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from playwright.async_api import Browser

from demo.slack import AYSE, MARC, NORA, VISITOR
from handlers.model.audit import AuditEntry
from tests.scenarios.people import Customer
from tests.scenarios.shop import (
    ACCOUNT,
    ASKS_TO_FOLLOW,
    MARIE,
    PROFILE,
    alerted,
    ask_for_link,
    choose_password,
    propose,
    says,
    with_page,
)
from tests.scenarios.town import Scenario, in_one_loop

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180), pytest.mark.xdist_group("scenarios-3"), in_one_loop]

SATURDAY = datetime(2027, 3, 27, 16, 0, tzinfo=UTC)
"""In Paris, clocks go forward in the night that follows."""

FOLLOWS = {**ACCOUNT, "profile_address": PROFILE}


async def asked(scenario: Scenario) -> str:
    """Marie writes from the profile's address; returns her case (SF.4)."""
    await scenario.add(**FOLLOWS)
    scenario.house.clock.move(seconds=(SATURDAY - scenario.house.desk.now()).total_seconds())
    return (await scenario.write(ASKS_TO_FOLLOW)).case


async def waiting(scenario: Scenario, customer: Customer, chromium: Browser) -> str:
    """Proposed by Ayşe, confirmed by Marie, approved by Marc; returns the case, whose wait has begun."""
    case = await asked(scenario)
    await propose(chromium, scenario)
    await confirm(scenario, customer)
    await says(scenario, case, "the new address was confirmed")
    await scenario.click(case, "approve", MARC.id)
    await says(scenario, case, "agreed, not done yet")
    return case


async def confirm(scenario: Scenario, customer: Customer) -> None:
    """Marie types the code that only the new mailbox has."""
    letter = await with_page(scenario, PROFILE, "address")
    await customer.open(letter.link)
    await customer.fill("Confirmer l’adresse", code=letter.digits)
    await customer.titled("Merci, cette adresse est confirmée")


async def changed(scenario: Scenario, customer: Customer, chromium: Browser) -> str:
    """A day later; returns the case."""
    case = await waiting(scenario, customer, chromium)
    await scenario.pass_time(hours=24)
    await says(scenario, case, "changed the registered address")
    return case


async def events(scenario: Scenario, case: str) -> list[tuple[str, str]]:
    """The case's trail: what was done, by whom."""
    return [(one.event, one.by) for one in await scenario.house.desk.store.find(AuditEntry, case=case)]


async def test_SF_3_while_the_addresses_differ_no_reset_runs(scenario: Scenario, customer: Customer) -> None:
    """The form says what it always says, nobody gets a link, and the card says why and what would help."""
    await scenario.add(**FOLLOWS)
    await ask_for_link(scenario, customer)
    card = await scenario.card(lambda card: "durand42" in card.text, "a card for staff")
    assert "the registered address has to follow it first" in card.text
    assert "send_link" not in card.buttons
    assert "change_address" in card.buttons
    assert scenario.letters(MARIE) == []


async def test_SF_4_the_registered_address_follows_the_profile_and_then_the_reset_runs(
    scenario: Scenario, customer: Customer, chromium: Browser
) -> None:
    """SF.3, SF.9: only the profile's address is possible, never the proposer approves, and 24 hours are 24 hours."""
    case = await asked(scenario)
    await propose(chromium, scenario)
    await confirm(scenario, customer)
    await says(scenario, case, "the new address was confirmed")
    await scenario.click(case, "approve", AYSE.id)
    await scenario.click(case, "approve", VISITOR.id)
    await says(scenario, case, "agreed, not done yet")
    told = await scenario.letter(lambda one: one.to == MARIE and "28 mars 2027 à 16:0" in one.text, "when it happens")
    assert told.leads_to("stop")
    await scenario.pass_time(hours=23, minutes=58)
    assert ("address.changed", "desk") not in await events(scenario, case)
    await scenario.pass_time(minutes=2)
    letter = await with_page(scenario, PROFILE, "reset")
    await customer.open(letter.link)
    await choose_password(customer)
    await customer.reads("Réenregistrez votre logiciel")
    trail = await events(scenario, case)
    assert ("password.changed", "customer") in trail
    assert ("action.proposed", AYSE.id) in trail
    assert ("action.denied", AYSE.id) in trail
    assert ("action.approved", VISITOR.id) in trail
    assert all(one.leads_to("reset") == "" for one in scenario.house.inbox.of(lambda one: one.to == MARIE))


async def test_SF_4_only_the_address_of_the_profile_is_possible(
    scenario: Scenario, customer: Customer, chromium: Browser
) -> None:
    """Whatever a mail names, in whosever name it comes."""
    await scenario.add(**FOLLOWS)
    raw = ASKS_TO_FOLLOW.decode().replace(PROFILE, "marie.durand@voleur.example")
    raw = raw.replace("celle du profil", "ma nouvelle adresse : marie.durand@voleur.example")
    await scenario.write(raw.encode())
    await propose(chromium, scenario)
    asked = await with_page(scenario, PROFILE, "address")
    assert asked.recipients == (PROFILE,)
    thiefs = scenario.house.inbox.of(lambda one: "voleur" in one.to)
    assert all(one.is_acknowledgement for one in thiefs)


async def test_SF_4_the_old_address_stops_the_change_during_the_wait(
    scenario: Scenario, customer: Customer, chromium: Browser
) -> None:
    """T30: one click and a button, without signing in: frozen, staff alerted, and nothing happens a day later."""
    case = await waiting(scenario, customer, chromium)
    told = await scenario.letter(lambda one: one.to == MARIE and bool(one.leads_to("stop")), "a way to object")
    await customer.open(told.leads_to("stop"))
    await customer.press("Ce n’était pas moi : tout arrêter")
    await customer.titled("Tout est arrêté")
    await alerted(scenario, "Frozen:* case")
    await says(scenario, case, "frozen by case")
    await scenario.pass_time(hours=25)
    assert not scenario.house.inbox.of(lambda one: bool(one.leads_to("reset")))
    trail = [event for event, _ in await events(scenario, case)]
    assert "address.stopped" in trail
    assert "address.changed" not in trail


async def test_SF_4_the_old_address_undoes_the_change_after_it(
    scenario: Scenario, customer: Customer, chromium: Browser
) -> None:
    """T30: within seven days the old address is back, the new link dead; a freeze is lifted by an approver."""
    case = await changed(scenario, customer, chromium)
    link = (await with_page(scenario, PROFILE, "reset")).link
    told = await scenario.letter(lambda one: one.to == MARIE and "a été changée" in one.subject, "a way to undo it")
    assert "jusqu’au 4 avril 2027" in " ".join(told.text.split()).lower()
    await scenario.pass_time(**{"days": 6, "hours": 23})
    await customer.open(told.leads_to("stop"))
    await customer.press("Ce n’était pas moi : tout arrêter")
    await customer.titled("Tout est arrêté")
    await alerted(scenario, "Frozen:* case")
    assert ("address.undone", "customer") in await events(scenario, case)
    await customer.open(link)
    assert await customer.page.locator("[name=password]").count() == 0
    await scenario.click(case, "approve", NORA.id)
    await says(scenario, case, "lifted")
    assert ("account.lifted", NORA.id) in await events(scenario, case)
    card = await scenario.card(lambda card: card.case == case, "the card")
    assert "m•••" in card.text or "boutique-durand" in card.text
