"""Alerts: staff are told at once, beside the card, once, and without a word about the customer."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import get_args

import pytest
from msgspec.structs import replace
from structlog.testing import capture_logs

from bot import alerts, app
from bot.alerts import Alerts
from demo.slack import CHANNEL
from handlers import outbox
from handlers.desk import Desk
from handlers.model.case import Approval, Case, Proposal
from handlers.model.outbox import Alert, AlertKind
from tests.bot.builders import make_connection, make_view, open_case, open_desk
from tests.bot.deliveries import Ahead, make_delivery, make_posting
from tests.bot.stub import Stub, failed, rate_limited
from tests.builders import ADDRESS, AYSE, BORIS, NOW, make_case
from tests.waiting import until

KINDS: tuple[AlertKind, ...] = get_args(AlertKind)
PROPOSAL = Proposal(action="change_address", by=AYSE.id, name=AYSE.name, at=NOW)


async def raise_alert(desk: Desk, kind: AlertKind = "frozen") -> Case:
    """A case, its proposal and its card in Slack, and an alert about it that waits."""
    case = await open_case(desk, proposal=PROPOSAL)
    async with desk.store.transaction() as tx:
        outbox.alert(tx, desk, kind, case)
    return case


async def left(desk: Desk) -> list[Alert]:
    return await desk.store.find(Alert)


@pytest.mark.parametrize("kind", KINDS)
async def test_every_alert_stands_in_the_cards_thread_and_in_the_channel(
    desk: Desk, stub: Stub, kind: AlertKind
) -> None:
    """Whoever reads the channel sees it, and the card it is about is one click away."""
    case = await raise_alert(desk, kind)
    await make_delivery(desk, stub).deliver_due()
    assert await Alerts(desk, make_posting(stub)).deliver_due() == 1
    card, alert = stub.messages
    assert (alert["thread_ts"], alert["channel"]) == (card["ts"], CHANNEL)
    assert stub.calls[-1][2]["reply_broadcast"] in (True, "true", "1")
    assert case.id in alert["text"]
    assert await left(desk) == []


@pytest.mark.parametrize("kind", KINDS)
def test_an_alert_says_nothing_of_the_customer(kind: AlertKind) -> None:
    """It stands on locked screens."""
    case = make_case(proposal=PROPOSAL, text="Zanzibar", subject="Zanzibar")
    said = alerts.said_of(Alert(id="N1", queue="alerts", due=NOW, kind=kind, case=case.id), make_view(case))
    assert "R-7F3K2M at ShopFactory" in said
    for secret in ("Zanzibar", ADDRESS, "m•••", "durand", "Marie", "Durand"):
        assert secret not in said


def test_an_approval_that_is_wanted_says_how_many_and_for_what() -> None:
    """And one that came meanwhile is not asked for any more."""
    alert = Alert(id="N1", queue="alerts", due=NOW, kind="approval_wanted", case="R-7F3K2M")
    once = replace(PROPOSAL, approvals=(Approval(by=BORIS.id, name=BORIS.name, at=NOW),))
    two = alerts.said_of(alert, make_view(make_case(proposal=PROPOSAL), approvals_needed=2))
    assert "*2 approvals wanted* for the change of address" in two
    assert "*1 approval wanted*" in alerts.said_of(alert, make_view(make_case(proposal=once), approvals_needed=2))
    assert alerts.said_of(alert, make_view(make_case())) == ""


async def test_an_alert_waits_for_its_card(tmp_path: Path, stub: Stub) -> None:
    """There is no thread before there is a card; then it comes, once."""
    clock = Ahead()
    async with open_desk(tmp_path, clock=clock) as desk:
        await raise_alert(desk)
        bringer = Alerts(desk, make_posting(stub))
        await bringer.deliver_due()
        assert stub.messages == []
        await make_delivery(desk, stub).deliver_due()
        clock.by += timedelta(seconds=2)
        await bringer.deliver_due()
        assert len(stub.messages) == 2
        assert await left(desk) == []


async def test_an_alert_whose_answer_was_lost_is_not_posted_twice(tmp_path: Path, stub: Stub) -> None:
    """The thread is looked at before the second try (R1)."""
    clock = Ahead()
    async with open_desk(tmp_path, clock=clock) as desk:
        await raise_alert(desk)
        await make_delivery(desk, stub).deliver_due()
        bringer = Alerts(desk, make_posting(stub))
        stub.hold.clear()
        dying = asyncio.create_task(bringer.deliver_due())
        await until(lambda: stub.count("chat.postMessage") == 2)
        dying.cancel()
        stub.hold.set()
        await until(lambda: len(stub.messages) == 2)
        clock.by += outbox.LEASE
        await Alerts(desk, make_posting(stub)).deliver_due()
        assert len(stub.messages) == 2
        assert await left(desk) == []


@pytest.mark.parametrize("answer", [failed("fatal_error"), failed("is_archived"), rate_limited(1)])
async def test_an_alert_slack_refuses_is_kept(
    tmp_path: Path, stub: Stub, answer: tuple[int, dict[str, str], str]
) -> None:
    """It comes when Slack takes it."""
    clock = Ahead()
    async with open_desk(tmp_path, clock=clock) as desk:
        await raise_alert(desk)
        await make_delivery(desk, stub).deliver_due()
        stub.script["chat.postMessage"] = [answer]
        bringer = Alerts(desk, make_posting(stub))
        with capture_logs() as logs:
            await bringer.deliver_due()
        assert [line["event"] for line in logs] == ["alert not delivered"]
        assert len(await left(desk)) == 1
        clock.by += timedelta(minutes=1)
        await bringer.deliver_due()
        assert len(stub.messages) == 2


async def test_an_alert_whose_card_was_deleted_stands_in_the_channel(desk: Desk, stub: Stub) -> None:
    """Somebody's tidying silences nothing."""
    await raise_alert(desk)
    await make_delivery(desk, stub).deliver_due()
    stub.script["chat.postMessage"] = [failed("thread_not_found")]
    await Alerts(desk, make_posting(stub)).deliver_due()
    assert "thread_ts" not in stub.messages[-1]
    assert await left(desk) == []


async def test_alerts_and_cards_keep_the_channels_pace_together(desk: Desk, stub: Stub) -> None:
    """Slack counts messages, not what they are."""
    await raise_alert(desk)
    posting = make_posting(stub, pace=0.1)
    await make_delivery(desk, stub, posting=posting).deliver_due()
    await Alerts(desk, posting).deliver_due()
    first, second = (at for at, method, _ in stub.calls if method == "chat.postMessage")
    assert second - first >= 0.09


async def test_the_bot_brings_alerts_by_itself(desk: Desk, stub: Stub) -> None:
    """As soon as there is one."""
    bot = app.Bot(desk, make_connection(api_url=stub.api, app_token=None), pace=0.0)
    await bot.start()
    await raise_alert(desk)
    await until(lambda: len(stub.messages) == 2, seconds=5)
    await bot.stop()
