"""Recovery Desk: the command line, and the one place where everything is put together."""

from __future__ import annotations

import asyncio
import json as jsonlib
import signal
import socket
import ssl
from collections.abc import AsyncIterator, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import msgspec
import structlog
import typer
from aiohttp import web

import portal.app as pages
from bot.app import Bot, Connection
from bot.manifest import manifest as slack_manifest
from console import checks, control, health
from console.commands import app, run
from console.logs import configure
from console.operations import OPERATIONS
from handlers import addressing, services, timers
from handlers.carriers import carrier
from handlers.courier import Courier
from handlers.desk import Desk
from handlers.opening import opened
from handlers.settings import FILE, Settings
from mailin import explain as understanding
from mailin import worker
from mailin.door import Door, Limits
from mailin.listener import Listener
from mailin.spool import Spool

log = structlog.get_logger()

ROLES = ("courier", "timers", "slack", "portal", "mail")
"""In the order they start. They stop the other way round: what takes in stops first, what sends out last."""


class House:
    """A desk at work: its roles as they run, what each has to complain of, and the wish to stop."""

    def __init__(self, settings: Settings, desk: Desk, rooms: AsyncExitStack) -> None:
        self.settings, self.desk, self._rooms = settings, desk, rooms
        self.parts: dict[str, health.Ready] = {}
        self.stopping = asyncio.Event()
        self.failed = False
        self.bot: Bot | None = None

    async def courier(self) -> None:
        """Letters go out."""
        courier = Courier(self.desk, carrier(self.settings.relay, socket.gethostname()))
        stop = asyncio.Event()
        await self._rooms.enter_async_context(self._working("courier", courier.run(stop), stop))
        self.parts["courier"] = partial(_state_of, courier)

    async def timers(self) -> None:
        """What falls due is done."""
        await self._rooms.enter_async_context(self._working("timers", timers.run(self.desk)))

    async def slack(self) -> None:
        """Cards go to Slack and clicks come back; without a token this part says so and the rest works on."""
        bot = _bot(self.settings, self.desk)
        if bot is None:
            log.warning("slack.off", why="SLACK_BOT_TOKEN is not set; cases wait, and `act` works on the command line")
            return
        await bot.start()
        self.bot = bot
        self._rooms.push_async_callback(bot.stop)
        self.parts["slack"] = partial(_line_of, bot)

    async def portal(self) -> None:
        """Customers' pages, and Slack's signed requests where it calls us."""
        at = self.settings.portal_listen
        serving = await pages.serve(pages.build(self.desk, self._slack_calls), at.host, at.port)
        self._rooms.push_async_callback(serving.stop)
        log.info("portal.open", at=str(at), url=self.desk.portal_url)

    async def mail(self) -> None:
        """Customers' mail comes in."""
        spool = await Spool.open(self.settings.data / "spool")
        self._rooms.push_async_callback(spool.close)
        await self._rooms.enter_async_context(self._working("mail", worker.run(spool, self.desk)))
        listener = Listener(_door(self.settings, self.desk, spool))
        host, port = await listener.start(self.settings.mail_listen.host, self.settings.mail_listen.port)
        self._rooms.push_async_callback(listener.stop)
        log.info("mail.open", at=f"{host}:{port}")

    @asynccontextmanager
    async def _working(
        self, role: str, work: Coroutine[Any, Any, None], stop: asyncio.Event | None = None
    ) -> AsyncIterator[None]:
        """Work in the background; at the end it is asked to stop through `stop`, or cancelled."""
        task = asyncio.create_task(work, name=role)
        task.add_done_callback(self._ended)
        try:
            yield
        finally:
            if stop:
                stop.set()
            else:
                task.cancel()
            await asyncio.wait([task])

    def _ended(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and not self.stopping.is_set():
            log.error("role.died", role=task.get_name(), exc_info=task.exception())
            self.failed = True
            self.stopping.set()

    def _slack_calls(self, app: web.Application) -> None:
        if self.bot and self.settings.slack_signing_secret:
            app.router.add_post("/slack/events", self.bot.events)


async def serve_until_stopped(settings: Settings, only: tuple[str, ...]) -> bool:
    """Run the roles until SIGTERM or SIGINT, or until one of them fails; returns whether all went well."""
    settings = _with_ports(settings)
    async with AsyncExitStack() as rooms:
        desk = await rooms.enter_async_context(opened(settings))
        house = House(settings, desk, rooms)
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, house.stopping.set)
        await rooms.enter_async_context(control.answering(settings, desk, OPERATIONS))
        for role in (role for role in ROLES if role in only):
            await getattr(house, role)()
        await rooms.enter_async_context(health.answering(desk, settings.admin_listen, house.parts))
        log.info("desk.open", roles=",".join(only), services=",".join(desk.services))
        await house.stopping.wait()
        log.info("desk.stopping")
    log.info("desk.stopped")
    return not house.failed


