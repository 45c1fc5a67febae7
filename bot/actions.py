"""Buttons and dialogs: read what was clicked, ask the roster who it was, make one call, say what came of it.

Bolt answers Slack when a listener is done (`process_before_response`), so the decision is durable before the answer;
whatever is slow (another call to Slack) runs after it. The card itself follows through the outbox.
"""

from __future__ import annotations

import re
from functools import partial
from typing import Any

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext
from slack_bolt.context.respond.async_respond import AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from bot import text
from bot.clicks import Click, caller, pressed, seen, sentence, viewed
from bot.dialogs import Dialogs
from bot.later import Later
from bot.modals import DIALOGS, parts, review
from bot.roster import Roster
from handlers import decide, lookups
from handlers.decide import Answers
from handlers.desk import Desk
from handlers.lookups import Revealed
from handlers.model.errors import DeskError
from handlers.model.staff import Staff

YOURS_ALONE = "🔎 Only you see this, and the audit trail says that you looked."


def register(app: AsyncApp, desk: Desk, roster: Roster, later: Later, *, local_times: bool) -> None:
    """Have the app hand clicks and dialogs to the desk."""
    dialogs = Dialogs(desk, roster, local_times=local_times)

    @app.action(re.compile(""))
    async def clicked(
        ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, respond: AsyncRespond, client: AsyncWebClient
    ) -> None:
        tell = partial(_tell, respond)
        who = caller(body, context)
        try:
            if inside := pressed(body):
                if inside == review.VIEW:
                    later.run(dialogs.link(*viewed(body), who, client), "link")
            elif (click := Click.read(body)).action in (*DIALOGS, "show_mail"):
                drawing = await dialogs.begin(click, who)
                later.run(dialogs.open(drawing, client, str(body.get("trigger_id")), tell), "dialog")
            elif said := await _done(desk, click, await roster.staff(who)):
                later.run(tell(said), "answer")
        except DeskError as error:
            later.run(tell(sentence(error)), "answer")
        await ack()

    @app.view(re.compile(f"^({'|'.join(DIALOGS)})$"))
    async def submitted(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        view = body["view"]
        action = next(known for known in DIALOGS if known == view.get("callback_id"))
        dialog = DIALOGS[action]
        try:
            case, version = seen(view.get("private_metadata"))
            answers = dialog.read(view)
            await decide.act(desk, case, action, await roster.staff(caller(body, context)), version, answers)
        except parts.Mistakes as error:
            await ack(response_action="errors", errors=error.fields)
        except DeskError as error:
            await ack(response_action="errors", errors={dialog.field(view): sentence(error)})
        else:
            await ack()


async def _tell(respond: AsyncRespond, sentence: str) -> None:
    """Tell whoever clicked; a click inside a dialog has no place for it, and a forged one no claim to it."""
    if respond.response_url:
        await respond(sentence, response_type="ephemeral", replace_original=False, unfurl_links=False)


async def _done(desk: Desk, click: Click, staff: Staff) -> str:
    """Do what the click asks for, and what to tell whoever clicked, if the card does not say it."""
    if click.action == "reveal":
        return _addresses(click.case, await lookups.revealed(desk, click.case, staff, click.version))
    await decide.act(desk, click.case, click.action, staff, click.version, Answers(intent=click.intent))
    return ""


def _addresses(case_id: str, shown: Revealed) -> str:
    """The full addresses, as text that Slack neither links nor formats."""
    named = {"on file": shown.account, "of the writer": shown.requester, "to come": shown.new_address}
    lines = [f"{what}: {text.whole(address)}" for what, address in named.items() if address]
    return "\n".join([f"*Addresses of {case_id}*", *lines, YOURS_ALONE])
