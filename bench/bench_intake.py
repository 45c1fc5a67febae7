"""From a mail to its durable case, understood and authenticated, beside bare aiosmtpd that does nothing (goal B2)."""

from __future__ import annotations

import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter

from bench import Row
from bench.bench_smtp import Server
from tests.e2e.flood import HOSTILE_EVERY, Flood, flooded

MAILS = 1000
SENDERS = 20


async def run(rounds: int) -> list[Row]:
    """Five rounds at the usual 200: the two take turns, twenty senders each, a mail of its own sender every time."""
    pairs: list[tuple[float, float]] = []
    with tempfile.TemporaryDirectory() as folder:
        bare = await Server.start("bare", Path(folder))
        try:
            async with flooded(Path(folder)) as house:
                await _sent(house.port, 0, MAILS // 4)
                for turn in range(1, max(1, rounds // 40) + 1):
                    nothing = await _sent(bare.port, turn, MAILS)
                    began = perf_counter()
                    await _sent(house.port, turn, MAILS)
                    await house.drained()
                    pairs.append((perf_counter() - began, nothing))
        finally:
            await bare.stop()
    return [
        Row("mail to durable case, one in hand", 1e3 * median(desk for desk, _ in pairs) / MAILS, "ms a mail"),
        Row("mail to durable case", MAILS / median(desk for desk, _ in pairs), "mails/s"),
        Row("bare aiosmtpd, the same sender", MAILS / median(bare for _, bare in pairs), "mails/s"),
        Row("B2 beside bare aiosmtpd", median(bare / desk for desk, bare in pairs), "x", "0.35 or more"),
    ]


async def _sent(port: int, turn: int, mails: int) -> float:
    """Seconds in which so many well-formed mails were accepted; no two turns send the same."""
    harmless = [number for number in range(turn * 2 * MAILS, (turn + 1) * 2 * MAILS) if number % HOSTILE_EVERY]
    began = perf_counter()
    await Flood(port, harmless[:mails]).send(SENDERS)
    return perf_counter() - began
