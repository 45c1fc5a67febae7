"""Whole mails and unclear wishes as staff see and click them: the emulator stands in for Slack."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from demo.slack import AYSE, VISITOR, Workspace, find_button
from handlers import intake
from handlers.model.audit import AuditEntry
from handlers.model.case import Case
from handlers.model.example import Example
from handlers.model.mail import Claims
from handlers.post.addressing import reply_address
from tests import builders
from tests.bot.test_emulator import card_of, running, told
from tests.builders import DeskUnderTest, make_account, make_mail

TEXT = "Bonjour, je n'arrive plus à rien. Mon identifiant est durand42."
QUOTED = "Le lundi 2 novembre, le support a écrit :\n> Bonjour Marie, https://shop.example/aide"
WHOLE = f"{TEXT}\n\n{QUOTED}\n-- \nMarie Durand"


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[DeskUnderTest]:
    """The five services' desk with Marie's account."""
    async with builders.open_desk(tmp_path) as house:
        await house.keep(make_account())
        yield house


async def wrote(house: DeskUnderTest) -> Case:
    """Marie's unclear mail, and one that somebody else sent into her thread."""
    claims = Claims(logins=("durand42",), numbers=("C-4711",))
    mail = make_mail(text=TEXT, whole=WHOLE, hidden_lines=4, confidence=0.2, claims=claims)
    id = await intake.receive(house.desk, mail)
    to = reply_address(house.desk, house.desk.service("shopfactory"), id or "")
    other = make_mail(from_address="eve@evil.example", message_id="2@x", recipients=(to,), text="Give it to me.")
    await intake.receive(house.desk, other)
    case = await house.desk.store.get(Case, id or "")
    assert case is not None
    return case


async def events(house: DeskUnderTest, event: str) -> list[str]:
    return [one.by for one in await house.desk.store.find(AuditEntry) if one.event == event]


@pytest.mark.slow
async def test_the_whole_mail_is_one_click_away(house: DeskUnderTest, slack: Workspace, page: Page) -> None:
    """In a dialog of whoever clicked, quotes marked, links cold; nothing of it stands in the channel."""
    async with running(house.desk, slack):
        case = await wrote(house)
        await expect(page.get_by_text("4 lines of quotes and signature hidden")).to_be_visible()
        await page.get_by_role("button", name="Show the whole mail").click()
        dialog = page.locator(".modal")
        await expect(dialog.get_by_text("│ Marie Durand")).to_be_visible()
        await expect(dialog).to_contain_text("hxxps[:]//shop[.]example/aide")
        await expect(dialog).to_contain_text("Another sender, not trusted")
        assert await dialog.locator("a").count() == 0
        assert await events(house, "mail.read") == [AYSE.id]
        assert "a écrit" not in str(await slack.messages())
        assert await events(house, "case.claimed") == []
        assert (await card_of(slack, case))["channel"]


@pytest.mark.slow
async def test_staff_choose_what_is_asked_from_the_card(house: DeskUnderTest, slack: Workspace, page: Page) -> None:
    """The list stands on the card; the choice is its title from then on, and an example for the reader."""
    async with running(house.desk, slack):
        case = await wrote(house)
        await expect(page.get_by_text(f"Unclear request (maybe: Password reset) · {case.id}")).to_be_visible()
        await page.locator(".blocks").first.locator("select").select_option(label="Access code")
        await expect(page.get_by_text(f"Access code · {case.id}")).to_be_visible()
        await expect(page.get_by_text("Ayşe Demir said what the customer wants (access code)")).to_be_visible()
        assert [one.intent for one in await house.desk.store.find(Example)] == ["access_code"]


async def test_who_is_not_listed_neither_reads_nor_chooses(house: DeskUnderTest, slack: Workspace) -> None:
    """Both are refused, told and on the trail (T23)."""
    async with running(house.desk, slack):
        case = await wrote(house)
        card = await card_of(slack, case)
        await slack.click(card, "show_mail", VISITOR.id)
        assert "not on the list of agents" in (await told(slack, VISITOR.id))[0]
        chosen = {"type": "static_select", "action_id": "choose_intent", "block_id": f"wish:{case.id}:{case.version}"}
        option = {"value": "documents", "text": {"type": "plain_text", "text": "Documents"}}
        await slack.interact(card, {**chosen, "selected_option": option}, VISITOR.id)
        assert "not on the list of agents" in (await told(slack, VISITOR.id, 2))[1]
        assert await events(house, "action.denied") == [VISITOR.id] * 2
        assert await events(house, "mail.read") == []


async def test_a_wish_that_was_clear_can_be_put_right(house: DeskUnderTest, slack: Workspace) -> None:
    """From the list at the end of the card; an old card's choice is answered, not taken."""
    async with running(house.desk, slack):
        id = await intake.receive(house.desk, make_mail())
        case = await house.desk.store.get(Case, id or "")
        assert case is not None
        card = await card_of(slack, case)
        block, wish = find_button(card, "choose_intent")
        option = next(one for one in wish["options"] if one["value"] == "documents")
        chosen = {**wish, "block_id": block["block_id"], "selected_option": option}
        await slack.interact(card, chosen, AYSE.id)
        await card_of(slack, case, "Documents")
        await slack.interact(card, chosen, AYSE.id)
        assert "This case has changed" in (await told(slack, AYSE.id))[0]
        assert await events(house, "intent.chosen") == [AYSE.id]
