"""Brings cards to Slack: posts them once, keeps them up to date, and loses none while Slack is away.

The client used here must not retry by itself: a message whose answer was lost may stand in the channel, and only a look
into the channel's history tells. So every card is marked as begun before it is posted, and a begun card without a known
place is looked for before it is posted again.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta

import structlog
from msgspec.structs import replace
from slack_sdk.errors import SlackApiError, SlackObjectFormationError

from bot import cards
from bot.cards import Message
from bot.posting import CHANNEL, GONE, LONGEST_WAIT, Posting, Undeliverable, undeliverable
from bot.text import Times
from bot.trouble import NETWORK, said
from handlers import lookups, outbox
from handlers.desk import Desk
from handlers.lookups import CardView
from handlers.model.errors import DeskError, Unknown
from handlers.model.outbox import Card, CardRefresh

log = structlog.get_logger("bot")

QUEUE = "cards"
BATCH = 10


class Delivery:
    """The deliverer of cards."""

    def __init__(self, desk: Desk, posting: Posting, channel: str, *, local_times: bool = True) -> None:
        self._desk = desk
        self._posting = posting
        self._client = posting.client
        self._channel = channel
        self._local_times = local_times
        self._said: set[str] = set()

    async def run(self) -> None:
        """Deliver what is due, then wait for more; until cancelled."""
        while True:
            try:
                if not await self.deliver_due():
                    await self._wait()
            except DeskError as error:
                log.error("cards wait for the store", error=str(error))
                await asyncio.sleep(5)

    async def deliver_due(self) -> int:
        """Deliver a handful of due cards, known ones first: somebody waits for their click to show."""
        now = self._desk.now()
        due = list(await self._desk.store.claim(CardRefresh, QUEUE, now, outbox.LEASE, BATCH))
        known = {refresh.id for refresh in due if await self._desk.store.get(Card, refresh.id)}
        due.sort(key=lambda refresh: refresh.id not in known)
        for number, refresh in enumerate(due):
            hold = await self._deliver(refresh)
            if hold:
                for waiting in due[number + 1 :]:
                    await self._put_off(waiting, hold)
                await asyncio.sleep(hold)
                break
        return len(due)

    async def _deliver(self, refresh: CardRefresh) -> float:
        """Deliver one card; returns for how many seconds Slack should be left alone, 0 when all is well."""
        try:
            await self._show(refresh)
        except Undeliverable as error:
            wait = error.wait or min(LONGEST_WAIT, 2.0**refresh.tries)
            self._say(refresh, error, wait)
            await self._put_off(refresh, wait)
            return wait if error.everywhere else 0
        self._said.clear()
        return 0

    def _say(self, refresh: CardRefresh, error: Undeliverable, wait: float) -> None:
        """One line in the log for each reason, not one for each card and minute, until a card gets through again."""
        if str(error) not in self._said:
            self._said.add(str(error))
            log.warning("card not delivered", case=refresh.id, why=str(error), again_in=wait, tries=refresh.tries)

    async def _show(self, refresh: CardRefresh) -> None:
        drawn = await self._draw(refresh.id)
        if drawn is None:
            await self._drop(refresh)
            return
        try:
            shown = await self._shown(*drawn)
        except NETWORK as error:
            raise undeliverable(error) from error
        async with self._desk.store.transaction() as tx:
            await outbox.card_shown(tx, refresh, shown)

    async def _draw(self, case_id: str) -> tuple[CardView, Message] | None:
        """The card as it should look now; one that cannot be drawn must not hold up the others."""
        try:
            view = await lookups.card(self._desk, case_id)
            return (view, cards.card(view, Times(self._desk.now(), self._local_times))) if view else None
        except (LookupError, Unknown, SlackObjectFormationError) as error:
            raise Undeliverable(f"it cannot be drawn: {error!r}", LONGEST_WAIT, everywhere=False) from error

    async def _shown(self, view: CardView, drawn: Message) -> Card:
        """Post the card, or redraw it where it stands."""
        card = await self._desk.store.get(Card, view.case.id)
        place = (await self._found(view, card) if not card.ts else card) if card else None
        if place:
            try:
                return await self._update(place, view, drawn)
            except SlackApiError as error:
                moved = place.channel != self._channel_of(view) and said(error) in CHANNEL
                if not moved and said(error) not in GONE:
                    raise
        return await self._post(view, drawn)

    def _channel_of(self, view: CardView) -> str:
        return view.channel or self._channel

    async def _post(self, view: CardView, drawn: Message) -> Card:
        channel = self._channel_of(view)
        if not channel:
            raise Undeliverable("DESK_SLACK_CHANNEL is not set", LONGEST_WAIT, everywhere=False)
        begun = Card(id=view.case.id, channel=channel, ts="", version=0)
        async with self._desk.store.transaction() as tx:
            tx.put(begun)
        await self._posting.turn(channel)
        answer = await self._client.chat_postMessage(
            channel=channel, text=drawn.text, blocks=drawn.blocks, unfurl_links=False, unfurl_media=False
        )
        log.info("card", case=view.case.id, verb="posted", version=view.case.version)
        return replace(begun, channel=str(answer["channel"]), ts=str(answer["ts"]), version=view.case.version)

    async def _update(self, card: Card, view: CardView, drawn: Message) -> Card:
        await self._posting.turn(card.channel)
        await self._client.chat_update(channel=card.channel, ts=card.ts, text=drawn.text, blocks=drawn.blocks)
        log.info("card", case=view.case.id, verb="updated", version=view.case.version)
        return replace(card, version=view.case.version)

    async def _found(self, view: CardView, begun: Card) -> Card | None:
        """The card that an earlier attempt posted without living to note where, if there is one."""
        since = view.case.opened_at - timedelta(minutes=5)
        ts = await self._posting.found(begun.channel, since, lambda message: cards.shows(message, view.case.id))
        if ts is None:
            return None
        log.info("card", case=view.case.id, verb="adopted")
        return replace(begun, ts=ts)

    async def _put_off(self, refresh: CardRefresh, wait: float) -> None:
        async with self._desk.store.transaction() as tx:
            await outbox.card_later(tx, refresh, self._desk.now() + timedelta(seconds=wait))

    async def _drop(self, refresh: CardRefresh) -> None:
        async with self._desk.store.transaction() as tx:
            tx.delete(CardRefresh, refresh.id)

    async def _wait(self) -> None:
        due = await self._desk.store.next_due(CardRefresh, QUEUE)
        seconds = (due - self._desk.now()).total_seconds() if due else LONGEST_WAIT
        if seconds > 0:
            await self._desk.store.changed(CardRefresh, QUEUE, min(seconds, LONGEST_WAIT))
