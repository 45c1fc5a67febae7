"""Reads a form: bounded, one value per field, and only if this portal handed it out to this browser (T6, CSRF).

Three independent guards, so that one missing in an old browser leaves two: where the browser says the form comes from
(Sec-Fetch-Site, Origin), a cookie that no form of another site can make the browser send, and a token in the form,
keyed to that cookie and to the page.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from urllib.parse import parse_qsl

from aiohttp import web
from yarl import URL

from handlers.desk import Desk
from handlers.model.service import Service
from portal.multipart import MOST_WITH_FILES, Sent, boundary_of, parts
from portal.pages import show
from portal.voice import Voice

MOST_BYTES = 16 * 1024
MOST_FIELDS = 8
SECONDS = 10.0
"""How long a browser may take to send a form."""

SECONDS_WITH_FILES = 180.0
"""Twenty-five megabytes take that long over a slow telephone."""

FIELD = "token"
PURPOSE = "csrf"
FRESH = web.RequestKey("fresh", str)
"""Where a request keeps the value that its answer gives a browser without one: all its forms share it."""


class Foreign(Exception):
    """A form that this portal did not hand out to this browser; `cookie` says whether the browser sent our cookie."""

    def __init__(self, message: str, cookie: bool) -> None:
        super().__init__(message)
        self.cookie = cookie


@dataclass(frozen=True)
class Armed:
    """What a page needs to carry a form: the hidden `token`, and the cookie value it belongs to."""

    token: str
    value: str
    is_new: bool


class Forms:
    """The guards of one portal; `portal_url` says which origin is ours."""

    def __init__(self, desk: Desk) -> None:
        url = URL(desk.portal_url)
        self._vault = desk.vault
        self._origin = str(url.origin())
        self._https = url.scheme == "https"
        # A browser refuses the __Host- prefix without TLS, which only a desk on loopback does without.
        self._cookie = "__Host-desk" if self._https else "desk"
        self._in_cookies = re.compile(rf"(?:^|; ?){self._cookie}=([A-Za-z0-9_-]{{43}})(?:;|$)")

    def arm(self, request: web.Request, path: str = "") -> Armed:
        """A token for a form on this page, for this browser; `path` is where the form goes, if not to this page."""
        value = self._value(request)
        armed = request[FRESH] = value or request.get(FRESH) or self._vault.token().value
        return Armed(self._vault.digest(PURPOSE, f"{armed} {path or request.path}"), armed, is_new=value is None)

    def keep(self, response: web.Response, armed: Armed) -> None:
        """Give the browser the cookie that the page's forms need, unless it has it."""
        if armed.is_new:
            # Strict would leave the cookie out when a link in webmail is opened a second time: a new cookie would
            # replace it, and the form in the first tab would be stale. A Lax one comes with no foreign form either.
            response.set_cookie(self._cookie, armed.value, path="/", secure=self._https, httponly=True, samesite="Lax")

    async def read(self, request: web.Request) -> dict[str, str]:
        """The form's fields; raises Foreign, or the HTTP error that says what cannot be read about it."""
        self._same_site(request)
        # No browser compresses a form, and what is small on the line need not be small when unpacked.
        if request.content_type != "application/x-www-form-urlencoded" or "Content-Encoding" in request.headers:
            raise web.HTTPUnsupportedMediaType
        fields = parse(await body(request))
        self._ours(request, fields.pop(FIELD, ""))
        return fields

    async def read_files(self, request: web.Request) -> Sent:
        """The fields and files of a form that carries files; raises as `read` does, 413 for too much of them."""
        self._same_site(request)
        boundary = boundary_of(request.headers.get("Content-Type", ""))
        if boundary is None or "Content-Encoding" in request.headers:
            raise web.HTTPUnsupportedMediaType
        sent = parts(await body(request, MOST_WITH_FILES, SECONDS_WITH_FILES), boundary)
        self._ours(request, sent.fields.pop(FIELD, ""))
        return sent

    def _same_site(self, request: web.Request) -> None:
        site = request.headers.get("Sec-Fetch-Site", "same-origin")
        # Under our own no-referrer policy a browser writes "null" for its own pages too (Fetch, section 3.2).
        origin = request.headers.get("Origin", "null")
        if site not in ("same-origin", "none") or origin not in ("null", self._origin):
            raise Foreign("The form comes from another site.", cookie=True)

    def _ours(self, request: web.Request, token: str) -> None:
        value = self._value(request)
        if value is None:
            raise Foreign("The browser sent no cookie.", cookie=False)
        if not token.isascii() or not self._vault.matches(PURPOSE, f"{value} {request.path}", token):
            raise Foreign("The token is not for this page and browser.", cookie=True)

    def _value(self, request: web.Request) -> str | None:
        found = self._in_cookies.search(request.headers.get("Cookie", ""))
        return found.group(1) if found else None


FORMS = web.AppKey("forms", Forms)


def show_form(
    request: web.Request,
    template: str,
    voice: Voice,
    service: Service | None,
    status: int = 200,
    own: Mapping[str, str] = MappingProxyType({}),
    /,
    **values: Hashable,
) -> web.Response:
    """As `pages.show`, for a page with a form that comes back to its own address; the template finds its `token`."""
    forms = request.app[FORMS]
    armed = forms.arm(request)
    response = show(request, template, voice, service, status, {"token": armed.token, **own}, **values)
    forms.keep(response, armed)
    return response


async def body(request: web.Request, most: int = MOST_BYTES, seconds: float | None = None) -> bytes:
    """The request's body; raises 413 beyond `most` bytes, 408 when it is slow, 400 when it breaks off."""
    read = bytearray()
    if (request.content_length or 0) > most:
        raise web.HTTPRequestEntityTooLarge(most, request.content_length or 0)
    try:
        async with asyncio.timeout(SECONDS if seconds is None else seconds):
            async for chunk in request.content.iter_any():
                read += chunk
                if len(read) > most:
                    raise web.HTTPRequestEntityTooLarge(most, len(read))
    except TimeoutError as error:
        raise web.HTTPRequestTimeout from error
    except ConnectionError as error:
        raise web.HTTPBadRequest from error
    return bytes(read)


def parse(raw: bytes) -> dict[str, str]:
    """The fields of a form in UTF-8; raises 400 for what is not one, and for a field given twice (T6)."""
    try:
        pairs = parse_qsl(raw.decode("ascii"), keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="strict")
    except ValueError as error:
        raise web.HTTPBadRequest from error
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise web.HTTPBadRequest
    return fields
