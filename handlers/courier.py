"""The courier: takes letters out of the outbox, writes them out and hands them to the relay, until each has an end.

A letter ends as sent, as dropped (what it carries is of no use any more), or as dead: kept without a `due` and without
its secret, with a reason that staff read on the card. A letter may reach the relay twice if the desk is killed in
between; it then has the same Message-ID, and mail systems show one.
"""

from __future__ import annotations

import asyncio
import re
from contextlib import suppress
from datetime import datetime, timedelta
from email.message import EmailMessage

import structlog
from msgspec.structs import replace

from handlers import addressing, audit, decide, grants
from handlers.carriers import HAND_OVER_SECONDS, Carrier, Deferred, Parcel, Rejected, RelayDown
from handlers.desk import Desk
from handlers.letters import Facts, render
from handlers.model.account import Account
from handlers.model.case import Case
from handlers.model.grant import Grant
from handlers.model.outbox import Letter
from handlers.model.staff import DESK
from handlers.rules.addresses import mask
from handlers.store.contract import Transaction
from handlers.vault import Secret

QUEUE = "letters"
BATCH = 20
LEASE = timedelta(seconds=40)
"""After a crash, a letter that was being handed over waits this long at most."""

GIVE_UP = timedelta(hours=24)
FIRST_PAUSE = timedelta(seconds=5)
LONGEST_PAUSE = timedelta(hours=1)
LONGEST_OUTAGE_PAUSE = timedelta(minutes=1)
"""While the relay is down, one letter tries it at least this often: links live for minutes."""

IDLE_SECONDS = 60.0
FAILED_SECONDS = 5.0
STOP_SECONDS = 3.0
LONGEST_FAILURE = 200

log = structlog.get_logger()


