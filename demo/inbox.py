"""The customers' mailboxes: everything the desk's relay is given, kept in memory and shown on a page."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import SMTP as MAIL
from pathlib import Path

from aiohttp import web
from aiosmtpd.smtp import SMTP, Envelope, Session
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from demo.letters import Letter

HERE = Path(__file__).parent / "pages"
HOST = "127.0.0.1"
SECURITY = {
    # A letter's HTML stands in a frame of this page and inherits this: inline styles, no script, nothing from outside.
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self' 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
}


class Inbox:
    """What has arrived, oldest first; `relay` is where the desk hands its letters in, `url` the page.

    `before_answer` runs once a letter is kept and before its sender is told so.
    """

    def __init__(self) -> None:
        self.letters: list[Letter] = []
        self.relay = ""
        self.url = ""
        self.before_answer: Callable[[Letter], Awaitable[None]] = _at_once
        self._arrived = asyncio.Condition()

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Keep a mail; aiosmtpd calls this once the whole of it is here."""
        raw = envelope.content
        mail = message_from_bytes(raw if isinstance(raw, bytes) else b"", policy=MAIL)
        letter = Letter(
            number=len(self.letters) + 1,
            at=datetime.now(UTC),
            sender="" if envelope.mail_from in (None, "<>") else str(envelope.mail_from),
            recipients=tuple(envelope.rcpt_tos),
            mail=mail,
        )
        async with self._arrived:
            self.letters.append(letter)
            self._arrived.notify_all()
        await self.before_answer(letter)
        return "250 2.0.0 It is in the mailbox"

    def of(self, wanted: Callable[[Letter], bool]) -> list[Letter]:
        """The letters of that description, oldest first."""
        return [letter for letter in self.letters if wanted(letter)]

    async def wait(self, wanted: Callable[[Letter], bool], seconds: float) -> Letter | None:
        """The first letter of that description, as soon as there is one, or None after so many seconds."""
        try:
            async with asyncio.timeout(seconds), self._arrived:
                await self._arrived.wait_for(lambda: self.of(wanted))
        except TimeoutError:
            return None
        return self.of(wanted)[0]


async def _at_once(letter: Letter) -> None:
    """Nothing stands between a letter and its answer."""


INBOX = web.AppKey("inbox", Inbox)
PAGES = web.AppKey("pages", Environment)


@asynccontextmanager
async def inbox() -> AsyncIterator[Inbox]:
    """An empty inbox on two free ports of this machine, gone at the end."""
    box = Inbox()
    loop = asyncio.get_running_loop()
    smtp = await loop.create_server(lambda: SMTP(box, hostname="inbox.example", loop=loop), HOST, 0)
    runner = web.AppRunner(_app(box), access_log=None, shutdown_timeout=1.0)
    try:
        await runner.setup()
        await web.TCPSite(runner, HOST, 0).start()
        box.relay = f"smtp://{HOST}:{smtp.sockets[0].getsockname()[1]}"
        box.url = f"http://{HOST}:{runner.addresses[0][1]}"
        yield box
    finally:
        await runner.cleanup()
        smtp.close()


def _app(box: Inbox) -> web.Application:
    app = web.Application()
    app[INBOX] = box
    app[PAGES] = Environment(
        loader=FileSystemLoader(HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    app.router.add_get("/", _list)
    app.router.add_get("/letters/{number:[0-9]{1,6}}", _letter)
    app.router.add_get("/api/letters", _api)
    app.router.add_get("/style.css", _style)
    app.router.add_get("/favicon.ico", _no_icon)
    app.on_response_prepare.append(_harden)
    return app


async def _harden(request: web.Request, response: web.StreamResponse) -> None:
    response.headers.update(SECURITY)


async def _list(request: web.Request) -> web.Response:
    return _page(request, None, "")


async def _letter(request: web.Request) -> web.Response:
    number = int(request.match_info["number"])
    letters = request.app[INBOX].letters
    if not 1 <= number <= len(letters):
        raise web.HTTPNotFound
    view = request.query.get("view", "html")
    letter = letters[number - 1]
    return _page(request, letter, view if view in ("html", "text", "headers") else "html")


def _page(request: web.Request, letter: Letter | None, view: str) -> web.Response:
    letters = list(reversed(request.app[INBOX].letters))
    page = request.app[PAGES].get_template("inbox.html").render(letters=letters, letter=letter, view=view)
    return web.Response(text=page, content_type="text/html", charset="utf-8")


async def _api(request: web.Request) -> web.Response:
    return web.json_response([letter.summary() for letter in request.app[INBOX].letters])


async def _style(request: web.Request) -> web.Response:
    return web.Response(body=(HERE / "inbox.css").read_bytes(), content_type="text/css", charset="utf-8")


async def _no_icon(request: web.Request) -> web.Response:
    return web.Response(status=204)
