"""The second factor at sign-in, and the way on for whoever lost it.

`/sign-in/<service>/factor`, `/sign-in/<service>/lost-factor`, and the link in the letter: `/second-factor/<token>`.
"""

from __future__ import annotations

from datetime import timedelta

from aiohttp import web

from handlers.factors import factor_checks, factor_resets
from handlers.factors.factor_checks import FactorAsked
from handlers.factors.factor_resets import ResetView
from handlers.model.errors import DeskError, Limited, Unavailable
from portal.answers import UNAVAILABLE, later, problem, status
from portal.desks import DESK
from portal.forms import FORMS, show_form
from portal.pages import show, speak, speak_as, spoken, wish
from portal.signed_in import browser_of, go_on, token_of
from portal.voice import Voice, phrase
from portal.wording import masked

EMPTY = phrase("Type the code.")
WRONG = phrase("This code is not right, or it was used already. Wait for the next one and type that.")
WRONG_RECOVERY = phrase("This is not one of your unused recovery codes.")


async def look(request: web.Request) -> web.Response:
    """GET: the field for the code; `?recovery` is for people who have one of those in hand."""
    view = await factor_checks.look(request.app[DESK], token_of(request))
    return _form(request, view, speak_as(request, view.language))


async def prove(request: web.Request) -> web.Response:
    """POST: the right code goes on with the sign-in."""
    desk, token = request.app[DESK], token_of(request)
    typed = (await request.app[FORMS].read(request)).get("code", "")
    view = await factor_checks.look(desk, token)
    voice = speak_as(request, view.language)
    if not typed.strip():
        return _form(request, view, voice, 422, fault=voice.say(EMPTY))
    try:
        onward = await factor_checks.prove(desk, token, browser_of(request), typed)
    except (Limited, Unavailable) as error:
        return later(_form(request, view, voice, status(error), trouble=trouble(voice, error)), error)
    if onward is None:
        return _form(request, view, voice, 422, fault=voice.say(WRONG_RECOVERY if _recovers(request, view) else WRONG))
    return go_on(request, onward)


async def look_lost(request: web.Request) -> web.Response:
    """GET: what to try first, and what happens after asking."""
    view = await factor_checks.look(request.app[DESK], token_of(request))
    return _lost(request, view, speak_as(request, view.language))


async def lost(request: web.Request) -> web.Response:
    """POST: the team is told; the answer is the same whatever the request is worth."""
    desk, token = request.app[DESK], token_of(request)
    await request.app[FORMS].read(request)
    view = await factor_checks.look(desk, token)
    voice = speak_as(request, view.language)
    try:
        asked = await factor_resets.ask(desk, token)
    except (Limited, Unavailable) as error:
        what = problem(error)
        return later(_lost(request, view, voice, what.status, trouble=voice.say(what.text)), error)
    raise web.HTTPSeeOther(spoken(f"/sign-in/{asked.service.id}/lost-factor/sent", voice))


async def sent(request: web.Request) -> web.Response:
    """GET: what happens now; tells nothing of anybody, and so asks for nothing."""
    service = request.app[DESK].services.get(request.match_info["service"])
    if service is None:
        raise web.HTTPNotFound
    voice = speak(request, wish(request), service.language)
    return show(request, "lost_factor_sent", voice, service, life=voice.lasting(factor_resets.LIFE))


async def look_reset(request: web.Request) -> web.Response:
    """GET: what the link takes off; however often it is fetched, nothing changes (T9)."""
    view = await factor_resets.look(request.app[DESK], request.match_info["token"])
    return _reset(request, view, speak_as(request, view.language))


async def reset(request: web.Request) -> web.Response:
    """POST: take the second factor off."""
    desk, token = request.app[DESK], request.match_info["token"]
    await request.app[FORMS].read(request)
    done = await factor_resets.redeem(desk, token)
    return show(request, "factor_gone", speak_as(request, done.language), done.service)


def trouble(voice: Voice, error: DeskError) -> str:
    """Why a code cannot be tried now, and when it can be."""
    if isinstance(error, Limited):
        pause = voice.lasting(timedelta(seconds=error.retry_after))
        return voice.say("There were too many tries. You can try again in %(pause)s.", pause=pause)
    return voice.say(UNAVAILABLE.text)


def _recovers(request: web.Request, view: FactorAsked) -> bool:
    return view.only_recovery or "recovery" in request.query


def _form(
    request: web.Request, view: FactorAsked, voice: Voice, status: int = 200, *, fault: str = "", trouble: str = ""
) -> web.Response:
    values = {"recovery": _recovers(request, view), "by_mail": view.only_recovery, "fault": fault, "trouble": trouble}
    return show_form(request, "factor", voice, view.service, status, **values)


def _lost(
    request: web.Request, view: FactorAsked, voice: Voice, status: int = 200, *, trouble: str = ""
) -> web.Response:
    return show_form(request, "lost_factor", voice, view.service, status, trouble=trouble)


def _reset(request: web.Request, view: ResetView, voice: Voice) -> web.Response:
    life = voice.lasting(view.expires_at - request.app[DESK].now())
    own = {"login": masked(view.login), "life": life}
    return show_form(request, "factor_reset", voice, view.service, 200, own)
