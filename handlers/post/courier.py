"""The courier: takes letters out of the outbox, writes them out and hands them to the relay, until each has an end.

A letter ends as sent, as dropped (what it carries is of no use any more), or as dead: kept without a `due` and without
its secret, with a reason that staff read on the card. A letter may reach the relay twice if the desk is killed in
between; it then has the same Message-ID, and mail systems show one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from datetime import timedelta
from email.message import EmailMessage

import structlog
from msgspec.structs import replace

from handlers import grants, outbox
from handlers.desk import Desk
from handlers.letters import Facts, render
from handlers.model.account import Account
from handlers.model.case import Case
from handlers.model.errors import Unknown
from handlers.model.grant import Grant
from handlers.model.outbox import Letter
from handlers.post import addressing, endings
from handlers.post.carriers import PATIENCE, BrokenOff, Carrier, Deferred, Parcel, Rejected, RelayDown
from handlers.post.lanes import Lane, domain
from handlers.post.outage import Outage
from handlers.rules import deliveries
from handlers.vault import Secret

LEASE = timedelta(seconds=60)
"""After a crash, a letter that was being handed over waits this long at most."""

HAND_OVER = timedelta(seconds=PATIENCE.sign_in + PATIENCE.hand_over)
SLOTS = {outbox.URGENT: 4, outbox.ORDINARY: 2}
"""How many letters of a queue are in hand at a time, each over a connection of its own."""

FIRST_PAUSE = timedelta(seconds=5)
LONGEST_PAUSE = timedelta(hours=1)

SLOW_SECONDS = 2.0
ASIDE = timedelta(seconds=30)
"""How long letters step aside when their domain took SLOW_SECONDS over one, and others might have the free slots."""

IDLE_SECONDS = 60.0
FAILED_SECONDS = 5.0
STOP_SECONDS = 3.0

log = structlog.get_logger()


class Courier:
    """One per process; any number of processes may share a store."""

    def __init__(self, desk: Desk, carrier: Carrier) -> None:
        self._desk = desk
        self._carrier = carrier
        self._stopping = False
        self._lanes = [Lane(queue, slots) for queue, slots in SLOTS.items()]
        self._outage = Outage(desk)

    @property
    def state(self) -> str:
        """For `/ready`: empty while the relay takes letters, else since when it does not, and why."""
        return str(self._outage)

    async def run(self, stop: asyncio.Event) -> None:
        """Deliver until `stop` is set, then finish the letters in hand, within a few seconds."""
        working = [asyncio.create_task(self._work(lane)) for lane in self._lanes]
        try:
            await stop.wait()
        finally:
            self._stopping = True
            with suppress(TimeoutError):
                async with asyncio.timeout(STOP_SECONDS):
                    for lane in self._lanes:
                        await lane.at_work.acquire()
            await _cancel([letter for lane in self._lanes for letter in lane.in_hand])
            await _cancel(working)

    async def deliver(self) -> int:
        """Bring each letter that is due to its end or put it off; returns how many.

        While the relay is down, one letter of each queue tries it.
        """
        return sum(await asyncio.gather(*(self._drain(lane) for lane in self._lanes)))

    async def _work(self, lane: Lane) -> None:
        while not self._stopping:
            try:
                async with lane.at_work:
                    claimed = await self._drain(lane)
                if self._outage:
                    await self._outage.rest()
                elif not claimed:
                    await self._changed(lane)
            except Exception:
                log.exception("courier.failed")
                await asyncio.sleep(FAILED_SECONDS)

    async def _drain(self, lane: Lane) -> int:
        """Go on while letters are due or in hand; returns how many were claimed."""
        try:
            claimed = await self._begin(lane)
            while lane.in_hand:
                await self._progress(lane)
                claimed += 0 if self._outage else await self._begin(lane)
            return claimed
        finally:
            await endings.give_back(self._desk, lane.clear())
            if not any(lane.in_hand for lane in self._lanes):
                await self._carrier.close()

    async def _begin(self, lane: Lane) -> int:
        """Claim what is due and give it the free slots; returns how many were claimed."""
        claimed, late = await self._claim(lane), []
        while not self._stopping and (letter := lane.next()):
            if self._is_late(letter):
                late.append(letter)
            else:
                lane.start(letter, self._in_hand(letter))
        await endings.give_back(self._desk, late)
        return claimed

    async def _claim(self, lane: Lane) -> int:
        room = min(lane.room, 1) if self._outage else lane.room
        if self._stopping or not room:
            return 0
        letters = await self._desk.store.claim(Letter, lane.queue, self._desk.now(), LEASE, room)
        lane.waiting += letters
        return len(letters)

    async def _progress(self, lane: Lane) -> None:
        """Wait until a letter in hand has its end, or another could begin; make way for it if need be."""
        # Only the next claim takes note of what was added: without one, there is nothing to listen for.
        listens = lane.room > 0 and not self._stopping and not self._outage
        added = [asyncio.create_task(self._changed(lane))] if listens else []
        try:
            done, _ = await asyncio.wait([*lane.in_hand, *added], timeout=SLOW_SECONDS, return_when="FIRST_COMPLETED")
        finally:
            await _cancel(added)
        if not done and lane.is_stuck:
            await endings.give_back(self._desk, lane.clear(), ASIDE)

    async def _changed(self, lane: Lane) -> None:
        """Wait until a letter is due or written."""
        due = await self._desk.store.next_due(Letter, lane.queue)
        seconds = (due - self._desk.now()).total_seconds() if due else IDLE_SECONDS
        await self._desk.store.changed(Letter, lane.queue, min(max(seconds, 0.0), IDLE_SECONDS))

    def _is_late(self, letter: Letter) -> bool:
        """Whether the lease might end before the letter is handed over."""
        return (letter.leased_until or self._desk.now()) - self._desk.now() <= HAND_OVER

    async def _in_hand(self, letter: Letter) -> None:
        """Bring one letter to its end; what goes wrong around it leaves it to the end of its lease."""
        try:
            await self._bring(letter)
        except asyncio.CancelledError:
            await endings.give_back(self._desk, [letter])
            raise
        except Exception:
            log.exception("courier.failed")

    async def _bring(self, letter: Letter) -> None:
        """Bring one letter to its end, or put it off."""
        try:
            facts = await self._facts(letter)
        except Unknown:
            await endings.bury(self._desk, letter, f"The desk no longer answers for {letter.service}.")
            return
        useless = grants.why_dead(facts.grant, facts.account, self._desk.now()) if facts.grant else ""
        if useless == "expired":
            why = f"It could not be sent before what it carries expired. {letter.failure}".strip()
            await endings.bury(self._desk, letter, why)
        elif letter.until and self._desk.now() >= letter.until:
            await endings.drop(self._desk, letter, "expired")
        elif useless or _is_superseded(facts):
            await endings.drop(self._desk, letter, useless or "replaced")
        elif self._desk.now() - letter.written_at >= endings.GIVE_UP:
            why = f"It could not be sent within 24 hours. {letter.failure}".strip()
            await endings.bury(self._desk, letter, why)
        else:
            await self._send(facts)

    async def _facts(self, letter: Letter) -> Facts:
        """What the letter is about; only a letter that carries a secret depends on its grant."""
        store, service = self._desk.store, self._desk.service(letter.service)
        grant = await store.get(Grant, letter.grant) if letter.sealed else None
        case = await store.get(Case, letter.case) if letter.case else None
        account = grant.account if grant else letter.account or (case.account if case else None)
        return Facts(
            letter=letter,
            service=service,
            account=await store.get(Account, account) if account else None,
            grant=grant,
            case=case,
            secret=None,
            portal_url=self._desk.portal_url,
            vault=self._desk.vault,
        )

    async def _send(self, facts: Facts) -> None:
        letter, started = facts.letter, asyncio.get_running_loop().time()
        try:
            secret = self._desk.vault.open("letter", letter.sealed) if letter.sealed else None
            # Writing a letter out takes milliseconds of work, and the same loop serves the pages.
            parcel = await asyncio.to_thread(self._parcel, replace(facts, secret=secret))
        except Exception as error:
            # Whatever is wrong with one letter must not stop the others; its message could quote the letter.
            await endings.bury(self._desk, letter, f"It could not be written ({type(error).__name__}).")
            return
        try:
            await self._carrier.hand_over(parcel)
        except Exception as error:
            await self._failed(facts, error, secret)
        else:
            self._outage.answered()
            await endings.sent(self._desk, letter, round((asyncio.get_running_loop().time() - started) * 1000))

    async def _failed(self, facts: Facts, error: Exception, secret: Secret | None) -> None:
        """The tries of a letter count only what may be about the letter."""
        letter, why = facts.letter, endings.for_staff(str(error), secret)
        pause = doubled(FIRST_PAUSE, letter.tries, LONGEST_PAUSE)
        match error:
            case RelayDown():
                self._outage.begin(why)
                facts, pause = replace(facts, letter=replace(letter, tries=letter.tries - 1)), self._outage.pause
            case BrokenOff():
                # Strangers choose where acknowledgements go: those prove nothing about the relay.
                self._outage.broke_off(domain(letter) if letter.queue == outbox.URGENT else "", why)
            case Rejected():
                self._outage.answered()
                await endings.bury(self._desk, letter, deliveries.refusal(why))
                return
            case Deferred():
                self._outage.answered()
            case _:
                why = f"It could not be handed over ({type(error).__name__})."
        await endings.put_off(self._desk, facts, why, pause)

    def _parcel(self, facts: Facts) -> Parcel:
        letter, service = facts.letter, facts.service
        id = addressing.message_id(self._desk, service, letter)
        mail = render(facts, id, addressing.answer_address(self._desk, service, letter))
        # An automatic answer must not cause another one, not even a bounce (RFC 3834 section 3.3); and a bounce of a
        # letter without a case would find nobody to tell.
        alone = letter.kind == "acknowledgement" or not letter.case
        sender = "" if alone else addressing.bounce_address(self._desk, service, letter.id)
        return Parcel(sender=sender, to=recipient(mail), message_id=id, message=mail.as_bytes())


async def _cancel(tasks: Iterable[asyncio.Task[None]]) -> None:
    """End the tasks, and wait for their ends."""
    waiting = list(tasks)
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)


def _is_superseded(facts: Facts) -> bool:
    """A code that was sent again before this letter with the one before it got out."""
    return facts.grant is not None and facts.letter.written_at < facts.grant.issued_at


def doubled(first: timedelta, times: int, longest: timedelta) -> timedelta:
    """`first` for the first time, twice as long for each time after it, never more than `longest`."""
    return min(first * (1 << min(max(times - 1, 0), 32)), longest)


def recipient(mail: EmailMessage) -> str:
    """The one address in `To`, as it goes into the envelope."""
    return str(mail["To"].addresses[0].addr_spec)
