"""ConnectProf's page, played through real doors: account information, and the panel's password."""

from __future__ import annotations

import pytest

from demo.house import sample
from demo.slack import AYSE
from handlers.model.account import Account
from tests.scenarios.panel import (
    BARE,
    COMPLETE,
    EMRE,
    EMRES,
    JANE,
    NEW,
    OLD,
    TURKISH,
    is_in,
    sign_in,
    sign_out,
    visit,
)
from tests.scenarios.people import Customer
from tests.scenarios.town import Scenario, in_one_loop

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180), pytest.mark.xdist_group("scenarios-5"), in_one_loop]

DETAILS = "ConnectProf: we need some details before we can help"
RESET = "ConnectProf: reset your password"


async def fields(customer: Customer) -> list[str | None]:
    """The names of what the page wants typed."""
    found = await customer.page.locator("main input:not([type=hidden])").all()
    return [await one.get_attribute("name") for one in found]


async def test_CP_1_a_request_waits_for_what_is_missing_and_then_goes_on_by_itself(
    scenario: Scenario, jane: Customer
) -> None:
    """Mail, letter with the reason, a page for exactly the missing ones of seven, twice; then staff can act (CP.2)."""
    await scenario.add(**BARE)
    case = (await scenario.write(sample("06"))).case
    card = await scenario.turns(case, "Waiting")
    assert "send_link" not in card.buttons
    letter = await scenario.opens(JANE, DETAILS)
    text = " ".join(letter.text.split())
    assert "without them no request can be created, and it is harder for us to reach you" in text
    assert "country, city and date of birth" in text
    await jane.press_in_letter(letter)
    await jane.titled("A few details are missing")
    assert await fields(jane) == ["country", "city", "born"]
    await jane.fill("Save", country="United Kingdom", city="Whitby")
    await jane.reads("Thank you, we have kept what you gave.")
    assert await fields(jane) == ["born"]
    assert (await scenario.turns(case, "Waiting")).case == case
    await jane.fill("Save", born="1984-05-06")
    await jane.titled("Thank you, nothing is missing any more")
    await scenario.turns(case, "New")
    await scenario.click(case, "send_link", AYSE.id)
    await jane.press_in_letter(await scenario.opens(JANE, RESET))
    await jane.fill("Reset the password", password=NEW, again=NEW)
    await jane.reads("Sign in to the panel with your new password.")
    await scenario.turns(case, "Done")
    seen = await scenario.events("jane.miller")
    assert [event for event in seen if event.startswith("information")] == [
        "information.asked",
        "information.given",
        "information.given",
    ]


async def test_CP_1_the_page_speaks_turkish_to_whoever_does(scenario: Scenario, emre: Customer) -> None:
    """The letter, the page and the thanks, for a customer in İzmir who gave no city yet."""
    await scenario.add(**{**EMRES, "city": ""})
    case = (await scenario.write(sample("07"))).case
    await emre.press_in_letter(
        await scenario.opens(EMRE, "ConnectProf: size yardımcı olabilmemiz için birkaç bilgi gerekiyor")
    )
    await emre.titled("Birkaç bilgi eksik")
    assert await fields(emre) == ["city"]
    await emre.fill("Kaydet", city=" ")
    await emre.reads("Bu bilgi gereklidir.")
    await emre.fill("Kaydet", city="İzmir")
    await emre.titled("Teşekkürler, artık hiçbir şey eksik değil")
    await scenario.turns(case, "New")


async def test_CP_2_only_the_address_on_file_learns_what_is_missing(scenario: Scenario, jane: Customer) -> None:
    """Somebody who writes from elsewhere gets the acknowledgement that everybody gets, and no way to fill it in."""
    await scenario.add(**BARE)
    raw = sample("06").replace(b"From: Jane Miller <jane.miller@miller-trading.example>", b"From: <eve@evil.example>")
    await scenario.write(raw)
    await scenario.opens(JANE, DETAILS)
    eves = scenario.house.inbox.of(lambda one: one.to == "eve@evil.example")
    assert all(one.is_acknowledgement and "information" not in one.text for one in eves)


async def test_CP_4_one_page_leads_to_details_password_and_both_second_factors(
    scenario: Scenario, jane: Customer
) -> None:
    """Account details, password change, authenticator and mail, closing: all a click away (CP.3)."""
    await scenario.add_with_password(OLD, **COMPLETE)
    await sign_in(scenario, jane)
    main = jane.page.get_by_role("main")
    for link in ("Change the password", "Account information", "Two-step verification", "Close my account"):
        await main.get_by_role("link", name=link, exact=True).click()
        await jane.titled(link)
        await main.get_by_role("link", name="Back to the account").click()
    await main.get_by_role("link", name="Two-step verification").click()
    await jane.reads("Authenticator app", "Code by e-mail")


