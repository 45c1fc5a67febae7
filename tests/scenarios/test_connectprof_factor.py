"""ConnectProf's page, played through real doors: the second factor, asked at every sign-in, and what if it is lost."""

from __future__ import annotations

import pyotp
import pytest
from playwright.async_api import expect

from demo.house import sample
from demo.slack import AYSE, MARC
from tests.scenarios.panel import (
    COMPLETE,
    EMRE,
    EMRES,
    JANE,
    NEW,
    OLD,
    TURKISH,
    Factor,
    is_in,
    lose_the_phone,
    prove,
    set_up,
    shown,
    sign_in,
    sign_out,
    switch_on,
    visit,
)
from tests.scenarios.people import Customer
from tests.scenarios.town import Scenario, in_one_loop

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180), pytest.mark.xdist_group("scenarios-5"), in_one_loop]

NOT_RIGHT = "This code is not right, or it was used already."
FACTOR = "Two-step verification"
MAILED = "ConnectProf: your code for two-step verification"
SIGN_IN = "ConnectProf: your sign-in code"
RESET = "ConnectProf: remove two-step verification"
MAILBOX_ALONE = "The mailbox alone is not enough"

LOST = b"""\
From: Jane Miller <jane.miller@miller-trading.example>
To: ConnectProf <support@connectprof.example>
Subject: Lost my phone with Google Authenticator
Message-ID: <lost.miller@miller-trading.example>
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8

Hello,

I lost my phone with Google Authenticator and cannot get the two-factor codes any more.
My user name is jane.miller. Please remove two-factor authentication from my account.

Jane Miller
"""


async def with_app(scenario: Scenario, jane: Customer) -> Factor:
    """Jane has signed in, set the app up, signed out, and used both together since, more than a week ago."""
    await scenario.add_with_password(OLD, **COMPLETE)
    await sign_in(scenario, jane)
    factor = await set_up(scenario, jane)
    await sign_out(jane)
    await scenario.pass_time(days=8)
    return factor


async def test_CP_9_the_app_is_set_up_by_picture_or_key_and_a_code(scenario: Scenario, jane: Customer) -> None:
    """A QR code and a key to type; a code that expired switches nothing on (CP.10); the present one does."""
    await scenario.add_with_password(OLD, **COMPLETE)
    await sign_in(scenario, jane)
    await jane.page.get_by_role("link", name=FACTOR).click()
    await jane.fill("Set up an app", password=OLD)
    await jane.reads("press “+”, then “Scan a QR code”")
    await expect(jane.page.locator("main svg")).to_be_visible()
    await jane.fill("Switch it on", code="")
    await jane.reads("Type the code.")
    key = (await jane.page.locator("main .copy").inner_text()).replace(" ", "")
    assert len(key) == 32
    await jane.fill("Switch it on", code=shown(scenario, pyotp.TOTP(key), -90))
    await jane.reads(NOT_RIGHT)
    factor = await switch_on(scenario, jane)
    assert len(set(factor.recovery)) == 10
    await scenario.opens(JANE, "ConnectProf: two-step verification is on")
    assert "account.factor_added" in await scenario.events("jane.miller")


async def test_CP_11_the_code_is_asked_at_every_sign_in_and_works_once(
    scenario: Scenario, jane: Customer, elsewhere: Customer
) -> None:
    """The same browser, three times in a row; whoever looked over a shoulder gets nowhere with the same digits."""
    await scenario.add_with_password(OLD, **COMPLETE)
    await sign_in(scenario, jane)
    factor = await set_up(scenario, jane)
    for _ in range(3):
        await sign_out(jane)
        await sign_in(scenario, jane)
        await jane.titled(FACTOR)
        await visit(scenario, jane, "information")
        await prove(scenario, jane, factor.app)
        await is_in(jane)
    seen = shown(scenario, factor.app)
    await elsewhere.open(f"{scenario.house.portal}/sign-in/connectprof?lang=en")
    await elsewhere.fill("Continue", name=JANE)
    await elsewhere.fill("Sign in", password=OLD)
    await elsewhere.page.goto(f"{elsewhere.page.url.partition('?')[0]}?lang=en")
    await elsewhere.fill("Verify", code=seen)
    await elsewhere.reads(NOT_RIGHT)


