"""The desk is killed at random moments under load, again and again, and nothing it acknowledged is lost."""

from __future__ import annotations

import asyncio
import os
import re
import sys
from asyncio.subprocess import PIPE
from pathlib import Path
from random import SystemRandom

import pytest

from handlers.store.tiny import TinyStore
from tests.store.crash_child import COINS, PURSES
from tests.store.documents import KINDS, Job, Purse

KILLS = int(os.environ.get("DESK_TEST_KILLS", "100"))
STORES = 4  # killed side by side, to use more than one processor
LONGEST_LIFE = 0.3  # seconds from the moment the store begins to open


@pytest.mark.slow
@pytest.mark.timeout(60 + KILLS)
async def test_every_acknowledged_commit_survives_a_kill_and_no_half_of_another(tmp_path: Path) -> None:
    """After each of at least 100 kills: counts reach what was acknowledged, and no coin was made or lost."""
    stories = (kill_again_and_again(tmp_path / str(number), -(-KILLS // STORES)) for number in range(STORES))
    acknowledged = await asyncio.gather(*stories)
    assert min(acknowledged) > 10 * KILLS / STORES  # it was under load indeed


@pytest.mark.slow
@pytest.mark.timeout(60 + KILLS)
async def test_what_was_forgotten_stays_forgotten_after_a_kill_and_nothing_else_is_lost(tmp_path: Path) -> None:
    """Killed while it vacuums: no file holds a secret whose end was acknowledged, and no commit is gone."""
    stories = (kill_again_and_again(tmp_path / str(number), -(-KILLS // STORES), "forget") for number in range(STORES))
    acknowledged = await asyncio.gather(*stories)
    assert min(acknowledged) > KILLS / STORES
    forgotten = [(await load(tmp_path / str(number) / "desk.json")).get("forgotten", 0) for number in range(STORES)]
    assert max(forgotten) > KILLS / STORES / 10  # it came to its end now and then


async def kill_again_and_again(folder: Path, kills: int, *also: str) -> int:
    """Kill and check one store; returns how many commits were acknowledged."""
    os.mkdir(folder)
    path = folder / "desk.json"
    told: dict[str, int] = {}
    for _ in range(kills):
        told |= await live_and_die(path, *also)
        await check(path, told)
    writer = await TinyStore.open(path, kinds=KINDS)
    await writer.close()
    await check(path, told)
    return sum(told.values())


async def live_and_die(path: Path, *also: str) -> dict[str, int]:
    """Run the desk and kill it; returns the last count it acknowledged for each writer."""
    command = [sys.executable, "-m", "tests.store.crash_child", str(path), *also]
    child = await asyncio.create_subprocess_exec(*command, stdout=PIPE)
    try:
        assert child.stdout is not None
        assert await child.stdout.readline() == b"open\n"
        reading = asyncio.create_task(child.stdout.read())
        await asyncio.sleep(SystemRandom().uniform(0, LONGEST_LIFE))
    finally:
        child.kill()
    await child.wait()
    return {writer.decode(): int(count) for writer, count in map(bytes.split, (await reading).splitlines())}


async def check(path: Path, told: dict[str, int]) -> None:
    """Everything acknowledged is there, nothing is there by half, and what was forgotten is nowhere."""
    counts = await load(path)
    assert sum(counts.get(id, 0) for id in PURSES) in (0, COINS * len(PURSES))
    assert {id: count for id, count in told.items() if counts.get(id, 0) < count} == {}
    found = {
        int(number) for file in path.parent.iterdir() for number in re.findall(rb"secret-(\d+)\.", file.read_bytes())
    }
    assert not {number for number in found if number <= told.get("forgotten", 0)}


async def load(path: Path) -> dict[str, int]:
    """What every purse holds, and how often each job was tried."""
    store = await TinyStore.open(path, kinds=KINDS, read_only=True)
    purses = {purse.id: purse.coins for purse in await store.find(Purse)}
    counts = purses | {f"job{job.id}": job.tries for job in await store.find(Job)}
    await store.close()
    return counts
