"""The whole desk in the test's own process, behind its real doors, with a clock that can be moved on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic
from typing import Any

import pytest
from msgspec.structs import replace

import portal.app as pages
from bot.app import Bot, Connection
from demo.house import Doors, free_ports
from demo.inbox import HOST, inbox
from demo.letters import Letter
from demo.names import NameServer, name_server
from demo.slack import APP_TOKEN, AYSE, BOT_TOKEN, CHANNEL, MARC, NORA, VISITOR, Workspace
from demo.story import Watch
from handlers import accounts, passwords, timers
from handlers.configuration.opening import opened
from handlers.configuration.settings import Settings
from handlers.desk import Desk
from handlers.model.account import Account
from handlers.model.audit import AuditEntry
from handlers.post import courier
from handlers.post.carriers import carrier
from handlers.post.courier import Courier
from mailin import spool as spooling
from mailin import worker
from mailin.door import door
from mailin.listener import Listener
from mailin.origin.checks import Checks
from mailin.spool import Spool
from tests.builders import AYSE as OPERATOR
from tests.builders import SERVICES
from tests.waiting import once

BEGINNING = datetime(2027, 3, 24, 9, 30, tzinfo=UTC)
"""Four days before clocks go forward in Europe, and a week before a month ends."""

in_one_loop = pytest.mark.asyncio(loop_scope="module")
"""A file's scenarios share a browser, which stays in the loop that it was started in."""

WAKES = 0.05
"""Seconds after which what sleeps looks at a moved clock."""


class Clockwork:
    """A clock that runs, from a day of the test's choosing, and can be moved on."""

    def __init__(self, beginning: datetime = BEGINNING) -> None:
        self._began = monotonic()
        self._at = beginning

    def __call__(self) -> datetime:
        return self._at + timedelta(seconds=monotonic() - self._began)

    def move(self, **by: float) -> None:
        """Let time pass: `move(hours=72)`."""
        self._at += timedelta(**by)


@dataclass(frozen=True)
class Town(Doors):
    """A desk's doors, the desk behind them, its clock, and the DNS that it asks about senders."""

    desk: Desk
    clock: Clockwork
    names: NameServer


class Scenario(Watch):
    """What customers and staff do in a town, and what they see come of it."""

    house: Town

    def __init__(self, house: Town) -> None:
        super().__init__(house)
        self._opened: set[int] = set()

    async def pass_time(self, **by: float) -> None:
        """Let time pass, and what falls due be done."""
        self.house.clock.move(**by)
        await asyncio.sleep(4 * WAKES)

    async def add(self, **row: str) -> None:
        """Add an account, as an operator would."""
        await accounts.add(self.house.desk, row, OPERATOR)

    async def add_with_password(self, password: str, **row: str) -> None:
        """Add an account whose owner has chosen a password a moment ago."""
        desk = self.house.desk
        account = await accounts.add(desk, row, OPERATOR)
        hash = await passwords.hashed(password)
        async with desk.store.transaction() as tx:
            tx.put(replace(account, password_hash=hash, password_changed_at=desk.now()))

    async def opens(self, to: str, subject: str) -> Letter:
        """The next letter to that mailbox with exactly that subject; each is opened once."""
        letter = await self.letter(
            lambda one: one.to == to and one.subject == subject and one.number not in self._opened,
            f"one more letter to {to}, {subject!r}",
        )
        self._opened.add(letter.number)
        return letter

    async def events(self, login: str) -> list[str]:
        """What the audit trail holds about an account, oldest first."""
        store = self.house.desk.store
        about = [one.id for one in await store.find(Account) if one.login == login]
        return [entry.event for entry in await store.find(AuditEntry) if entry.account in about]

    def letters(self, to: str) -> list[str]:
        """The subjects of all that lies in that mailbox, oldest first."""
        return [letter.subject for letter in self.house.inbox.of(lambda one: one.to == to)]


@asynccontextmanager
async def town(folder: Path, slack: Workspace, services: Path = SERVICES) -> AsyncIterator[Town]:
    """A town with nobody in it; Ayşe and Marc are agents and approvers, Vera approves only."""
    async with AsyncExitStack() as stack:
        box = await stack.enter_async_context(inbox())
        names = await stack.enter_async_context(name_server())
        mail_port, portal_port = free_ports(2)
        environ = {
            "DESK_DATA": str(folder / "data"),
            "DESK_SERVICES": str(services),
            "DESK_MAIL_LISTEN": f"{HOST}:{mail_port}",
            "DESK_PORTAL_LISTEN": f"{HOST}:{portal_port}",
            "DESK_PORTAL_URL": f"http://{HOST}:{portal_port}",
            "DESK_RELAY": box.relay,
            "DESK_DNS": names.at,
            "DESK_STAFF_AGENTS": f"{AYSE.id},{MARC.id}",
            "DESK_STAFF_APPROVERS": f"{AYSE.id},{MARC.id},{VISITOR.id},{NORA.id}",
            "DESK_SLACK_CHANNEL": CHANNEL,
            "DESK_SLACK_API_URL": slack.api,
            "SLACK_BOT_TOKEN": BOT_TOKEN,
            "SLACK_APP_TOKEN": APP_TOKEN,
        }
        settings, clock = Settings.load(environ=environ), Clockwork()
        desk = await stack.enter_async_context(opened(settings, clock=clock))
        await _open_doors(stack, settings, desk)
        yield Town(
            slack=slack,
            inbox=box,
            portal=desk.portal_url,
            mail_port=mail_port,
            desk=desk,
            clock=clock,
            names=names,
        )


async def _open_doors(stack: AsyncExitStack, settings: Settings, desk: Desk) -> None:
    """Everything `bot.py serve` starts, in this process."""
    connection = Connection.of(settings)
    assert connection
    stop = asyncio.Event()
    await stack.enter_async_context(_working(Courier(desk, carrier(settings.relay, "desk.example")).run(stop)))
    await stack.enter_async_context(_working(timers.run(desk)))
    bot = Bot(desk, connection, pace=0.02)
    await bot.start()
    stack.push_async_callback(bot.stop)
    serving = await pages.serve(pages.build(desk), settings.portal_listen.host, settings.portal_listen.port)
    stack.push_async_callback(serving.stop)
    spool = await Spool.open(settings.data / "spool")
    stack.push_async_callback(spool.close)
    await stack.enter_async_context(_working(worker.run(spool, desk, checks=Checks.of(settings))))
    listener = Listener(door(settings, desk, spool, None))
    await listener.start(settings.mail_listen.host, settings.mail_listen.port)
    stack.push_async_callback(listener.stop)
    await once(bot.connected, 10)


@asynccontextmanager
async def _working(work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Work in the background until the block ends."""
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])


def look_often(patch: Any) -> None:
    """Have sleepers look at the clock often: in life it moves at its own pace, and they sleep up to a minute."""
    patch.setattr(timers, "IDLE_SECONDS", WAKES)
    patch.setattr(courier, "IDLE_SECONDS", WAKES)
    patch.setattr(spooling, "QUIET_SECONDS", WAKES)
