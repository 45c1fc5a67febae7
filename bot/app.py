"""The Slack side as one thing to start and stop: the app, its line or its address, and the delivery of cards."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import structlog
from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.request import payload_utils
from slack_sdk.http_retry.builtin_async_handlers import (
    AsyncConnectionErrorRetryHandler,
    AsyncRateLimitErrorRetryHandler,
    AsyncServerErrorRetryHandler,
)
from slack_sdk.signature import SignatureVerifier
from slack_sdk.web.async_client import AsyncWebClient

from bot import actions, commands
from bot.alerts import Alerts
from bot.delivery import Delivery
from bot.later import Later
from bot.line import Line
from bot.posting import Posting
from bot.roster import Roster
from handlers.configuration.settings import Settings
from handlers.desk import Desk
from handlers.model.staff import Role
from handlers.vault import Secret

log = structlog.get_logger("bot")

SLACK = "https://slack.com/api/"
MOST_BYTES = 256 * 1024
"""The largest request that Slack sends is a fraction of this."""

SECONDS = 10.0
"""How long a request may take to arrive; Slack itself gives up after three."""

AGAIN = 5.0
"""Seconds until a part that failed starts again."""

UNREADABLE = (ValueError, LookupError, TypeError, AttributeError, RecursionError)
"""What Bolt raises on a body that is not one of Slack's."""

PARTS = (
    payload_utils.to_options,
    payload_utils.to_shortcut,
    payload_utils.to_action,
    payload_utils.to_view,
    payload_utils.to_command,
    payload_utils.to_event,
    payload_utils.to_message,
    payload_utils.to_step,
)
"""What Bolt reads of a body while it looks for a listener; there, a mistake in it would be a traceback and 500."""

_TIMESTAMP = re.compile(r"[0-9]{1,12}")


@dataclass(frozen=True, kw_only=True)
class Connection:
    """How to reach Slack and who may act, as the operator set it; only an emulator needs another `api_url`.

    With `app_token` the desk calls Slack (Socket Mode); with `signing_secret` Slack calls the desk (signed HTTP).
    """

    bot_token: Secret
    app_token: Secret | None = None
    signing_secret: Secret | None = None
    api_url: str = SLACK
    channel: str = ""
    agents: frozenset[str] = frozenset()
    approvers: frozenset[str] = frozenset()
    admins: frozenset[str] = frozenset()

    @classmethod
    def of(cls, settings: Settings) -> Connection | None:
        """What the operator set; None without a bot token."""
        if settings.slack_bot_token is None:
            return None
        return cls(
            bot_token=settings.slack_bot_token,
            app_token=None if settings.slack_signing_secret else settings.slack_app_token,
            signing_secret=settings.slack_signing_secret,
            api_url=settings.slack_api_url,
            channel=settings.slack_channel,
            agents=settings.staff_agents,
            approvers=settings.staff_approvers,
            admins=settings.staff_admins,
        )

    @property
    def listed(self) -> dict[Role, frozenset[str]]:
        """The user and user-group ids of each role."""
        return {"agent": self.agents, "approver": self.approvers, "admin": self.admins}

    @property
    def local_times(self) -> bool:
        """Whether Slack turns our times into the reader's; the emulator does not."""
        return self.api_url.rstrip("/") in ("", SLACK.rstrip("/"))


