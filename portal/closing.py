"""Closing an account at `/account/close`, and the ways back: `/reactivate/<token>`, `/sign-in/<service>/closed`."""

from __future__ import annotations

from aiohttp import web

from handlers.closing import closures
from handlers.closing.closures import ClosedView, ClosingView, Consents
from handlers.languages import moment
from handlers.model.errors import DeskError, Limited, Unavailable, WrongPassword
from portal.answers import later, status
from portal.desks import DESK
from portal.forms import FORMS, show_form
from portal.pages import show, speak_as
from portal.signed_in import browser_of, forget, go_on, token_of
from portal.voice import Voice, phrase
from portal.wording import Faults, unproven

TICK = phrase("Tick this box if you agree.")
NO_PASSWORD = phrase("Type your password.")
LATER = phrase("Your account was not closed. Please try again in a few minutes.")
NOT_REOPENED = phrase("The account was not reopened. Please try again in a few minutes.")


async def look(request: web.Request) -> web.Response:
    """GET: what closing means, in its order, and the two boxes (CP.19 to CP.23)."""
    view = await closures.look(request.app[DESK], token_of(request))
    return _form(request, view, speak_as(request, view.language))


async def close(request: web.Request) -> web.Response:
    """POST: close the account; both boxes and the password are needed, and a box stays ticked."""
    desk, token = request.app[DESK], token_of(request)
    typed = await request.app[FORMS].read(request)
    view = await closures.look(desk, token)
    voice = speak_as(request, view.language)
    consents = Consents(warnings=typed.get("warnings") == "yes", deletion=typed.get("deletion") == "yes")
    wrong = _mistyped(voice, consents, typed)
    if wrong:
        return _form(request, view, voice, 422, typed=typed, faults=wrong)
    try:
        done = await closures.close(desk, token, typed["password"], consents)
    except WrongPassword:
        return _form(request, view, voice, 422, typed=typed, faults=unproven(voice, typed["password"]))
    except (Limited, Unavailable) as error:
        return later(_form(request, view, voice, status(error), typed=typed, trouble=voice.say(LATER)), error)
    until, mailbox = moment(done.until, voice.language), done.service.mailboxes[0]
    response = show(request, "closed", voice, done.service, 200, {"until": until}, mailbox=mailbox)
    forget(request, response)
    return response


async def look_back(request: web.Request) -> web.Response:
    """GET /reactivate/<token>: what reopening means, before it happens (CP.25)."""
    return _reopen(request, await closures.look_back(request.app[DESK], request.match_info["token"]))


async def reopen(request: web.Request) -> web.Response:
    """POST /reactivate/<token>: reopen the account."""
    desk, token = request.app[DESK], request.match_info["token"]
    await request.app[FORMS].read(request)
    view = await closures.look_back(desk, token)
    try:
        view = await closures.reopen(desk, token)
    except (Limited, Unavailable) as error:
        return _not_now(request, view, error)
    return show(request, "reopened", speak_as(request, view.language), view.service)


async def look_signing_in(request: web.Request) -> web.Response:
    """GET /sign-in/<service>/closed: the same, on the way in."""
    return _reopen(request, await closures.look_signing_in(request.app[DESK], token_of(request)))


async def reopen_signing_in(request: web.Request) -> web.Response:
    """POST /sign-in/<service>/closed: reopen the account and go on."""
    desk, token = request.app[DESK], token_of(request)
    await request.app[FORMS].read(request)
    view = await closures.look_signing_in(desk, token)
    try:
        return go_on(request, await closures.reopen_signing_in(desk, token, browser_of(request)), "reopened")
    except (Limited, Unavailable) as error:
        return _not_now(request, view, error)


def _mistyped(voice: Voice, consents: Consents, typed: dict[str, str]) -> Faults:
    found = [
        ("warnings", "" if consents.warnings else TICK),
        ("deletion", "" if consents.deletion else TICK),
        ("password", "" if typed.get("password") else NO_PASSWORD),
    ]
    return tuple((field, (voice.say(what),)) for field, what in found if what)


def _not_now(request: web.Request, view: ClosedView, error: DeskError) -> web.Response:
    voice = speak_as(request, view.language)
    return later(_reopen(request, view, status(error), voice.say(NOT_REOPENED)), error)


def _form(
    request: web.Request,
    view: ClosingView,
    voice: Voice,
    status: int = 200,
    *,
    typed: dict[str, str] | None = None,
    faults: Faults = (),
    trouble: str = "",
) -> web.Response:
    return show_form(
        request,
        "close",
        voice,
        view.service,
        status,
        {"integrations": voice.listed(view.integrations)},
        running=bool(view.integrations),
        days=view.grace_days,
        ticked=tuple(box for box in ("warnings", "deletion") if (typed or {}).get(box) == "yes"),
        faults=faults,
        trouble=trouble,
    )


def _reopen(request: web.Request, view: ClosedView, status: int = 200, trouble: str = "") -> web.Response:
    voice = speak_as(request, view.language)
    own = {
        "until": moment(view.until, voice.language),
        "integrations": voice.listed(view.integrations),
    }
    stay = bool(view.integrations)
    return show_form(request, "reopen", voice, view.service, status, own, stay=stay, trouble=trouble)
