"""ConnectProf's page, played through real doors: an account is closed, comes back within 30 days, or is deleted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from demo.cards import Card
from demo.house import sample
from demo.slack import AYSE
from handlers.model.account import Account
from handlers.model.audit import AuditEntry
from tests.scenarios.panel import COMPLETE, EMRE, EMRES, JANE, NEW, OLD, TURKISH, close, is_in, sign_in, sign_out, visit
from tests.scenarios.people import Customer
from tests.scenarios.town import BEGINNING, Scenario, in_one_loop

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180), pytest.mark.xdist_group("scenarios-5"), in_one_loop]

CLOSED = "ConnectProf: your account is closed"
DELETED = "ConnectProf: your account and its data are deleted"
ASKED = "Reopen your account?"

WRITES = """\
From: Jane Miller <jane.miller@miller-trading.example>
To: ConnectProf <support@connectprof.example>
Subject: {subject}
Message-ID: <{id}.miller@miller-trading.example>
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8

Hello,

{text}
My user name is jane.miller.

Jane Miller
"""


def mail(id: str, subject: str, text: str) -> bytes:
    """Jane writes from the address on file."""
    return WRITES.format(id=id, subject=subject, text=text).encode()


BACK = mail("back", "Please reopen my account", "I closed my account by mistake. Please reactivate my account.")
DATA = mail("data", "My data", "I closed my account and would like a copy of my order data, please.")


async def account(scenario: Scenario) -> Account | None:
    """Jane's account as the desk has it, if it still has it."""
    found = await scenario.house.desk.store.find(Account, login_key="jane.miller")
    return found[0] if found else None


async def closed(scenario: Scenario, jane: Customer) -> datetime:
    """Jane has closed her account; returns the moment from which it cannot be reopened."""
    await scenario.add_with_password(OLD, **COMPLETE)
    await sign_in(scenario, jane)
    await close(scenario, jane)
    mine = await account(scenario)
    assert mine
    assert mine.reopens_until
    return mine.reopens_until


async def pass_until(scenario: Scenario, moment: datetime, **later: float) -> None:
    """Let time pass until so long after that moment, or before it (negative)."""
    left = moment + timedelta(**later) - scenario.house.desk.now()
    await scenario.pass_time(seconds=left.total_seconds())


async def says(scenario: Scenario, case: str, words: str) -> Card:
    """The case's card, once these words stand on it."""
    return await scenario.card(lambda card: card.case == case and words in card.text, f"{case} to say {words!r}")


async def trail(scenario: Scenario) -> list[str]:
    """Everything on the trail, oldest first."""
    return [one.event for one in await scenario.house.desk.store.find(AuditEntry)]


async def gone(scenario: Scenario) -> None:
    """Wait until the account is deleted."""
    for _ in range(100):
        if await account(scenario) is None:
            return
        await scenario.pass_time(seconds=1)
    raise AssertionError("the account is still there")


async def test_CP_23_closing_takes_both_boxes(scenario: Scenario, jane: Customer) -> None:
    """One box, the other, or neither: said beside the box, and the account stays open; in the words of the page."""
    await scenario.add_with_password(OLD, **COMPLETE)
    await sign_in(scenario, jane)
    await jane.page.get_by_role("link", name="Close my account").click()
    for box in ("I have carefully read and approve the above warnings", "Delete my account and all my data"):
        await visit(scenario, jane, "close")
        await jane.page.get_by_label(box).check()
        await jane.fill("Close my account", password=OLD)
        await jane.reads("Your account is not closed", "Tick this box if you agree.")
    mine = await account(scenario)
    assert mine
    assert mine.closed_at is None
    assert mine.integrations == ("Marketplace One", "Cargo Two")