async def test_CP_6_a_customer_sees_and_saves_the_seven_details(scenario: Scenario, jane: Customer) -> None:
    """Signed in, "Save Changes" keeps them (CP.8); what is required cannot be emptied; the address is told."""
    await scenario.add_with_password(OLD, **BARE)
    await sign_in(scenario, jane)
    await jane.page.get_by_role("link", name="Account information").click()
    await jane.reads(JANE)
    assert await fields(jane) == ["name", "company", "country", "city", "born", "phone", "password"]
    await jane.fill("Save Changes", country="United Kingdom", city="Whitby", born="1984-05-06", phone="", password=OLD)
    await jane.reads("This is needed.")
    await jane.fill("Save Changes", password=OLD, phone="+44 20 7946 0018")
    await jane.reads("Your account information is saved.")
    await scenario.opens(JANE, "ConnectProf: your account information was changed")
    assert "account.profile_changed" in await scenario.events("jane.miller")
    assert "send_link" in (await scenario.write(sample("06"))).buttons
    assert DETAILS not in scenario.letters(JANE)


async def test_CP_7_another_address_counts_once_its_mailbox_has_answered(scenario: Scenario, jane: Customer) -> None:
    """The e-mail is changed on a page of its own: a code proves that it is in use, and the old one can object."""
    await scenario.add_with_password(OLD, **COMPLETE)
    await sign_in(scenario, jane)
    await visit(scenario, jane, "information")
    await jane.page.get_by_role("link", name="Change the e-mail address").click()
    new = "jane@miller-online.example"
    await jane.fill("Ask for the change", address=new, password=OLD)
    letter = await scenario.letter(lambda one: one.to == new and bool(one.digits), "a code to the new mailbox")
    told = await scenario.letter(lambda one: one.to == JANE and "/stop/" in one.text, "a word to the old one")
    assert new not in told.text
    await jane.press_in_letter(letter)
    await jane.fill("Confirm the address", code=letter.digits)
    found = await scenario.house.desk.store.find(Account, login_key="jane.miller")
    assert [one.address for one in found] == [JANE]
    await scenario.pass_time(hours=72)
    await scenario.letter(lambda one: one.to == JANE and "was changed" in one.subject, "the change is told")
    found = await scenario.house.desk.store.find(Account, login_key="jane.miller")
    assert [one.address for one in found] == [new]


async def test_CP_13_old_new_and_new_again_change_the_password(scenario: Scenario, jane: Customer) -> None:
    """Three fields and "Change the password" (CP.18); the old one is the one in use, the repetition equal (CP.14)."""
    await scenario.add_with_password(OLD, **COMPLETE)
    await sign_in(scenario, jane)
    await visit(scenario, jane, "password")
    assert await jane.page.locator("main input[type=password][required]").count() == 3
    for old, again, words in (
        (NEW, NEW, "This is not the password you use now."),
        (OLD, OLD, "The two passwords"),
    ):
        await jane.fill("Change the password", old=old, password=NEW, again=again)
        await jane.reads(words)
    await jane.fill("Change the password", old=OLD, password=NEW, again=NEW)
    await jane.reads("Your password has been changed.")
    await sign_out(jane)
    await sign_in(scenario, jane)
    await jane.reads("is not right")
    await sign_in(scenario, jane, NEW)
    await is_in(jane)


async def test_CP_15_eight_to_twenty_characters_of_four_classes(scenario: Scenario, jane: Customer) -> None:
    """7 and 21 are refused, each missing class is named (CP.16), 8 and 20 are taken."""
    await scenario.add_with_password(OLD, **COMPLETE)
    await sign_in(scenario, jane)
    await visit(scenario, jane, "password")
    await jane.reads("8", "20", "a capital letter, a small letter, a digit and a special character")
    for wrong, words in (
        ("Kite-07", "It is too short: use at least 8 characters."),
        ("Kite-Over-Seven-Seas7", "It is too long: use at most 20 characters."),
        ("kite-over-7", "It needs a capital letter."),
        ("KITE-OVER-7", "It needs a small letter."),
        ("Kite-Over-Sea", "It needs a digit."),
        ("KiteOverSea7", "It needs a special character"),
    ):
        await jane.fill("Change the password", old=OLD, password=wrong, again=wrong)
        await jane.reads(words)
    old = OLD
    for good in ("Kite-0v7", "Kite-Over-Seven-Sea7"):
        await jane.fill("Change the password", old=old, password=good, again=good)
        await jane.reads("Your password has been changed.")
        await visit(scenario, jane, "password")
        old = good


async def test_CP_17_renewal_is_asked_after_ninety_days_and_can_wait(scenario: Scenario, emre: Customer) -> None:
    """Not a day before; at every sign-in from then on; "later" works after years; nobody is shut out; in Turkish."""
    await scenario.add_with_password(OLD, **EMRES)
    await scenario.pass_time(days=89)
    await sign_in(scenario, emre, name=EMRE, words=TURKISH)
    await sign_out(emre, TURKISH)
    for days in (1, 0, 700):
        await scenario.pass_time(days=days)
        await sign_in(scenario, emre, name=EMRE, words=TURKISH)
        await emre.titled("Yeni bir şifre belirleyin")
        await emre.reads("şifrenizi 90 günde bir yenilemenizi ister")
        await emre.press("Daha sonra")
        await sign_out(emre, TURKISH)
    await sign_in(scenario, emre, name=EMRE, words=TURKISH)
    await emre.fill("Şifreyi değiştir", old=OLD, password=NEW, again=NEW)
    await is_in(emre, TURKISH)
    await sign_out(emre, TURKISH)
    await sign_in(scenario, emre, NEW, EMRE, TURKISH)
    await is_in(emre, TURKISH)
