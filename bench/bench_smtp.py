"""The SMTP door beside bare aiosmtpd: goals A1 to A5. `python -m bench.bench_smtp --quick` for a first look.

Servers and senders are processes of their own on loopback. The servers take turns within each round, so each ratio is
one of neighbours in time; a figure is the median of its rounds. Machines differ and are shared: trust the ratios only.
A6, memory, is bench_smtp_memory's.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import tempfile
from collections import defaultdict
from contextlib import suppress
from pathlib import Path
from statistics import median
from typing import NamedTuple

from bench import Row

KINDS = ("bare", "desk", "noop", "each")
SMALL, LARGE = 2048, 200 * 1024
CASES = {  # name: bytes of a mail, mails a sender process, how
    "2 KiB many": (SMALL, 600, "many"),
    "2 KiB one": (SMALL, 300, "one"),
    "200 KiB many": (LARGE, 100, "many"),
    "200 KiB one": (LARGE, 100, "one"),
}
CONNECTIONS = 10  # of each of the two sender processes


class Measure(NamedTuple):
    """Mails a second, the 99th percentile of the milliseconds one took, and the server's microseconds of CPU."""

    per_second: float
    p99: float
    cpu: float


class Server:
    """A mail server in a process of its own."""

    def __init__(self, process: asyncio.subprocess.Process, port: int) -> None:
        self.process, self.port = process, port

    @classmethod
    async def start(cls, kind: str, folder: Path) -> Server:
        """Start it and wait until it listens."""
        (folder / kind).mkdir()
        process = await _python("bench.smtp_server", kind, folder / kind)
        assert process.stdout is not None
        return cls(process, int(await process.stdout.readline()))

    async def load(self, size: int, mails: int, how: str) -> Measure:
        """Two sender processes at once."""
        arguments = ("bench.smtp_load", self.port, CONNECTIONS, mails, size, how)
        before = self.cpu()
        senders = [await _python(*arguments) for _ in range(2)]
        said = [json.loads((await sender.communicate())[0]) for sender in senders]
        times = sorted(each for one in said for each in one["ms"])
        seconds, count = max(one["seconds"] for one in said), len(times)
        return Measure(count / seconds, times[int(count * 0.99)], 1e6 * (self.cpu() - before) / count)

    def cpu(self) -> float:
        """Seconds of CPU it has used."""
        ticks = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()[11:13]
        return sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK")

    def memory(self, field: str = "VmRSS") -> float:
        """MB it takes now (`VmRSS`), or took at most since `forget_peak` (`VmHWM`)."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.split(f"{field}:")[1].split()[0]) / 1000

    def forget_peak(self) -> None:
        """Count the most it takes from now on."""
        Path(f"/proc/{self.process.pid}/clear_refs").write_text("5")

    async def stop(self) -> None:
        """End it."""
        with suppress(ProcessLookupError):
            self.process.kill()
        await self.process.wait()


async def _python(module: str, *arguments: object) -> asyncio.subprocess.Process:
    command = [sys.executable, "-m", module, *map(str, arguments)]
    return await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)


async def run(rounds: int) -> list[Row]:
    """Five rounds at the usual 200, at most eleven; one for a quick look."""
    with tempfile.TemporaryDirectory() as folder:
        return await _speed(Path(folder), min(11, max(1, rounds // 40)))


async def _speed(folder: Path, rounds: int) -> list[Row]:
    servers = {kind: await Server.start(kind, folder) for kind in KINDS}
    measures: dict[tuple[str, str], list[Measure]] = defaultdict(list)
    try:
        for name, (size, mails, how) in CASES.items():
            for server in servers.values():
                await server.load(size, 50, how)  # warm up
            for _ in range(rounds):
                for kind, server in servers.items():
                    measures[name, kind].append(await server.load(size, mails, how))
    finally:
        for server in servers.values():
            await server.stop()
    return _rates(measures) + _ratios(measures)


def _rates(measures: dict[tuple[str, str], list[Measure]]) -> list[Row]:
    return [
        Row(f"{name}, {kind}", median(each.per_second for each in found), "mails/s")
        for (name, kind), found in measures.items()
    ]


def _ratios(measures: dict[tuple[str, str], list[Measure]]) -> list[Row]:
    def speed(name: str, one: str, other: str) -> float:
        pairs = zip(measures[name, one], measures[name, other], strict=True)
        return median(a.per_second / b.per_second for a, b in pairs)

    def cpu(name: str) -> float:
        pairs = zip(measures[name, "desk"], measures[name, "bare"], strict=True)
        return median(a.cpu / b.cpu for a, b in pairs)

    small, large = "2 KiB many", "200 KiB many"
    pairs = zip(measures[small, "desk"], measures[small, "bare"], strict=True)
    return [
        Row("A1 durable 2 KiB, many a connection", speed(small, "desk", "bare"), "x bare", "1.2 or more"),
        Row("A2 durable 2 KiB, one a connection", speed("2 KiB one", "desk", "bare"), "x bare", "1.3 or more"),
        Row("A3 durable 200 KiB, many a connection", speed(large, "desk", "bare"), "x bare", "6 or more"),
        Row("A3 durable 200 KiB, one a connection", speed("200 KiB one", "desk", "bare"), "x bare", "4.5 or more"),
        Row("A4 durable beside keeping nothing, 2 KiB", speed(small, "desk", "noop"), "x", "0.9 or more"),
        Row("A4 durable beside keeping nothing, 200 KiB", speed(large, "desk", "noop"), "x", "0.9 or more"),
        Row("A4 shared syncs beside one per mail, 2 KiB", speed(small, "desk", "each"), "x", "2 or more"),
        Row("A5 p99 of a durable 2 KiB mail", median(a.p99 / b.p99 for a, b in pairs), "x bare", "1.3 or less"),
        *(Row(f"CPU of a durable mail, {name}", cpu(name), "x bare") for name in CASES),
    ]


if __name__ == "__main__":
    os.environ.setdefault("PYTHONUNBUFFERED", "1")
    for row in asyncio.run(run(40 if "--quick" in sys.argv else 200)):
        print(f"{row.what:<46} {row.value:>10,.2f} {row.unit:<8} {row.goal and f'(goal: {row.goal})'}", flush=True)
