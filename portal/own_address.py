"""`/account/address`: a customer who is signed in asks for another registered address."""

from __future__ import annotations

from aiohttp import web

from handlers.model.errors import Invalid, Limited, Unavailable, WrongPassword
from handlers.registered_address import own_address
from handlers.registered_address.own_address import OwnAddress
from portal.answers import later, problem
from portal.desks import DESK
from portal.forms import FORMS, show_form
from portal.pages import speak_as, spoken
from portal.signed_in import token_of
from portal.voice import Voice, phrase
from portal.wording import Faults, unproven

NOT_ANOTHER = phrase("Type one e-mail address, such as name@example.com, and not the one that is registered now.")


async def look(request: web.Request) -> web.Response:
    """GET: the form; or what is under way already."""
    view = await own_address.look(request.app[DESK], token_of(request))
    return _form(request, view, speak_as(request, view.language))


async def ask(request: web.Request) -> web.Response:
    """POST: the new address is asked to confirm; an address of another customer looks just the same (T15)."""
    desk, session = request.app[DESK], token_of(request)
    fields = await request.app[FORMS].read(request)
    typed, password = fields.get("address", "").strip(), fields.get("password", "")
    view = await own_address.look(desk, session)
    voice = speak_as(request, view.language)
    try:
        await own_address.ask(desk, session, typed, password)
    except WrongPassword:
        return _form(request, view, voice, 422, typed=typed, faults=unproven(voice, password))
    except Invalid:
        return _form(request, view, voice, 422, typed=typed, faults=(("address", (voice.say(NOT_ANOTHER),)),))
    except (Limited, Unavailable) as error:
        what = problem(error)
        return later(_form(request, view, voice, what.status, typed=typed, trouble=voice.say(what.text)), error)
    raise web.HTTPSeeOther(spoken("/account/address", voice))


def _form(
    request: web.Request,
    view: OwnAddress,
    voice: Voice,
    status: int = 200,
    *,
    typed: str = "",
    faults: Faults = (),
    trouble: str = "",
) -> web.Response:
    own = {"present": view.address, "new": view.under_way or view.profile, "address": typed}
    return show_form(
        request,
        "own_address",
        voice,
        view.service,
        status,
        own,
        under_way=bool(view.under_way),
        changed=view.changed,
        follows=view.follows,
        possible=not view.follows or bool(view.profile),
        faults=faults,
        trouble=trouble,
    )
