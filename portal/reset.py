"""`/reset/<token>`: the holder of a link chooses a new password."""

from __future__ import annotations

from aiohttp import web

from handlers import links
from handlers.languages import moment
from handlers.links import LinkView
from handlers.model.errors import DeskError, Limited, Unavailable, WeakPassword
from handlers.signing_in.devices import REMEMBERED
from portal.answers import later, status
from portal.desks import DESK
from portal.forms import FORMS, show_form
from portal.pages import show, speak_as
from portal.signed_in import browser_of, set_cookie
from portal.voice import Voice, phrase
from portal.wording import EMPTY, NOT_REPEATED, Faults, fault, masked, rules

LATER = phrase("Your password was not changed and your link still works. Type the new password again in a few minutes.")


async def look(request: web.Request) -> web.Response:
    """GET: the form, while the link is alive; however often it is fetched, nothing changes (T9)."""
    view = await links.look(request.app[DESK], request.match_info["token"])
    return _form(request, view, speak_as(request, view.language))


async def redeem(request: web.Request) -> web.Response:
    """POST: set the password; what is wrong with it stands beside the field, and the link stays."""
    desk, token = request.app[DESK], request.match_info["token"]
    typed = await request.app[FORMS].read(request)
    password = typed.get("password", "")
    wrong = _mistyped(password, typed.get("again", ""))
    if wrong:
        return await _again(request, token, 422, **wrong)
    try:
        done = await links.redeem(desk, token, password, browser_of(request))
    except WeakPassword as error:
        return await _again(request, token, 422, password=error)
    except (Limited, Unavailable) as error:
        return await _later(request, token, error)
    voice = speak_as(request, done.language)
    after_care = done.service.after_care("reset", voice.language)
    response = show(request, "done", voice, done.service, after_care=after_care, hosted=done.hosted)
    set_cookie(request, response, "browser", done.browser, REMEMBERED)
    return response


def _mistyped(password: str, again: str) -> dict[str, str]:
    if not password:
        return {"password": EMPTY}
    return {"again": NOT_REPEATED} if password != again else {}


async def _again(request: web.Request, token: str, status: int, **wrong: str | WeakPassword) -> web.Response:
    """The empty form once more, saying what to mend."""
    view = await links.look(request.app[DESK], token)
    voice = speak_as(request, view.language)
    return _form(
        request, view, voice, status, faults=tuple((field, _reasons(voice, what)) for field, what in wrong.items())
    )


def _reasons(voice: Voice, what: str | WeakPassword) -> tuple[str, ...]:
    return (voice.say(what),) if isinstance(what, str) else tuple(fault(one, voice) for one in what.faults)


async def _later(request: web.Request, token: str, error: DeskError) -> web.Response:
    view = await links.look(request.app[DESK], token)
    voice = speak_as(request, view.language)
    return later(_form(request, view, voice, status(error), trouble=voice.say(LATER)), error)


def _form(
    request: web.Request,
    view: LinkView,
    voice: Voice,
    status: int = 200,
    *,
    faults: Faults = (),
    trouble: str = "",
) -> web.Response:
    life = voice.lasting(view.expires_at - request.app[DESK].now())
    until = moment(view.reopens_until, voice.language) if view.reopens_until else ""
    return show_form(
        request,
        "reset",
        voice,
        view.service,
        status,
        {"login": masked(view.login), "life": life, "until": until},
        rules=rules(view.service.password, voice),
        faults=faults,
        trouble=trouble,
        closed=view.reopens_until is not None,
    )
