"""Recovery Desk: the command line, and the one place where everything is put together."""

from __future__ import annotations

import asyncio
import json as jsonlib
import signal
import socket
import sys
from collections.abc import AsyncIterator, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from io import TextIOWrapper
from typing import TYPE_CHECKING, Annotated, Any

import structlog
import typer

from console import control
from console.beginning import init
from console.commands import app
from console.listeners import lift_file_limit, listening, with_ports
from console.logs import configure
from console.operations import OPERATIONS
from console.running import complain, complaining, run
from console.show import harmless, printable
from handlers import timers
from handlers.configuration import services
from handlers.configuration.opening import opened
from handlers.configuration.settings import Settings
from handlers.desk import Desk
from handlers.model.mail import ServiceNames

# Roles and commands load what they alone need when they start: who looks at a case waits for no door's libraries.
if TYPE_CHECKING:
    from aiohttp import web

    from bot.app import Bot
    from console import health
    from handlers.configuration.certificates import Certificate
    from handlers.post.courier import Courier
    from mailin.explain import Explanation
    from mailin.origin.names import Names
    from mailin.spool import Spool

log = structlog.get_logger()

EXPIRY = "desk_mail_certificate_seconds"
SILENCE = "desk_dns_silent"


class House:
    """A desk at work: its roles as they run, what each has to complain of, and the wish to stop."""

    def __init__(self, settings: Settings, desk: Desk, stopping: asyncio.Event) -> None:
        self.settings, self.desk, self.stopping = settings, desk, stopping
        self.parts: dict[str, health.Ready] = {}
        self.notes: dict[str, health.Ready] = {}
        self.numbers: dict[str, health.Number] = {}
        self.failed = False
        self.bot: Bot | None = None
        self._rooms: list[AsyncExitStack] = []

    async def start(self, role: str) -> None:
        """Start one of ROLES, in a room of its own."""
        self._rooms.append(AsyncExitStack())
        await ROLES[role](self, self._rooms[-1])

    async def stop(self) -> None:
        """Stop every role at the same time: each takes up to three seconds, and so do all of them together."""
        rooms, self._rooms = self._rooms, []
        await asyncio.gather(*(room.aclose() for room in rooms))

    async def courier(self, room: AsyncExitStack) -> None:
        """Letters go out."""
        from handlers.post.carriers import carrier
        from handlers.post.courier import Courier

        courier = Courier(self.desk, carrier(self.settings.relay, socket.gethostname()))
        stop = asyncio.Event()
        await room.enter_async_context(self._working("courier", courier.run(stop), stop))
        self.parts["courier"] = partial(_state_of, courier)

    async def timers(self, room: AsyncExitStack) -> None:
        """What falls due is done."""
        await room.enter_async_context(self._working("timers", timers.run(self.desk)))

    async def slack(self, room: AsyncExitStack) -> None:
        """Cards go to Slack and clicks come back; without a token this part says so and the rest works on."""
        from bot.app import Bot, Connection

        connection = Connection.of(self.settings)
        if connection is None:
            log.warning("slack.off", why="SLACK_BOT_TOKEN is not set; cases wait, and `act` works on the command line")
            return
        bot = Bot(self.desk, connection)
        await bot.start()
        self.bot = bot
        room.push_async_callback(bot.stop)
        self.parts["slack"] = partial(_line_of, bot)

    async def portal(self, room: AsyncExitStack) -> None:
        """Customers' pages, and Slack's signed requests where it calls us."""
        import portal.app as pages

        at = self.settings.portal_listen
        with listening("portal", at):
            serving = await pages.serve(pages.build(self.desk, self._slack_calls), at.host, at.port)
        room.push_async_callback(serving.stop)
        log.info("portal.open", at=str(at), url=self.desk.portal_url)

    async def mail(self, room: AsyncExitStack) -> None:
        """Customers' mail comes in."""
        from handlers.configuration import certificates
        from mailin import worker
        from mailin.door import door
        from mailin.listener import Listener
        from mailin.origin.checks import Checks
        from mailin.origin.names import Names
        from mailin.spool import Spool

        spool = await Spool.open(self.settings.data / "spool")
        room.push_async_callback(spool.close)
        names = Names(self.settings.dns)
        room.push_async_callback(names.close)
        await room.enter_async_context(
            self._working("mail", worker.run(spool, self.desk, checks=Checks.of(self.settings, names)))
        )
        self.notes["dns"] = partial(_silence_of, names)
        self.numbers[SILENCE] = ("Whether no name server answers, so that no sender is checked", names.is_silent)
        certificate = certificates.of(self.settings)
        listener = Listener(door(self.settings, self.desk, spool, certificate.context if certificate else None))
        at = self.settings.mail_listen
        with listening("mail", at):
            host, port = await listener.start(at.host, at.port)
        room.push_async_callback(listener.stop)
        self.parts["mail"] = partial(_fullness_of, spool)
        if certificate:
            self.parts["certificate"] = partial(_complaint_of, certificate, self.desk)
            self.numbers[EXPIRY] = (
                "Seconds until the mail certificate's end",
                partial(_seconds_of, certificate, self.desk),
            )
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
            task.remove_done_callback(self._ended)
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


ROLES = {
    "courier": House.courier,
    "timers": House.timers,
    "slack": House.slack,
    "portal": House.portal,
    "mail": House.mail,
}
"""In the order they start."""


