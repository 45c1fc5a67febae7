"""The way into Slack's channels: at Slack's pace, and looking first where a message may stand already.

The client used here must not retry by itself: a message whose answer was lost may stand in the channel, and only a look
into the channel's history tells.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.trouble import said

log = structlog.get_logger("bot")

PAGES = 5
LONGEST_WAIT = 60.0
GONE = ("message_not_found", "cant_update_message", "edit_window_closed")
"""What Slack says of a message that was deleted or can no longer be changed: the card is posted anew."""

CHANNEL = ("channel_not_found", "not_in_channel", "is_archived", "restricted_action")
BLIND = ("missing_scope", *CHANNEL)

Wanted = Callable[[dict[str, Any]], bool]
"""Whether a message from Slack's history is the one that is looked for."""


class Undeliverable(Exception):
    """This cannot be delivered now; `wait` is in seconds, and `everywhere` says that nothing else could be."""

    def __init__(self, why: str, wait: float, *, everywhere: bool) -> None:
        super().__init__(why)
        self.wait = wait
        self.everywhere = everywhere


class Posting:
    """What cards and alerts share: `pace` is the least time between two messages in a channel, in seconds."""

    def __init__(self, client: AsyncWebClient, *, pace: float = 1.0) -> None:
        self.client = client
        self._pace = pace
        self._free: dict[str, float] = {}
        self._me = ""

    async def turn(self, channel: str) -> None:
        """Wait until the channel may be written to again: Slack takes about one message a second."""
        clock = asyncio.get_running_loop().time
        start = max(clock(), self._free.get(channel, 0.0))
        self._free[channel] = start + self._pace
        await asyncio.sleep(start - clock())

    async def found(self, channel: str, since: datetime, wanted: Wanted, thread: str = "") -> str | None:
        """Where a message of ours stands in the channel, or in a thread of it; None when it is not there."""
        me, cursor = await self._own_id(), ""
        for _ in range(PAGES):
            page = await self._page(channel, f"{since.timestamp():.6f}", thread, cursor)
            for message in page.get("messages", []):
                if message.get("bot_id") == me and wanted(message):
                    return str(message["ts"])
            cursor = (page.get("response_metadata") or {}).get("next_cursor", "")
            if not cursor:
                break
        return None

    async def _page(self, channel: str, oldest: str, thread: str, cursor: str) -> Mapping[str, Any]:
        try:
            answer = await self._history(channel, oldest, thread, cursor)
        except SlackApiError as error:
            if said(error) not in BLIND:
                raise
            # Better a message twice than a customer whom nobody sees; the manifest asks for what is missing.
            log.warning("channel cannot be read, a message may be posted twice", channel=channel, why=said(error))
            return {}
        return answer.data if isinstance(answer.data, dict) else {}

    async def _history(self, channel: str, oldest: str, thread: str, cursor: str) -> AsyncSlackResponse:
        more = cursor or None
        if thread:
            return await self.client.conversations_replies(
                channel=channel, ts=thread, oldest=oldest, limit=200, cursor=more
            )
        return await self.client.conversations_history(channel=channel, oldest=oldest, limit=200, cursor=more)

    async def _own_id(self) -> str:
        self._me = self._me or str((await self.client.auth_test())["bot_id"])
        return self._me


def undeliverable(error: Exception) -> Undeliverable:
    """What a failure of Slack means for this message and for others; the waits that are 0 grow with the tries."""
    if not isinstance(error, SlackApiError):
        return Undeliverable(f"Slack cannot be reached ({type(error).__name__})", 0, everywhere=True)
    why = said(error)
    if why == "ratelimited":
        headers = getattr(error.response, "headers", {})
        return Undeliverable("Slack asks us to slow down", _seconds(headers), everywhere=True)
    if why in CHANNEL:
        return Undeliverable(f"the channel is unknown or closed to us ({why})", LONGEST_WAIT, everywhere=False)
    return Undeliverable(f"Slack says {why}", 0, everywhere=False)


def _seconds(headers: Mapping[str, Any]) -> float:
    """Retry-After, in seconds, kept within an hour."""
    said = next((value for key, value in headers.items() if key.lower() == "retry-after"), "30")
    return min(3600.0, max(1.0, float(said))) if str(said).isdigit() else 30.0
