"""o2switch's page, where it says no: "si nous avons le moindre doute, nous ne procéderons pas au changement"."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser

from demo.drawn import kbis
from demo.slack import AYSE, MARC, NORA, VISITOR
from handlers.model.account import Account
from tests.scenarios.host import (
    ACCEPTED,
    ALICE,
    ASKED,
    JULIE,
    KBIS,
    OLD,
    REFUSED,
    THOMAS,
    WANTED,
    Owner,
    Read,
    asked,
    asks,
    listed,
    propose,
    review,
    send,
    sign_in,
    trail,
    waiting,
    whole,
)
from tests.scenarios.people import Customer
from tests.scenarios.shop import alerted, channel, says
from tests.scenarios.town import Scenario, in_one_loop

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180), pytest.mark.xdist_group("scenarios-4"), in_one_loop]

ADDRESS_ASKED = "o2switch\u00a0: demande de changement d’adresse"
ADDRESS_AGREED = "o2switch\u00a0: votre adresse va changer"
COMPANY, CLUB = ACCEPTED["company"], ACCEPTED["association"]
SOME_DOUBT = [
    pytest.param(THOMAS, COMPANY._replace(names=("LEROY CONSEIL SAS", "Thomas Leroyer")), id="O2.7, another person"),
    pytest.param(THOMAS, COMPANY._replace(names=("LEROY SAS", "Thomas Leroy")), id="O2.7, another company"),
    pytest.param(THOMAS, COMPANY._replace(address="No"), id="O2.19, the letter states another address"),
    pytest.param(ALICE, CLUB._replace(names=("Chorale du Vercors", "Paul Neuf", *CLUB.names[2:])), id="O2.17"),
    pytest.param(
        THOMAS, COMPANY._replace(outcomes=("Accepted: readable", "Doubtful", "Accepted: readable")), id="O2.9"
    ),
]


async def on_file(scenario: Scenario, login: str) -> str:
    """The address in the record."""
    return next(one.address for one in await scenario.house.desk.store.find(Account) if one.login == login)


@pytest.mark.parametrize(("owner", "read"), SOME_DOUBT)
async def test_O2_9_the_slightest_doubt_changes_nothing(
    scenario: Scenario, chromium: Browser, owner: Owner, read: Read
) -> None:
    """Another name, company, president or address, or a bad feeling: one neutral letter, the same for all."""
    case = await whole(scenario, owner)
    await review(chromium, scenario, read)
    assert "there is a doubt about the documents" in (await scenario.turns(case, "Refused")).text
    letter = await scenario.opens(owner.new, REFUSED)
    assert "nous ne donnons aucune précision par e-mail" in " ".join(letter.text.split())
    told = ["document", "Kbis", "statuts", "nom ", "doute", owner.login, owner.record["name"]]
    assert [word for word in told if word in letter.text.partition("Pour suivre")[0]] == []
    await scenario.pass_time(hours=73)
    assert await on_file(scenario, owner.login) == owner.old
    assert not {"action.proposed", "address.changed"} & set(await scenario.events(owner.login))


async def test_O2_7_a_kbis_of_92_days_stays_fresh_however_late_it_is_reviewed(
    scenario: Scenario, chromium: Browser
) -> None:
    """O2.16: its age is counted on the day it came; cases wait, and the customer does not pay for that."""
    case = await whole(scenario, THOMAS)
    await scenario.pass_time(days=10)
    await review(chromium, scenario, COMPANY._replace(dates=("2026-12-22",)))
    await says(scenario, case, "All the documents that were asked for were accepted.")


async def test_O2_16_a_kbis_of_93_days_is_asked_for_again(scenario: Scenario, chromium: Browser) -> None:
    """O2.18: it alone, saying why; the others stay accepted, and nothing can be changed meanwhile."""
    case = await whole(scenario, THOMAS)
    await review(chromium, scenario, COMPANY._replace(dates=("2026-12-21",)))
    letter = await scenario.opens(THOMAS.new, WANTED)
    assert listed(letter, "Merci de nous envoyer") == [f"{KBIS} Le document était trop ancien à sa réception."]
    card = await says(scenario, case, "too old")
    assert "change_address" not in card.buttons
    answer = await send(scenario, THOMAS, letter, ("kbis-neuf.pdf", kbis("LEROY CONSEIL SAS", "2027-03-01")))
    assert "Il ne manque rien" in answer.text
    await review(chromium, scenario, COMPANY._replace(dates=("2027-03-01",)))
    await says(scenario, case, "All the documents that were asked for were accepted.")


async def test_O2_17_a_new_president_is_whom_the_statutes_name(scenario: Scenario, chromium: Browser) -> None:
    """Whoever the record still names: statutes, card and letter have to name one and the same president."""
    case = await whole(scenario, ALICE)
    await review(chromium, scenario, CLUB._replace(names=("Chorale du Vercors", *("Paul Neuf",) * 3)))
    await says(scenario, case, "All the documents that were asked for were accepted.")


async def test_O2_19_an_address_of_another_customer_is_refused_to_staff_alone(
    scenario: Scenario, chromium: Browser
) -> None:
    """Outside, nobody learns that somebody has it: no letter to it, none about it."""
    await scenario.add(**JULIE.record)
    case = await whole(scenario, THOMAS, JULIE.old)
    await review(chromium, scenario, COMPANY)
    await says(scenario, case, "All the documents that were asked for were accepted.")
    before = len(scenario.house.inbox.letters)
    async with channel(chromium, scenario.house.slack) as page:
        await page.get_by_role("button", name="Change address…").click()
        await page.get_by_label("This is what the customer asked for").check()
        await page.get_by_role("button", name="Propose the change").click()
        await page.get_by_text("The new address belongs to another account.").wait_for()
    assert ("action.denied", AYSE.id) in await trail(scenario, case)
    assert len(scenario.house.inbox.letters) == before
    assert scenario.letters(JULIE.old) == []


async def test_O2_19_a_later_mail_does_not_exchange_the_address_that_was_examined(
    scenario: Scenario, chromium: Browser
) -> None:
    """Anybody can write in the writer's name: what the letter on paper states is what counts."""
    case = await whole(scenario, THOMAS)
    await review(chromium, scenario, COMPANY)
    await says(scenario, case, "All the documents that were asked for were accepted.")
    await scenario.house.send(asks(THOMAS, new="thomas@voleur.example"))
    await says(scenario, case, "The customer wrote again")
    await propose(chromium, scenario)
    asked_of = await scenario.letter(lambda one: bool(one.leads_to("address")), "a code")
    assert asked_of.recipients == (THOMAS.new,)


