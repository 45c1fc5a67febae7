"""Killed at any moment: every case has its card, and only one (R1)."""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from datetime import datetime
from pathlib import Path

import pytest

from bot.app import Bot
from demo.slack import Workspace
from handlers import outbox
from handlers.clock import system_clock
from handlers.model.outbox import CardRefresh
from tests.bot.builders import make_connection, open_desk

ROUNDS = 12
ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.slow


def later() -> datetime:
    """A time at which every lease of the killed has run out."""
    return system_clock() + outbox.LEASE


async def killed_after(alive: float, folder: Path, api: str, first: int) -> list[str]:
    """Let a desk work for so many seconds, kill it, and return the cases it had told us to be durable."""
    victim = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.bot.victim", str(folder), api, str(first), cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    assert victim.stdout is not None
    opened = [(await victim.stdout.readuntil(b"R-")) + await victim.stdout.readline()]
    await asyncio.sleep(alive)
    victim.kill()
    rest, _ = await victim.communicate()
    lines = b"".join([*opened, rest]).decode().splitlines(keepends=True)
    return [line.strip() for line in lines if line.startswith("R-") and line.endswith("\n")]


async def test_every_case_has_one_card_whenever_the_desk_is_killed(tmp_path: Path, slack: Workspace) -> None:
    """Between the post and its note, between the commit and the post, in the middle of anything."""
    promised: list[str] = []
    for number in range(ROUNDS):
        promised += await killed_after(number * 0.017, tmp_path, slack.api, number * 1000)
    async with open_desk(tmp_path, clock=later) as desk:
        bot = Bot(desk, make_connection(slack, app_token=None), pace=0.0)
        while await bot.delivery.deliver_due():
            pass
        assert await desk.store.find(CardRefresh) == []
    shown = Counter(message["blocks"][0]["block_id"].split(":")[1] for message in await slack.messages())
    assert set(promised) <= set(shown)
    assert [id for id, times in shown.items() if times > 1] == []
