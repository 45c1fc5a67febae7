"""A new password for whoever is signed in: `/account/password`, and `/sign-in/<service>/change` on the way in."""

from __future__ import annotations

from aiohttp import web

from handlers import passwords
from handlers.model.errors import Limited, Unavailable, WeakPassword, WrongPassword
from handlers.passwords import PasswordView
from portal.answers import later, status
from portal.desks import DESK
from portal.forms import FORMS, show_form
from portal.pages import speak_as, spoken
from portal.signed_in import browser_of, go_on, keep, token_of, told
from portal.voice import Voice, phrase
from portal.wording import EMPTY, NO_OLD, NOT_REPEATED, WRONG_OLD, Faults, fault, rules

LATER = phrase("Your password was not changed. Please try again in a few minutes.")


async def look(request: web.Request) -> web.Response:
    """GET: the form; what it asks for depends on what the reader signed in with."""
    view = await passwords.look(request.app[DESK], token_of(request))
    return _form(request, view, speak_as(request, view.language))


async def change(request: web.Request) -> web.Response:
    """POST: set the password, or put that off; what is wrong stands beside its field."""
    desk, token, browser = request.app[DESK], token_of(request), browser_of(request)
    typed = await request.app[FORMS].read(request)
    view = await passwords.look(desk, token)
    voice = speak_as(request, view.language)
    if "later" in typed:
        return go_on(request, await passwords.later(desk, token, browser))
    old, new = typed.get("old", ""), typed.get("password", "")
    wrong = _mistyped(voice, old, new, typed.get("again", ""))
    if wrong:
        return _form(request, view, voice, 422, faults=wrong)
    try:
        onward = await passwords.change(desk, token, old, new, browser)
    except WrongPassword:
        return _form(request, view, voice, 422, faults=(("old", (voice.say(WRONG_OLD),)),))
    except WeakPassword as error:
        broken = tuple(fault(one, voice) for one in error.faults)
        return _form(request, view, voice, 422, faults=(("password", broken),))
    except (Limited, Unavailable) as error:
        return later(_form(request, view, voice, status(error), trouble=voice.say(LATER)), error)
    where = told(request, spoken("/account", voice), "password", onward.session.value)
    response = web.Response(status=303, headers={"Location": where})
    keep(request, response, onward)
    return response


def _mistyped(voice: Voice, old: str, new: str, again: str) -> Faults:
    found = [
        ("old", NO_OLD if not old else ""),
        ("password", EMPTY if not new else ""),
        ("again", NOT_REPEATED if new and new != again else ""),
    ]
    return tuple((field, (voice.say(what),)) for field, what in found if what)


def _form(
    request: web.Request,
    view: PasswordView,
    voice: Voice,
    status: int = 200,
    *,
    faults: Faults = (),
    trouble: str = "",
) -> web.Response:
    out = request.app[FORMS].arm(request, "/account/sign-out").token
    return show_form(
        request,
        "password",
        voice,
        view.service,
        status,
        {"out": out, "login": view.login, "address": view.address},
        why="temporary" if view.temporary else "renewal" if view.stage == "change" else "",
        days=view.service.password.max_age_days,
        rules=rules(view.service.password, voice),
        faults=faults,
        trouble=trouble,
    )
