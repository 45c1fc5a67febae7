"""What Slack has to be told about the app; paste it when creating one. A test compares it with what the app does."""

from __future__ import annotations

from typing import Any

from bot.commands import COMMAND

SCOPES = {
    "chat:write": "post and update the cards",
    "commands": f"answer {COMMAND}",
    "users:read": "say who clicked, and notice guests and deactivated people",
    "usergroups:read": "let user groups be listed in DESK_STAFF_*",
    "channels:history": "find a card or an alert posted just before a crash, in a public channel",
    "groups:history": "the same in a private channel",
}
"""Every permission we ask for, and what for; nothing else is asked for."""


def manifest(socket_mode: bool, url: str | None = None) -> dict[str, Any]:
    """The app's manifest, for Socket Mode or for signed HTTP at `url` (`https://<portal>/slack/events`).

    Raises ValueError without a url where one is needed.
    """
    if not socket_mode and not url:
        raise ValueError("Signed HTTP needs the address that Slack shall call, https://<portal>/slack/events.")
    request = {} if socket_mode else {"request_url": url}
    command = {
        "command": COMMAND,
        "description": "Look up recovery cases and accounts",
        "usage_hint": "help | queue | find <login or address> | case <id> | stats | audit",
        "should_escape": True,
        **({} if socket_mode else {"url": url}),
    }
    return {
        "_metadata": {"major_version": 1, "minor_version": 1},
        "display_information": {
            "name": "Recovery Desk",
            "description": "Account recovery: what customers mail in, and what staff may do about it",
            "background_color": "#1f3a5f",
        },
        "features": {
            "bot_user": {"display_name": "recovery", "always_online": True},
            "slash_commands": [command],
        },
        "oauth_config": {"scopes": {"bot": list(SCOPES)}},
        "settings": {
            "interactivity": {"is_enabled": True, **request},
            "org_deploy_enabled": False,
            "socket_mode_enabled": socket_mode,
            "token_rotation_enabled": False,
        },
    }