async def test_CP_19_integrations_are_closed_first_and_the_customer_reads_it_before(
    scenario: Scenario, jane: Customer
) -> None:
    """The page names them first; so do the letter and the trail; who is signed in elsewhere is out (CP.21, CP.22)."""
    await scenario.add_with_password(OLD, **COMPLETE)
    await sign_in(scenario, jane)
    await visit(scenario, jane, "close")
    first = jane.page.locator("main ol li").first
    assert await first.inner_text() == "Your integrations are closed first: Marketplace One and Cargo Two."
    await jane.reads(
        "After 30 days, all product, order and integration data are deleted for good.",
        "contact the support team within these 30 days. Later, none can be given.",
    )
    await close(scenario, jane)
    await jane.reads("23 April 2027 at 09:3")
    text = " ".join((await scenario.opens(JANE, CLOSED)).text.split())
    assert "Its integrations were switched off first." in text
    assert "If you need data from the account, write to support@connectprof.example before then." in text
    await visit(scenario, jane, "information")
    assert await jane.page.locator("[name=city]").count() == 0
    mine = await account(scenario)
    assert mine
    assert (mine.integrations, mine.closed_integrations) == ((), ("Marketplace One", "Cargo Two"))


async def test_CP_20_a_sign_in_within_thirty_days_reopens_after_saying_so(scenario: Scenario, emre: Customer) -> None:
    """In Turkish: closed, asked on the way in, open again, told by mail; the integrations stay off (CP.25)."""
    await scenario.add_with_password(OLD, **EMRES)
    await sign_in(scenario, emre, name=EMRE, words=TURKISH)
    await close(scenario, emre, TURKISH)
    await scenario.opens(EMRE, "ConnectProf: hesabınız kapatıldı")
    await scenario.pass_time(days=29)
    await sign_in(scenario, emre, name=EMRE, words=TURKISH)
    await emre.titled("Hesabınız yeniden açılsın mı?")
    await emre.reads("Kapalı kalacaklar", "Marketplace One ve Cargo Two")
    await visit(scenario, emre, "")
    await emre.titled("Hesabınız yeniden açılsın mı?")
    assert "account.reactivated" not in await trail(scenario)
    await emre.press("Hesabı yeniden aç")
    await is_in(emre, TURKISH)
    await scenario.opens(EMRE, "ConnectProf: hesabınız yeniden açıldı")
    found = await scenario.house.desk.store.find(Account, login_key="emre.kaya")
    assert [(one.closed_at, one.integrations) for one in found] == [(None, ())]
    await scenario.pass_time(days=2)
    await sign_in(scenario, emre, name=EMRE, words=TURKISH)
    await is_in(emre, TURKISH)


async def test_CP_20_staff_send_a_link_that_reopens_the_account(scenario: Scenario, jane: Customer) -> None:
    """A mail, a card, a click, a letter, a page that says what happens, a press; then she signs in as ever (CP.22)."""
    await closed(scenario, jane)
    case = (await scenario.write(BACK)).case
    await says(scenario, case, "The account is closed. Until it is deleted it can be reopened, also by signing in.")
    await scenario.click(case, "reactivate_account", AYSE.id)
    await jane.press_in_letter(await scenario.opens(JANE, "ConnectProf: reopen your account"))
    await jane.titled(ASKED)
    await jane.reads("Stay closed", "Marketplace One and Cargo Two")
    mine = await account(scenario)
    assert mine
    assert mine.closed_at
    await jane.press("Reopen the account")
    await jane.titled("Your account is open again")
    await scenario.turns(case, "Done")
    await sign_in(scenario, jane)
    await is_in(jane)
    assert "reactivation.used" in await trail(scenario)


async def test_CP_25_staff_and_customer_are_told_before_a_reset_leads_back(scenario: Scenario, jane: Customer) -> None:
    """The card, the letter, the page; the new password alone reopens nothing, and the sign-in asks first."""
    await closed(scenario, jane)
    case = (await scenario.write(sample("06"))).case
    await says(scenario, case, "also by signing in")
    await scenario.click(case, "send_link", AYSE.id)
    letter = await scenario.mailed_link(JANE)
    assert "This account is closed. Signing in afterwards reopens it; you are asked" in " ".join(letter.text.split())
    await jane.press_in_letter(letter)
    await jane.reads("This account is closed", "Signing in afterwards reopens it")
    await jane.fill("Reset the password", password=NEW, again=NEW)
    mine = await account(scenario)
    assert mine
    assert mine.closed_at
    await sign_in(scenario, jane, NEW)
    await jane.titled(ASKED)
    await jane.press("Reopen the account")
    await is_in(jane)


