"""The manifest says exactly what the app does."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import pytest

import bot
from bot.app import build
from bot.commands import COMMAND, HELP, SUBCOMMANDS
from bot.later import Later
from bot.manifest import SCOPES, manifest
from handlers.desk import Desk
from tests.bot.builders import make_connection

NEEDED = {
    "chat_postMessage": "chat:write",
    "chat_update": "chat:write",
    "users_info": "users:read",
    "usergroups_users_list": "usergroups:read",
    "conversations_history": "channels:history",
    "conversations_replies": "channels:history",
    "auth_test": "",
    "views_open": "",
    "views_update": "",
    "apps_connections_open": "",
}
"""The permission behind each Web API method; none for those that every token may call."""


def called() -> set[str]:
    """Every Web API method that the package calls."""
    trees = [ast.parse(file.read_text(encoding="utf-8")) for file in Path(bot.__path__[0]).rglob("*.py")]
    return {
        node.func.attr
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in NEEDED | METHODS
    }


METHODS = {
    method: ""
    for method in dir(__import__("slack_sdk.web.async_client", fromlist=["AsyncWebClient"]).AsyncWebClient)
    if "_" in method and not method.startswith("_")
}


def test_scopes_are_what_the_code_calls_and_each_is_explained() -> None:
    """A permission that nothing uses is one too many; one that is missing breaks at night."""
    scopes = {NEEDED[method] for method in called()} - {""}
    assert set(SCOPES) == scopes | {"commands", "groups:history"}
    assert all(SCOPES.values())


def test_the_command_is_registered_and_described(desk: Desk) -> None:
    """What Slack offers to type is what the app answers to."""
    commands = manifest(socket_mode=True)["features"]["slash_commands"]
    assert [command["command"] for command in commands] == [COMMAND]
    for subcommand in SUBCOMMANDS:
        assert subcommand in commands[0]["usage_hint"]
        assert f"{COMMAND} {subcommand}*" in HELP
    # The command, the buttons and the dialog; an event would need a subscription in the manifest.
    assert len(build(desk, make_connection(), Later())._async_listeners) == 3


@pytest.mark.parametrize("socket_mode", [True, False])
def test_the_address_is_named_only_where_slack_calls_us(socket_mode: bool) -> None:
    """Socket Mode needs no address; signed HTTP needs the same one everywhere."""
    url = "https://recovery.shop.example/slack/events"
    made: dict[str, Any] = manifest(socket_mode, url)
    assert made["settings"]["socket_mode_enabled"] is socket_mode
    assert (made["settings"]["interactivity"].get("request_url") == url) is not socket_mode
    assert (made["features"]["slash_commands"][0].get("url") == url) is not socket_mode


def test_signed_http_needs_an_address() -> None:
    """A manifest without one would be refused by Slack; say so first."""
    with pytest.raises(ValueError, match="/slack/events"):
        manifest(socket_mode=False)


def test_the_manifest_keeps_slacks_limits() -> None:
    """Slack refuses longer names and descriptions."""
    display = manifest(socket_mode=True)["display_information"]
    assert len(display["name"]) <= 35
    assert len(display["description"]) <= 140
