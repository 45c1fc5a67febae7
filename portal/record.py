"""One log line per request: what was asked by the route's template, never the address, which may hold a token."""

from __future__ import annotations

from time import perf_counter

import structlog
from aiohttp import web

from portal.security import Handler

log = structlog.get_logger("portal")


@web.middleware
async def record(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Log method, route, status and milliseconds."""
    begun = perf_counter()
    try:
        response = await handler(request)
    except web.HTTPException as redirection:
        _log(request, redirection.status, begun)
        raise
    _log(request, response.status, begun)
    return response


def _log(request: web.Request, status: int, begun: float) -> None:
    ms = round((perf_counter() - begun) * 1000, 1)
    log.info("portal.answered", method=request.method, route=route(request), status=status, ms=ms)


def route(request: web.Request) -> str:
    """The template of the route, such as `/reset/{token}`; a dash where there is none."""
    resource = request.match_info.route.resource
    return resource.canonical if resource else "-"
