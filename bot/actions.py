"""Buttons and dialogs: read what was clicked, ask the roster who it was, make one call, say what came of it.

Bolt answers Slack when a listener is done (`process_before_response`), so the decision is durable before the answer;
whatever is slow (another call to Slack) runs after it. The card itself follows through the outbox.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, get_args

import structlog
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext
from slack_bolt.context.respond.async_respond import AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from bot import modals, text
from bot.later import Later
from bot.roster import Caller, Roster
from handlers import decide
from handlers.desk import Desk
from handlers.model.case import Action
from handlers.model.document import Value
from handlers.model.errors import DeskError, Invalid, Limited, Unavailable

log = structlog.get_logger("bot")

ACTIONS: tuple[Action, ...] = get_args(Action)
_VALUE = re.compile(r"(?P<case>R-[0-9A-Z]{4,16}):(?P<version>[1-9][0-9]{0,8})")


class Click(Value, frozen=True):
    """One click, as its button says: the case, the version that was looked at, and what to do."""

    case: str
    version: int
    action: Action

    @classmethod
    def read(cls, body: Mapping[str, Any]) -> Click:
        """The click in a `block_actions` payload; raises Invalid for anything else than one button of ours."""
        clicked = body.get("actions")
        if not isinstance(clicked, list) or len(clicked) != 1 or not isinstance(clicked[0], dict):
            raise Invalid("This was not one click.")
        action = next((known for known in ACTIONS if known == clicked[0].get("action_id")), None)
        if action is None or clicked[0].get("type") != "button":
            raise Invalid("This button is from another version of the desk.")
        case, version = seen(clicked[0].get("value"))
        return cls(case=case, version=version, action=action)


def seen(value: object) -> tuple[str, int]:
    """The case id and version that a button or a dialog carries; raises Invalid."""
    found = _VALUE.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise Invalid("This button is from another version of the desk.")
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


def register(app: AsyncApp, desk: Desk, roster: Roster, later: Later) -> None:
    """Have the app hand clicks and dialogs to the desk."""

    @app.action(re.compile(""))
    async def clicked(
        ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, respond: AsyncRespond, client: AsyncWebClient
    ) -> None:
        try:
            click = Click.read(body)
            staff = await roster.staff(caller(body, context))
            if click.action == "refuse" and staff.roles:
                dialog = modals.refuse(click.case, click.version)
                later.run(client.views_open(trigger_id=str(body.get("trigger_id")), view=dialog), "dialog")
            else:
                await decide.act(desk, click.case, click.action, staff, click.version)
        except DeskError as error:
            later.run(respond(sentence(error), response_type="ephemeral", replace_original=False), "answer")
        await ack()

    @app.view(modals.REFUSE)
    async def refused(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        try:
            case, version = seen(body["view"].get("private_metadata"))
            reason = modals.chosen(body["view"])
            staff = await roster.staff(caller(body, context))
            await decide.act(desk, case, "refuse", staff, version, decide.Answers(reason=reason))
        except DeskError as error:
            await ack(response_action="errors", errors={modals.REASON: sentence(error)})
        else:
            await ack()


def _duration(seconds: float) -> str:
    minutes = max(1, round(seconds / 60))
    return f"{minutes} min" if minutes < 120 else f"{round(minutes / 60)} h"
