"""The SMTP door's memory: flat over a stream of ten minutes, and under many big mails at once (goal A6).

The server is a process of its own, with a worker that takes every mail out again; two processes send over twenty
connections. The stream takes three seconds a round, so ten minutes at the usual 200. Senders are faster than the
worker, and each mail that waits for it takes a kilobyte: memory is looked at when none waits, or it would be the
queue's.
"""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from time import monotonic
from typing import NamedTuple

from bench import Row
from bench.bench_smtp import SMALL, Server

HUGE, AT_ONCE = 25_000_000, 20
SECONDS_A_ROUND = 3
MAILS_A_STEP = 2000
SETTLES = 0.1  # of the stream, after which memory should not grow any more


class Sample(NamedTuple):
    """After so many mails the server takes so many MB."""

    mails: int
    memory: float


async def run(rounds: int) -> list[Row]:
    """A stream of small mails, then twenty big ones at once, twice."""
    with tempfile.TemporaryDirectory() as folder:
        server = await Server.start("work", Path(folder))
        try:
            samples = await _stream(server, rounds * SECONDS_A_ROUND)
            return _flatness(samples) + await _big(server)
        finally:
            await server.stop()


async def _stream(server: Server, seconds: float) -> list[Sample]:
    """Mails without a pause, and a sample after every 2,000."""
    samples, began = [Sample(0, server.memory())], monotonic()
    while monotonic() - began < seconds or len(samples) < 5:
        await server.load(SMALL, MAILS_A_STEP // 2, "many")
        await _rest(server)
        samples.append(Sample(samples[-1].mails + MAILS_A_STEP, server.memory()))
    return samples


async def _rest(server: Server) -> None:
    """Wait until it has nothing to do."""
    used = -1.0
    while used != server.cpu():
        used = server.cpu()
        await asyncio.sleep(0.25)


def _flatness(samples: list[Sample]) -> list[Row]:
    settled = samples[max(2, int(len(samples) * SETTLES)) :]
    least, most = (pick(sample.memory for sample in settled) for pick in (min, max))
    return [
        Row("mails of the stream", samples[-1].mails, "mails"),
        Row("memory after the first tenth of it", settled[0].memory, "MB"),
        Row("A6 memory at its end", 100 * (settled[-1].memory / settled[0].memory - 1), "% more", "5 or less"),
        Row("most beside least on the way", 100 * (most / least - 1), "% more"),
    ]


async def _big(server: Server) -> list[Row]:
    before = server.memory()
    rows = []
    for time in ("", ", a second time"):
        server.forget_peak()
        await server.load(HUGE, AT_ONCE // 2, "one")
        await _rest(server)
        more = server.memory("VmHWM") - before
        rows.append(Row(f"A6 memory under {AT_ONCE} mails of 25 MB at once{time}", more, "MB more", "150 or less"))
    await _rest(server)
    return [*rows, Row("and when they are done", server.memory() - before, "MB more")]
