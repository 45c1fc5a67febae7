"""What Slack says when it refuses, also when what came back is no answer of Slack's."""

from __future__ import annotations

from aiohttp import ClientError
from slack_sdk.errors import SlackApiError, SlackClientError

NETWORK = (SlackClientError, ClientError, TimeoutError, OSError)
"""Everything that calling Slack raises when Slack, or the way to it, is not well."""


def said(error: Exception) -> str:
    """Slack's own word for the trouble, such as `ratelimited`; else the answer's status, or the error's name.

    A proxy in between answers in HTML, and the library hands that on as text.
    """
    if not isinstance(error, SlackApiError):
        return type(error).__name__
    data = getattr(error.response, "data", error.response)
    word = data.get("error") if isinstance(data, dict) else None
    return str(word) if word else f"status {getattr(error.response, 'status_code', 'unknown')}"