class Courier:
    """One per process; any number of processes may share a store."""

    def __init__(self, desk: Desk, carrier: Carrier) -> None:
        self._desk = desk
        self._carrier = carrier
        self._stopping = False
        self._at_work = asyncio.Lock()
        self._problem = ""
        self._down_since: datetime | None = None
        self._outages = 0

    @property
    def state(self) -> str:
        """For `/ready`: empty while the relay takes letters, else since when it does not, and why."""
        return f"{self._problem} (since {self._down_since:%H:%M:%S} UTC)" if self._down_since else ""

    async def run(self, stop: asyncio.Event) -> None:
        """Deliver until `stop` is set, then finish the letter in hand, within a few seconds."""
        working = asyncio.create_task(self._work())
        try:
            await stop.wait()
        finally:
            self._stopping = True
            with suppress(TimeoutError):
                async with asyncio.timeout(STOP_SECONDS), self._at_work:
                    pass
            working.cancel()
            await asyncio.wait([working])

    async def deliver(self) -> int:
        """Claim what is due, up to a batch, and bring each letter to its end or put it off; returns how many."""
        store, now = self._desk.store, self._desk.now()
        waiting = list(await store.claim(Letter, QUEUE, now, LEASE, 1 if self._down_since else BATCH))
        claimed = len(waiting)
        try:
            while waiting and self._may_start(waiting[0]):
                down = await self._bring(waiting[0])
                waiting.pop(0)
                if down:
                    break
        finally:
            await self._give_back(waiting)
            await self._carrier.close()
        return claimed

    async def _work(self) -> None:
        while not self._stopping:
            try:
                async with self._at_work:
                    claimed = await self.deliver()
                if not claimed or self._down_since:
                    await self._rest()
            except Exception:
                log.exception("courier.failed")
                await asyncio.sleep(FAILED_SECONDS)

    async def _rest(self) -> None:
        """Sleep until a letter is due or written; while the relay is down, until it is worth another try."""
        if self._down_since:
            await asyncio.sleep(self._outage_pause().total_seconds())
            return
        due = await self._desk.store.next_due(Letter, QUEUE)
        seconds = (due - self._desk.now()).total_seconds() if due else IDLE_SECONDS
        await self._desk.store.changed(Letter, QUEUE, min(max(seconds, 0.0), IDLE_SECONDS))

    def _may_start(self, letter: Letter) -> bool:
        """Not when stopping, nor when the lease might end before the letter is handed over."""
        until = letter.leased_until or self._desk.now()
        return not self._stopping and until - self._desk.now() > timedelta(seconds=HAND_OVER_SECONDS)

    async def _bring(self, letter: Letter) -> bool:
        """Bring one letter to its end, or put it off; returns whether the relay turned out to be down."""
        try:
            facts = await self._facts(letter)
        except KeyError:
            await self._bury(letter, f"The desk no longer answers for {letter.service}.")
            return False
        useless = grants.why_dead(facts.grant, facts.account, self._desk.now()) if facts.grant else ""
        if useless == "expired":
            await self._bury(letter, f"It could not be sent before what it carries expired. {letter.failure}".strip())
        elif useless or _is_superseded(facts):
            await self._drop(letter, useless or "replaced")
        elif self._desk.now() - letter.written_at > GIVE_UP:
            await self._bury(letter, f"It could not be sent within 24 hours. {letter.failure}".strip())
        else:
            return await self._send(facts)
        return False

    async def _facts(self, letter: Letter) -> Facts:
        """What the letter is about; only a letter that carries a secret depends on its grant."""
        store, service = self._desk.store, self._desk.service(letter.service)
        grant = await store.get(Grant, letter.grant) if letter.sealed else None
        case = await store.get(Case, letter.case)
        account = grant.account if grant else case.account if case else None
        return Facts(
            letter=letter,
            service=service,
            account=await store.get(Account, account) if account else None,
            grant=grant,
            case=case,
            secret=None,
            portal_url=self._desk.portal_url,
        )

    async def _send(self, facts: Facts) -> bool:
        letter, started = facts.letter, asyncio.get_running_loop().time()
        try:
            secret = self._desk.vault.open("letter", letter.sealed) if letter.sealed else None
            parcel = self._parcel(replace(facts, secret=secret))
        except Exception as error:
            # Whatever is wrong with one letter must not stop the others; its message could quote the letter.
            await self._bury(letter, f"It could not be written ({type(error).__name__}).")
            return False
        try:
            await self._carrier.hand_over(parcel)
        except RelayDown as error:
            await self._outage(facts, for_staff(str(error), secret))
            return True
        except Rejected as error:
            await self._bury(letter, for_staff(str(error), secret))
        except Exception as error:
            why = (
                str(error) if isinstance(error, Deferred) else f"It could not be handed over ({type(error).__name__})."
            )
            await self._put_off(facts, for_staff(why, secret), doubled(FIRST_PAUSE, letter.tries, LONGEST_PAUSE))
        else:
            await self._sent(letter, started)
        self._recover()
        return False

    def _parcel(self, facts: Facts) -> Parcel:
        letter, service = facts.letter, facts.service
        id = addressing.message_id(self._desk, service, letter)
        mail = render(facts, id, addressing.answer_address(self._desk, service, letter))
        # An automatic answer must not cause another one, not even a bounce (RFC 3834 section 3.3).
        answer = letter.kind == "acknowledgement"
        sender = "" if answer else addressing.bounce_address(self._desk, service, letter.case)
        return Parcel(sender=sender, to=recipient(mail), message_id=id, message=mail.as_bytes())

    async def _sent(self, letter: Letter, started: float) -> None:
        async with self._desk.store.transaction() as tx:
            if await _is_ours(tx, letter):
                case = await tx.get(Case, letter.case)
                tx.delete(Letter, letter.id)
                await audit.add(
                    tx, self._desk, "letter.sent", DESK, case=case, service=letter.service, detail=letter.kind
                )
        ms = round((asyncio.get_running_loop().time() - started) * 1000)
        log.info("letter.sent", case=letter.case, kind=letter.kind, tries=letter.tries, ms=ms)

    async def _drop(self, letter: Letter, why: str) -> None:
        """What it carries was used, replaced or tried out: sending it would only mislead."""
        async with self._desk.store.transaction() as tx:
            if await _is_ours(tx, letter):
                tx.delete(Letter, letter.id)
        log.info("letter.dropped", case=letter.case, kind=letter.kind, why=why)

    async def _bury(self, letter: Letter, why: str) -> None:
        """Keep the letter as a dead one, without its secret, and tell its case."""
        why = why[:LONGEST_FAILURE]
        async with self._desk.store.transaction() as tx:
            if await _is_ours(tx, letter):
                tx.put(replace(letter, due=None, leased_until=None, sealed="", failure=why))
                await decide.undelivered(tx, self._desk, letter, why)
        log.warning("letter.failed", case=letter.case, kind=letter.kind, tries=letter.tries, why=why)

    async def _put_off(self, facts: Facts, why: str, pause: timedelta) -> None:
        """Try again after `pause`, or when its grant ends, if that comes first: then staff are told."""
        due = self._desk.now() + pause
        if facts.grant:
            due = min(due, facts.grant.expires_at)
        async with self._desk.store.transaction() as tx:
            if await _is_ours(tx, facts.letter):
                tx.put(replace(facts.letter, due=due, leased_until=None, failure=why))
        log.info("letter.deferred", case=facts.letter.case, kind=facts.letter.kind, tries=facts.letter.tries, why=why)

    async def _outage(self, facts: Facts, why: str) -> None:
        """Said once, when it begins; the tries of a letter count only what is about the letter."""
        self._outages += 1
        self._problem = why
        if self._down_since is None:
            self._down_since = self._desk.now()
            log.warning("relay.down", why=why)
        uncounted = replace(facts.letter, tries=facts.letter.tries - 1)
        await self._put_off(replace(facts, letter=uncounted), why, self._outage_pause())

    def _outage_pause(self) -> timedelta:
        return doubled(FIRST_PAUSE, self._outages, LONGEST_OUTAGE_PAUSE)

    def _recover(self) -> None:
        if self._down_since:
            log.info("relay.up", down_since=self._down_since.isoformat())
        self._down_since, self._problem, self._outages = None, "", 0

    async def _give_back(self, letters: list[Letter]) -> None:
        """Let letters that were claimed and not begun be claimed again at once."""
        if not letters:
            return
        async with self._desk.store.transaction() as tx:
            for letter in letters:
                if await _is_ours(tx, letter):
                    tx.put(replace(letter, leased_until=None, tries=letter.tries - 1))


