"""The line to Slack: a socket that looks open but delivers nothing is noticed and replaced."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager

from slack_bolt.app.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot import line as module
from bot.line import Line
from demo.slack import APP_TOKEN, BOT_TOKEN, Workspace
from tests.bot.stub import Stub, failed
from tests.waiting import until


def make_line(api: str) -> Line:
    app = AsyncApp(client=AsyncWebClient(token=BOT_TOKEN, base_url=api), signing_secret="")
    return Line(app, AsyncWebClient(token=APP_TOKEN, base_url=api, timeout=2), watch=0.1, ping=0.2)


async def opened(line: Line, reconnects: int = 0) -> None:
    """Wait until the line is open, after at least that many repairs."""
    for _ in range(1000):
        if line.reconnects >= reconnects and await line.is_open():
            return
        await asyncio.sleep(0.01)
    raise TimeoutError("the line did not open")


async def closed(line: Line) -> None:
    """Wait until the line is known to be dead."""
    for _ in range(1000):
        if not await line.is_open():
            return
        await asyncio.sleep(0.01)
    raise TimeoutError("the line seems open")


@contextmanager
def frozen(slack: Workspace) -> Iterator[None]:
    """Slack stands still, its connections open, until the block ends."""
    os.kill(slack.process.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(slack.process.pid, signal.SIGCONT)


async def test_a_line_that_went_silent_is_replaced(slack: Workspace) -> None:
    """Slack freezes without closing anything: the line is known to be dead, and another one opens when it is back."""
    line = make_line(slack.api)
    runs = asyncio.create_task(line.run())
    await opened(line)
    with frozen(slack):
        await closed(line)
    await opened(line, reconnects=1)
    runs.cancel()
    await asyncio.wait([runs])


async def test_a_frozen_slack_does_not_hold_up_the_stop(slack: Workspace) -> None:
    """The desk stops within three seconds, whatever Slack does."""
    line = make_line(slack.api)
    runs = asyncio.create_task(line.run())
    await opened(line)
    with frozen(slack):
        async with asyncio.timeout(3):
            runs.cancel()
            await asyncio.wait([runs])


async def test_slack_is_asked_patiently_until_it_gives_a_line(stub: Stub) -> None:
    """A wrong token or an outage at the start is a line in the log, again and again, never an end."""
    stub.script["apps.connections.open"] = [failed("invalid_auth"), failed("internal_error", 500)]
    line = make_line(stub.api)
    runs = asyncio.create_task(line.run())
    await until(lambda: stub.count("apps.connections.open") >= 2)
    first, second = [at for at, method, _ in stub.calls if method == "apps.connections.open"][:2]
    assert second - first >= 0.9
    assert not runs.done()
    assert not await line.is_open()
    runs.cancel()
    await asyncio.wait([runs])


async def test_the_library_logs_no_tracebacks() -> None:
    """Slack being away is one line, not a page."""
    logger = module._quiet()
    assert module._quiet() is logger
    assert len(logger.filters) == 1
