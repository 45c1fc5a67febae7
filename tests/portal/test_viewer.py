"""How staff look at documents: once, by name, on a page of its own."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from aiohttp.test_utils import TestClient, TestServer
from structlog.testing import capture_logs
from yarl import URL

from handlers.model.audit import AuditEntry
from handlers.model.errors import Refused, Spent
from handlers.model.paper import ViewerTicket
from handlers.paperwork import documents, viewing
from portal.app import build
from tests.builders import AYSE, STRANGER, DeskUnderTest, open_desk
from tests.handlers.dossiers import CASE, asked, dossier, page
from tests.portal.conftest import Client, get, post, token_of


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[DeskUnderTest]:
    """A desk that holds a company's whole dossier."""
    async with open_desk(tmp_path) as house:
        await asked(house)
        await documents.upload(house.desk, page(house), dossier(), "marie@nouvelle.example")
        yield house


@pytest.fixture
async def browser(desk: DeskUnderTest) -> AsyncIterator[Client]:
    """A member of the staff's browser."""
    plain = replace(desk.desk, portal_url="http://recovery.shop.example")
    async with TestClient(TestServer(build(plain))) as client:
        client.session.headers["Host"] = "recovery.shop.example"
        yield client


async def ticket(desk: DeskUnderTest) -> str:
    """A ticket for Ayşe; the path of its page."""
    return URL((await viewing.open_ticket(desk.desk, CASE, AYSE)).value).path


async def events(desk: DeskUnderTest) -> list[tuple[str, str]]:
    """What the trail says, and of whom."""
    return [(one.event, one.name) for one in await desk.desk.store.find(AuditEntry)]


async def test_documents_are_shown_once_and_by_name(desk: DeskUnderTest, browser: Client) -> None:
    """The button uses the ticket up; all pages stand in the one answer, and the trail has the name (T36)."""
    path = await ticket(desk)
    await get(browser, path)
    before = await get(browser, path)  # a program that follows links uses nothing up
    assert "Ayşe" in before.text
    assert ("document.viewed", "Ayşe") not in await events(desk)
    shown = await post(browser, path, {"token": token_of(before)})
    assert shown.status == 200
    assert len(re.findall('<img src="data:image/jpeg;base64,/9j/', shown.text)) == 4
    assert ("document.viewed", "Ayşe") in await events(desk)
    again = await get(browser, path)
    assert (again.status, "Get another link" in again.text) == (410, True)
    assert (await post(browser, path, {"token": token_of(before)})).status == 410


async def test_O2_7_the_viewer_shows_what_to_compare_with(desk: DeskUnderTest, browser: Client) -> None:
    """The record's names and the new address in full, when each file came, and that nothing scanned it."""
    path = await ticket(desk)
    shown = await post(browser, path, {"token": token_of(await get(browser, path))})
    said = ("Marie Durand", "Durand et Fils SARL", "company", "marie@nouvelle.example", "22 November 2026 at 14:05")
    for text in (*said, "Not scanned", "Ticked on the page"):
        assert text in shown.text


async def test_the_page_can_load_nothing_and_is_kept_nowhere(desk: DeskUnderTest, browser: Client) -> None:
    """Pictures come with it or not at all; no cache, no script, no form, no frame (T36)."""
    path = await ticket(desk)
    shown = await post(browser, path, {"token": token_of(await get(browser, path))})
    policy = shown.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "img-src data:;" in policy
    assert "form-action 'none'" in policy
    assert shown.headers["Cache-Control"] == "no-store"
    assert not re.findall(r"<(?:script|form|iframe|object)", shown.text)
    assert "img-src" not in (await get(browser, "/")).headers["Content-Security-Policy"]


async def test_a_ticket_dies_after_five_minutes(desk: DeskUnderTest, browser: Client) -> None:
    """To the second (T12)."""
    path = await ticket(desk)
    before = await get(browser, path)
    desk.clock.advance(minutes=5, seconds=-1)
    assert (await get(browser, path)).status == 200
    desk.clock.advance(seconds=1)
    assert (await post(browser, path, {"token": token_of(before)})).status == 410


async def test_of_two_who_use_a_ticket_at_once_one_sees(desk: DeskUnderTest) -> None:
    """And the trail has one view (T11)."""
    token = (await ticket(desk)).rpartition("/")[2]
    results = await asyncio.gather(*(viewing.use(desk.desk, token) for _ in range(4)), return_exceptions=True)
    assert sorted(isinstance(one, Spent) for one in results) == [False, True, True, True]
    assert [name for name, _ in await events(desk)].count("document.viewed") == 1


async def test_nobody_without_rights_gets_a_ticket(desk: DeskUnderTest) -> None:
    """And trying is on the trail (T23)."""
    with pytest.raises(Refused):
        await viewing.open_ticket(desk.desk, CASE, STRANGER)
    assert (await events(desk))[-1] == ("action.denied", "Eve")


async def test_a_ticket_stands_in_no_log_and_no_store(desk: DeskUnderTest, browser: Client) -> None:
    """The store has a keyed digest, the log the route's name."""
    path = await ticket(desk)
    raw = path.rpartition("/")[2]
    with capture_logs() as lines:
        await get(browser, path)
    assert raw not in str(lines)
    assert raw not in str(await desk.desk.store.find(ViewerTicket))


async def test_a_file_that_cannot_be_drawn_does_not_hide_the_others(desk: DeskUnderTest, browser: Client) -> None:
    """Its place says so."""
    path = await ticket(desk)
    lost = sorted(await desk.desk.blobs.ids())[0]
    await desk.desk.blobs.delete(lost)
    shown = await post(browser, path, {"token": token_of(await get(browser, path))})
    assert shown.status == 200
    assert "cannot be read now" in shown.text
    assert "data:image/jpeg" in shown.text
