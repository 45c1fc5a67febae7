"""`/stop/<token>`: "it was not me", in every letter to an address on file. Programs that follow links stop nothing."""

from __future__ import annotations

from aiohttp import web

from handlers import freeze
from portal.desks import DESK
from portal.forms import FORMS, show_form
from portal.pages import show, speak_as


async def look(request: web.Request) -> web.Response:
    """GET: what the button will do; or that it was pressed, and what happens now."""
    view = await freeze.look(request.app[DESK], request.match_info["token"])
    voice = speak_as(request, view.language)
    if view.frozen:
        return show(request, "stopped", voice, view.service)
    return show_form(request, "stop", voice, view.service)


async def stop(request: web.Request) -> web.Response:
    """POST: freeze; once or ten times makes no difference."""
    await request.app[FORMS].read(request)
    view = await freeze.stop(request.app[DESK], request.match_info["token"])
    return show(request, "stopped", speak_as(request, view.language), view.service)
