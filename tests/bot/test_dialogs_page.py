"""Dialogs as staff fill them in, in a browser: the emulator's web page stands in for Slack's."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from demo.slack import AYSE, MARC, PEOPLE, Person, Workspace, workspace
from handlers import cases
from handlers.paperwork import documents, viewing
from tests import builders
from tests.bot.test_emulator import card_of, running
from tests.builders import NOW, DeskUnderTest
from tests.handlers import changing, dossiers

pytestmark = pytest.mark.slow

ZOE = Person("U04ZOE", "zoe", "Zoé Roy")
STAFF = {
    "agents": frozenset({AYSE.id, MARC.id, ZOE.id}),
    "approvers": frozenset({AYSE.id, MARC.id, ZOE.id}),
}


@pytest.fixture
async def slack(slack_emulator_path: str) -> AsyncIterator[Workspace]:
    """A workspace with one more approver."""
    async with workspace(people=(*PEOPLE, ZOE)) as running:
        yield running


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[DeskUnderTest]:
    """The five services' desk."""
    async with builders.open_desk(tmp_path) as house:
        yield house


async def test_documents_are_judged_in_one_dialog(house: DeskUnderTest, slack: Workspace, page: Page) -> None:
    """Look at them once, say what is read from each, and the desk compares (O2.9)."""
    await dossiers.asked(house)
    await documents.upload(house.desk, dossiers.page(house), dossiers.dossier(), dossiers.WRITER)
    async with running(house.desk, slack, **STAFF):
        await page.get_by_role("button", name="Review documents…").click()
        link = page.get_by_role("link", name="Open the documents")
        token = str(await link.get_attribute("href")).rpartition("/")[2]
        assert (await viewing.look(house.desk, token)).name == AYSE.real_name
        await page.get_by_role("button", name="Give the verdicts").click()
        await expect(page.get_by_text("Please give a verdict.")).to_have_count(3)
        for accepted in await page.get_by_label("Accepted: readable").all():
            await accepted.check()
        await page.get_by_role("button", name="Give the verdicts").click()
        await expect(page.get_by_text("Type the date that stands on the document.")).to_be_visible()
        names = page.locator(".modal input.bk-plain-input:not([type=date])")
        await page.locator("input[type=date]").fill("2026-10-01")
        await names.nth(0).fill("DURAND ET FILS SARL")
        await names.nth(1).fill("Durand, Marie")
        await page.get_by_label("Yes, letter by letter").check()
        await page.get_by_role("button", name="Give the verdicts").click()
        await expect(page.get_by_text("Ayşe Demir judged the documents")).to_be_visible()
        found = {one.piece: one.outcome for one in await dossiers.the_papers(house)}
        assert found == {"kbis": "accepted", "identity": "accepted", "letter": "accepted"}
        await expect(page.get_by_text("All the documents that were asked for were accepted.")).to_be_visible()


async def test_a_change_of_address_is_explained_proposed_and_approved(
    house: DeskUnderTest, slack: Workspace, page: Page
) -> None:
    """What it sets going stands in the dialog; the channel is told; two others agree (O2.9)."""
    await house.keep(changing.make_host_account(), changing.make_host_case(opened_at=NOW))
    async with house.desk.store.transaction() as tx:
        await cases.go_on(tx, house.desk, await cases.load(tx, changing.CASE))
    async with running(house.desk, slack, **STAFF):
        await page.get_by_role("button", name="Change address…").click()
        await expect(page.get_by_text("2 different other people have to approve.")).to_be_visible()
        await page.get_by_role("button", name="Propose the change").click()
        await expect(page.get_by_text("Please tick the box, or cancel.")).to_be_visible()
        await page.get_by_label("This is what the customer asked for").check()
        await page.get_by_role("button", name="Propose the change").click()
        await expect(page.get_by_text("0 of 2 approvals")).to_be_visible()
        await page.get_by_role("button", name="1 reply").click()
        await expect(page.get_by_text("2 approvals wanted")).to_be_visible()
        await changing.confirm(house)
        case = changing.make_host_case()
        await slack.click(await card_of(slack, case, "the new address was confirmed"), "approve", MARC.id)
        await slack.click(await card_of(slack, case, "1 of 2 approvals"), "approve", ZOE.id)
        await card_of(slack, case, "Change of address agreed, not done yet")
        found = await changing.change(house)
        assert found.state == "waiting"
        assert changing.NEW not in str(await slack.messages())
