"""One log line per request: what was asked by the route's template, never the address, which may hold a token."""

from __future__ import annotations

import logging
import traceback
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


def frames(error: BaseException) -> list[str]:
    """Where the error came from, innermost last; no message and no values, which may be what the customer typed."""
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(error.__traceback__)]


def of_server() -> logging.Logger:
    """The web server's own log, of what never became a request: its errors quote what came, a token perhaps (T8)."""
    logger = logging.getLogger("portal.server")
    if not logger.filters:
        logger.addFilter(_wordless)
    return logger


def _wordless(record: logging.LogRecord) -> bool:
    """Keep what kind of error it was and where it came from, without a word of it."""
    error = record.exc_info[1] if record.exc_info else None
    if error:
        record.msg = f"{record.msg}: %s, %s"
        record.args = (*(record.args or ()), type(error).__name__, ", ".join(frames(error)))
        record.exc_info = None
    return True


def _log(request: web.Request, status: int, begun: float) -> None:
    ms = round((perf_counter() - begun) * 1000, 1)
    log.info("portal.answered", method=request.method, route=route(request), status=status, ms=ms)


def route(request: web.Request) -> str:
    """The template of the route, such as `/reset/{token}`; a dash where there is none."""
    resource = request.match_info.route.resource
    return resource.canonical if resource else "-"
