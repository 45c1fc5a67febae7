"""Socket Mode, kept alive: a line to Slack that looks open but delivers nothing is the usual way for a bot to die."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress

import structlog
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.trouble import NETWORK, said

log = structlog.get_logger("bot")

WATCH = 30.0
"""Seconds between two looks at the line."""

PING = 10.0
"""Seconds between two pings; a line that left four unanswered is dead."""


class Line:
    """The app's line to Slack; `run` opens it and holds it until cancelled, however often Slack goes away."""

    def __init__(self, app: AsyncApp, app_client: AsyncWebClient, *, watch: float = WATCH, ping: float = PING) -> None:
        self._app = app
        # The app token has its own client: the one of the bot token would ask for a line with the wrong token.
        self._client = app_client
        self._watch = watch
        self._ping = ping
        self._handler: AsyncSocketModeHandler | None = None
        self.reconnects = 0

    async def run(self) -> None:
        """Connect as soon as Slack answers, then look after the line."""
        await self._reachable()
        self._handler = AsyncSocketModeHandler(
            self._app, str(self._client.token), logger=_quiet(), web_client=self._client, ping_interval=self._ping
        )
        try:
            await self._handler.client.connect_to_new_endpoint(force=True)
            log.info("slack connected")
            while True:
                await asyncio.sleep(self._watch)
                await self._look(self._handler)
        finally:
            with suppress(Exception):
                await asyncio.wait_for(self._handler.client.close(), 2)  # type: ignore[no-untyped-call]

    async def is_open(self) -> bool:
        """Whether Slack can reach us now."""
        return self._handler is not None and bool(await self._handler.client.is_connected())

    async def _look(self, handler: AsyncSocketModeHandler) -> None:
        if await handler.client.is_connected():
            return
        self.reconnects += 1
        log.warning("slack line was dead, opening another", reconnects=self.reconnects)
        try:
            async with asyncio.timeout(self._watch):
                await handler.client.connect_to_new_endpoint(force=True)
        except NETWORK as error:
            log.warning("slack cannot be reached", error=type(error).__name__)

    async def _reachable(self) -> None:
        """Wait for Slack to give us a line; the library would try every few seconds and log a traceback each time."""
        wait = 1.0
        while True:
            try:
                await self._client.apps_connections_open(app_token=str(self._client.token))
                return
            except NETWORK as error:
                log.warning("slack cannot be reached", error=said(error), again_in=wait)
            await asyncio.sleep(wait)
            wait = min(60.0, wait * 2)


def _quiet() -> logging.Logger:
    """The library's own log, without tracebacks and without its chatter about each session."""
    logger = logging.getLogger("bot.socket")
    logger.setLevel(logging.WARNING)
    if not logger.filters:
        logger.addFilter(_without_traceback)
    return logger


def _without_traceback(record: logging.LogRecord) -> bool:
    record.exc_info = None
    return True
