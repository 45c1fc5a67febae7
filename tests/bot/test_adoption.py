"""Once: a card whose post was begun is looked for before it is posted again."""

from __future__ import annotations

import asyncio
from pathlib import Path

from bot import cards
from demo.slack import CHANNEL
from handlers import outbox
from handlers.desk import Desk
from handlers.model.outbox import Card
from tests.bot.builders import open_case, open_desk
from tests.bot.deliveries import Ahead, change, make_delivery
from tests.bot.stub import Stub, failed
from tests.waiting import until


async def test_a_post_whose_answer_was_lost_is_adopted(tmp_path: Path, stub: Stub) -> None:
    """Killed between the post and its note: the next start finds the message instead of posting a second (R1)."""
    clock = Ahead()
    async with open_desk(tmp_path, clock=clock) as desk:
        case = await open_case(desk)
        bringer = make_delivery(desk, stub)
        stub.hold.clear()
        under_way = asyncio.create_task(bringer.deliver_due())
        await until(lambda: stub.count("chat.postMessage"))
        under_way.cancel()
        stub.hold.set()
        await asyncio.wait([under_way])
    # Slack had the request before we died, and posts it.
    await until(lambda: stub.messages)
    clock.by += outbox.LEASE
    async with open_desk(tmp_path, clock=clock) as desk:
        await change(desk, case.id)
        assert await make_delivery(desk, stub).deliver_due() == 1
        assert len(stub.messages) == 1
        card = await desk.store.get(Card, case.id)
        assert card is not None
        assert card.ts == stub.messages[0]["ts"]
        assert f"case:{case.id}:{case.version + 1}" in str(stub.messages)


async def test_a_post_that_never_arrived_is_posted(desk: Desk, stub: Stub) -> None:
    """Begun and not found in the channel: post it."""
    case = await open_case(desk)
    async with desk.store.transaction() as tx:
        tx.put(Card(id=case.id, channel=CHANNEL, ts="", version=0))
    await make_delivery(desk, stub).deliver_due()
    assert len(stub.messages) == 1
    assert stub.count("conversations.history") == 1


async def test_another_apps_message_is_never_adopted(desk: Desk, stub: Stub) -> None:
    """Only our own messages can be updated; one that imitates a card is left alone."""
    case = await open_case(desk)
    stub.messages.append(
        {"ts": "1.000001", "bot_id": "B0OTHER", "blocks": [{"block_id": cards.block_id(case.id, 1)}], "text": ""}
    )
    async with desk.store.transaction() as tx:
        tx.put(Card(id=case.id, channel=CHANNEL, ts="", version=0))
    await make_delivery(desk, stub).deliver_due()
    assert len(stub.messages) == 2


async def test_a_channel_that_cannot_be_read_still_gets_its_card(desk: Desk, stub: Stub) -> None:
    """Better a card twice than a customer whom nobody sees."""
    case = await open_case(desk)
    async with desk.store.transaction() as tx:
        tx.put(Card(id=case.id, channel=CHANNEL, ts="", version=0))
    stub.script["conversations.history"] = [failed("missing_scope")]
    await make_delivery(desk, stub).deliver_due()
    assert len(stub.messages) == 1
