"""What every answer of the portal carries, and whose questions it answers at all."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from aiohttp import web
from aiohttp.typedefs import Middleware
from yarl import URL

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

OUTSIDE = "/slack/"
"""Addresses for machines that sign what they send; a browser's rules are not for them."""

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex, nofollow, noarchive",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
HTTPS_ONLY = {"Strict-Transport-Security": "max-age=31536000; includeSubDomains"}


def harden(https: bool) -> Callable[[web.Request, web.StreamResponse], Awaitable[None]]:
    """The headers every answer leaves with; an answer that set one of them itself keeps its own."""
    headers = {**HEADERS, **HTTPS_ONLY} if https else HEADERS

    async def prepare(request: web.Request, response: web.StreamResponse) -> None:
        for name, value in headers.items():
            response.headers.setdefault(name, value)
        response.headers["Server"] = "recovery-desk"

    return prepare


def only_host(portal_url: str) -> Middleware:
    """Answers only what was asked of the portal's own name (T7); X-Forwarded-Host and its kin are never read.

    Raises 421 Misdirected Request (RFC 9110, section 15.5.20) for any other name.
    """
    ours = names(URL(portal_url))

    @web.middleware
    async def check(request: web.Request, handler: Handler) -> web.StreamResponse:
        asked = [host.lower() for host in request.headers.getall("Host", [])]
        if not outside(request) and (len(asked) != 1 or asked[0] not in ours):
            raise web.HTTPMisdirectedRequest
        return await handler(request)

    return check


def names(url: URL) -> frozenset[str]:
    """What a browser at `url` may write in Host: a default port may be left out (RFC 9110, section 7.2)."""
    host = f"[{url.host}]" if ":" in (url.host or "") else url.host
    with_port = f"{host}:{url.port}"
    return frozenset({with_port, f"{host}"} if url.is_default_port() else {with_port})


def outside(request: web.Request) -> bool:
    """Whether the portal's rules for browsers leave this request alone."""
    return request.path.startswith(OUTSIDE)
