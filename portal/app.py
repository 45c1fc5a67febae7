"""The portal as a web application, and how it is served."""

from __future__ import annotations

from collections.abc import Callable

from aiohttp import web
from yarl import URL

from handlers.desk import Desk
from portal import answers, code, lost, reset, start
from portal.desks import DESK
from portal.forms import FORMS, Forms
from portal.pages import PAGES, Pages, stylesheet
from portal.record import record
from portal.security import harden, only_host

MOST_BYTES = 1024 * 1024
"""What a route outside the portal's pages may be sent; the portal's own forms are bounded far lower."""

IDLE_SECONDS = 30
STOP_SECONDS = 3.0


def build(desk: Desk, slack_http: Callable[[web.Application], object] | None = None) -> web.Application:
    """The portal of `desk`; `slack_http` may add routes under `/slack/`, which the rules for browsers leave alone.

    Raises Unavailable when a catalogue cannot be read.
    """
    middlewares = [record, answers.answer, only_host(desk.portal_url)]
    app = web.Application(middlewares=middlewares, client_max_size=MOST_BYTES)
    app[DESK], app[PAGES], app[FORMS] = desk, Pages(), Forms(desk)
    app.on_response_prepare.append(harden(https=URL(desk.portal_url).scheme == "https"))
    _routes(app.router, app[PAGES].style_path)
    if slack_http:
        slack_http(app)
    return app


def _routes(router: web.UrlDispatcher, style_path: str) -> None:
    for path, get, post in (
        ("/lost/{service}", lost.ask, lost.asked),
        ("/reset/{token}", reset.look, reset.redeem),
        ("/code/{token}", code.look, code.verify),
    ):
        router.add_get(path, get, allow_head=False)
        router.add_head(path, start.nothing)
        router.add_post(path, post)
    router.add_get("/lost/{service}/sent", lost.sent)
    router.add_get("/", start.start)
    router.add_get("/robots.txt", start.robots)
    router.add_get("/favicon.ico", start.no_icon)
    router.add_get(style_path, stylesheet)


class Serving:
    """A portal that answers at `addresses`, one `http://host:port` each, until stopped."""

    def __init__(self, runner: web.AppRunner) -> None:
        self._runner = runner

    @property
    def addresses(self) -> list[str]:
        """Where it listens; the port is the real one, also when 0 was asked for."""
        return [f"http://{host}:{port}" for host, port, *_ in self._runner.addresses]

    async def stop(self) -> None:
        """Take no new requests, let the running ones end (a few seconds at most), and free the port."""
        await self._runner.cleanup()


async def serve(app: web.Application, host: str, port: int) -> Serving:
    """Answer at `host:port`; raises OSError when the port is taken."""
    # The server's own access log would write addresses with their tokens; `record` writes ours.
    runner = web.AppRunner(
        app,
        access_log=None,
        keepalive_timeout=IDLE_SECONDS,
        shutdown_timeout=STOP_SECONDS,
        auto_decompress=False,
    )
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
    except OSError:
        await runner.cleanup()
        raise
    return Serving(runner)
