"""Everything together on this machine: a local Slack, the customers' inbox, the desk with sample accounts."""

from __future__ import annotations

import asyncio
import random
import socket
import tempfile
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from email.utils import formatdate
from pathlib import Path

import aiosmtplib

from demo.inbox import HOST, Inbox, inbox
from demo.names import name_server
from demo.serving import ROOT, CannotStart, Serving
from demo.slack import APP_TOKEN, AYSE, BINARY, BOT_TOKEN, CHANNEL, MARC, NORA, Workspace, workspace

STORIES = ROOT / "services" / "stories"
ACCOUNTS = STORIES / "accounts.csv"
MAILS = STORIES / "mails"

PORTS = range(15_000, 32_000)

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Doors:
    """How people reach a desk: `portal` is the portal's address, `mail_port` where the desk takes customers' mail."""

    slack: Workspace
    inbox: Inbox
    portal: str
    mail_port: int

    async def send(self, raw: bytes, sender: str | None = None) -> None:
        """Hand a mail to the desk over SMTP, to its To; returns when the desk has answered 250.

        `sender` is the return path, From unless told otherwise: whoever forges a From has one of their own.
        """
        mail = (
            b"Date: " + formatdate(usegmt=True).encode() + b"\r\n" + raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
        )
        async with aiosmtplib.SMTP(
            hostname=HOST, port=self.mail_port, local_hostname="customers.example", start_tls=False, timeout=20
        ) as smtp:
            await smtp.sendmail(address(raw, "From") if sender is None else sender, [address(raw, "To")], mail)


@dataclass(frozen=True)
class House(Doors):
    """A running demonstration: the doors, and the desk behind them as a process of its own."""

    desk: Serving


def sample(name: str) -> bytes:
    """A sample mail by the start of its file's name, such as `01`."""
    return next(path for path in sorted(MAILS.iterdir()) if path.name.startswith(name)).read_bytes()


def samples() -> list[bytes]:
    """Every sample mail."""
    return [path.read_bytes() for path in sorted(MAILS.glob("*.eml"))]


def address(raw: bytes, header: str) -> str:
    """The address in a header of one of our own mails."""
    line = next(line for line in raw.decode().splitlines() if line.startswith(f"{header}:"))
    return line.partition(":")[2].rpartition("<")[2].strip(" >")


@asynccontextmanager
async def house(
    tell: Tell = lambda text: None,
    accounts: Path = ACCOUNTS,
    change: Callable[[Workspace], Mapping[str, str]] = lambda slack: {},
) -> AsyncIterator[House]:
    """The whole house, ready; gone without a trace at the end.

    `tell` hears what is being started; `change` may give settings of the desk other values than the demonstration's.
    Raises CannotStart.
    """
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="recovery-desk-demo-")))
        box = await stack.enter_async_context(inbox())
        tell("a local Slack (a third party's emulator; it listens on every interface, with test tokens only)")
        slack = await stack.enter_async_context(_slack())
        names = await stack.enter_async_context(name_server())
        mail, portal, health = free_ports(3)
        settings = {
            **at_home(folder, mail, portal, health),
            **_settings(box, slack),
            "DESK_DNS": names.at,
            **change(slack),
        }
        desk = Serving(folder, settings, health=f"http://{HOST}:{health}")
        tell("the sample accounts of five services")
        await _import(desk, accounts)
        tell("the desk")
        stack.push_async_callback(desk.stop)
        await desk.start()
        yield House(desk=desk, slack=slack, inbox=box, portal=settings["DESK_PORTAL_URL"], mail_port=mail)


def free_ports(count: int) -> list[int]:
    """So many different TCP ports of this machine that nobody listens on at this moment.

    They are below those that the system gives to whoever asks for any, or one might be taken before it is used.
    """
    found: list[int] = []
    for port in random.sample(PORTS, len(PORTS)):
        with suppress(OSError), socket.create_server((HOST, port)):
            found.append(port)
        if len(found) == count:
            break
    return found


@asynccontextmanager
async def _slack() -> AsyncIterator[Workspace]:
    if not BINARY.is_file():
        raise CannotStart(f"The Slack emulator is not at {BINARY}; `make demo` fetches it.")
    async with AsyncExitStack() as stack:
        try:
            slack = await stack.enter_async_context(workspace())
        except (OSError, RuntimeError, TimeoutError) as error:
            raise CannotStart(f"The Slack emulator did not start: {error}") from error
        yield slack


def at_home(folder: Path, mail: int, portal: int, health: int) -> dict[str, str]:
    """The settings of a desk with the example services that keeps its data in `folder` and listens at these ports."""
    return {
        "DESK_DATA": str(folder / "data"),
        "DESK_SERVICES": str(ROOT / "services"),
        "DESK_MAIL_LISTEN": f"{HOST}:{mail}",
        "DESK_PORTAL_LISTEN": f"{HOST}:{portal}",
        "DESK_PORTAL_URL": f"http://{HOST}:{portal}",
        "DESK_ADMIN_LISTEN": f"{HOST}:{health}",
    }


def _settings(box: Inbox, slack: Workspace) -> dict[str, str]:
    return {
        "DESK_RELAY": box.relay,
        "DESK_STAFF_AGENTS": f"{AYSE.id},{MARC.id}",
        "DESK_STAFF_APPROVERS": f"{AYSE.id},{MARC.id},{NORA.id}",
        "DESK_STAFF_ADMINS": AYSE.id,
        "DESK_SLACK_CHANNEL": CHANNEL,
        "DESK_SLACK_API_URL": slack.api,
        "SLACK_BOT_TOKEN": BOT_TOKEN,
        "SLACK_APP_TOKEN": APP_TOKEN,
    }


async def _import(desk: Serving, accounts: Path) -> None:
    try:
        done = await desk.command("accounts", "import", str(accounts))
    except TimeoutError:
        raise CannotStart("The sample accounts could not be imported in time.") from None
    if done.status:
        raise CannotStart(f"The sample accounts could not be imported: {done.errors.strip() or done.output.strip()}")


async def ended(process: asyncio.subprocess.Process, what: str) -> str:
    """Wait until a process ends, and say so."""
    status = await process.wait()
    return f"{what} ended with status {status}."
