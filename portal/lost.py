"""`/lost/<service>`: a customer asks for help without writing a mail."""

from __future__ import annotations

from datetime import timedelta

from aiohttp import web

from handlers import requests
from handlers.model.errors import DeskError, Invalid, Limited, Unavailable
from handlers.model.service import Service
from portal.answers import later, problem
from portal.desks import DESK
from portal.forms import FORMS, show_form
from portal.pages import show, speak, spoken, wish
from portal.voice import Voice, phrase

MISSING = {"login": phrase("Type your login."), "address": phrase("Type your e-mail address.")}
NOT_AN_ADDRESS = phrase("Type one e-mail address, such as name@example.com.")


async def ask(request: web.Request) -> web.Response:
    """GET: the form, asking for what the service needs to find an account."""
    service, voice = _reader(request)
    return _form(request, service, voice)


async def asked(request: web.Request) -> web.Response:
    """POST: hand the request in; the answer is the same whether or not there is such an account (T15)."""
    service, voice = _reader(request)
    typed = await request.app[FORMS].read(request)
    if "look" in typed:  # from the sign-in, where it was typed already (OC.13)
        return _form(request, service, voice, typed=typed)
    login, address = typed.get("login", "").strip(), typed.get("address", "").strip()
    blank = [field for field in service.identify.require if not typed.get(field, "").strip()]
    if blank:
        missing: dict[str, str] = {field: voice.say(MISSING[field]) for field in blank}
        return _form(request, service, voice, 422, typed=typed, faults=missing)
    try:
        await requests.ask(request.app[DESK], service.id, login, address, voice.language)
    except Invalid:
        return _form(request, service, voice, 422, typed=typed, faults={"address": voice.say(NOT_AN_ADDRESS)})
    except (Limited, Unavailable) as error:
        return _later(request, service, voice, typed, error)
    raise web.HTTPSeeOther(spoken(f"/lost/{service.id}/sent", voice))


async def sent(request: web.Request) -> web.Response:
    """GET: what happens now, in the words that known and unknown accounts share."""
    service, voice = _reader(request)
    return show(request, "sent", voice, service, life=life(service, voice), remedy=service.offer.actions[0])


def life(service: Service, voice: Voice) -> str:
    """How long what the service prefers to send is valid."""
    minutes = {
        "send_link": service.offer.link_minutes,
        "send_code": service.offer.code_minutes,
        "send_temporary_password": service.offer.temporary_minutes,
    }
    return voice.lasting(timedelta(minutes=minutes[service.offer.actions[0]]))


def _reader(request: web.Request) -> tuple[Service, Voice]:
    service = request.app[DESK].services.get(request.match_info["service"])
    if service is None:
        raise web.HTTPNotFound
    return service, speak(request, wish(request), service.language)


def _form(
    request: web.Request,
    service: Service,
    voice: Voice,
    status: int = 200,
    *,
    typed: dict[str, str] | None = None,
    faults: dict[str, str] | None = None,
    trouble: str = "",
) -> web.Response:
    values = {field: (typed or {}).get(field, "") for field in ("login", "address")}
    return show_form(
        request,
        "lost",
        voice,
        service,
        status,
        {**values},
        required=service.identify.require,
        begun="look" in (typed or {}),
        faults=tuple((field, (fault,)) for field, fault in (faults or {}).items()),
        trouble=trouble,
    )


def _later(
    request: web.Request, service: Service, voice: Voice, typed: dict[str, str], error: DeskError
) -> web.Response:
    """The form as it was filled in, and why it has to wait."""
    what = problem(error)
    return later(_form(request, service, voice, what.status, typed=typed, trouble=voice.say(what.text)), error)
