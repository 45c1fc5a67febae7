"""The whole Slack side against a Slack that runs: cards, clicks, look-ups, restarts."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from bot import cards
from bot.app import Bot
from demo.slack import AYSE, MARC, SIGNING_SECRET, VISITOR, Workspace, find_button, workspace
from handlers.desk import Desk
from handlers.model.audit import AuditEntry
from handlers.model.case import Case
from handlers.model.grant import Grant
from handlers.model.outbox import Card, CardRefresh, Letter
from handlers.vault import Secret
from tests.bot.builders import make_connection, open_case, open_desk
from tests.builders import ADDRESS
from tests.waiting import once

PACE = 0.02


@asynccontextmanager
async def running(desk: Desk, slack: Workspace, **changes: Any) -> AsyncIterator[Bot]:
    """The Slack side, started, connected, and stopped within three seconds."""
    bot = Bot(desk, make_connection(slack, **changes), pace=PACE)
    await bot.start()
    try:
        await once(bot.connected, 10)
        yield bot
    finally:
        async with asyncio.timeout(3):
            await bot.stop()


async def card_of(slack: Workspace, case: Case, holding: str = "") -> dict[str, Any]:
    """The case's only card, as soon as it holds the text."""

    async def look() -> list[dict[str, Any]]:
        found = [message for message in await slack.messages() if cards.shows(message, case.id)]
        posted = [message for message in found if message.get("subtype") != "ephemeral"]
        return posted if posted and holding in str(posted[0]["blocks"]) else []

    [card] = await once(look)
    return card


async def told(slack: Workspace, user: str, count: int = 1) -> list[str]:
    """What only this person was told, as soon as it is that many sentences."""

    async def look() -> list[str] | None:
        messages = await slack.messages()
        said = [str(message["text"]) for message in messages if message.get("ephemeral_to") == user]
        return said if len(said) >= count else None

    return await once(look)


async def grants(desk: Desk) -> list[Grant]:
    return await desk.store.find(Grant)


async def denied(desk: Desk) -> list[AuditEntry]:
    return [entry for entry in await desk.store.find(AuditEntry) if entry.event == "action.denied"]


async def test_a_listed_agents_click_sends_one_link_to_the_address_on_file(desk: Desk, slack: Workspace) -> None:
    """From case to card to click to letter; the card says what was done by whom."""
    async with running(desk, slack):
        case = await open_case(desk, requester="somebody@else.example")
        await slack.click(await card_of(slack, case), "send_link", AYSE.id)
        assert [(grant.kind, grant.case) for grant in await grants(desk)] == [("link", case.id)]
        assert [letter.to for letter in await desk.store.find(Letter)] == [ADDRESS]
        card = await card_of(slack, case, "Ayşe Demir sent a reset link")
        assert "📨 *Sent:*" in str(card["blocks"])
        assert find_button(card, "send_code")


async def test_an_unlisted_persons_click_is_refused_told_and_audited(desk: Desk, slack: Workspace) -> None:
    """Nobody by default; the refusal is for the clicker's eyes only."""
    async with running(desk, slack):
        case = await open_case(desk)
        await slack.click(await card_of(slack, case), "send_link", VISITOR.id)
        assert "not on the list of agents" in (await told(slack, VISITOR.id))[0]
        assert await grants(desk) == []
        assert [(entry.by, entry.name, entry.case) for entry in await denied(desk)] == [
            (VISITOR.id, "Vera Visitor", case.id)
        ]


async def test_a_double_click_acts_once(desk: Desk, slack: Workspace) -> None:
    """The second click of an impatient hand is answered, not executed."""
    async with running(desk, slack):
        case = await open_case(desk)
        card = await card_of(slack, case)
        await asyncio.gather(*(slack.click(card, "send_link", AYSE.id) for _ in range(2)))
        assert len(await grants(desk)) == 1
        assert "You sent a reset link" in (await told(slack, AYSE.id))[0]


async def test_of_two_people_at_once_one_acts_and_the_other_is_told_who(desk: Desk, slack: Workspace) -> None:
    """First come, first served, and both know."""
    async with running(desk, slack):
        case = await open_case(desk)
        card = await card_of(slack, case)
        people = {AYSE.id: "Ayşe Demir", MARC.id: "Marc Petit"}
        await asyncio.gather(*(slack.click(card, "send_link", person) for person in people))
        [late] = [entry.by for entry in await denied(desk)]
        [first] = [name for person, name in people.items() if person != late]
        assert len(await grants(desk)) == 1
        assert f"{first} sent a reset link" in (await told(slack, late))[0]


