"""Who is signed in: the session's cookie and the browser's own, and the way to a sign-in page where one is needed."""

from __future__ import annotations

from datetime import timedelta

from aiohttp import web
from yarl import URL

from handlers.languages import LANGUAGES
from handlers.model.errors import SignInNeeded
from handlers.signing_in.devices import REMEMBERED
from handlers.signing_in.sessions import Onward
from handlers.vault import Secret
from portal.desks import DESK
from portal.security import Handler, outside

MOST_COOKIE = 300
NOTICE = "notice"
PAGES = {"factor": "/factor", "code": "/code", "closed": "/closed", "change": "/change"}
"""Where under `/sign-in/<service>` a sign-in goes on; a complete one goes on at `/account`."""


def token_of(request: web.Request) -> str:
    """The session cookie's value; empty when there is none, or none that could be ours."""
    return _cookie(request, "session")


def browser_of(request: web.Request) -> str:
    """The value of the cookie by which a browser is recognised; empty when there is none that could be ours."""
    return _cookie(request, "browser")


def keep(request: web.Request, response: web.StreamResponse, onward: Onward) -> None:
    """Give the browser its new cookies."""
    set_cookie(request, response, "session", onward.session, None)
    set_cookie(request, response, "service", Secret(onward.service), REMEMBERED)
    if onward.browser:
        set_cookie(request, response, "browser", onward.browser, REMEMBERED)


def set_cookie(
    request: web.Request, response: web.StreamResponse, name: str, value: Secret, age: timedelta | None
) -> None:
    """A cookie that no script reads and no foreign form brings along; without an age it ends with the browser."""
    response.set_cookie(
        _name(request, name),
        value.value,
        path="/",
        secure=_https(request),
        httponly=True,
        samesite="Lax",
        max_age=int(age.total_seconds()) if age else None,
    )


def forget(request: web.Request, response: web.StreamResponse) -> None:
    """Take the session's cookie away; the browser stays known."""
    response.del_cookie(_name(request, "session"), path="/", secure=_https(request), httponly=True, samesite="Lax")


def go_on(request: web.Request, onward: Onward, done: str = "") -> web.Response:
    """To the next page of a sign-in, with its new cookies, and with word of what was `done` on the way."""
    where = "/account/second-factor" if onward.enrol else place(onward.service, onward.stage)
    where = f"{where}?lang={_chosen(request) or onward.language}"
    where = told(request, where, done, onward.session.value) if done else where
    response = web.Response(status=303, headers={"Location": where})
    keep(request, response, onward)
    return response


def place(service: str, stage: str) -> str:
    """The page of a sign-in's stage."""
    return "/account" if stage == "open" else f"/sign-in/{service}{PAGES.get(stage, '')}"


def told(request: web.Request, where: str, what: str, session: str = "") -> str:
    """The address `where` with word of what was done, marked for its session: this one, or a new one's cookie."""
    return f"{where}&done={what}.{request.app[DESK].vault.tag(NOTICE, f'{session or token_of(request)} {what}')}"


def was_done(request: web.Request) -> str:
    """What was done a moment ago in this very session; empty for a link that somebody else made up."""
    what, _, mark = request.query.get("done", "").partition(".")
    vault = request.app[DESK].vault
    return what if mark.isascii() and vault.tag_matches(NOTICE, f"{token_of(request)} {what}", mark) else ""


@web.middleware
async def lead(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Lead whoever is not signed in to the page where that is done, or goes on."""
    if outside(request):
        return await handler(request)
    try:
        return await handler(request)
    except SignInNeeded as needed:
        service = _asked_for(request) or needed.service or _last_service(request)
        where = place(service, needed.stage if service == needed.service else "") if service else "/"
        language = _chosen(request)
        return web.Response(status=303, headers={"Location": f"{where}?lang={language}" if language else where})


def _asked_for(request: web.Request) -> str:
    """The service that the page's own address names: no customer of one is led to another's sign-in."""
    service = request.match_info.get("service", "")
    return service if service in request.app[DESK].services else ""


def _last_service(request: web.Request) -> str:
    """Where this browser signed in last: who signed out, or kept the address of a page, is led there again.

    It only says which sign-in page is shown; empty when there is none.
    """
    service = _cookie(request, "service")
    return service if service in request.app[DESK].services else ""


def _chosen(request: web.Request) -> str:
    """The language chosen on the page; empty for anything that we do not write, which no header may repeat."""
    language = request.query.get("lang", "")
    return language if language in LANGUAGES else ""


def _cookie(request: web.Request, name: str) -> str:
    value = request.cookies.get(_name(request, name), "")
    return value if len(value) <= MOST_COOKIE and value.isascii() else ""


def _name(request: web.Request, name: str) -> str:
    """A browser refuses the __Host- prefix without TLS, which only a desk on loopback does without."""
    return f"__Host-{name}" if _https(request) else name


def _https(request: web.Request) -> bool:
    return URL(request.app[DESK].portal_url).scheme == "https"
