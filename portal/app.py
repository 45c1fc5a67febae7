"""The portal as a web application, and how it is served."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import cast

from aiohttp import web
from yarl import URL

from handlers.desk import Desk
from portal import (
    account,
    address,
    answers,
    case,
    closing,
    code,
    documents,
    factor,
    information,
    lost,
    own_address,
    password,
    reset,
    second_factor,
    sign_in,
    signed_in,
    start,
    stop,
    viewer,
)
from portal.busy import BUSY, Busy
from portal.desks import DESK
from portal.forms import FORMS, Forms
from portal.pages import PAGES, Pages, stylesheet
from portal.record import of_server, record
from portal.security import harden, only_host
from portal.visits import MOST, VISITS, Visit, Visits, attend

MOST_BYTES = 1024 * 1024
"""What a route outside the portal's pages may be sent; the portal's own forms are bounded far lower."""

IDLE_SECONDS = 10
"""How long a connection may take for a request's head, or stay open without asking anything."""

STOP_SECONDS = 3.0
WAITING = 128
"""How many connections wait at the door; as many are taken in at once before the first is counted."""

MOST_CONNECTIONS = MOST + WAITING
"""How many the portal can have at once."""


FORMS_AT = (
    ("/lost/{service}", lost.ask, lost.asked),
    ("/documents/{token}", documents.look, documents.send),
    ("/staff/documents/{ticket}", viewer.look, viewer.use),
    ("/reset/{token}", reset.look, reset.redeem),
    ("/code/{token}", code.PAGE.look, code.PAGE.verify),
    ("/address/{token}", address.PAGE.look, address.PAGE.verify),
    ("/stop/{token}", stop.look, stop.stop),
    ("/account/address", own_address.look, own_address.ask),
    ("/sign-in/{service}", sign_in.ask, sign_in.answered),
    ("/sign-in/{service}/code", sign_in.look_code, sign_in.verify_code),
    ("/sign-in/{service}/change", password.look, password.change),
    ("/sign-in/{service}/closed", closing.look_signing_in, closing.reopen_signing_in),
    ("/reactivate/{token}", closing.look_back, closing.reopen),
    ("/case/{token}", case.look, case.cancel),
    ("/information/{token}", information.look, information.give),
    ("/account/information", information.profile, information.save),
    ("/account/close", closing.look, closing.close),
    ("/account/password", password.look, password.change),
    ("/account/hosting", account.look_hosting, account.change_hosting),
    ("/account/steps", account.look_steps, account.tick),
    ("/sign-in/{service}/factor", factor.look, factor.prove),
    ("/sign-in/{service}/lost-factor", factor.look_lost, factor.lost),
    ("/second-factor/{token}", factor.look_reset, factor.reset),
    ("/account/second-factor", second_factor.look, second_factor.change),
    ("/account/second-factor/setup", second_factor.look_setup, second_factor.switch_on),
    ("/account/second-factor/codes", second_factor.look_codes, second_factor.renew),
    ("/account/second-factor/remove", second_factor.look_remove, second_factor.remove),
)
"""Every page with a form: its address, what GET shows, what POST does."""


def build(desk: Desk, slack_http: Callable[[web.Application], object] | None = None) -> web.Application:
    """The portal of `desk`; `slack_http` may add routes under `/slack/`, which the rules for browsers leave alone.

    Raises Unavailable when a catalogue cannot be read.
    """
    middlewares = [attend, record, answers.answer, only_host(desk.portal_url), signed_in.lead]
    app = web.Application(middlewares=middlewares, client_max_size=MOST_BYTES)
    app[DESK], app[PAGES], app[FORMS], app[VISITS] = desk, Pages(), Forms(desk), Visits()
    app[BUSY] = Busy()
    app.on_response_prepare.append(harden(https=URL(desk.portal_url).scheme == "https"))
    _routes(app.router, app[PAGES].style_path)
    if slack_http:
        slack_http(app)
    return app


def _routes(router: web.UrlDispatcher, style_path: str) -> None:
    for path, get, post in FORMS_AT:
        router.add_get(path, get, allow_head=False)
        router.add_head(path, start.nothing)
        router.add_post(path, post)
    router.add_get("/lost/{service}/sent", lost.sent)
    router.add_get("/sign-in/{service}/lost-factor/sent", factor.sent)
    router.add_get("/account", account.look, allow_head=False)
    router.add_post("/account/sign-out", account.sign_out)
    router.add_get("/", start.start)
    router.add_get("/robots.txt", start.robots)
    router.add_get("/favicon.ico", start.no_icon)
    router.add_get(style_path, stylesheet)


class Serving:
    """A portal that answers at `addresses`, one `http://host:port` each, until stopped."""

    def __init__(self, runner: web.AppRunner, server: asyncio.Server) -> None:
        self._runner, self._server = runner, server

    @property
    def addresses(self) -> list[str]:
        """Where it listens; the port is the real one, also when 0 was asked for."""
        names = (socket.getsockname() for socket in self._server.sockets)
        return [f"http://{host}:{port}" for host, port, *_ in names]

    async def stop(self) -> None:
        """Take no new requests, let the running ones end (a few seconds at most), and free the port."""
        self._server.close()
        await self._runner.cleanup()


async def serve(app: web.Application, host: str, port: int, idle_seconds: float = IDLE_SECONDS) -> Serving:
    """Answer at `host:port`; raises OSError when the port is taken."""
    # The server's own access log would write addresses with their tokens; `record` writes ours.
    runner = web.AppRunner(
        app,
        access_log=None,
        logger=of_server(),
        keepalive_timeout=idle_seconds,
        shutdown_timeout=STOP_SECONDS,
        auto_decompress=False,
    )
    await runner.setup()
    try:
        visit = partial(Visit, cast(web.Server, runner.server), app[VISITS])
        server = await asyncio.get_running_loop().create_server(visit, host, port, backlog=WAITING)
    except OSError:
        await runner.cleanup()
        raise
    return Serving(runner, server)