async def test_a_stale_card_is_answered_and_not_executed(desk: Desk, slack: Workspace) -> None:
    """A button of an earlier version, clicked after others decided."""
    async with running(desk, slack):
        case = await open_case(desk)
        old = await card_of(slack, case)
        await slack.click(old, "claim", MARC.id)
        await card_of(slack, case, "Marc Petit is on it")
        block, button = find_button(old, "send_link")
        await slack.interact(old, {**button, "block_id": block["block_id"]}, AYSE.id)
        assert "Marc Petit claimed the case" in (await told(slack, AYSE.id))[0]
        assert await grants(desk) == []


@pytest.mark.parametrize(
    "changes", [{"action_id": "merge_accounts"}, {"value": "R-7F3K2M"}, {"value": "R-7F3K2M:1; drop"}, {"value": None}]
)
async def test_an_old_or_forged_button_says_so(desk: Desk, slack: Workspace, changes: dict[str, Any]) -> None:
    """Instead of a click that does nothing for ever."""
    async with running(desk, slack):
        card = await card_of(slack, await open_case(desk))
        block, button = find_button(card, "send_link")
        await slack.interact(card, {**button, "block_id": block["block_id"]} | changes, AYSE.id)
        assert "another version of the desk" in (await told(slack, AYSE.id))[0]
        assert await grants(desk) == []


async def test_a_click_on_a_case_that_is_gone_says_so(desk: Desk, slack: Workspace) -> None:
    """A restored backup may not know every card in the channel."""
    async with running(desk, slack):
        card = await card_of(slack, await open_case(desk))
        block, button = find_button(card, "send_link")
        await slack.interact(card, {**button, "block_id": block["block_id"], "value": "R-ZZZZZZ:1"}, AYSE.id)
        assert "no case R-ZZZZZZ" in (await told(slack, AYSE.id))[0]


async def test_look_ups_answer_only_the_asker_and_mask(desk: Desk, slack: Workspace) -> None:
    """find, queue, case and help; what is not known is said, before the help."""
    async with running(desk, slack):
        case = await open_case(desk)
        await card_of(slack, case)
        for line in ("find durand42", f"find {ADDRESS}", "queue", f"case {case.id.lower()}", "help", "merge", ""):
            await slack.command(line, AYSE.id)
        said = await told(slack, AYSE.id, 7)
        assert said[0] == said[1]
        assert "`durand42` · ShopFactory · `m•••@m••••.example`" in said[0]
        assert f"`{case.id}`" in said[0]
        assert f"`{case.id}` · Password reset at ShopFactory · 🆕 New" in said[2]
        assert f"Recovery case {case.id}" in said[3]
        assert said[4] == said[6]
        assert said[5] == f"I do not know `merge`.\n{said[4]}"
        assert "/recover queue" in said[4]
        assert ADDRESS not in str(await slack.messages())


async def test_look_ups_by_others_are_refused_and_audited(desk: Desk, slack: Workspace) -> None:
    """Who is a customer is nobody else's business (FEATURES 36)."""
    async with running(desk, slack):
        case = await open_case(desk)
        for line in ("find durand42", "queue", f"case {case.id}"):
            await slack.command(line, VISITOR.id)
        assert all("not on the list of staff" in said for said in await told(slack, VISITOR.id, 3))
        assert [entry.by for entry in await denied(desk)] == [VISITOR.id] * 3


async def test_what_is_not_found_is_said(desk: Desk, slack: Workspace) -> None:
    """And what was looked for cannot mention anybody."""
    async with running(desk, slack):
        for line in ("queue", "find", "find <!channel>", "case R-NONE"):
            await slack.command(line, AYSE.id)
        said = await told(slack, AYSE.id, 4)
        assert said[0] == "No open cases. 🎉"
        assert "Say what to look for" in said[1]
        assert "`&lt;!channel&gt;`" in said[2]
        assert "no case `R-NONE`" in said[3]


