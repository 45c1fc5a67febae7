"""`/account/second-factor`: what is on, setting one up, recovery codes, taking it off (CP.4 to CP.12)."""

from __future__ import annotations

from aiohttp import web

from handlers.factors import second_factor
from handlers.factors.second_factor import Enrolment, FactorView, SwitchedOn
from handlers.languages import moment
from handlers.model.errors import DeskError, Limited, Refused, Spent, Unavailable, WrongPassword
from handlers.rules.second_factor import grouped
from portal.answers import later, status
from portal.desks import DESK
from portal.factor import EMPTY, WRONG, trouble
from portal.forms import FORMS, show_form
from portal.pages import show, speak, speak_as, spoken, wish
from portal.qr import drawing
from portal.signed_in import browser_of, keep, token_of, told, was_done
from portal.voice import Voice, phrase
from portal.wording import Faults, unproven

HERE = "/account/second-factor"
SETUP = f"{HERE}/setup"
NO_LONGER = phrase("This code no longer works. Ask for a new one.")
SENT = phrase("A code is on its way to your mailbox. Only the latest one works.")
REMOVED = phrase("Two-step verification is off. From now on, the password alone is enough.")


async def look(request: web.Request) -> web.Response:
    """GET: what is on and what can be done; `?done=off` says that it has just been taken off."""
    view = await second_factor.look(request.app[DESK], token_of(request))
    voice = speak_as(request, view.language)
    return _state(request, view, voice, notice=voice.say(REMOVED) if was_done(request) == "off" else "")


async def change(request: web.Request) -> web.Response:
    """POST: begin a method, or forget the one that was begun."""
    desk, token = request.app[DESK], token_of(request)
    typed = await request.app[FORMS].read(request)
    view = await second_factor.look(desk, token)
    voice = speak_as(request, view.language)
    if "cancel" in typed:
        await second_factor.give_up(desk, token)
        raise web.HTTPSeeOther(spoken(HERE, voice))
    try:
        await second_factor.enrol(desk, token, typed.get("method", ""), typed.get("password", ""))
    except WrongPassword:
        return _state(request, view, voice, 422, faults=unproven(voice, typed.get("password", "")))
    except (Limited, Unavailable) as error:
        return later(_state(request, view, voice, status(error), trouble=trouble(voice, error)), error)
    except Refused:
        raise web.HTTPSeeOther(spoken(HERE, voice)) from None
    raise web.HTTPSeeOther(spoken(SETUP, voice))


async def look_setup(request: web.Request) -> web.Response:
    """GET: the key as QR code and as text, or where the code went; `?sent` says that another one is on its way."""
    enrolment = await _enrolment(request)
    voice = speak_as(request, enrolment.language)
    return _setup(request, enrolment, voice, notice=voice.say(SENT) if "sent" in request.query else "")


async def switch_on(request: web.Request) -> web.Response:
    """POST: the right code switches it on, and shows the recovery codes this once."""
    desk, token = request.app[DESK], token_of(request)
    typed = await request.app[FORMS].read(request)
    enrolment = await _enrolment(request)
    voice = speak_as(request, enrolment.language)
    try:
        if "resend" in typed:
            await second_factor.send_code(desk, token)
            raise web.HTTPSeeOther(f"{spoken(SETUP, voice)}&sent")
        done = await second_factor.activate(desk, token, browser_of(request), typed.get("code", ""))
    except (Limited, Unavailable) as error:
        return later(_setup(request, enrolment, voice, status(error), trouble=trouble(voice, error)), error)
    except Spent:
        return _setup(request, enrolment, voice, 422, fault=voice.say(NO_LONGER))
    if done is None:
        fault = voice.say(WRONG if typed.get("code", "").strip() else EMPTY)
        return _setup(request, enrolment, voice, 422, fault=fault)
    return _codes(request, done, enrolment, voice)


async def look_codes(request: web.Request) -> web.Response:
    """GET: the form for new recovery codes."""
    view = await _in_use(request)
    return _ask(request, "factor_codes", view, speak_as(request, view.language))


async def renew(request: web.Request) -> web.Response:
    """POST: new recovery codes for a code of the factor, shown this once."""
    desk, token = request.app[DESK], token_of(request)
    typed = await request.app[FORMS].read(request)
    view = await _in_use(request)
    voice = speak_as(request, view.language)
    try:
        if "send" in typed:
            return await _send(request, "factor_codes", view, voice)
        done = await second_factor.renew_codes(desk, token, browser_of(request), typed.get("code", ""))
    except (Limited, Unavailable, Spent) as error:
        return _refused(request, "factor_codes", view, voice, error)
    if done is None:
        return _ask(request, "factor_codes", view, voice, 422, faults=_wrong_code(voice, typed))
    return _codes(request, done, view, voice)


async def look_remove(request: web.Request) -> web.Response:
    """GET: the form that takes the second factor off."""
    view = await _in_use(request)
    return _ask(request, "factor_remove", view, speak_as(request, view.language))


