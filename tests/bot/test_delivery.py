"""Cards reach Slack: in order, at Slack's pace, and none is lost."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from msgspec.structs import replace

from bot import app, cards, posting
from demo.slack import CHANNEL
from handlers import decide
from handlers.desk import Desk
from handlers.model.case import Case
from handlers.model.outbox import Card
from tests.bot.builders import AGENT, make_connection, open_case, open_desk
from tests.bot.deliveries import Ahead, change, make_delivery, replace_services, waiting
from tests.bot.stub import Stub, failed, rate_limited, stub_slack
from tests.builders import make_service
from tests.waiting import until


async def test_a_new_case_is_posted_and_noted(desk: Desk, stub: Stub) -> None:
    """The message, its place and the version it shows; and nothing is left to do."""
    case = await open_case(desk)
    assert await make_delivery(desk, stub).deliver_due() == 1
    card = await desk.store.get(Card, case.id)
    assert card == Card(id=case.id, channel=CHANNEL, ts=stub.messages[0]["ts"], version=case.version)
    assert cards.shows(stub.messages[0], case.id)
    assert await waiting(desk) == []


async def test_a_later_version_updates_the_same_message(desk: Desk, stub: Stub) -> None:
    """One case is one message."""
    case = await open_case(desk)
    bringer = make_delivery(desk, stub)
    await bringer.deliver_due()
    await decide.act(desk, case.id, "claim", AGENT, case.version)
    await bringer.deliver_due()
    assert len(stub.messages) == 1
    assert "Ayşe Demir is on it" in str(stub.messages[0]["blocks"])


async def test_changes_that_wait_together_become_one_update(desk: Desk, stub: Stub) -> None:
    """A busy case does not flood the channel."""
    case = await open_case(desk)
    bringer = make_delivery(desk, stub)
    await bringer.deliver_due()
    for _ in range(5):
        await change(desk, case.id)
    while await bringer.deliver_due():
        pass
    assert (stub.count("chat.postMessage"), stub.count("chat.update")) == (1, 1)
    card = await desk.store.get(Card, case.id)
    assert card is not None
    assert card.version == case.version + 5


async def test_a_change_during_delivery_is_delivered_next(desk: Desk, stub: Stub) -> None:
    """What happened while Slack was being asked is not forgotten."""
    case = await open_case(desk)
    bringer = make_delivery(desk, stub)
    stub.hold.clear()
    under_way = asyncio.create_task(bringer.deliver_due())
    await until(lambda: stub.count("chat.postMessage"))
    await change(desk, case.id)
    stub.hold.set()
    await under_way
    assert await waiting(desk) == [case.id]
    await bringer.deliver_due()
    assert await waiting(desk) == []
    assert f"case:{case.id}:{case.version + 1}" in str(stub.messages)


async def test_messages_in_a_channel_keep_their_distance(desk: Desk, stub: Stub) -> None:
    """Slack takes about one message a second per channel; the pace is kept between posts and updates alike."""
    for number in range(4):
        await open_case(desk, id=f"R-00000{number}")
    await make_delivery(desk, stub, pace=0.4).deliver_due()
    times = [at for at, method, _ in stub.calls if method == "chat.postMessage"]
    assert min(after - before for before, after in pairwise(times)) >= 0.2  # a busy machine may hold the first one up


async def test_known_cards_go_before_new_ones(desk: Desk, stub: Stub) -> None:
    """Whoever clicked sees it before a flood of new cases is through."""
    case = await open_case(desk)
    bringer = make_delivery(desk, stub)
    await bringer.deliver_due()
    for number in range(4):
        await open_case(desk, id=f"R-00000{number}")
    await change(desk, case.id)
    await bringer.deliver_due()
    assert [method for _, method, _ in stub.calls][1] == "chat.update"


async def test_retry_after_is_honoured_for_every_card(desk: Desk, stub: Stub, monkeypatch: pytest.MonkeyPatch) -> None:
    """When Slack asks for patience, nothing is sent until it is over."""
    for number in range(3):
        await open_case(desk, id=f"R-00000{number}")
    stub.script["chat.postMessage"] = [rate_limited(1)]
    bringer = make_delivery(desk, stub)
    await bringer.deliver_due()
    assert stub.count("chat.postMessage") == 1
    await asyncio.sleep(0.05)
    while await bringer.deliver_due():
        pass
    times = [at for at, method, _ in stub.calls if method == "chat.postMessage"]
    assert times[1] - times[0] >= 1
    assert len(stub.messages) == 3


async def test_a_deleted_card_is_posted_anew(desk: Desk, stub: Stub) -> None:
    """Somebody's tidying hides no case."""
    case = await open_case(desk)
    bringer = make_delivery(desk, stub)
    await bringer.deliver_due()
    stub.messages.clear()
    await change(desk, case.id)
    await bringer.deliver_due()
    assert len(stub.messages) == 1
    assert await waiting(desk) == []


async def test_a_card_in_a_channel_that_was_closed_moves_to_the_new_one(desk: Desk, stub: Stub) -> None:
    """The operator archives the old channel and names another."""
    case = await open_case(desk)
    await make_delivery(desk, stub, channel="C0OLD").deliver_due()
    await change(desk, case.id)
    stub.script["chat.update"] = [failed("is_archived")]
    await make_delivery(desk, stub, channel="C0NEW").deliver_due()
    card = await desk.store.get(Card, case.id)
    assert card is not None
    assert card.channel == "C0NEW"