async def test_CP_26_thirty_days_are_720_hours_across_the_change_of_clocks_and_a_month_end(
    scenario: Scenario, jane: Customer
) -> None:
    """A minute before it is asked and possible; at the moment itself the page that was open says that it is over."""
    until = await closed(scenario, jane)
    assert BEGINNING.date() < datetime(2027, 3, 28, tzinfo=UTC).date() < until.date()
    assert (until - BEGINNING).days == 30
    await pass_until(scenario, until, seconds=-60)
    await sign_in(scenario, jane)
    await jane.titled(ASKED)
    await pass_until(scenario, until)
    await jane.press("Reopen the account")
    assert await jane.page.get_by_role("heading", level=1).inner_text() not in ("Your account", ASKED)
    await gone(scenario)
    await sign_in(scenario, jane)
    await jane.reads("is not right")
    assert "account.reactivated" not in await trail(scenario)


async def test_CP_20_in_the_last_minute_an_account_still_comes_back(scenario: Scenario, jane: Customer) -> None:
    """And nothing is deleted afterwards."""
    until = await closed(scenario, jane)
    await pass_until(scenario, until, seconds=-60)
    await sign_in(scenario, jane)
    await jane.press("Reopen the account")
    await sign_out(jane)
    await pass_until(scenario, until, hours=2)
    await sign_in(scenario, jane)
    await is_in(jane)


async def test_CP_21_after_thirty_days_no_byte_of_the_customer_is_left(
    scenario: Scenario, jane: Customer, tmp_path: Path
) -> None:
    """Not in the store, its journal or the spool; one last letter; a later mail is answered as anybody's (CP.22)."""
    words = (
        JANE,
        "jane.miller",
        "Jane Miller",
        "Miller Trading",
        "Whitby",
        "20 7946 0018",
        "by mistake",
        "Marketplace One",
    )
    until = await closed(scenario, jane)
    case = (await scenario.write(BACK)).case
    await scenario.click(case, "reactivate_account", AYSE.id)
    await scenario.opens(JANE, "ConnectProf: reopen your account")
    assert [word for word in words if not on_disk(tmp_path, word)] == []
    await scenario.pass_time(hours=1)
    await scenario.turns(case, "Expired")
    await pass_until(scenario, until, days=7)
    await scenario.opens(JANE, DELETED)
    left = list(words)
    for _ in range(24):  # the files are rewritten every hour until the last letter is out
        if left:
            await scenario.pass_time(minutes=61)
            left = [word for word in words if on_disk(tmp_path, word)]
    assert left == []
    before = scenario.house.inbox.of(lambda one: one.to == JANE)
    card = await scenario.write(DATA)
    assert "nothing can be brought back" in card.text
    assert not [button for button in card.buttons if button.startswith(("send", "reactivate"))]
    later = await scenario.letter(lambda one: one.to == JANE and one not in before, "an answer")
    assert later.is_acknowledgement
    assert "delete" not in later.text


async def test_CP_26_an_open_request_holds_the_deletion_for_a_week_and_is_settled_first(
    scenario: Scenario, jane: Customer
) -> None:
    """Asked for data in time: the card says until when staff can answer; then it ends, and so do the data (CP.22)."""
    until = await closed(scenario, jane)
    await pass_until(scenario, until, days=-1)
    case = (await scenario.write(DATA)).case
    await pass_until(scenario, until, hours=1)
    await says(scenario, case, "closed, deleted 30 Apr 09:3")
    await pass_until(scenario, until, days=6, hours=23)
    assert await account(scenario)
    await pass_until(scenario, until, days=7)
    await gone(scenario)
    await scenario.turns(case, "Refused")
    events = await trail(scenario)
    assert events.index("purge.held") < events.index("case.settled") < events.index("account.purged")
    await scenario.opens(JANE, DELETED)


def on_disk(folder: Path, word: str) -> bool:
    """Whether a file of the data folder has the word, in whichever way JSON writes it."""
    forms = (word.encode(), word.encode("unicode_escape"))
    files = [file.read_bytes() for file in (folder / "data").rglob("*") if file.is_file()]
    return any(form in file for form in forms for file in files)
