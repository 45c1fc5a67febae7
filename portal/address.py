"""`/address/<token>`: whoever reads the new address's mail confirms it, and learns nothing of any account."""

from __future__ import annotations

from aiohttp import web

from handlers.registered_address import addresses
from portal.code import CodePage
from portal.desks import DESK
from portal.pages import show
from portal.voice import Voice


async def _confirmed(request: web.Request, digits: str, voice: Voice) -> web.Response:
    done = await addresses.confirm(request.app[DESK], request.match_info["token"], digits)
    return show(request, "address_confirmed", voice, done.service)


PAGE = CodePage("address", addresses.look, _confirmed, addresses.resend)
