"""Tells staff at once what they must not overlook, in the thread of the case's card and in the channel.

An alert is posted once as far as Slack allows: from the second try on, the thread is looked at first. One that Slack
does not take is kept. There is nothing in it of the customer: it stands on locked screens.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import structlog
from msgspec.structs import replace
from slack_sdk.errors import SlackApiError

from bot import text, words
from bot.cards.lines import said as block
from bot.cards.lines import several
from bot.posting import GONE, LONGEST_WAIT, Posting, Undeliverable, undeliverable
from bot.trouble import NETWORK, said
from handlers import lookups, outbox
from handlers.desk import Desk
from handlers.lookups import CardView
from handlers.model.errors import DeskError, Unknown
from handlers.model.outbox import Alert, Card

log = structlog.get_logger("bot")

QUEUE = "alerts"
BATCH = 10
THREADLESS = (*GONE, "thread_not_found", "cannot_reply_to_message", "invalid_thread_ts")
"""What Slack says when the card is gone: the alert then stands in the channel alone."""


class Alerts:
    """The deliverer of alerts."""

    def __init__(self, desk: Desk, posting: Posting) -> None:
        self._desk = desk
        self._posting = posting

    async def run(self) -> None:
        """Deliver what is due, then wait for more; until cancelled."""
        while True:
            try:
                if not await self.deliver_due():
                    await self._wait()
            except DeskError as error:
                log.error("alerts wait for the store", error=str(error))
                await asyncio.sleep(5)

    async def deliver_due(self) -> int:
        """Deliver a handful of due alerts; each that cannot be delivered now is put off."""
        due = await self._desk.store.claim(Alert, QUEUE, self._desk.now(), outbox.LEASE, BATCH)
        for alert in due:
            try:
                await self._deliver(alert)
            except Undeliverable as error:
                wait = error.wait or min(LONGEST_WAIT, 2.0**alert.tries)
                log.warning("alert not delivered", case=alert.case, why=str(error), again_in=wait, tries=alert.tries)
                await self._put_off(alert, wait)
        return len(due)

    async def _deliver(self, alert: Alert) -> None:
        try:
            view = await lookups.card(self._desk, alert.case)
        except Unknown as error:
            raise Undeliverable(str(error), LONGEST_WAIT, everywhere=False) from error
        wanted = said_of(alert, view) if view else ""
        if view and wanted:
            try:
                await self._post(alert, view, wanted)
            except NETWORK as error:
                raise undeliverable(error) from error
        async with self._desk.store.transaction() as tx:
            tx.delete(Alert, alert.id)

    async def _post(self, alert: Alert, view: CardView, sentence: str) -> None:
        card = await self._desk.store.get(Card, alert.case)
        if card is None or not card.ts:
            raise Undeliverable("its card is not there yet", 1.0, everywhere=False)
        if alert.tries > 1 and await self._stands(alert, view, card):
            log.info("alert", case=alert.case, verb="adopted", kind=alert.kind)
            return
        await self._posting.turn(card.channel)
        blocks = [block(sentence).to_dict() | {"block_id": f"alert:{alert.id}"}]
        content: dict[str, Any] = {"channel": card.channel, "text": sentence, "blocks": blocks}
        try:
            await self._sent(**content, thread_ts=card.ts, reply_broadcast=True)
        except SlackApiError as error:
            if said(error) not in THREADLESS:
                raise
            await self._sent(**content)
        log.info("alert", case=alert.case, verb="posted", kind=alert.kind)

    async def _sent(self, **content: Any) -> None:
        await self._posting.client.chat_postMessage(**content, unfurl_links=False, unfurl_media=False)

    async def _stands(self, alert: Alert, view: CardView, card: Card) -> bool:
        """Whether an earlier try whose answer was lost posted it."""
        since = view.case.opened_at - timedelta(minutes=5)
        return await self._posting.found(card.channel, since, lambda one: shows(one, alert), card.ts) is not None

    async def _put_off(self, alert: Alert, wait: float) -> None:
        async with self._desk.store.transaction() as tx:
            waiting = await tx.get(Alert, alert.id)
            if waiting:
                tx.put(replace(waiting, due=self._desk.now() + timedelta(seconds=wait), leased_until=None))

    async def _wait(self) -> None:
        due = await self._desk.store.next_due(Alert, QUEUE)
        seconds = (due - self._desk.now()).total_seconds() if due else LONGEST_WAIT
        if seconds > 0:
            await self._desk.store.changed(Alert, QUEUE, min(seconds, LONGEST_WAIT))


def said_of(alert: Alert, view: CardView) -> str:
    """What staff are told, without a word about the customer; empty when it no longer holds."""
    where = f"{view.case.id} at {text.name(view.service_name)}"
    proposal = view.case.proposal
    if alert.kind != "approval_wanted":
        return words.ALERTS[alert.kind].format(where=where)
    if proposal is None:
        return ""
    missing = several(max(0, view.approvals_needed - len(proposal.approvals)), "approval")
    what = words.DEEDS.get(proposal.action, "the next step")
    return words.ALERTS[alert.kind].format(where=where, missing=missing, what=what)


def shows(message: dict[str, Any], alert: Alert) -> bool:
    """Whether a message from Slack's history is this alert."""
    blocks = message.get("blocks") or [{}]
    return str(blocks[0].get("block_id", "")) == f"alert:{alert.id}"
