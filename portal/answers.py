"""Turns what went wrong into a page: what happened, and what to do now, never how it happened inside."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

import structlog
from aiohttp import web

from handlers.model.errors import DeskError, Limited, Spent, Unavailable, Unknown
from portal.desks import DESK
from portal.forms import Foreign
from portal.pages import show, speak, wish
from portal.record import frames, route
from portal.security import Handler, outside
from portal.voice import phrase

log = structlog.get_logger("portal")

RETRY_SECONDS = 60
"""When to come back while a part of the desk is down."""


@dataclass(frozen=True)
class Problem:
    """A page about something that went wrong; `again` offers the same address once more."""

    status: int
    title: str
    text: str
    again: bool = False


FOREIGN = Problem(
    403,
    phrase("This form was not accepted"),
    phrase("For your safety we only accept a form from the page it was opened on. Open the page again and repeat it."),
    again=True,
)
NO_COOKIE = Problem(
    403,
    phrase("This form was not accepted"),
    phrase(
        "Your browser did not send the cookie that protects this form. Allow cookies for this site, then open the page "
        "again. The cookie is forgotten when you close the browser."
    ),
    again=True,
)
NOTHING_HERE = Problem(
    404,
    phrase("There is nothing here"),
    phrase("Check the address, or open the link in our e-mail once more."),
)
LIMITED = Problem(
    429,
    phrase("Too many requests"),
    phrase("There were too many requests in a short time. Please try again later."),
    again=True,
)
UNAVAILABLE = Problem(
    503,
    phrase("Not available right now"),
    phrase("We cannot do this right now, and nothing was changed. Please try again in a few minutes."),
    again=True,
)
BROKEN = Problem(
    500,
    phrase("Something went wrong on our side"),
    phrase("We have noted it and will look into it. Please try again in a few minutes."),
    again=True,
)
REFUSED = Problem(
    403,
    phrase("This is not possible"),
    phrase("We cannot do this for you here. Please write to the support team of the service you use."),
)
UNREADABLE = phrase("We could not read this form. Open the page again and repeat it.")
HTTP = {
    400: Problem(400, phrase("This form could not be read"), UNREADABLE, again=True),
    404: NOTHING_HERE,
    405: Problem(
        405,
        phrase("This page cannot be used like that"),
        phrase("Open the link in our e-mail once more."),
    ),
    408: Problem(
        408,
        phrase("That took too long"),
        phrase("The connection was too slow or broke off. Open the page again and repeat it."),
        again=True,
    ),
    413: Problem(
        413,
        phrase("That was too long"),
        phrase("What you sent is longer than anything this form asks for. Open the page again and repeat it."),
        again=True,
    ),
    415: Problem(415, phrase("This form could not be read"), UNREADABLE, again=True),
    421: Problem(
        421,
        phrase("This is not the right address"),
        phrase("Open the link in our e-mail exactly as it stands there."),
    ),
}


@web.middleware
async def answer(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Show what went wrong as a page in the reader's language; the unforeseen is logged once, without its words."""
    if outside(request):
        return await handler(request)
    try:
        return await handler(request)
    except web.HTTPRedirection:
        raise
    except web.HTTPException as error:
        return about(request, HTTP.get(error.status, BROKEN), {k: v for k, v in error.headers.items() if k == "Allow"})
    except Foreign as error:
        log.warning("portal.form_refused", route=route(request), why=str(error))
        return about(request, FOREIGN if error.cookie else NO_COOKIE)
    except Spent as error:
        return spent(request, error)
    except DeskError as error:
        return about(request, problem(error), wait(error))
    except Exception as error:
        log.error("portal.broke", route=route(request), error=type(error).__name__, where=frames(error))
        return about(request, BROKEN)


def problem(error: DeskError) -> Problem:
    """What a stranger may be told about an error of the desk."""
    match error:
        case Limited():
            return LIMITED
        case Unavailable():
            return UNAVAILABLE
        case Unknown():
            return NOTHING_HERE
        case _:
            return REFUSED


def status(error: DeskError) -> int:
    """The status of a form that is shown once more because the desk cannot take it now."""
    return problem(error).status


def later(response: web.Response, error: DeskError) -> web.Response:
    """The answer, which also says when it is worth another try."""
    response.headers.update(wait(error))
    return response


def wait(error: DeskError) -> dict[str, str]:
    """The Retry-After header (whole seconds) that goes with an error; empty when waiting does not help."""
    match error:
        case Limited():
            return {"Retry-After": str(max(1, ceil(error.retry_after)))}
        case Unavailable():
            return {"Retry-After": str(RETRY_SECONDS)}
        case _:
            return {}


def about(request: web.Request, what: Problem, headers: dict[str, str] | None = None) -> web.Response:
    """The page about a problem."""
    voice = speak(request, wish(request))
    response = show(
        request,
        "problem",
        voice,
        None,
        what.status,
        title=voice.say(what.title),
        text=voice.say(what.text),
        again=what.again,
    )
    response.headers.update(headers or {})
    return response


SPENT = {
    "expired": (
        phrase("This link is no longer valid"),
        phrase(
            "For your safety, links and codes only work for a short time. If you typed the address by hand, check that "
            "it is complete."
        ),
    ),
    "used": (
        phrase("This has already been used"),
        phrase(
            "A link or a code works once, and this one has been used. If you have chosen a new password with it, "
            "you can sign in now. If that was not you, open the page that our e-mail names for this, and press “It was "
            "not me: stop everything”."
        ),
    ),
    "confirmed": (
        phrase("This address is already confirmed"),
        phrase("There is nothing more to do here. We write to it once it is registered."),
    ),
    "replaced": (
        phrase("There is a newer e-mail"),
        phrase("Only the latest e-mail works. Open the most recent one we sent you, or ask for a new one."),
    ),
    "frozen": (
        phrase("This account is frozen"),
        phrase(
            "To protect it, everything is stopped until our team has looked into it. Look for our e-mail at the "
            "address registered with the account."
        ),
    ),
    "withdrawn": (
        phrase("This request was cancelled"),
        phrase("Nothing was changed, and what we sent for it no longer works. If you still need help, ask again."),
    ),
    "over": (
        phrase("This request is over"),
        phrase("Nothing more is needed for it. If you still need help, ask again."),
    ),
    "looked_into": (
        phrase("This was already looked into"),
        phrase(
            "Since this e-mail was written, our team has looked into a stop and lifted it. If something is wrong "
            "again, use the link in a newer e-mail, or write to us."
        ),
    ),
    "too_many_tries": (
        phrase("Too many wrong tries"),
        phrase("For your safety, this no longer works. Ask for a new e-mail and start again."),
    ),
}
"""Why a grant is spent, in words for its holder; one that never existed reads like one that expired."""


def spent(request: web.Request, error: Spent) -> web.Response:
    """410: why the link or code no longer works, and one click to a new one where its service is known."""
    service = request.app[DESK].services.get(error.service)
    voice = speak(request, error.language, wish(request), service.language if service else None)
    title, text = SPENT.get(error.reason, SPENT["expired"])
    return show(
        request,
        "spent",
        voice,
        service,
        410,
        title=voice.say(title),
        text=voice.say(text),
        done=error.reason == "used",
        again=error.reason != "confirmed",
        after_care=service.after_care("reset", voice.language) if service and error.reason == "used" else (),
    )
