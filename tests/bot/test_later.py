"""Errands after the answer: they may fail, and never in silence."""

from __future__ import annotations

import asyncio

import pytest

from bot.later import Later


async def test_a_lost_answer_is_one_line_in_the_log(capsys: pytest.CaptureFixture[str]) -> None:
    """Slack not taking our sentence undoes nothing, and is noted."""

    async def fails() -> None:
        raise ConnectionResetError

    later = Later()
    later.run(fails(), "answer")
    await later.settle(1)
    said = capsys.readouterr().out
    assert "answer lost" in said
    assert "ConnectionResetError" in said


async def test_a_mistake_of_ours_is_in_the_log(capsys: pytest.CaptureFixture[str]) -> None:
    """With its traceback, and only there."""

    async def fails() -> None:
        raise KeyError("dialog")

    later = Later()
    later.run(fails(), "dialog")
    await later.settle(1)
    said = capsys.readouterr().out
    assert "answer failed" in said
    assert "KeyError" in said


async def test_what_takes_too_long_is_let_go_at_the_stop() -> None:
    """Stopping waits a moment for answers under way, and no longer."""
    later = Later()
    asked, never = asyncio.Event(), asyncio.Event()

    async def hangs() -> None:
        asked.set()
        await never.wait()

    later.run(hangs(), "dialog")
    await asked.wait()
    async with asyncio.timeout(1):
        await later.settle(0.05)


async def test_nothing_under_way_stops_at_once() -> None:
    """An idle desk stops without waiting."""
    async with asyncio.timeout(0.1):
        await Later().settle(5)
