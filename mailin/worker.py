"""Takes spooled mails in: understood in another process, handed to the desk, and then forgotten here."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from functools import partial
from time import monotonic
from typing import TypeVar

import structlog
from msgspec.structs import replace

from handlers import intake
from handlers.configuration.services import Services
from handlers.desk import Desk
from handlers.model.errors import Unavailable
from handlers.model.mail import Origin, ServiceNames
from handlers.rechecks import Facts
from handlers.rules.addresses import canonical
from mailin import rechecks
from mailin.apart import MOST_SECONDS, Readers, TooLong
from mailin.origin.border import Strangers
from mailin.origin.checks import Checks
from mailin.origin.clues import NO_TRUST, Clues
from mailin.origin.spf import Sender
from mailin.spool import Spool, Spooled
from mailin.turns import Turn, Turns, Waiting

T = TypeVar("T")
log = structlog.get_logger()

AT_ONCE = 4
WAITING = 200  # mails that only wait for the DNS, beside those; and so many for an earlier one of their sender
WAITING_BYTES = 32 << 20
TRIES = 3
PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 30.0


def names(services: Services) -> tuple[ServiceNames, ...]:
    """The names and mailboxes by which customers reach the services."""
    return tuple(
        ServiceNames(id=one.id, name=one.name, aliases=one.aliases, mailboxes=one.mailboxes, language=one.language)
        for one in services.values()
    )


async def run(spool: Spool, desk: Desk, seconds: float = MOST_SECONDS, checks: Checks | None = None) -> None:
    """Take mails in as they come, several at once, until cancelled; each may take so many seconds to read.

    Without `checks` nobody looks at what a mail proves, and its origin is None.
    """
    readers = Readers(names(desk.services), seconds, trust=checks.trust if checks else NO_TRUST)
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(_warm_up(readers))
            group.create_task(_name_those_aside(spool, desk))
            if checks:
                group.create_task(rechecks.run(desk, checks))
            await Worker(spool, desk, readers, checks).work(group)
    finally:
        await readers.close()


async def _warm_up(readers: Readers) -> None:
    try:
        await readers.warm_up()
    except Unavailable as error:
        log.warning("reader.not_started", why=str(error))  # the first mail tries again


async def _name_those_aside(spool: Spool, desk: Desk) -> None:
    """Staff hear of what was set aside while nobody could be told; new mails do not wait for that."""
    for mail in await _at_last(spool.aside, nullcontext):
        await _at_last(partial(intake.set_aside, desk, mail.id, mail.reason), nullcontext, mail.id)


async def _at_last(
    step: Callable[[], Awaitable[T]], pausing: Callable[[], AbstractAsyncContextManager[None]], mail: str = ""
) -> T:
    """What a step answers that must not be left out, and must not end the desk: disk and store come back."""
    pause = PAUSE_SECONDS
    while True:
        try:
            return await step()
        except Exception as error:
            log.error("mail.not_set_aside", mail=mail, why=_why(error), seconds=pause)
        async with pausing():
            await asyncio.sleep(pause)
        pause = min(2 * pause, LONGEST_PAUSE_SECONDS)


def _why(error: Exception) -> str:
    """In words of ours, or of the system: another error's may be the customer's."""
    if isinstance(error, Unavailable):
        return str(error)
    return (isinstance(error, OSError) and error.strerror) or type(error).__name__


class Worker:
    """Takes mails in: so many at once, and beside them those that only wait.

    Those of one sender are handed over in the order they came: what is read sooner waits for the earlier one.
    """

    def __init__(self, spool: Spool, desk: Desk, readers: Readers, checks: Checks | None = None) -> None:
        self._spool, self._desk, self._readers, self._checks = spool, desk, readers, checks
        self._strangers = Strangers(checks.trust.authserv_id if checks else "")
        self._seats = asyncio.Semaphore(AT_ONCE)
        self._resolving, self._queueing = Waiting(WAITING, WAITING_BYTES), Waiting(WAITING, WAITING_BYTES)
        self._turns = Turns()

    async def work(self, group: asyncio.TaskGroup) -> None:
        """Take in whatever comes, for ever."""
        while True:
            await self._queueing.has_room()
            try:
                mail = await self._spool.next()
            except OSError as error:
                log.error("spool.unreadable", why=error.strerror, seconds=LONGEST_PAUSE_SECONDS)
                await asyncio.sleep(LONGEST_PAUSE_SECONDS)
            else:
                await self._seats.acquire()
                task = group.create_task(self.take_in(mail))
                task.add_done_callback(lambda _: self._seats.release())

    async def take_in(self, mail: Spooled) -> None:
        """Take one mail in. While the store is down it waits; one that cannot be taken in is set aside and named."""
        with self._turns.behind(canonical(mail.envelope.mail_from)) as turn:
            await self._until_taken_in(mail, turn)

    async def _until_taken_in(self, mail: Spooled, turn: Turn) -> None:
        failures, pause = 0, PAUSE_SECONDS
        while True:
            try:
                await self._hand_over(mail, turn)
                return
            except Unavailable as error:
                log.warning("mail.waits", mail=mail.envelope.id, why=str(error), seconds=pause)
                await asyncio.sleep(pause)
                pause = min(2 * pause, LONGEST_PAUSE_SECONDS)
            except TooLong as error:
                log.error("mail.too_long", mail=mail.envelope.id, why=str(error))
                await self._set_aside(mail, turn, str(error))
                return
            except Exception as error:
                failures += 1
                log.error("mail.failed", mail=mail.envelope.id, tries=failures, error=type(error).__name__)
                if failures >= TRIES:
                    await self._set_aside(mail, turn, f"{type(error).__name__} while it was taken in")
                    return

    async def _hand_over(self, mail: Spooled, turn: Turn) -> None:
        began, envelope = monotonic(), mail.envelope
        understood = await self._readers.understand(mail)
        origin, facts = await self._origin(mail, understood.clues)
        await self._in_turn(turn, len(mail.content))
        inbound = replace(understood.mail, origin=origin)
        wanted = intake.wanted(self._desk, inbound)
        files = await self._readers.files(mail, wanted) if wanted else ()
        case = await intake.receive(self._desk, inbound, files, facts)
        await self._spool.done(envelope.id)
        outcome = case or (inbound.automatic.kind if inbound.automatic else "ignored")
        grade = inbound.origin.grade if inbound.origin else "unchecked"
        log.info("mail.taken_in", mail=envelope.id, case=outcome, origin=grade, ms=round(1000 * (monotonic() - began)))

    async def _origin(self, mail: Spooled, clues: Clues) -> tuple[Origin | None, Facts | None]:
        """What a mail proves, and what it can be checked by again where the DNS did not answer."""
        if self._checks is None:
            return None, None
        envelope = mail.envelope
        self._strangers.note(clues.stranger)
        sender = Sender(peer=envelope.peer, helo=envelope.helo, mail_from=envelope.mail_from)
        async with self._beside(len(mail.content)):
            proof = await self._checks.proof(clues, sender)
        return proof.origin, rechecks.facts(clues, sender, self._checks.trust) if proof.unanswered else None

    async def _in_turn(self, turn: Turn, size: int) -> None:
        """Wait for the earlier mail of this sender. Never with a place: that one may need it to come to its end."""
        if not turn.has_come:
            async with self._without_place(self._queueing, size):
                await turn.comes()

    @asynccontextmanager
    async def _beside(self, size: int) -> AsyncIterator[None]:
        """Let another mail have the place meanwhile, as long as those that wait fit into memory."""
        if self._resolving.is_full(size):
            yield
            return
        async with self._without_place(self._resolving, size):
            yield

    @asynccontextmanager
    async def _without_place(self, waiting: Waiting, size: int) -> AsyncIterator[None]:
        self._seats.release()
        try:
            with waiting.holds(size):
                yield
        finally:
            await self._seats.acquire()

    async def _set_aside(self, mail: Spooled, turn: Turn, reason: str) -> None:
        id, size = mail.envelope.id, len(mail.content)
        await self._in_turn(turn, size)
        pausing = partial(self._without_place, self._queueing, size)
        await _at_last(lambda: self._spool.set_aside(id, reason), pausing, id)
        await _at_last(lambda: intake.set_aside(self._desk, id, reason), pausing, id)
