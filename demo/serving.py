"""The desk as an operator runs it: `bot.py serve` as a process of its own, and the command line beside it."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from time import monotonic
from typing import NamedTuple

import aiohttp

ROOT = Path(__file__).parent.parent
START_SECONDS = 45.0
STOP_SECONDS = 10.0


class CannotStart(Exception):
    """Something the demonstration needs did not start; the text says what, and what it said last."""


class Finished(NamedTuple):
    """A command that came to its end."""

    status: int
    output: str
    errors: str


class Serving:
    """`bot.py serve` with these settings, to be stopped, killed, started again; `health` is its admin address."""

    def __init__(self, folder: Path, settings: Mapping[str, str], health: str) -> None:
        self.health = health
        self.log = folder / "desk.log"
        self._folder = folder
        self._environ = {**_bare_environment(), **settings}
        self._process: asyncio.subprocess.Process | None = None

    @property
    def process(self) -> asyncio.subprocess.Process:
        """The process that runs, or ran last; raises LookupError before the first start."""
        if self._process is None:
            raise LookupError("the desk was not started yet")
        return self._process

    async def start(self) -> None:
        """Start it, and return once it says that it is ready. Raises CannotStart."""
        with self.log.open("ab") as log:
            # In a session of its own, so that Ctrl-C reaches us alone and we end it in order.
            self._process = await asyncio.create_subprocess_exec(
                *bot(), "serve", cwd=self._folder, env=self._environ, start_new_session=True,
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )  # fmt: skip
        try:
            async with asyncio.timeout(START_SECONDS):
                await self._ready()
        except TimeoutError:
            raise CannotStart(f"The desk is not ready after {START_SECONDS:.0f} s. {self.tail()}") from None

    async def stop(self) -> float:
        """Ask it to stop (SIGTERM) and return how many seconds that took; after 10 s it is killed."""
        started = monotonic()
        if self._process and self._process.returncode is None:
            with suppress(ProcessLookupError):
                self._process.send_signal(signal.SIGTERM)
            try:
                await asyncio.wait_for(self._process.wait(), STOP_SECONDS)
            except TimeoutError:
                await self.kill()
        return monotonic() - started

    async def kill(self) -> None:
        """End it as a power cut would (SIGKILL)."""
        with suppress(ProcessLookupError):
            self.process.kill()
        await self.process.wait()

    async def command(self, *arguments: str) -> Finished:
        """Run another command of `bot.py` with the same settings, to its end."""
        process = await asyncio.create_subprocess_exec(
            *bot(), *arguments, cwd=self._folder, env=self._environ, start_new_session=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        try:
            async with asyncio.timeout(START_SECONDS):
                output, errors = await process.communicate()
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        return Finished(process.returncode or 0, output.decode(), errors.decode())

    def tail(self, lines: int = 30) -> str:
        """The end of its log."""
        text = self.log.read_text(encoding="utf-8", errors="replace") if self.log.exists() else ""
        return "Its log ends with:\n" + "\n".join(f"    {line}" for line in text.splitlines()[-lines:])

    async def _ready(self) -> None:
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5)) as http:
            while True:
                if self.process.returncode is not None:
                    raise CannotStart(f"The desk ended with status {self.process.returncode}. {self.tail()}")
                with suppress(aiohttp.ClientError, TimeoutError):
                    async with http.get(f"{self.health}/ready") as response:
                        if response.status == 200:
                            return
                await asyncio.sleep(0.05)


def bot() -> tuple[str, ...]:
    """How the command line is started: from the tree, or from an installed package."""
    beside = ROOT / "bot.py"
    return (sys.executable, str(beside)) if beside.is_file() else (sys.executable, "-m", "recovery_desk")


def _bare_environment() -> dict[str, str]:
    """Ours without any desk's settings: what somebody set for their own desk must not reach this one."""
    ours = ("DESK_", "SLACK_")
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)}