async def test_a_restart_continues_with_the_same_card(tmp_path: Path, slack: Workspace) -> None:
    """The card is clicked after the restart, and stays one."""
    async with open_desk(tmp_path) as desk, running(desk, slack):
        case = await open_case(desk)
        card = await card_of(slack, case)
    async with open_desk(tmp_path) as desk, running(desk, slack):
        await slack.click(card, "send_code", MARC.id)
        await card_of(slack, case, "Marc Petit sent a one-time code")


async def test_a_post_that_was_never_noted_is_adopted(tmp_path: Path, slack: Workspace) -> None:
    """Killed between the post and its note (R1): the next start finds the card in the channel."""
    async with open_desk(tmp_path) as desk:
        async with running(desk, slack):
            case = await open_case(desk)
            posted = await card_of(slack, case)
        async with desk.store.transaction() as tx:
            tx.put(Card(id=case.id, channel=posted["channel"], ts="", version=0))
            tx.put(CardRefresh(id=case.id, queue="cards", due=desk.now(), version=case.version))
        async with running(desk, slack):
            await slack.click(await card_of(slack, case), "claim", AYSE.id)
            assert (await card_of(slack, case, "Ayşe Demir is on it"))["ts"] == posted["ts"]


async def test_a_deleted_card_comes_back(desk: Desk, slack: Workspace) -> None:
    """Somebody's tidying hides no case."""
    async with running(desk, slack):
        case = await open_case(desk)
        card = await card_of(slack, case)
        await slack.delete(card)
        block, button = find_button(card, "claim")
        await slack.interact(card, {**button, "block_id": block["block_id"]}, AYSE.id)
        assert (await card_of(slack, case, "Ayşe Demir is on it"))["ts"] != card["ts"]


async def test_the_desk_starts_without_slack_and_catches_up(
    desk: Desk, slack_emulator_path: str, free_port: int
) -> None:
    """Start must not fail when Slack is down; when it comes, so do the cards, and clicks work."""
    connection = make_connection(api_url=f"http://127.0.0.1:{free_port}/api/")
    bot = Bot(desk, connection, pace=PACE)
    await bot.start()
    case = await open_case(desk)
    await asyncio.sleep(0.3)
    assert not await bot.connected()
    try:
        async with workspace(port=free_port) as slack:
            card = await card_of(slack, case)
            await once(bot.connected)
            await slack.click(card, "claim", AYSE.id)
            await card_of(slack, case, "Ayşe Demir is on it")
    finally:
        async with asyncio.timeout(3):
            await bot.stop()


async def test_cards_wait_while_slack_is_away_and_come_once(
    desk: Desk, slack_emulator_path: str, free_port: int
) -> None:
    """Slack goes away and comes back empty: what happened meanwhile is shown, no card twice."""
    bot = Bot(desk, make_connection(api_url=f"http://127.0.0.1:{free_port}/api/"), pace=PACE)
    async with workspace(port=free_port) as slack:
        await bot.start()
        first = await open_case(desk, id="R-000001")
        await card_of(slack, first)
    second = await open_case(desk, id="R-000002")
    await asyncio.sleep(0.2)
    assert [refresh.id for refresh in await desk.store.find(CardRefresh)] == [second.id]
    try:
        async with workspace(port=free_port) as slack:
            await card_of(slack, second)
    finally:
        async with asyncio.timeout(3):
            await bot.stop()


async def test_signed_http_works_end_to_end(desk: Desk, slack_emulator_path: str, free_port: int) -> None:
    """The same card and click, with Slack calling us."""
    events_url = f"http://127.0.0.1:{free_port}/slack/events"
    async with workspace(events_url=events_url) as slack:
        bot = Bot(desk, make_connection(slack, app_token=None, signing_secret=Secret(SIGNING_SECRET)), pace=PACE)
        app = web.Application()
        app.router.add_post("/slack/events", bot.events)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", free_port).start()
        await bot.start()
        try:
            case = await open_case(desk)
            await slack.click(await card_of(slack, case), "send_link", AYSE.id)
            await card_of(slack, case, "Ayşe Demir sent a reset link")
            await slack.command("queue", AYSE.id)
            assert case.id in (await told(slack, AYSE.id))[0]
        finally:
            await bot.stop()
            await runner.cleanup()
