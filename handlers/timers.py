"""What falls due: portal requests to answer, grants that ran out, tallies that may be forgotten."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from handlers import cases, grants, requests, temporary
from handlers.closing import erasure, purges
from handlers.desk import Desk
from handlers.limits import Tally
from handlers.model.address_change import AddressChange
from handlers.model.case import Case, Received
from handlers.model.checklist import Checklist
from handlers.model.closing import Purge, Reminder, Sweep
from handlers.model.document import Work
from handlers.model.errors import DeskError
from handlers.model.grant import Grant, GrantKind
from handlers.model.outbox import Expiry, PortalRequest, Sent
from handlers.model.paper import Keeping, ViewerTicket
from handlers.model.session import Device, Session
from handlers.model.staff import DESK
from handlers.outbox import LEASE
from handlers.paperwork import papers
from handlers.registered_address import addresses
from handlers.rules.states import may_move
from handlers.store.contract import W

log = structlog.get_logger()

BATCH = 20
EXPIRED: dict[GrantKind, str] = {
    "link": "link.expired",
    "code": "code.expired",
    "temporary": "temporary.expired",
    "address": "address.expired",
    "second_factor": "second_factor.expired",
    "reactivation": "reactivation.expired",
}
IDLE_SECONDS = 60.0
RETRY_SECONDS = 5.0
SWEEP_SECONDS = 3600.0


async def run(desk: Desk) -> None:
    """Do what falls due until cancelled."""
    async with asyncio.TaskGroup() as group:
        group.create_task(work_off(desk, PortalRequest, "requests", lambda request: requests.answer(desk, request)))
        group.create_task(work_off(desk, Expiry, "expiries", lambda expiry: expire(desk, expiry)))
        group.create_task(work_off(desk, Tally, "tallies", lambda tally: forget(desk, tally)))
        group.create_task(work_off(desk, Purge, "purges", lambda purge: purges.purge(desk, purge)))
        group.create_task(work_off(desk, Sweep, "sweeps", lambda sweep: erasure.sweep(desk, sweep)))
        group.create_task(work_off(desk, Reminder, "reminders", lambda case: erasure.look_again(desk, case)))
        group.create_task(work_off(desk, Reminder, "dead_letters", lambda dead: erasure.bury_for_good(desk, dead)))
        group.create_task(work_off(desk, AddressChange, addresses.QUEUE, lambda one: addresses.fall_due(desk, one)))
        group.create_task(work_off(desk, Session, "sessions", lambda session: forget(desk, session)))
        group.create_task(work_off(desk, Device, "devices", lambda device: forget(desk, device)))
        group.create_task(work_off(desk, Checklist, "checklists", lambda checklist: forget(desk, checklist)))
        group.create_task(work_off(desk, Keeping, papers.QUEUE, lambda keeping: papers.destroy(desk, keeping)))
        group.create_task(work_off(desk, ViewerTicket, "tickets", lambda ticket: forget(desk, ticket)))
        group.create_task(sweep_papers(desk))
        group.create_task(work_off(desk, Received, "received", lambda mail: forget(desk, mail)))
        group.create_task(work_off(desk, Sent, "sent", lambda letter: forget(desk, letter)))


async def sweep_papers(desk: Desk) -> None:
    """Remove, now and every hour, the files that a crash left on disk without a record, until cancelled."""
    while True:
        try:
            gone = await papers.sweep(desk)
            if gone:
                log.warning("papers.swept", files=gone)
        except DeskError as error:
            log.error("papers.not_swept", why=str(error))
        await asyncio.sleep(SWEEP_SECONDS)


async def work_off(desk: Desk, kind: type[W], queue: str, do: Callable[[W], Awaitable[None]], at_once: int = 1) -> None:
    """Claim what is due in the queue and do it until cancelled; a piece that fails is tried again.

    Piece by piece, or `at_once` of them at the same time where each has long to wait: nothing else is claimed then.
    """
    while True:
        try:
            if at_once > 1:
                pieces = await desk.store.claim(kind, queue, desk.now(), LEASE, at_once)
                await asyncio.gather(*(_done(piece, queue, do) for piece in pieces))
            else:
                for piece in await desk.store.claim(kind, queue, desk.now(), LEASE, BATCH):
                    await _done(piece, queue, do)
            await desk.store.changed(kind, queue, await _pause(desk, kind, queue))
        except DeskError as error:
            log.error("work.waits", queue=queue, why=str(error), seconds=RETRY_SECONDS)
            await asyncio.sleep(RETRY_SECONDS)


async def _done(piece: W, queue: str, do: Callable[[W], Awaitable[None]]) -> None:
    try:
        await do(piece)
    except Exception:
        log.exception("work.failed", queue=queue, id=piece.id, tries=piece.tries)
        await asyncio.sleep(RETRY_SECONDS)


async def expire(desk: Desk, expiry: Expiry) -> None:
    """Say on the case that its grant ran out unused; a grant that was renewed is looked at again later."""
    async with desk.store.transaction() as tx:
        grant = await tx.get(Grant, expiry.id)
        if grant and grant.state in grants.LIVE and grant.expires_at > desk.now():
            tx.put(Expiry(id=expiry.id, queue="expiries", due=grant.expires_at))
            return
        tx.delete(Expiry, expiry.id)
        case = await tx.get(Case, grant.case) if grant else None
        unused = grant and (grant.state in grants.LIVE or temporary.is_unfinished(grant))
        if grant and case and unused and case.grant == grant.id and may_move(case.state, "expired"):
            await cases.record(tx, desk, case, EXPIRED[grant.kind], DESK, to="expired")


async def forget(desk: Desk, note: Work) -> None:
    """Drop what is remembered for a time only, unless the time was prolonged."""
    async with desk.store.transaction() as tx:
        current = await tx.get(type(note), note.id)
        if current and current.due and current.due <= desk.now():
            tx.delete(type(note), note.id)


async def _pause(desk: Desk, kind: type[Work], queue: str) -> float:
    due = await desk.store.next_due(kind, queue)
    seconds = (due - desk.now()).total_seconds() if due else IDLE_SECONDS
    return min(max(seconds, 0.0), IDLE_SECONDS)