async def test_CP_11_the_pages_of_the_factor_speak_turkish(scenario: Scenario, emre: Customer) -> None:
    """Set up, asked for, wrong and right."""
    await scenario.add_with_password(OLD, **EMRES)
    await sign_in(scenario, emre, name=EMRE, words=TURKISH)
    factor = await set_up(scenario, emre, TURKISH)
    await scenario.opens(EMRE, "ConnectProf: iki adımlı doğrulama açık")
    await sign_out(emre, TURKISH)
    await sign_in(scenario, emre, name=EMRE, words=TURKISH)
    await emre.fill("Doğrula", code=shown(scenario, factor.app, -120))
    await emre.reads("Bu kod doğru değil veya daha önce kullanıldı.")
    await prove(scenario, emre, factor.app, TURKISH)
    await is_in(emre, TURKISH)


async def test_a_recovery_code_opens_the_account_once(scenario: Scenario, jane: Customer) -> None:
    """In place of the app; the owner is told how many are left; a second time it is none of the unused ones (T27)."""
    factor = await with_app(scenario, jane)
    await sign_in(scenario, jane)
    await jane.page.get_by_role("link", name="Use a recovery code").click()
    await jane.fill("Continue", code=factor.recovery[0].lower())
    await is_in(jane)
    told = await scenario.opens(JANE, "ConnectProf: a recovery code was used")
    assert "Recovery codes left: 9" in " ".join(told.text.split())
    await sign_out(jane)
    await sign_in(scenario, jane)
    await jane.page.get_by_role("link", name="Use a recovery code").click()
    await jane.fill("Continue", code=factor.recovery[0])
    await jane.reads("This is not one of your unused recovery codes.")


async def test_CP_5_mail_instead_of_the_app_and_never_both(scenario: Scenario, jane: Customer) -> None:
    """The typed code switches it on (CP.12), one that expired does not; then every sign-in asks for one by mail."""
    await scenario.add_with_password(OLD, **COMPLETE)
    await sign_in(scenario, jane)
    await visit(scenario, jane, "second-factor")
    await jane.reads("your mailbox also receives the links for a new password")
    await jane.fill("Use codes by e-mail", password=OLD)
    first = await scenario.opens(JANE, MAILED)
    await scenario.pass_time(minutes=10)
    await jane.fill("Switch it on", code=first.digits)
    await jane.reads("This code no longer works. Ask for a new one.")
    await jane.press("Send again")
    await jane.fill("Switch it on", code=(await scenario.opens(JANE, MAILED)).digits)
    await jane.titled("Your recovery codes")
    await visit(scenario, jane, "second-factor")
    await jane.reads("a code by e-mail", "only one of them can be on")
    assert await jane.page.get_by_role("button", name="Set up an app").count() == 0
    await visit(scenario, jane, "")
    for _ in range(2):
        await sign_out(jane)
        await sign_in(scenario, jane)
        await jane.fill("Verify", code=(await scenario.opens(JANE, SIGN_IN)).digits)
        await is_in(jane)


async def test_CP_27_a_lost_phone_from_the_loss_to_a_new_app(scenario: Scenario, jane: Customer) -> None:
    """Old password known: case, proposal, somebody else's approval, link, confirmation, and on to a new app."""
    old = await with_app(scenario, jane)
    await sign_in(scenario, jane)
    case = (await lose_the_phone(scenario, jane)).case
    await scenario.click(case, "reset_second_factor", AYSE.id)
    await scenario.card(lambda card: card.case == case and "0 of 1 approval" in card.text, "a proposal")
    await scenario.click(case, "approve", AYSE.id)
    await scenario.card(lambda card: card.case == case and "0 of 1 approval" in card.text, "no approval of her own")
    assert RESET not in scenario.letters(JANE)
    await scenario.click(case, "approve", MARC.id)
    await jane.press_in_letter(await scenario.opens(JANE, RESET))
    await jane.reads("the codes of the old app or mailbox", "Your password stays as it is.")
    await jane.press("Remove two-step verification")
    await jane.titled("Two-step verification has been removed")
    await scenario.turns(case, "Done")
    await sign_in(scenario, jane)
    await jane.titled(FACTOR)
    await jane.fill("Set up an app", password=OLD)
    new = await switch_on(scenario, jane)
    assert new.app.secret != old.app.secret
    await sign_out(jane)
    await sign_in(scenario, jane)
    await jane.fill("Verify", code=shown(scenario, old.app))
    await jane.reads(NOT_RIGHT)
    await prove(scenario, jane, new.app)
    await is_in(jane)
    assert {"second_factor.reset_issued", "second_factor.reset"} <= set(await scenario.events("jane.miller"))


