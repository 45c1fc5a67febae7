"""`/address/<token>`: whoever reads the new address's mail confirms it, and learns nothing of any account."""

from __future__ import annotations

from aiohttp import web

from handlers.codes import CodeView
from handlers.desk import Desk
from handlers.model.errors import Spent
from handlers.registered_address import addresses
from portal.code import CodePage
from portal.desks import DESK
from portal.pages import show
from portal.voice import Voice


async def _confirmed(request: web.Request, digits: str, voice: Voice) -> web.Response:
    done = await addresses.confirm(request.app[DESK], request.match_info["token"], digits)
    return show(request, "address_confirmed", voice, done.service)


async def _look(desk: Desk, token: str) -> CodeView:
    """A reload after the right code finds it used, which is what was wanted."""
    try:
        return await addresses.look(desk, token)
    except Spent as error:
        raise Spent("confirmed" if error.reason == "used" else error.reason, error.service, error.language) from None


PAGE = CodePage("address", _look, _confirmed, addresses.resend)
