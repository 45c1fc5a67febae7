"""Reading clicks: strict, and nothing in one is believed but which case and version were looked at."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, get_args

from slack_bolt.context.async_context import AsyncBoltContext

from bot import text
from bot.roster import Caller
from handlers.model.case import Action
from handlers.model.document import Value
from handlers.model.errors import DeskError, Invalid, Limited, Unavailable
from handlers.model.mail import Intent

ACTIONS: tuple[Action, ...] = get_args(Action)
INTENTS: tuple[Intent, ...] = get_args(Intent)
_VALUE = re.compile(r"(?P<case>R-[0-9A-Z]{4,16}):(?P<version>[1-9][0-9]{0,8})")
_OLD = "This button is from another version of the desk."


class Click(Value, frozen=True):
    """One click, as its button says: the case, the version that was looked at, and what to do.

    A choice from the list of wishes also says which.
    """

    case: str
    version: int
    action: Action
    intent: Intent | None = None

    @classmethod
    def read(cls, body: Mapping[str, Any]) -> Click:
        """The click in a `block_actions` payload; raises Invalid for what is no button or choice of ours."""
        clicked = _clicked(body)
        action = next((known for known in ACTIONS if known == clicked.get("action_id")), None)
        if action == "choose_intent":
            return cls._chosen(clicked)
        if action is None or clicked.get("type") != "button":
            raise Invalid(_OLD)
        case, version = seen(clicked.get("value"))
        return cls(case=case, version=version, action=action)

    @classmethod
    def _chosen(cls, clicked: Mapping[str, Any]) -> Click:
        """A choice: its block says for which case and version, its option what."""
        option, (_, _, block) = clicked.get("selected_option"), str(clicked.get("block_id")).partition(":")
        value = option.get("value") if isinstance(option, dict) else None
        intent = next((known for known in INTENTS if known == value), None)
        if intent is None or clicked.get("type") != "static_select":
            raise Invalid(_OLD)
        case, version = seen(block)
        return cls(case=case, version=version, action="choose_intent", intent=intent)


def pressed(body: Mapping[str, Any]) -> str:
    """The action id of what was pressed inside a dialog, empty when the click was elsewhere; raises Invalid."""
    return str(_clicked(body).get("action_id", "")) if isinstance(body.get("view"), dict) else ""


def viewed(body: Mapping[str, Any]) -> tuple[str, int, str]:
    """The case, the version and the dialog's own id of a button pressed inside a dialog; raises Invalid."""
    case, version = seen(_clicked(body).get("value"))
    return case, version, str(body["view"].get("id", ""))


def seen(value: object) -> tuple[str, int]:
    """The case id and version that a button or a dialog carries; raises Invalid."""
    found = _VALUE.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise Invalid(_OLD)
    return found["case"], int(found["version"])


def caller(body: Mapping[str, Any], context: AsyncBoltContext) -> Caller:
    """Who sent an interactive payload; a user of another workspace than the payload's keeps their own."""
    user, team = body.get("user") or {}, body.get("team") or {}
    home = context.authorize_result.team_id if context.authorize_result else None
    return Caller(
        user=str(user.get("id", "")), team=str(user.get("team_id") or team.get("id") or ""), home=home or "none"
    )


def sentence(error: DeskError) -> str:
    """What whoever clicked is told; escaped, since names stand in it."""
    said = text.escaped(str(error))
    if isinstance(error, Limited):
        return f"⏳ {said} Try again in {_duration(error.retry_after)}."
    if isinstance(error, Unavailable):
        return f"⚠️ {said} Nothing was done; please try again in a minute."
    return f"✋ {said}"


def _clicked(body: Mapping[str, Any]) -> dict[str, Any]:
    clicked = body.get("actions")
    if not isinstance(clicked, list) or len(clicked) != 1 or not isinstance(clicked[0], dict):
        raise Invalid("This was not one click.")
    return clicked[0]


def _duration(seconds: float) -> str:
    minutes = max(1, round(seconds / 60))
    return f"{minutes} min" if minutes < 120 else f"{round(minutes / 60)} h"