async def _state_of(courier: Courier) -> str:
    return courier.state


async def _line_of(bot: Bot) -> str:
    return "" if await bot.connected() else "not connected"


def _bot(settings: Settings, desk: Desk) -> Bot | None:
    if settings.slack_bot_token is None:
        return None
    connection = Connection(
        bot_token=settings.slack_bot_token,
        app_token=None if settings.slack_signing_secret else settings.slack_app_token,
        signing_secret=settings.slack_signing_secret,
        api_url=settings.slack_api_url,
        channel=settings.slack_channel,
        agents=settings.staff_agents,
        approvers=settings.staff_approvers,
        admins=settings.staff_admins,
    )
    return Bot(desk, connection)


def _door(settings: Settings, desk: Desk, spool: Spool) -> Door:
    limits = Limits(
        mail_bytes=settings.mail_max_bytes,
        recipients=settings.mail_max_recipients,
        sessions=settings.mail_max_sessions,
        sessions_per_address=settings.mail_max_sessions,
        command_seconds=settings.mail_timeout_seconds,
    )
    tls = None
    if settings.mail_tls_cert:
        tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        tls.load_cert_chain(settings.mail_tls_cert, settings.mail_tls_key)
    return Door(socket.gethostname(), partial(addressing.accepts, desk), spool, desk.clock, limits, tls)


def _with_ports(settings: Settings) -> Settings:
    """Where the portal's port was left to the system, the one it gave, so that links can name it."""
    at = settings.portal_listen
    if at.port:
        return settings
    with socket.create_server((at.host, 0)) as probe:
        at = msgspec.structs.replace(at, port=probe.getsockname()[1])
    return msgspec.structs.replace(settings, portal_listen=at, portal_url=f"http://{at}")


@app.command()
def serve(
    only: Annotated[str, typer.Option(help=f"Some roles, comma separated: {','.join(ROLES)}.")] = ",".join(ROLES),
) -> None:
    """Run the desk until SIGTERM."""
    wanted = tuple(only.split(","))
    if not set(wanted) <= set(ROLES):
        raise typer.BadParameter(f"the roles are {', '.join(ROLES)}", param_hint="--only")

    async def work() -> bool:
        settings = Settings.load()
        configure(settings.log)
        return await serve_until_stopped(settings, wanted)

    if not run(work()):
        raise typer.Exit(1)


@app.command()
def demo(
    check: Annotated[bool, typer.Option("--check", help="Play the story by itself and prove it.")] = False,
) -> None:
    """A local Slack, a local inbox and the desk, with sample customers; until Ctrl-C."""
    import demo as demonstration  # noqa: PLC0415 (the product runs without it)

    raise typer.Exit(asyncio.run(demonstration.run(check)))


@app.command()
def init() -> None:
    """Write a commented desk.toml and the desk's key."""
    file = Path(FILE)
    if file.exists():
        typer.echo(f"{file} is there already; nothing was changed.", err=True)
        raise typer.Exit(1)
    file.write_text(Settings.template(), "utf-8")
    typer.echo(f"{file} is written: every setting is in it, commented out. Then try `check`.")


@app.command()
def check() -> None:
    """Verify settings, service files, keys, DNS, relay, Slack: one line each, with a fix where one is needed."""
    if not asyncio.run(checks.run(typer.echo)):
        raise typer.Exit(1)


@app.command()
def manifest(url: Annotated[str, typer.Option(help="https://<portal>/slack/events, for signed HTTP.")] = "") -> None:
    """Print the Slack app's manifest: for Socket Mode, or with --url for signed HTTP."""
    typer.echo(jsonlib.dumps(slack_manifest(socket_mode=not url, url=url or None), indent=2))


@app.command()
def explain(
    paths: Annotated[list[str], typer.Argument(help="Mails: files, folders, or - for standard input.")],
    json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """What the desk understands of mails."""
    for one in understanding.explain(paths, worker.names(services.load(Settings.load().services))):
        typer.echo(one.as_json() if json else f"{one.as_text()}\n")


def main() -> None:
    """The entry point of `python bot.py` and of `recovery-desk`."""
    app()


if __name__ == "__main__":
    main()
