"""What staff see and click, in a browser: the emulator's web page stands in for Slack's."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

from demo.slack import Workspace
from handlers.desk import Desk
from handlers.model.case import Case
from handlers.model.grant import Grant
from tests.bot.builders import open_case
from tests.bot.test_emulator import card_of, running

pytestmark = pytest.mark.slow


async def test_a_click_in_the_page_sends_the_link(desk: Desk, slack: Workspace, page: Page) -> None:
    """The card is read, clicked, and says what was done."""
    async with running(desk, slack):
        case = await open_case(desk)
        await expect(page.get_by_text("Password reset · R-7F3K2M")).to_be_visible()
        await page.get_by_role("button", name="Send reset link").click()
        await expect(page.get_by_text("Ayşe Demir sent a reset link")).to_be_visible()
        assert [grant.case for grant in await desk.store.find(Grant)] == [case.id]


async def test_a_refusal_asks_for_its_reason_first(desk: Desk, slack: Workspace, page: Page) -> None:
    """Without a reason the dialog stays; with one, the card ends and has no buttons."""
    async with running(desk, slack):
        case = await open_case(desk)
        await page.get_by_role("button", name="Refuse…").click()
        await page.get_by_role("button", name="Refuse the request").click()
        await expect(page.get_by_text("Please choose a reason.")).to_be_visible()
        await page.get_by_label("Something looks wrong").check()
        await page.get_by_role("button", name="Refuse the request").click()
        await expect(page.get_by_text("Ayşe Demir refused the request")).to_be_visible()
        await expect(page.get_by_role("button", name="Send reset link")).to_have_count(0)
        found = await desk.store.get(Case, case.id)
        assert found is not None
        assert found.reason == "suspicious"


async def test_hostile_words_stay_words(desk: Desk, slack: Workspace, page: Page) -> None:
    """Nothing a customer wrote becomes a link, a mention or markup on the page (THREATS T26)."""
    wrote = "<!channel> <https://evil.example|Reset> *bold* https://evil.example/a <img src=x onerror=alert(1)>"
    async with running(desk, slack):
        await card_of(slack, await open_case(desk, text=wrote, subject=wrote))
        card = page.locator(".blocks").first
        await expect(card).to_contain_text("hxxps[:]//evil[.]example")
        assert await card.locator("a, img, .mention").count() == 0
        await expect(card.locator("blockquote")).to_contain_text("onerror=alert(1)")
        assert "bold" not in await card.locator("strong").all_inner_texts()