async def _is_ours(tx: Transaction, letter: Letter) -> bool:
    """Whether nobody else has claimed or removed the letter since we claimed it."""
    current = await tx.get(Letter, letter.id)
    return current is not None and current.leased_until == letter.leased_until


def _is_superseded(facts: Facts) -> bool:
    """A code that was sent again before this letter with the one before it got out."""
    return facts.grant is not None and facts.letter.written_at < facts.grant.issued_at


def doubled(first: timedelta, times: int, longest: timedelta) -> timedelta:
    """`first` for the first time, twice as long for each time after it, never more than `longest`."""
    return min(first * (1 << min(max(times - 1, 0), 32)), longest)


def recipient(mail: EmailMessage) -> str:
    """The one address in `To`, as it goes into the envelope."""
    return str(mail["To"].addresses[0].addr_spec)


def for_staff(said: str, secret: Secret | None) -> str:
    """What the relay said, fit for a card: one line, addresses masked, nothing of the letter it may have quoted."""
    text = "".join(sign if sign.isprintable() else " " for sign in said)
    for part in secret.value.split() if secret else ():
        text = text.replace(part, "•••")
    text = re.sub(r"\S*://\S*", "•••", text)
    text = re.sub(r"[^\s<>()\[\],;:\"']+@[^\s<>()\[\],;:\"']+", lambda found: mask(found[0]), text)
    return re.sub(r"[\w=+/-]{24,}", "•••", " ".join(text.split()))[:LONGEST_FAILURE]
