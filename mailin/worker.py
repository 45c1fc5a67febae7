"""Takes spooled mails in: understood in another process, handed to the desk, and then forgotten here."""

from __future__ import annotations

import asyncio
from time import monotonic

import structlog

from handlers import intake
from handlers.configuration.services import Services
from handlers.desk import Desk
from handlers.model.errors import Unavailable
from handlers.model.mail import ServiceNames
from mailin.apart import MOST_SECONDS, Readers, TooLong
from mailin.spool import Spool, Spooled

log = structlog.get_logger()

AT_ONCE = 4
TRIES = 3
PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 30.0


def names(services: Services) -> tuple[ServiceNames, ...]:
    """The names and mailboxes by which customers reach the services."""
    return tuple(
        ServiceNames(id=one.id, name=one.name, aliases=one.aliases, mailboxes=one.mailboxes, language=one.language)
        for one in services.values()
    )


async def run(spool: Spool, desk: Desk, seconds: float = MOST_SECONDS) -> None:
    """Take mails in as they come, several at once, until cancelled; each may take so many seconds to read."""
    readers = Readers(names(desk.services), seconds)
    for mail in await spool.aside():
        await intake.set_aside(desk, mail.id, mail.reason)
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(_warm_up(readers))
            for _ in range(AT_ONCE):
                group.create_task(_work(spool, desk, readers))
    finally:
        await readers.close()


async def _warm_up(readers: Readers) -> None:
    try:
        await readers.warm_up()
    except Unavailable as error:
        log.warning("reader.not_started", why=str(error))  # the first mail tries again


async def _work(spool: Spool, desk: Desk, readers: Readers) -> None:
    while True:
        try:
            mail = await spool.next()
        except OSError as error:
            log.error("spool.unreadable", why=error.strerror, seconds=LONGEST_PAUSE_SECONDS)
            await asyncio.sleep(LONGEST_PAUSE_SECONDS)
        else:
            await take_in(spool, desk, readers, mail)


async def take_in(spool: Spool, desk: Desk, readers: Readers, mail: Spooled) -> None:
    """Take one mail in. While the store is down it waits; one that cannot be taken in is set aside and named."""
    failures, pause = 0, PAUSE_SECONDS
    while True:
        try:
            await _hand_over(spool, desk, readers, mail)
            return
        except Unavailable as error:
            log.warning("mail.waits", mail=mail.envelope.id, why=str(error), seconds=pause)
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE_SECONDS)
        except TooLong as error:
            log.error("mail.too_long", mail=mail.envelope.id, why=str(error))
            await _set_aside(spool, desk, mail, str(error))
            return
        except Exception as error:
            failures += 1
            log.error("mail.failed", mail=mail.envelope.id, tries=failures, error=type(error).__name__)
            if failures >= TRIES:
                await _set_aside(spool, desk, mail, f"{type(error).__name__} while it was taken in")
                return


async def _hand_over(spool: Spool, desk: Desk, readers: Readers, mail: Spooled) -> None:
    began, envelope = monotonic(), mail.envelope
    inbound = await readers.understand(mail)
    wanted = intake.wanted(desk, inbound)
    case = await intake.receive(desk, inbound, await readers.files(mail, wanted) if wanted else ())
    await spool.done(envelope.id)
    outcome = case or (inbound.automatic.kind if inbound.automatic else "ignored")
    log.info("mail.taken_in", mail=envelope.id, case=outcome, ms=round(1000 * (monotonic() - began)))


async def _set_aside(spool: Spool, desk: Desk, mail: Spooled, reason: str) -> None:
    await spool.set_aside(mail.envelope.id, reason)
    await intake.set_aside(desk, mail.envelope.id, reason)
