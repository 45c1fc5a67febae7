"""The addresses that are nobody's page: the root, and what machines ask for."""

from __future__ import annotations

from aiohttp import web

from portal.pages import show, speak, wish


async def start(request: web.Request) -> web.Response:
    """GET /: says what this place is for, and nothing about whom it serves."""
    return show(request, "start", speak(request, wish(request)))


async def nothing(request: web.Request) -> web.Response:
    """HEAD on a page with a token: mail scanners send it, so it neither looks nor tells."""
    return web.Response()


async def robots(request: web.Request) -> web.Response:
    """GET /robots.txt: nothing here is for search engines."""
    return web.Response(text="User-agent: *\nDisallow: /\n")


async def no_icon(request: web.Request) -> web.Response:
    """GET /favicon.ico: browsers ask unbidden."""
    return web.Response(status=204)
