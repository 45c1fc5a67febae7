"""Account information: `/information/<token>` asks for what is missing, `/account/information` shows all of it."""

from __future__ import annotations

from collections.abc import Mapping

from aiohttp import web

from handlers import information
from handlers.information import BadInformation, InformationView, Profile
from handlers.model.errors import Limited, Unavailable, WrongPassword
from handlers.model.service import Particular
from handlers.rules.information import GIVEN
from portal.answers import later, status
from portal.desks import DESK
from portal.forms import FORMS, show_form
from portal.pages import show, speak_as, spoken
from portal.signed_in import token_of, told
from portal.voice import Voice, phrase
from portal.wording import Faults, unproven

LABELS: dict[Particular, str] = {
    "name": phrase("Name and surname"),
    "company": phrase("Trade name"),
    "country": phrase("Country"),
    "city": phrase("City"),
    "born": phrase("Date of birth"),
    "phone": phrase("Telephone"),
}
BLUNDERS = {
    "missing": phrase("This is needed."),
    "too_long": phrase("It is too long: use at most 100 characters."),
    "unreadable": phrase("Use letters and digits."),
    "no_date": phrase("Give your date of birth as a real day in the past."),
    "no_phone": phrase("Give a telephone number in digits, such as +33 1 23 45 67 89."),
}
LATER = phrase("Nothing was saved. Please try again in a few minutes.")


async def look(request: web.Request) -> web.Response:
    """GET: a form for what is missing, and for nothing else."""
    view = await information.look(request.app[DESK], request.match_info["token"])
    return _asking(request, view, speak_as(request, view.language))


async def give(request: web.Request) -> web.Response:
    """POST: keep what was typed; what is still missing is asked for again (CP.1)."""
    desk, token = request.app[DESK], request.match_info["token"]
    typed = await request.app[FORMS].read(request)
    view = await information.look(desk, token)
    voice = speak_as(request, view.language)
    try:
        view = await information.give(desk, token, typed)
    except BadInformation as error:
        return _asking(request, view, voice, 422, typed=typed, faults=_faults(error, voice))
    except (Limited, Unavailable) as error:
        return later(_asking(request, view, voice, status(error), typed=typed, trouble=voice.say(LATER)), error)
    return _asking(request, view, voice, kept=True)


async def profile(request: web.Request) -> web.Response:
    """GET: the particulars of whoever is signed in."""
    seen = await information.profile(request.app[DESK], token_of(request))
    return _profile(request, seen, speak_as(request, seen.language), seen.particulars)


async def save(request: web.Request) -> web.Response:
    """POST: keep them (CP.8); what is wrong stands beside its field, and nothing is kept then."""
    desk, token = request.app[DESK], token_of(request)
    typed = await request.app[FORMS].read(request)
    seen = await information.profile(desk, token)
    voice = speak_as(request, seen.language)
    try:
        await information.save(desk, token, typed, typed.get("password", ""))
    except WrongPassword:
        return _profile(request, seen, voice, typed, 422, faults=unproven(voice, typed.get("password", "")))
    except BadInformation as error:
        return _profile(request, seen, voice, typed, 422, faults=_faults(error, voice))
    except (Limited, Unavailable) as error:
        return later(_profile(request, seen, voice, typed, status(error), trouble=voice.say(LATER)), error)
    raise web.HTTPSeeOther(told(request, spoken("/account", voice), "information"))


def _faults(error: BadInformation, voice: Voice) -> Faults:
    return tuple((one.field, (voice.say(BLUNDERS[one.code]),)) for one in error.blunders)


def _labels(voice: Voice) -> tuple[tuple[str, str], ...]:
    return tuple((field, voice.say(label)) for field, label in LABELS.items())


def _asking(
    request: web.Request,
    view: InformationView,
    voice: Voice,
    status: int = 200,
    *,
    typed: Mapping[str, str] | None = None,
    faults: Faults = (),
    trouble: str = "",
    kept: bool = False,
) -> web.Response:
    missing = tuple(one for one in view.missing if one in GIVEN)
    if not missing:
        return show(request, "informed", voice, view.service)
    own: dict[str, str] = {one: (typed or {}).get(one, "") for one in GIVEN}
    return show_form(
        request,
        "information",
        voice,
        view.service,
        status,
        own,
        missing=missing,
        labels=_labels(voice),
        faults=faults,
        trouble=trouble,
        kept=kept,
    )


def _profile(
    request: web.Request,
    seen: Profile,
    voice: Voice,
    values: Mapping[str, str],
    status: int = 200,
    *,
    faults: Faults = (),
    trouble: str = "",
) -> web.Response:
    own: dict[str, str] = {one: values.get(one, "") for one in GIVEN}
    own |= {"address": seen.address}
    return show_form(
        request,
        "profile",
        voice,
        seen.service,
        status,
        own,
        fields=GIVEN,
        labels=_labels(voice),
        required=seen.required,
        movable=seen.service.change_address is not None,
        faults=faults,
        trouble=trouble,
    )
