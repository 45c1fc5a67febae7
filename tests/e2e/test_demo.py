"""`bot.py demo`: it proves itself, can be tried out, and leaves nothing behind."""

import asyncio
import os
import re
import signal
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from demo.serving import bot

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("e2e-demo"), pytest.mark.usefixtures("slack_emulator_path")]


@asynccontextmanager
async def demo(folder: Path, *options: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """`bot.py demo`, with its temporary files in `folder`."""
    process = await asyncio.create_subprocess_exec(
        *bot(), "demo", *options, env={**os.environ, "TMPDIR": str(folder)}, start_new_session=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    try:
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
            await process.communicate()


async def read_until(process: asyncio.subprocess.Process, sentence: str) -> str:
    """What the process prints up to a line with that sentence."""
    assert process.stdout
    said = ""
    while sentence not in said:
        line = await process.stdout.readline()
        assert line, said
        said += line.decode()
    return said


async def the_rest(process: asyncio.subprocess.Process) -> str:
    """What the process prints until it ends."""
    output, _ = await process.communicate()
    return output.decode()


def children(pid: int) -> list[int]:
    """The processes that a process started and that still run."""
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def command_line(pid: int) -> str:
    """How a process was started, or nothing if it is gone."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
    except OSError:
        return ""


@pytest.mark.timeout(240)
async def test_the_demonstration_proves_itself(tmp_path: Path) -> None:
    """`bot.py demo --check` plays the whole story, every step holds, and no file stays behind."""
    async with demo(tmp_path, "--check") as process:
        said = await the_rest(process)
        assert process.returncode == 0, said
    assert "✗" not in said
    assert said.count("✓") > 20
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_the_demonstration_can_be_tried_out_and_ended(tmp_path: Path, number: signal.Signals) -> None:
    """It prints three addresses that answer and what to try; SIGTERM or Ctrl-C ends it with all it started."""
    async with demo(tmp_path) as process:
        said = await read_until(process, "Ctrl-C")
        addresses = re.findall(r"^ +(?:Slack|Inbox|Portal) +(http://\S+)", said, re.MULTILINE)
        assert [await status(address) for address in addresses] == [200, 200, 200]
        started = children(process.pid)
        os.killpg(process.pid, number)  # as a terminal does: to everything in the foreground
        rest = await the_rest(process)
        assert process.returncode == 0, rest
    assert len(started) == 2
    assert [command_line(pid) for pid in started] == ["", ""]
    assert os.listdir(tmp_path) == []


async def test_a_part_that_dies_ends_the_demonstration(tmp_path: Path) -> None:
    """When the desk dies the demonstration says so, shows the end of its log, and tidies up."""
    async with demo(tmp_path) as process:
        await read_until(process, "Ctrl-C")
        desk = next(pid for pid in children(process.pid) if " serve" in command_line(pid))
        os.kill(desk, signal.SIGKILL)
        said = await the_rest(process)
        assert process.returncode == 1
    assert "The desk ended with status -9" in said
    assert "desk.open" in said
    assert os.listdir(tmp_path) == []


async def status(address: str) -> int:
    """The status a page answers with."""
    async with aiohttp.ClientSession() as http, http.get(address) as response:
        return response.status
