"""How fast the portal shows the page behind a reset link, beside a bare aiohttp page on the same loop."""

from __future__ import annotations

import asyncio
import io
import statistics
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import structlog
from aiohttp import web
from yarl import URL

from bench import Row
from handlers import links
from handlers.clock import system_clock
from handlers.configuration.services import Services
from handlers.desk import Desk
from handlers.files.blobs import Blobs
from handlers.model.account import Account
from handlers.model.case import Case
from handlers.model.service import Service
from handlers.model.staff import DESK
from handlers.store.tiny import TinyStore
from handlers.vault import Vault
from portal.app import build, serve

HOST = "portal.example"


async def run(rounds: int) -> list[Row]:
    """Fetch both pages in turn over one kept connection each, 10 times `rounds`."""
    with TemporaryDirectory() as folder:
        structlog.configure(
            processors=[structlog.processors.JSONRenderer()],
            logger_factory=structlog.WriteLoggerFactory(Nowhere()),
            cache_logger_on_first_use=True,
        )
        async with desk(Path(folder) / "desk.json") as (portal, path), bare() as other:
            ours, theirs = await alternately((portal, path), (other, "/"), rounds * 10)
        structlog.reset_defaults()
    return [
        Row("portal, GET of a reset page", 1 / ours, "pages/s"),
        Row("bare aiohttp page", 1 / theirs, "pages/s"),
        Row("portal beside bare aiohttp", theirs / ours, "×", goal="at least 0.5"),
    ]


class Nowhere(io.StringIO):
    """Takes log lines, so that writing them is measured and reading them is spared."""

    def write(self, text: str) -> int:
        """Forget the text."""
        return len(text)


async def alternately(one: tuple[str, str], other: tuple[str, str], times: int) -> tuple[float, float]:
    """The median seconds of one GET of each, fetched in turn so that what disturbs one disturbs both."""
    getters = [await Getter.open(*one), await Getter.open(*other)]
    seconds: tuple[list[float], list[float]] = ([], [])
    for _ in range(times):
        for getter, taken in zip(getters, seconds, strict=True):
            begun = perf_counter()
            await getter.get()
            taken.append(perf_counter() - begun)
    for getter in getters:
        getter.writer.close()
    return statistics.median(seconds[0]), statistics.median(seconds[1])


class Getter:
    """A connection over which the same page is fetched again and again, with as little work of its own as can be."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, path: str) -> None:
        self.reader = reader
        self.writer = writer
        self.request = f"GET {path} HTTP/1.1\r\nHost: {HOST}\r\nCookie: desk={'c' * 43}\r\n\r\n".encode()

    @classmethod
    async def open(cls, address: str, path: str) -> Getter:
        """A connection to that server."""
        url = URL(address)
        return cls(*await asyncio.open_connection(url.host, url.port), path)

    async def get(self) -> None:
        """Fetch the page to its end."""
        self.writer.write(self.request)
        head = await self.reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200"), head
        await self.reader.readexactly(int(head.partition(b"Content-Length: ")[2].partition(b"\r\n")[0]))


@asynccontextmanager
async def desk(file: Path) -> AsyncIterator[tuple[str, str]]:
    """The address of a portal with one living reset link, and the link's path."""
    store = await TinyStore.open(file)
    service = Service(
        id="shop", name="Shop", language="fr", mailboxes=("support@shop.example",), sender="support@shop.example"
    )
    vault = Vault([b"k" * 32])
    blobs = Blobs(file.parent / "documents", vault)
    one = Desk(store, Services({"shop": service}), vault, f"http://{HOST}", system_clock, blobs=blobs)
    serving = await serve(build(one), "127.0.0.1", 0)
    yield serving.addresses[0], f"/reset/{await living_link(one)}"
    await serving.stop()
    await store.close()


async def living_link(desk: Desk) -> str:
    """The raw token of a link that outlives the measurement."""
    address = "jean@mail.example"
    account = Account(
        id="A-1", service="shop", login="jean", login_key="jean", address=address, address_key=address, language="fr"
    )
    case = Case(
        id="R-1",
        service="shop",
        source="mail",
        asked="password_reset",
        language="fr",
        account=account.id,
        requester=address,
        requester_key=address,
        opened_at=desk.now(),
        changed_at=desk.now(),
    )
    async with desk.store.transaction() as tx:
        tx.put(account, case)
        _, token = await links.mint(tx, desk, case, account, DESK, desk.now() + timedelta(hours=1))
    return token.value


@asynccontextmanager
async def bare() -> AsyncIterator[str]:
    """A page of the same size, straight out of aiohttp; its address."""
    text = "x" * 2600

    async def page(request: web.Request) -> web.Response:
        return web.Response(text=text, content_type="text/html")

    app = web.Application()
    app.router.add_get("/", page)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port, *_ = runner.addresses[0]
    yield f"http://{host}:{port}"
    await runner.cleanup()
