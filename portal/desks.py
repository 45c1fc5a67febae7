"""Where the pages find the desk."""

from __future__ import annotations

from aiohttp import web

from handlers.desk import Desk

DESK = web.AppKey("desk", Desk)