async def test_a_lasting_trouble_is_one_line_in_the_log(
    tmp_path: Path, stub: Stub, capsys: pytest.CaptureFixture[str]
) -> None:
    """And another one when it comes back after cards got through."""
    clock = Ahead()
    async with open_desk(tmp_path, clock=clock) as desk:
        for number in range(3):
            await open_case(desk, id=f"R-00000{number}")
        bringer = make_delivery(desk, stub)
        stub.script["chat.postMessage"] = [failed("not_in_channel")] * 6
        for _ in range(2):
            await bringer.deliver_due()
            clock.by += timedelta(seconds=posting.LONGEST_WAIT)
        assert capsys.readouterr().out.count("card not delivered") == 1
        await bringer.deliver_due()
        stub.script["chat.update"] = [failed("not_in_channel")]
        await change(desk, "R-000000")
        await bringer.deliver_due()
        assert capsys.readouterr().out.count("card not delivered") == 1


@pytest.mark.parametrize("error", ["channel_not_found", "not_in_channel", "invalid_auth", "fatal_error"])
async def test_a_card_slack_refuses_is_kept_and_holds_up_no_other(tmp_path: Path, stub: Stub, error: str) -> None:
    """One closed channel must not silence the others; the card comes when Slack takes it."""
    clock = Ahead()
    async with open_desk(tmp_path, clock=clock) as desk:
        first, second = await open_case(desk, id="R-000001"), await open_case(desk, id="R-000002")
        stub.script["chat.postMessage"] = [failed(error)]
        bringer = make_delivery(desk, stub)
        await bringer.deliver_due()
        assert [cards.shows(message, second.id) for message in stub.messages] == [True]
        assert await waiting(desk) == [first.id]
        assert await bringer.deliver_due() == 0
        clock.by += timedelta(seconds=posting.LONGEST_WAIT)
        await bringer.deliver_due()
        assert len(stub.messages) == 2


async def test_a_desk_without_a_channel_keeps_its_cards(tmp_path: Path, stub: Stub) -> None:
    """They are posted once the operator names one; a service's own channel goes first."""
    clock = Ahead()
    async with open_desk(tmp_path, clock=clock) as desk:
        case = await open_case(desk)
        await make_delivery(desk, stub, channel="").deliver_due()
        assert stub.calls == []
        assert await waiting(desk) == [case.id]
        clock.by += timedelta(seconds=posting.LONGEST_WAIT)
        service = make_service(slack_channel="C0SHOP")
        moved = replace_services(desk, service)
        await make_delivery(moved, stub).deliver_due()
        assert stub.calls[-1][2]["channel"] == "C0SHOP"


async def test_a_case_that_is_gone_leaves_nothing_due(desk: Desk, stub: Stub) -> None:
    """A refresh without a case is dropped."""
    case = await open_case(desk)
    async with desk.store.transaction() as tx:
        tx.delete(Case, case.id)
    await make_delivery(desk, stub).deliver_due()
    assert await waiting(desk) == []


async def test_a_card_that_cannot_be_drawn_holds_up_no_other(desk: Desk, stub: Stub) -> None:
    """A case of a service that was removed waits, the others are shown."""
    lost, good = await open_case(desk, id="R-000001"), await open_case(desk, id="R-000002")
    async with desk.store.transaction() as tx:
        tx.put(replace(lost, service="removed"))
    await make_delivery(desk, stub).deliver_due()
    assert [cards.shows(message, good.id) for message in stub.messages] == [True]
    assert await waiting(desk) == [lost.id]


async def test_nothing_is_lost_while_slack_is_down(tmp_path: Path) -> None:
    """No server at all, then Slack is back: every card is there, once."""
    clock = Ahead()
    async with open_desk(tmp_path, clock=clock) as desk:
        for number in range(3):
            await open_case(desk, id=f"R-00000{number}")
        async with stub_slack() as gone:
            dead = gone
        bringer = make_delivery(desk, dead)
        tries = asyncio.create_task(bringer.run())
        await asyncio.sleep(0.3)
        tries.cancel()
        assert len(await waiting(desk)) == 3
        clock.by += timedelta(seconds=posting.LONGEST_WAIT)
        async with stub_slack() as back:
            bringer = make_delivery(desk, back)
            while await bringer.deliver_due():
                pass
            assert len(back.messages) == 3


async def test_run_wakes_up_for_new_work(desk: Desk, stub: Stub) -> None:
    """A card is in Slack within a second of its case, without polling."""
    runs = asyncio.create_task(make_delivery(desk, stub).run())
    await asyncio.sleep(0.1)
    await open_case(desk)
    await until(lambda: stub.messages, seconds=1)
    runs.cancel()


async def test_a_mistake_of_ours_does_not_end_the_delivery(
    desk: Desk, stub: Stub, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An answer that nobody thought of: logged, and the next case still gets its card."""
    monkeypatch.setattr(app, "AGAIN", 0.05)
    stub.script["chat.postMessage"] = [(200, {}, {"ok": True})]
    bot = app.Bot(desk, make_connection(api_url=stub.api, app_token=None), pace=0.0)
    await bot.start()
    await open_case(desk, id="R-000001")
    await until(lambda: stub.count("chat.postMessage"))
    await open_case(desk, id="R-000002")
    await until(lambda: stub.messages)
    await bot.stop()
    assert cards.shows(stub.messages[0], "R-000002")