async def remove(request: web.Request) -> web.Response:
    """POST: take it off, for the password and a code."""
    desk, token = request.app[DESK], token_of(request)
    typed = await request.app[FORMS].read(request)
    view = await _in_use(request)
    voice = speak_as(request, view.language)
    password, code = typed.get("password", ""), typed.get("code", "")
    try:
        if "send" in typed:
            return await _send(request, "factor_remove", view, voice)
        onward = await second_factor.remove(desk, token, browser_of(request), password, code)
    except WrongPassword:
        return _ask(request, "factor_remove", view, voice, 422, faults=unproven(voice, password))
    except (Limited, Unavailable, Spent) as error:
        return _refused(request, "factor_remove", view, voice, error)
    if onward is None:
        return _ask(request, "factor_remove", view, voice, 422, faults=_wrong_code(voice, typed))
    where = told(request, spoken(HERE, voice), "off", onward.session.value)
    response = web.Response(status=303, headers={"Location": where})
    keep(request, response, onward)
    return response


async def _send(request: web.Request, template: str, view: FactorView, voice: Voice) -> web.Response:
    """Mail a code to whoever has mail for a second factor; the form stays."""
    await second_factor.send_code(request.app[DESK], token_of(request))
    return _ask(request, template, view, voice, notice=voice.say(SENT))


async def _enrolment(request: web.Request) -> Enrolment:
    """What was begun; leads back to the first page when nothing was."""
    enrolment = await second_factor.enrolment(request.app[DESK], token_of(request))
    if enrolment is None:
        raise web.HTTPSeeOther(spoken(HERE, speak(request, wish(request))))
    return enrolment


async def _in_use(request: web.Request) -> FactorView:
    """The factor that is switched on; leads back to the first page when none is."""
    view = await second_factor.look(request.app[DESK], token_of(request))
    if view.since is None:
        raise web.HTTPSeeOther(spoken(HERE, speak_as(request, view.language)))
    return view


def _wrong_code(voice: Voice, typed: dict[str, str]) -> Faults:
    return (("code", (voice.say(WRONG if typed.get("code", "").strip() else EMPTY),)),)


def _refused(request: web.Request, template: str, view: FactorView, voice: Voice, error: DeskError) -> web.Response:
    if isinstance(error, Spent):
        return _ask(request, template, view, voice, 422, faults=(("code", (voice.say(NO_LONGER),)),))
    return later(_ask(request, template, view, voice, status(error), trouble=trouble(voice, error)), error)


def _state(
    request: web.Request,
    view: FactorView,
    voice: Voice,
    status: int = 200,
    *,
    faults: Faults = (),
    notice: str = "",
    trouble: str = "",
) -> web.Response:
    since = moment(view.since, voice.language) if view.since else ""
    return show_form(
        request,
        "second_factor",
        voice,
        view.service,
        status,
        {"since": since, "left": str(view.recovery_left)},
        factor=view.factor,
        pending=view.pending or "",
        methods=view.methods,
        few=view.recovery_left < 3,
        faults=faults,
        notice=notice,
        trouble=trouble,
    )


def _setup(
    request: web.Request,
    enrolment: Enrolment,
    voice: Voice,
    status: int = 200,
    *,
    fault: str = "",
    notice: str = "",
    trouble: str = "",
) -> web.Response:
    uri = enrolment.uri.value
    label = voice.say("QR code with the key that stands below it as text")
    own = {
        "back": request.app[FORMS].arm(request, HERE).token,
        "address": enrolment.address,
        "login": enrolment.login,
        "key": grouped(enrolment.key.value),
        "uri": uri,
        "qr": drawing(uri, label) if uri else "",
    }
    return show_form(
        request,
        "factor_setup",
        voice,
        enrolment.service,
        status,
        own,
        method=enrolment.method,
        digits=enrolment.digits,
        fault=fault,
        notice=notice,
        trouble=trouble,
    )


def _codes(request: web.Request, done: SwitchedOn, view: Enrolment | FactorView, voice: Voice) -> web.Response:
    """The recovery codes, in two groups of five signs each, and the session's new cookies."""
    codes = "\n".join(grouped(code.value, 5).replace(" ", "-") for code in done.codes)
    new = isinstance(view, Enrolment)
    response = show(request, "recovery_codes", voice, view.service, 200, {"codes": codes}, new=new)
    keep(request, response, done.onward)
    return response


def _ask(
    request: web.Request,
    template: str,
    view: FactorView,
    voice: Voice,
    status: int = 200,
    *,
    faults: Faults = (),
    notice: str = "",
    trouble: str = "",
) -> web.Response:
    """A form that wants a code of the factor."""
    values = {"factor": view.factor, "faults": faults, "notice": notice, "trouble": trouble}
    return show_form(request, template, voice, view.service, status, **values)