async def serve_until_stopped(settings: Settings, only: tuple[str, ...]) -> bool:
    """Run the roles until SIGTERM or SIGINT, or until one of them fails; returns whether all went well."""
    settings = with_ports(settings)
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    async with AsyncExitStack() as rooms:
        starting = asyncio.create_task(_house(settings, only, rooms, stopping))
        house = await _unless(stopping, starting)
        if house is not None:
            log.info("desk.open", roles=",".join(only), services=",".join(house.desk.services))
            await stopping.wait()
        log.info("desk.stopping")
    log.info("desk.stopped")
    return house is None or not house.failed


async def _house(settings: Settings, only: tuple[str, ...], rooms: AsyncExitStack, stopping: asyncio.Event) -> House:
    """The desk with its roles started; `rooms` close them."""
    from console import health

    desk = await rooms.enter_async_context(opened(settings))
    house = House(settings, desk, stopping)
    await rooms.enter_async_context(control.answering(settings, desk, OPERATIONS))
    rooms.push_async_callback(house.stop)
    for role in (role for role in ROLES if role in only):
        await house.start(role)
    await rooms.enter_async_context(
        health.answering(desk, settings.admin_listen, house.parts, house.numbers, house.notes)
    )
    return house


async def _unless(stopping: asyncio.Event, starting: asyncio.Task[House]) -> House | None:
    """What starts, or None if the wish to stop came first."""
    stop = asyncio.create_task(stopping.wait())
    await asyncio.wait((starting, stop), return_when=asyncio.FIRST_COMPLETED)
    stop.cancel()
    if not starting.done():
        starting.cancel()
        await asyncio.wait((starting,))
    return None if starting.cancelled() else starting.result()


async def _state_of(courier: Courier) -> str:
    return courier.state


async def _fullness_of(spool: Spool) -> str:
    waits = f"{spool.pending} mails wait, {spool.set_aside_now} are set aside, there is no room for more"
    return waits if spool.is_full else ""


async def _silence_of(names: Names) -> str:
    return "no name server answers; mails come in, their senders are not checked" if names.is_silent() else ""


async def _complaint_of(certificate: Certificate, desk: Desk) -> str:
    return certificate.complaint(desk.now())


def _seconds_of(certificate: Certificate, desk: Desk) -> float:
    return (certificate.expires_at - desk.now()).total_seconds()


async def _line_of(bot: Bot) -> str:
    return "" if await bot.connected() else "not connected"


@app.command()
def serve(
    only: Annotated[str, typer.Option(help=f"Some roles, comma separated: {','.join(ROLES)}.")] = ",".join(ROLES),
) -> None:
    """Run the desk until SIGTERM."""
    wanted = tuple(role.strip() for role in only.split(","))
    if not set(wanted) <= set(ROLES):
        raise typer.BadParameter(f"the roles are {', '.join(ROLES)}", param_hint="--only")

    async def work() -> bool:
        settings = Settings.load()
        configure(settings.log)
        lift_file_limit()
        return await serve_until_stopped(settings, wanted)

    if not run(work()):
        raise typer.Exit(1)


@app.command()
def demo(
    check: Annotated[bool, typer.Option("--check", help="Play the story by itself and prove it.")] = False,
) -> None:
    """Run a demonstration until Ctrl-C. A local Slack, a local inbox and the desk, with sample customers."""
    import demo as demonstration

    raise typer.Exit(asyncio.run(demonstration.run(check)))


app.command()(init)


@app.command()
def check() -> None:
    """Verify that the desk would work. Settings, services, keys, DNS, relay, Slack: a line each, with a fix."""
    from console import checks
    from mailin.origin.names import Names
    from portal.app import MOST_CONNECTIONS

    if not run(checks.run(typer.echo, MOST_CONNECTIONS, lambda server: Names(server).is_there())):
        raise typer.Exit(1)


@app.command()
def manifest(url: Annotated[str, typer.Option(help="https://<portal>/slack/events, for signed HTTP.")] = "") -> None:
    """Print the Slack app's manifest. For Socket Mode, or with --url for signed HTTP."""
    from bot.manifest import manifest as slack_manifest

    typer.echo(jsonlib.dumps(slack_manifest(socket_mode=not url, url=url or None), indent=2))


@app.command()
def explain(
    paths: Annotated[
        list[str],
        typer.Argument(
            metavar="PATH",
            help="A mail as your mail program saves it (.eml), a folder of mails with all below it, or - for a mail on "
            "standard input.",
        ),
    ],
    json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
    dns: Annotated[
        bool, typer.Option("--dns", help="Also what each mail proves about its sender; asks DESK_DNS.")
    ] = False,
) -> None:
    """Show what the desk understands of mails.

    A mail that cannot be read is said to be so and is no error; a PATH that is not there is one (status 1).
    """
    from mailin import explain as understanding
    from mailin.origin.checks import Checks

    def tell(one: Explanation) -> None:
        text = "\n".join(map(printable, one.as_text().split("\n")))
        typer.echo(harmless(one.as_json()) if json else f"{text}\n")

    async def look_up(settings: Settings) -> None:
        async for one in understanding.explain_origins(paths, _service_names(settings), Checks.of(settings)):
            tell(one)

    with complaining():
        settings = Settings.load()
        if dns:
            asyncio.run(look_up(settings))
        else:
            for one in understanding.explain(paths, _service_names(settings)):
                tell(one)
    absent = understanding.absent(paths)
    for path in absent:
        complain(f"{path}: there is no such file or folder.")
    if absent:
        raise typer.Exit(1)


def _service_names(settings: Settings) -> tuple[ServiceNames, ...]:
    from mailin.worker import names

    return names(services.load(settings.services))


def main() -> None:
    """The entry point of `python bot.py` and of `recovery-desk`."""
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # customers' letters on a terminal that has not got them
    app()


if __name__ == "__main__":
    main()