async def test_O2_9_neither_proposer_nor_claimer_approves_and_nobody_twice(
    scenario: Scenario, chromium: Browser
) -> None:
    """Two different people beside whoever handles the case; every attempt is on the trail."""
    case = await whole(scenario, THOMAS)
    await review(chromium, scenario, COMPANY)
    await says(scenario, case, "All the documents that were asked for were accepted.")
    await propose(chromium, scenario)
    await scenario.click(case, "claim", MARC.id)
    await says(scenario, case, "Marc Petit claimed the case")
    for who in (AYSE, MARC, VISITOR, VISITOR):
        await scenario.click(case, "approve", who.id)
        await scenario.pass_time(seconds=1)
    steps = await trail(scenario, case)
    assert [one for one in steps if one[0] in ("action.denied", "action.approved")] == [
        ("action.denied", AYSE.id),
        ("action.denied", MARC.id),
        ("action.approved", VISITOR.id),
        ("action.denied", VISITOR.id),
    ]
    await says(scenario, case, "1 of 2 approvals")


async def test_O2_9_one_identity_document_for_two_accounts_raises_the_alarm(scenario: Scenario) -> None:
    """T22: both cases say so, the channel is told at once, and the writers learn nothing."""
    first = await whole(scenario, THOMAS)
    second, letter = await asked(scenario, JULIE, JULIE.new)
    answer = await send(scenario, JULIE, letter, THOMAS.files["identity"], JULIE.files["letter"])
    assert "Il ne manque rien" in answer.text
    for case in (first, second):
        await says(scenario, case, "A document of this case was sent for another account before.")
        assert ("document.reused", "desk") in await trail(scenario, case)
    await alerted(scenario, "Same document, another account")


async def test_O2_9_every_known_address_can_stop_it_during_the_wait(
    scenario: Scenario, customer: Customer, chromium: Browser
) -> None:
    """T30: each is told at the start and at the decision; one press freezes, and 72 hours later nothing happens."""
    office = "bureau@leroy-conseil.example"
    owner = THOMAS._replace(record={**THOMAS.record, "profile_address": office})
    case = await waiting(chromium, scenario, customer, owner, COMPANY)
    for to in (owner.old, office):
        await scenario.opens(to, ADDRESS_AGREED)
        assert scenario.letters(to) == [ASKED, ADDRESS_ASKED, ADDRESS_AGREED]
    told = scenario.house.inbox.of(lambda one: one.to in (owner.old, office))
    assert all(one.leads_to("stop") for one in told)
    await customer.open(told[-1].leads_to("stop"))
    await customer.press("Ce n’était pas moi : tout arrêter")
    await customer.titled("Tout est arrêté")
    await alerted(scenario, "Frozen:* case")
    await scenario.pass_time(hours=73)
    assert await on_file(scenario, owner.login) == owner.old
    assert not [one for one in scenario.house.inbox.letters if one.leads_to("reset")]
    await scenario.click(case, "approve", NORA.id)
    await says(scenario, case, "lifted")
    assert ("account.lifted", NORA.id) in await trail(scenario, case)
    await sign_in(scenario, customer, owner.old, OLD)
    await customer.reads(owner.old)
