"""`/stop/<token>`: "it was not me", in every letter to an address on file. Programs that follow links stop nothing."""

from __future__ import annotations

from aiohttp import web

from handlers import freeze
from handlers.freeze import StopView
from portal.desks import DESK
from portal.forms import FORMS
from portal.pages import show, speak, wish
from portal.voice import Voice


async def look(request: web.Request) -> web.Response:
    """GET: what the button will do; or that it was pressed, and what happens now."""
    view = await freeze.look(request.app[DESK], request.match_info["token"])
    voice = _voice(request, view)
    if view.frozen:
        return show(request, "stopped", voice, view.service)
    armed = request.app[FORMS].arm(request)
    response = show(request, "stop", voice, view.service, 200, {"token": armed.token})
    request.app[FORMS].keep(response, armed)
    return response


async def stop(request: web.Request) -> web.Response:
    """POST: freeze; once or ten times makes no difference."""
    await request.app[FORMS].read(request)
    view = await freeze.stop(request.app[DESK], request.match_info["token"])
    return show(request, "stopped", _voice(request, view), view.service)


def _voice(request: web.Request, view: StopView) -> Voice:
    return speak(request, view.language, wish(request))
