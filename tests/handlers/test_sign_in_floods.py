"""Sign-ins that come faster than passwords can be checked: who waits, and who is told to come back later."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from handlers import passwords
from handlers.model.errors import Limited, WrongPassword
from tests.builders import GOOD_PASSWORD, DeskUnderTest
from tests.handlers.signing import enter, make_customer
from tests.waiting import until


async def test_a_flood_is_told_to_come_back_later(house: DeskUnderTest) -> None:
    """A bounded number waits for argon2, fewer of them from one network; new passwords are set meanwhile."""
    checks = [passwords.is_right("", "guess", "203.0.113.9") for _ in range(12)]
    setting = asyncio.create_task(passwords.hashed(GOOD_PASSWORD))
    answers = await asyncio.gather(*checks, return_exceptions=True)
    assert [type(one) for one in answers].count(Limited) == 12 - passwords.MOST_OF_ONE
    assert (await setting).startswith("$argon2id$")
    many = [passwords.is_right("", "guess") for _ in range(passwords.MOST_WAITING + 3)]
    answers = await asyncio.gather(*many, return_exceptions=True)
    assert [type(one) for one in answers].count(Limited) == 3


@asynccontextmanager
async def flooded() -> AsyncIterator[None]:
    """While the block runs, as many strangers wait for their passwords to be checked as may, and none is."""
    held = threading.Event()
    for _ in range(2):
        passwords._checking.submit(held.wait)
    flood = [asyncio.create_task(passwords.is_right("", "guess")) for _ in range(passwords.MOST_WAITING)]
    await asyncio.sleep(0)
    try:
        yield
    finally:
        held.set()
        await asyncio.gather(*flood)


async def test_a_flood_of_strangers_turns_away_no_browser_that_proved_itself(house: DeskUnderTest) -> None:
    """T31: behind one proxy with the flood, who is new has to come back later; the owner's own browser signs in."""
    await make_customer(house)
    known = (await enter(house.desk)).browser
    assert known
    async with flooded():
        with pytest.raises(Limited):
            await enter(house.desk)
        entering = asyncio.create_task(enter(house.desk, browser=known.value))
        await until(lambda: passwords._waiting.total() > passwords.MOST_WAITING)
    assert (await entering).stage == "open"


async def test_a_flood_uses_up_nobodys_tries(house: DeskUnderTest) -> None:
    """T31: what could not be compared is no wrong password; a window that is full stays full all the same (T10)."""
    await make_customer(house)
    async with flooded():
        for _ in range(12):
            with pytest.raises(Limited):
                await enter(house.desk)
    assert (await enter(house.desk)).stage == "open"
    for _ in range(10):
        with pytest.raises(WrongPassword):
            await enter(house.desk, password="guess")
    async with flooded():
        with pytest.raises(Limited):
            await enter(house.desk)
    with pytest.raises(WrongPassword):
        await enter(house.desk)
