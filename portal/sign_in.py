"""`/sign-in/<service>`: who it is, then the password, then what the service asks for besides (OC.1 to OC.8)."""

from __future__ import annotations

from dataclasses import dataclass

from aiohttp import web

from handlers.codes import CodeView
from handlers.model.errors import Limited, Spent, Unavailable, WrongCode, WrongPassword
from handlers.model.service import Service
from handlers.signing_in import risk_codes, sign_in
from handlers.signing_in.sign_in import Visitor
from portal import code
from portal.answers import LIMITED, UNAVAILABLE, wait
from portal.desks import DESK
from portal.forms import FORMS
from portal.pages import show, speak, spoken, wish
from portal.signed_in import browser_of, go_on, token_of
from portal.visits import network_of
from portal.voice import Voice, phrase

NAMELESS = phrase("Type your login or your e-mail address.")
NO_PASSWORD = phrase("Type your password.")
WRONG = phrase("The login or address, or the password, is not right.")
NO_LONGER = phrase("This code no longer works. Ask for a new one below, or sign in again.")


@dataclass(frozen=True)
class Page:
    """One of the two pages: the reader, and what they typed as login or address; the first page has no name yet."""

    service: Service
    voice: Voice
    name: str = ""


async def ask(request: web.Request) -> web.Response:
    """GET: the first page; `?out` says that the reader has just signed out."""
    page = _page(request)
    return _first(request, page, notice=page.voice.say("You are signed out.") if "out" in request.query else "")


async def answered(request: web.Request) -> web.Response:
    """POST: the second page, the same for every name (T15); and with a password, the sign-in."""
    page = _page(request)
    typed = await request.app[FORMS].read(request)
    page = Page(page.service, page.voice, typed.get("name", "").strip()[: sign_in.LONGEST_NAME])
    if not page.name:
        return _first(request, page, 422, fault=page.voice.say(NAMELESS))
    if "password" not in typed:
        return _second(request, page)
    if not typed["password"]:
        return _second(request, page, 422, fault=page.voice.say(NO_PASSWORD))
    return await _begin(request, page, typed["password"])


async def _begin(request: web.Request, page: Page, password: str) -> web.Response:
    visitor = Visitor(
        language=page.voice.language,
        browser=browser_of(request),
        session=token_of(request),
        network=network_of(request.remote or ""),
    )
    try:
        return go_on(request, await sign_in.begin(request.app[DESK], page.service.id, page.name, password, visitor))
    except WrongPassword:
        return _second(request, page, 422, fault=page.voice.say(WRONG), wrong=True)
    except (Limited, Unavailable) as error:
        what = LIMITED if isinstance(error, Limited) else UNAVAILABLE
        response = _second(request, page, what.status, trouble=page.voice.say(what.text))
        response.headers.update(wait(error))
        return response


async def look_code(request: web.Request) -> web.Response:
    """GET: the page of a code that a sign-in waits for; `?sent` says that a new one is on its way."""
    view = await risk_codes.look(request.app[DESK], token_of(request))
    voice = _voice(request, view)
    notice = voice.say(code.ON_ITS_WAY) if "sent" in request.query else ""
    return _code(request, view, voice, notice=notice)


async def verify_code(request: web.Request) -> web.Response:
    """POST: the right code goes on with the sign-in; a wrong one says how many tries remain."""
    typed = await request.app[FORMS].read(request)
    view = await risk_codes.look(request.app[DESK], token_of(request))
    voice = _voice(request, view)
    try:
        return await (_resend(request, voice) if "resend" in typed else _verify(request, view, voice, typed))
    except (Limited, Unavailable) as error:
        return code.later(request, view, voice, error, again="sign-in")


async def _verify(request: web.Request, view: CodeView, voice: Voice, typed: dict[str, str]) -> web.Response:
    digits = code.read(typed)
    fault = code.unfinished(voice, view, digits)
    if fault:
        return _code(request, view, voice, 422, fault=fault)
    try:
        onward = await risk_codes.verify(request.app[DESK], token_of(request), digits, browser_of(request))
    except WrongCode as error:
        return _code(request, view, voice, 422, fault=code.wrong(voice, error.left))
    except Spent:
        return _code(request, view, voice, 422, fault=voice.say(NO_LONGER), spent=True)
    return go_on(request, onward)


async def _resend(request: web.Request, voice: Voice) -> web.Response:
    await risk_codes.resend(request.app[DESK], token_of(request))
    raise web.HTTPSeeOther(f"{spoken(request.rel_url.raw_path, voice)}&sent")


def _code(
    request: web.Request,
    view: CodeView,
    voice: Voice,
    status: int = 200,
    *,
    fault: str = "",
    notice: str = "",
    spent: bool = False,
) -> web.Response:
    return code.form(request, view, voice, status, again="sign-in", fault=fault, notice=notice, spent=spent)


def _voice(request: web.Request, view: CodeView) -> Voice:
    return speak(request, view.language, wish(request))


def _page(request: web.Request) -> Page:
    service = request.app[DESK].services.get(request.match_info["service"])
    if service is None:
        raise web.HTTPNotFound
    return Page(service, speak(request, wish(request), service.language))


def _first(request: web.Request, page: Page, status: int = 200, *, fault: str = "", notice: str = "") -> web.Response:
    armed = request.app[FORMS].arm(request)
    response = show(
        *(request, "sign_in", page.voice, page.service, status, {"token": armed.token}), fault=fault, notice=notice
    )
    request.app[FORMS].keep(response, armed)
    return response


def _second(
    request: web.Request,
    page: Page,
    status: int = 200,
    *,
    fault: str = "",
    trouble: str = "",
    wrong: bool = False,
) -> web.Response:
    """The password's page; it also carries the address on to the page for a forgotten one (OC.13)."""
    forms = request.app[FORMS]
    armed = forms.arm(request)
    lost = forms.arm(request, f"/lost/{page.service.id}").token
    field = "address" if "@" in page.name else "login"
    own = {"token": armed.token, "lost": lost, "name": page.name}
    values = {"fault": fault, "trouble": trouble, "wrong": wrong, "lost_field": field}
    response = show(request, "sign_in_password", page.voice, page.service, status, own, **values)
    forms.keep(response, armed)
    return response
