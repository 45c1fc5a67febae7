"""Opens dialogs for clicks that need one, within the three seconds in which Slack lets us.

What a dialog shows has to be asked for: who clicked, whether they may, how the case stands. When that takes a while, a
dialog that says so is opened first and replaced by the real one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot import modals
from bot.clicks import Click, sentence
from bot.modals import parts, review, whole
from bot.roster import Caller, Roster
from bot.text import Times
from bot.trouble import said
from handlers import decide, lookups
from handlers.desk import Desk
from handlers.lookups import CardView
from handlers.model.case import Action
from handlers.model.errors import DeskError, Unknown
from handlers.model.staff import Staff
from handlers.paperwork import viewing

PATIENCE = 1.0
"""Seconds until a dialog is opened that says that it takes a moment."""

TOO_LATE = ("expired_trigger_id", "trigger_expired", "exchanged_trigger_id")
"""What Slack says when the click is too long ago to open anything."""

Drawing = asyncio.Future[dict[str, Any]]
"""A dialog, as soon as it is drawn; refused with a DeskError."""

Tell = Callable[[str], Awaitable[object]]
"""Tells whoever clicked one sentence."""


class Dialogs:
    """The dialogs of one desk."""

    def __init__(self, desk: Desk, roster: Roster, *, local_times: bool = True) -> None:
        self._desk = desk
        self._local_times = local_times
        self._roster = roster

    async def begin(self, click: Click, caller: Caller) -> Drawing:
        """Begin to draw the click's dialog; returns when it is drawn or refused, or when that takes a while."""
        drawing = asyncio.ensure_future(self._drawn(click, caller))
        await asyncio.wait({drawing}, timeout=PATIENCE)
        return drawing

    async def open(self, drawing: Drawing, client: AsyncWebClient, trigger: str, tell: Tell) -> None:
        """Open the dialog, or tell why there is none."""
        try:
            await self._open(drawing, client, trigger, tell)
        except SlackApiError as error:
            if said(error) not in TOO_LATE:
                raise
            await tell("⏳ Slack waited too long for us and opens nothing now. Please click again.")

    async def _open(self, drawing: Drawing, client: AsyncWebClient, trigger: str, tell: Tell) -> None:
        waiting = "" if drawing.done() else await _opened(client, trigger, parts.notice("One moment, please …"))
        try:
            drawn = await drawing
        except DeskError as error:
            why = sentence(error)
            await (client.views_update(view_id=waiting, view=parts.notice(why)) if waiting else tell(why))
            return
        if waiting:
            await client.views_update(view_id=waiting, view=drawn)
        else:
            await client.views_open(trigger_id=trigger, view=drawn)

    async def link(self, case_id: str, version: int, view_id: str, caller: Caller, client: AsyncWebClient) -> None:
        """Put a one-time link to the documents, for this person alone, into their open dialog."""
        try:
            staff = await self._roster.staff(caller)
            view = await self._seen(case_id, "review_documents", staff, version)
            drawn = review.draw(view, await viewing.open_ticket(self._desk, case_id, staff))
        except DeskError as error:
            drawn = parts.notice(sentence(error))
        await client.views_update(view_id=view_id, view=drawn)

    async def _drawn(self, click: Click, caller: Caller) -> dict[str, Any]:
        staff = await self._roster.staff(caller)
        if click.action == "show_mail":
            mails = await lookups.whole_mails(self._desk, click.case, staff, click.version)
            return whole.draw(click.case, mails, Times(self._desk.now(), self._local_times))
        view = await self._seen(click.case, click.action, staff, click.version)
        if click.action == "review_documents":
            return review.draw(view, await viewing.open_ticket(self._desk, click.case, staff))
        return modals.DIALOGS[click.action].draw(view)

    async def _seen(self, case_id: str, action: Action, staff: Staff, version: int) -> CardView:
        await decide.may(self._desk, case_id, action, staff, version)
        view = await lookups.card(self._desk, case_id)
        if view is None:
            raise Unknown(f"There is no case {case_id}.")
        return view


async def _opened(client: AsyncWebClient, trigger: str, view: dict[str, Any]) -> str:
    answer = await client.views_open(trigger_id=trigger, view=view)
    return str(answer["view"]["id"])
