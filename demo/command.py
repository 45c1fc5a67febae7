"""`bot.py demo`: start everything, say where it is and what to try, or play the story; leave nothing behind."""

from __future__ import annotations

import asyncio
import signal
from time import monotonic

import aiosmtplib

from demo.house import House, Tell, ended, house, samples
from demo.play import play
from demo.serving import CannotStart
from services.stories import SERVICE, TRY

PLACES = """
  Slack      {slack}   (channel #recovery; you are Ayşe Demir, an agent)
  Inbox      {inbox}   (what the customers receive)
  Portal     {portal}   (opened from the letters; or {portal}/sign-in/{service})
  Mail       127.0.0.1:{mail}   (SMTP; write to a service's mailbox from any address you like)

{stories}
Ctrl-C ends it and leaves nothing behind.
"""


async def run(check: bool) -> int:
    """The demonstration, until Ctrl-C, or with `check` until the story is told; returns the exit status."""
    task = asyncio.current_task()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, _cancel_once, task)
    try:
        return await _run(check)
    except CannotStart as error:
        tell(f"The demonstration cannot start. {error}")
    except asyncio.CancelledError:
        tell("\nStopped; nothing is left behind.")
        return 130 if check else 0
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)
    return 1


def tell(text: str) -> None:
    """Print at once, also into a pipe."""
    print(text, flush=True)


async def _run(check: bool) -> int:
    started = monotonic()
    tell("Starting, on this machine alone:")
    async with house(_starting(started)) as running:
        tell(f"Ready after {monotonic() - started:.1f} s.")
        return await (_checked(running) if check else _shown(running))


def _starting(started: float) -> Tell:
    return lambda what: tell(f"  {monotonic() - started:4.1f} s  {what}")


async def _checked(running: House) -> int:
    started = monotonic()
    broken = await play(running, tell)
    tell(f"\n{broken or 'All'} steps {'did not hold' if broken else 'held'} ({monotonic() - started:.1f} s).")
    if broken:
        tell(f"The desk: {running.desk.tail(60)}")
    return 1 if broken else 0


async def _shown(running: House) -> int:
    """Mail the samples in and wait; only a part that dies ends this by itself."""
    await _write(running)
    tell(
        PLACES.format(
            slack=running.slack.url,
            inbox=running.inbox.url,
            portal=running.portal,
            mail=running.mail_port,
            service=SERVICE,
            stories=TRY,
        )
    )
    parts = [
        asyncio.create_task(ended(running.slack.process, "The Slack emulator")),
        asyncio.create_task(ended(running.desk.process, "The desk")),
    ]
    try:
        await asyncio.wait(parts, return_when=asyncio.FIRST_COMPLETED)
        tell(" ".join(part.result() for part in parts if part.done()))
        tell(f"The desk: {running.desk.tail()}")
    finally:
        for part in parts:
            part.cancel()
    return 1


async def _write(running: House) -> None:
    try:
        for mail in samples():
            await running.send(mail)
    except (aiosmtplib.SMTPException, OSError) as error:
        raise CannotStart(f"The desk did not take the sample mails: {error}. {running.desk.tail()}") from error


def _cancel_once(task: asyncio.Task[int] | None) -> None:
    """The first signal starts the tidying up; another one must not interrupt it."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, lambda: None)
    if task:
        task.cancel()