class Bot:
    """The Slack side. `start` and `stop` never wait for Slack: without it, cards wait in the outbox."""

    def __init__(self, desk: Desk, connection: Connection, *, pace: float = 1.0) -> None:
        self.later = Later()
        self.app = build(desk, connection, self.later)
        posting = Posting(_client(connection, retries=False), pace=pace)
        self.delivery = Delivery(desk, posting, connection.channel, local_times=connection.local_times)
        self.alerts = Alerts(desk, posting)
        app_token = connection.app_token
        self.line = Line(self.app, _client(connection, token=app_token)) if app_token else None
        secret = connection.signing_secret
        self._verifier = SignatureVerifier(secret.value) if secret else None
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Deliver cards and alerts and, in Socket Mode, open the line; both keep trying while Slack is away."""
        self._tasks.append(asyncio.create_task(_for_ever(self.delivery.run), name="cards"))
        self._tasks.append(asyncio.create_task(_for_ever(self.alerts.run), name="alerts"))
        if self.line:
            self._tasks.append(asyncio.create_task(_for_ever(self.line.run), name="slack"))

    async def stop(self) -> None:
        """Stop within three seconds; a card under way is found again at the next start."""
        for task in self._tasks:
            task.cancel()
        await self.later.settle(0.5)
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=2)
        self._tasks.clear()

    async def connected(self) -> bool:
        """Whether Slack can reach the desk; in HTTP mode that is for Slack to know."""
        return await self.line.is_open() if self.line else True

    async def events(self, request: web.Request) -> web.Response:
        """What Slack posts to `/slack/events` in HTTP mode; nothing unsigned is parsed (THREATS T24)."""
        try:
            async with asyncio.timeout(SECONDS):
                body = await _bounded(request)
        except TimeoutError:
            return web.Response(status=408)
        if body is None:
            return web.Response(status=413)
        if self._verifier is None or not _is_signed(self._verifier, body, request):
            return web.Response(status=401)
        try:
            read = await to_bolt_request(request)
            for part in PARTS:
                part(read.body)
        except UNREADABLE as error:
            log.warning("slack sent what cannot be read", error=type(error).__name__)
            return web.Response(status=400)
        return await to_aiohttp_response(await self.app.async_dispatch(read))


async def _for_ever(work: Callable[[], Awaitable[None]]) -> None:
    """Do the work until cancelled; a mistake of ours must not leave the desk without Slack until somebody notices."""
    while True:
        try:
            await work()
        except Exception:
            log.exception("slack side failed and starts again", again_in=AGAIN)
        await asyncio.sleep(AGAIN)


def build(desk: Desk, connection: Connection, later: Later) -> AsyncApp:
    """The Bolt app with everything the desk answers to; it connects to nothing by itself."""
    client = _client(connection)
    app = AsyncApp(
        client=client,
        signing_secret="",
        # `Bot.events` checks signatures before anything is parsed; Socket Mode has none.
        request_verification_enabled=False,
        # Otherwise Bolt polls for the listener's answer in steps of 10 ms.
        process_before_response=True,
        logger=_logger(),
    )
    roster = Roster(client, connection.listed, desk.clock)
    actions.register(app, desk, roster, later, local_times=connection.local_times)
    commands.register(app, desk, roster, local_times=connection.local_times)
    return app


def _logger() -> logging.Logger:
    """Bolt's own log; its warnings quote what Slack sent, which is not for logs."""
    logger = logging.getLogger("bot.bolt")
    logger.setLevel(logging.ERROR)
    return logger


def _client(connection: Connection, *, token: Secret | None = None, retries: bool = True) -> AsyncWebClient:
    handlers = [
        AsyncConnectionErrorRetryHandler(),
        AsyncRateLimitErrorRetryHandler(max_retry_count=2),
        AsyncServerErrorRetryHandler(),
    ]
    return AsyncWebClient(
        token=(token or connection.bot_token).value,
        base_url=connection.api_url or SLACK,
        timeout=10,
        retry_handlers=handlers if retries else [],
    )


async def _bounded(request: web.Request) -> bytes | None:
    """The body, or None when it is larger than anything Slack sends."""
    if (request.content_length or 0) > MOST_BYTES:
        return None
    try:
        body = await request.read()
    except web.HTTPRequestEntityTooLarge:
        return None
    return body if len(body) <= MOST_BYTES else None


def _is_signed(verifier: SignatureVerifier, body: bytes, request: web.Request) -> bool:
    """Whether Slack signed these bytes within the last five minutes."""
    timestamp = request.headers.get("X-Slack-Request-Timestamp", "")
    signature = request.headers.get("X-Slack-Signature", "")
    if not _TIMESTAMP.fullmatch(timestamp) or not signature.isascii():
        return False
    try:
        return verifier.is_valid(body, timestamp, signature)
    except UnicodeDecodeError:
        return False
