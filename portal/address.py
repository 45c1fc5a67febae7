"""`/address/<token>`: whoever reads the new address's mail confirms it, and learns nothing of any account."""

from __future__ import annotations

from aiohttp import web

from handlers.model.errors import Limited, Unavailable, WrongCode
from handlers.registered_address import addresses
from portal.code import BETWEEN_DIGITS, EMPTY, ON_ITS_WAY, form, later, wrong
from portal.desks import DESK
from portal.forms import FORMS
from portal.pages import show, speak_as, spoken

PAGE = "address"


async def look(request: web.Request) -> web.Response:
    """GET: the form, while the code is alive; `?sent` says that a new one is on its way."""
    view = await addresses.look(request.app[DESK], request.match_info["token"])
    voice = speak_as(request, view.language)
    notice = voice.say(ON_ITS_WAY) if "sent" in request.query else ""
    return form(request, view, voice, page=PAGE, notice=notice)


async def confirm(request: web.Request) -> web.Response:
    """POST: the right code confirms the address, and does nothing else."""
    typed = await request.app[FORMS].read(request)
    return await (_resend(request) if "resend" in typed else _confirm(request, typed.get("code", "")))


async def _confirm(request: web.Request, typed: str) -> web.Response:
    desk, token = request.app[DESK], request.match_info["token"]
    view = await addresses.look(desk, token)
    voice = speak_as(request, view.language)
    digits = BETWEEN_DIGITS.sub("", typed)
    if not digits:
        return form(request, view, voice, 422, page=PAGE, fault=voice.say(EMPTY))
    try:
        done = await addresses.confirm(desk, token, digits)
    except WrongCode as error:
        return form(request, view, voice, 422, page=PAGE, fault=wrong(voice, error.left))
    except (Limited, Unavailable) as error:
        return later(request, view, voice, error, page=PAGE)
    return show(request, "address_confirmed", voice, done.service)


async def _resend(request: web.Request) -> web.Response:
    desk, token = request.app[DESK], request.match_info["token"]
    view = await addresses.look(desk, token)
    voice = speak_as(request, view.language)
    try:
        await addresses.resend(desk, token)
    except (Limited, Unavailable) as error:
        return later(request, view, voice, error, page=PAGE)
    raise web.HTTPSeeOther(f"{spoken(request.rel_url.raw_path, voice)}&sent")
