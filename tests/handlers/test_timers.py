"""What falls due by itself."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

import pytest

from handlers import decide, requests, timers
from handlers.limits import Tally
from handlers.model.case import Case
from handlers.model.grant import Grant
from handlers.model.outbox import Expiry
from handlers.store.contract import StoreFailed
from tests.builders import AYSE, PROVEN, DeskUnderTest, make_case
from tests.handlers.changing import NEW, account_of, waiting


async def run_until(house: DeskUnderTest, state: str) -> Case:
    """Let the timers run until the case is in that state."""
    task = asyncio.create_task(timers.run(house.desk))
    try:
        async with asyncio.timeout(5):
            while True:
                found = await house.desk.store.find(Case)
                if found and found[0].state == state:
                    return found[0]
                await asyncio.sleep(0.005)
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def test_an_unused_link_is_shown_as_expired(house: DeskUnderTest) -> None:
    """Staff see on the card that the customer did not come."""
    await house.keep(make_case(*PROVEN))
    await decide.act(house.desk, "R-7F3K2M", "send_link", AYSE, 1)
    house.clock.advance(minutes=31)
    case = await run_until(house, "expired")
    assert case.history[-1].event == "link.expired"
    assert await house.desk.store.find(Expiry) == []


async def test_a_grant_that_was_renewed_is_looked_at_again_later(house: DeskUnderTest) -> None:
    """An early look changes nothing and comes back when the time is right."""
    await house.keep(make_case(*PROVEN))
    await decide.act(house.desk, "R-7F3K2M", "send_link", AYSE, 1)
    grant = (await house.desk.store.find(Grant))[0]
    await timers.expire(house.desk, (await house.desk.store.find(Expiry))[0])
    assert [one.due for one in await house.desk.store.find(Expiry)] == [grant.expires_at]
    assert (await house.desk.store.find(Case))[0].state == "issued"


async def test_what_was_typed_on_the_portal_is_answered(house: DeskUnderTest) -> None:
    """The page answers at once, the work follows."""
    await requests.ask(house.desk, "shopfactory", "durand42", "marie.durand@mail.example", "fr")
    house.clock.advance(seconds=4)
    assert (await run_until(house, "issued")).source == "portal"


async def test_tallies_are_forgotten_when_their_window_has_passed(house: DeskUnderTest) -> None:
    """What limits senders does not grow for ever."""
    await house.keep(make_case(*PROVEN))
    await decide.act(house.desk, "R-7F3K2M", "send_link", AYSE, 1)
    tally = max(await house.desk.store.find(Tally), key=lambda one: one.due or house.clock.now)
    await timers.forget(house.desk, tally)
    assert tally in await house.desk.store.find(Tally)
    house.clock.advance(days=1)
    await timers.forget(house.desk, tally)
    assert tally not in await house.desk.store.find(Tally)


async def test_a_store_that_fails_does_not_end_the_timers(
    house: DeskUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They say so, wait, and go on (rule 10)."""
    monkeypatch.setattr(timers, "RETRY_SECONDS", 0.01)
    await house.keep(make_case(*PROVEN))
    await decide.act(house.desk, "R-7F3K2M", "send_link", AYSE, 1)
    house.clock.advance(minutes=31)
    failures = iter([StoreFailed("disk full"), StoreFailed("disk full")])
    claim = house.desk.store.claim

    async def failing(*arguments: Any) -> Any:
        for failure in failures:
            raise failure
        return await claim(*arguments)

    monkeypatch.setattr(house.desk.store, "claim", failing)
    assert (await run_until(house, "expired")).state == "expired"


async def test_a_change_of_address_falls_due_by_itself(house: DeskUnderTest) -> None:
    """The timers make it when its wait is over, also when they were not running then (T30)."""
    await waiting(house)
    house.clock.advance(hours=80)
    case = await run_until(house, "issued")
    assert [step.event for step in case.history[-2:]] == ["address.changed", "link.issued"]
    assert (await account_of(house)).address == NEW