async def test_CP_27_a_new_password_alone_does_not_let_in(scenario: Scenario, jane: Customer) -> None:
    """The letter says so before, the page asks for the code after, and the account stays shut without it."""
    await with_app(scenario, jane)
    case = (await scenario.write(sample("06"))).case
    await scenario.click(case, "send_link", AYSE.id)
    await jane.press_in_letter(await scenario.mailed_link(JANE))
    await jane.fill("Reset the password", password=NEW, again=NEW)
    await jane.reads("the panel still asks for its code")
    await sign_in(scenario, jane, NEW)
    await jane.titled(FACTOR)
    await visit(scenario, jane, "")
    await jane.titled(FACTOR)


async def test_CP_28_the_mailbox_alone_never_takes_the_factor_off(scenario: Scenario, jane: Customer) -> None:
    """Neither a mail, nor a password that came by mail a moment ago: no button, and the card says why."""
    await with_app(scenario, jane)
    card = await scenario.write(LOST)
    assert "reset_second_factor" not in card.buttons
    assert MAILBOX_ALONE in card.text
    await scenario.click(card.case, "send_link", AYSE.id)
    await jane.press_in_letter(await scenario.mailed_link(JANE))
    await jane.fill("Reset the password", password=NEW, again=NEW)
    await scenario.turns(card.case, "Done")
    await sign_in(scenario, jane, NEW)
    await jane.page.get_by_role("link", name="I can no longer get a code").click()
    await jane.press("Ask the team")
    again = await scenario.card(lambda one: one.case != card.case and "Second factor" in one.text, "a second case")
    assert "reset_second_factor" not in again.buttons
    assert MAILBOX_ALONE in again.text
    assert RESET not in scenario.letters(JANE)


async def test_CP_28_codes_by_mail_and_a_mailed_password_are_one_factor(scenario: Scenario, jane: Customer) -> None:
    """Who chooses mail is warned; whoever has the mailbox resets the password, and still cannot take the factor off."""
    await scenario.add_with_password(OLD, **COMPLETE)
    await sign_in(scenario, jane)
    await visit(scenario, jane, "second-factor")
    await jane.fill("Use codes by e-mail", password=OLD)
    await jane.fill("Switch it on", code=(await scenario.opens(JANE, MAILED)).digits)
    told = await scenario.opens(JANE, "ConnectProf: two-step verification is on")
    assert "Whoever can read that mailbox can also ask for a new password." in " ".join(told.text.split())
    card = await scenario.write(LOST)
    assert "reset_second_factor" not in card.buttons
    assert MAILBOX_ALONE in card.text


async def test_an_imported_key_of_sixteen_characters_leads_to_a_new_one(scenario: Scenario, jane: Customer) -> None:
    """Too short to be checked: a code by mail stands in, which is told, and the page asks to set the app up again."""
    await scenario.add_with_password(OLD, **COMPLETE, totp_secret="JBSWY3DPEHPK3PXP")
    await sign_in(scenario, jane)
    await jane.fill("Verify", code=(await scenario.opens(JANE, SIGN_IN)).digits)
    await jane.titled(FACTOR)
    await jane.reads("can no longer be checked")
    await scenario.opens(JANE, "ConnectProf: set up two-step verification again")
    await jane.fill("Set up an app", password=OLD)
    factor = await switch_on(scenario, jane)
    await sign_out(jane)
    await sign_in(scenario, jane)
    await prove(scenario, jane, factor.app)
    await is_in(jane)
