"""`/account`: who is signed in and what they can do here; the second password, the steps that remain, signing out."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from aiohttp import web

from handlers import checklists, hosting, overview
from handlers.hosting import HostingView
from handlers.model.errors import Limited, Unavailable, WeakPassword, WrongPassword
from handlers.overview import Overview
from handlers.signing_in import sessions
from portal.answers import later, status
from portal.desks import DESK
from portal.forms import FORMS, show_form
from portal.pages import speak, speak_as, spoken, wish
from portal.signed_in import forget, token_of, told, was_done
from portal.voice import Voice, phrase
from portal.wording import EMPTY, NOT_REPEATED, Faults, fault, rules, unproven


class Place(NamedTuple):
    """A page of a signed-in customer: its path, its name, and who has it."""

    path: str
    name: str
    shown: Callable[[Overview], bool]


PLACES = (
    Place("/account/password", phrase("Change the password"), lambda seen: True),
    Place("/account/information", phrase("Account information"), lambda seen: True),
    Place(
        "/account/second-factor", phrase("Two-step verification"), lambda seen: seen.service.second_factor.methods != ()
    ),
    Place("/account/hosting", phrase("Change the hosting password"), lambda seen: seen.hosted),
    Place("/account/steps", phrase("What remains to be done"), lambda seen: seen.steps_left > 0),
    Place(
        "/account/address",
        phrase("Your registered e-mail address"),
        lambda seen: seen.service.change_address is not None,
    ),
    Place("/account/close", phrase("Close my account"), lambda seen: seen.service.closure is not None),
)
DONE = {
    "password": phrase("Your password has been changed. Everywhere else, you are signed out."),
    "information": phrase("Your account information is saved."),
    "reopened": phrase("Your account is open again. Its data are as they were, and will not be deleted."),
    "hosting": phrase("Your hosting password has been changed. The password of your account stays as it is."),
}
LATER = phrase("Nothing was changed. Please try again in a few minutes.")


async def look(request: web.Request) -> web.Response:
    """GET /account: who it is and where to go; `?done=` names what was done a moment ago, with this session's mark."""
    seen = await overview.look(request.app[DESK], token_of(request))
    voice = speak_as(request, seen.language)
    what = was_done(request)
    done = DONE.get(what, "")
    return show_form(
        request,
        "account",
        voice,
        seen.service,
        200,
        {
            "out": request.app[FORMS].arm(request, "/account/sign-out").token,
            "login": seen.login,
            "address": seen.address,
            "name": seen.name,
            "stopped": voice.listed(seen.stopped),
        },
        places=tuple((place.path, voice.say(place.name)) for place in PLACES if place.shown(seen)),
        named=bool(seen.name),
        notice=voice.say(done) if done else "",
        stay=what == "reopened" and bool(seen.stopped),
    )


async def sign_out(request: web.Request) -> web.Response:
    """POST /account/sign-out: the session ends here and in the store; the browser stays known."""
    await request.app[FORMS].read(request)
    token = token_of(request)
    await sessions.end(request.app[DESK], token)
    service = request.app[DESK].services.get(sessions.service_of(request.app[DESK], token))
    voice = speak(request, wish(request), service.language if service else None)
    where = f"{spoken(f'/sign-in/{service.id}', voice)}&out" if service else "/"
    response = web.Response(status=303, headers={"Location": where})
    forget(request, response)
    return response


async def look_hosting(request: web.Request) -> web.Response:
    """GET /account/hosting: the form for the second password."""
    view = await hosting.look(request.app[DESK], token_of(request))
    return _hosting(request, view, speak_as(request, view.language))


async def change_hosting(request: web.Request) -> web.Response:
    """POST /account/hosting: set the second password; what is wrong stands beside its field."""
    desk, token = request.app[DESK], token_of(request)
    typed = await request.app[FORMS].read(request)
    view = await hosting.look(desk, token)
    voice = speak_as(request, view.language)
    old, new, again = typed.get("old", ""), typed.get("password", ""), typed.get("again", "")
    if not new or new != again:
        wrong = ("again", (voice.say(NOT_REPEATED),)) if new else ("password", (voice.say(EMPTY),))
        return _hosting(request, view, voice, 422, faults=(wrong,))
    try:
        await hosting.change(desk, token, new, old)
    except WrongPassword:
        return _hosting(request, view, voice, 422, faults=unproven(voice, old, "old"))
    except WeakPassword as error:
        broken = tuple(fault(one, voice) for one in error.faults)
        return _hosting(request, view, voice, 422, faults=(("password", broken),))
    except (Limited, Unavailable) as error:
        return later(_hosting(request, view, voice, status(error), trouble=voice.say(LATER)), error)
    raise web.HTTPSeeOther(told(request, spoken("/account", voice), "hosting"))


async def look_steps(request: web.Request) -> web.Response:
    """GET /account/steps: what remains to be done, in its order."""
    desk, token = request.app[DESK], token_of(request)
    seen = await overview.look(desk, token)
    voice = speak_as(request, seen.language)
    lists = (await checklists.look(desk, token, voice.language)).lists
    values = tuple((one.kind, one.steps, one.done) for one in lists)
    return show_form(request, "steps", voice, seen.service, lists=values)


async def tick(request: web.Request) -> web.Response:
    """POST /account/steps: the next step of a list is done."""
    typed = await request.app[FORMS].read(request)
    kind, step = typed.get("kind", ""), typed.get("step", "")
    number = int(step) if step.isascii() and step.isdecimal() and len(step) < 4 else 0
    await checklists.tick(request.app[DESK], token_of(request), kind, number)
    raise web.HTTPSeeOther(spoken("/account/steps", speak(request, wish(request))))


def _hosting(
    request: web.Request,
    view: HostingView,
    voice: Voice,
    status: int = 200,
    *,
    faults: Faults = (),
    trouble: str = "",
) -> web.Response:
    return show_form(
        request,
        "hosting",
        voice,
        view.service,
        status,
        {"login": view.login},
        hosting=view.name(voice.language),
        rules=rules(view.service.password, voice),
        faults=faults,
        trouble=trouble,
    )
