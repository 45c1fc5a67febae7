"""One life, wait, grace or age limit, how it is played, and the moments over which it has to hold."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from handlers import timers
from handlers.closing import erasure, purges
from handlers.limits import Tally
from handlers.model.address_change import AddressChange
from handlers.model.case import Received
from handlers.model.checklist import Checklist
from handlers.model.closing import Purge, Reminder
from handlers.model.document import Work
from handlers.model.errors import DeskError
from handlers.model.outbox import Expiry, Sent
from handlers.model.paper import Keeping, ViewerTicket
from handlers.model.session import Device, Session
from handlers.outbox import LEASE
from handlers.paperwork import papers
from handlers.registered_address import addresses
from handlers.store.contract import W
from tests.builders import NOW, DeskUnderTest, open_desk

Holds = Callable[[], Awaitable[bool]]
Begin = Callable[[DeskUnderTest], Awaitable[Holds]]

LAST = timedelta(milliseconds=500)
"""So long before its limit everything still holds."""

MOMENTS: dict[str, datetime | None] = {
    "ordinary": None,
    "clocks-back-2026": datetime(2026, 10, 25, 1, tzinfo=UTC),
    "clocks-forward-2027": datetime(2027, 3, 28, 1, tzinfo=UTC),
    "clocks-back-2027": datetime(2027, 10, 31, 1, tzinfo=UTC),
    "month-end": datetime(2027, 5, 1, tzinfo=UTC),
    "leap-day": datetime(2028, 2, 29, tzinfo=UTC),
    "after-leap-day": datetime(2028, 3, 1, tzinfo=UTC),
}
"""What lies in the middle of the time that is played; nothing in an ordinary one."""


@dataclass(frozen=True)
class Life:
    """A row of the table.

    `begin` starts it through the handlers, at the clock's time, and returns what says whether it still holds; for a
    wait, what holds is that nothing is possible yet. It lasts `length`, and with `by_day` to the end of that day (UTC).
    `of` names the constants that say so, `keys` those of a service file. `once` says that asking uses it up; `steps`
    is what the clock has to begin on (seconds). The rest is for the page: what it is, from when it is counted, and what
    happens at its end.
    """

    what: str
    since: str
    then: str
    length: timedelta
    begin: Begin
    of: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    once: bool = False
    by_day: bool = False
    steps: int = 1

    def starts(self, around: datetime | None) -> datetime:
        """When to begin so that `around` lies within."""
        start = around - self.length / 2 if around else NOW
        return start - timedelta(seconds=start.timestamp() % self.steps)

    def ends(self, start: datetime) -> datetime:
        """The first moment at which it does not hold any more."""
        end = start + self.length
        return end.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1) if self.by_day else end


async def played(life: Life, folder: Path, start: datetime, *at: datetime) -> list[bool]:
    """Whether it holds at each of these moments, in a house where it began at `start`."""
    async with open_desk(_new(folder)) as house:
        house.clock.now = start
        holds = await life.begin(house)
        said = []
        for moment in at:
            house.clock.now = moment
            said.append(await holds())
        return said


def _new(folder: Path) -> Path:
    folder.mkdir()
    return folder


async def works(call: Awaitable[object], *refusals: type[DeskError]) -> bool:
    """Whether the call does what it is for, or is refused in one of these ways."""
    try:
        await call
    except refusals:
        return False
    return True


async def fall_due(house: DeskUnderTest) -> None:
    """Do what is due now, once, as the timers do."""
    desk = house.desk
    await _work_off(house, Expiry, "expiries", lambda one: timers.expire(desk, one))
    await _work_off(house, AddressChange, addresses.QUEUE, lambda one: addresses.fall_due(desk, one))
    await _work_off(house, Purge, "purges", lambda one: purges.purge(desk, one))
    await _work_off(house, Reminder, "reminders", lambda one: erasure.look_again(desk, one))
    await _work_off(house, Reminder, "dead_letters", lambda one: erasure.bury_for_good(desk, one))
    await _work_off(house, Keeping, papers.QUEUE, lambda one: papers.destroy(desk, one))
    notes: tuple[tuple[type[Work], str], ...] = (
        (Tally, "tallies"),
        (Session, "sessions"),
        (Device, "devices"),
        (Checklist, "checklists"),
        (ViewerTicket, "tickets"),
        (Received, "received"),
        (Sent, "sent"),
    )
    for kind, queue in notes:
        await _work_off(house, kind, queue, lambda one: timers.forget(desk, one))


async def _work_off(house: DeskUnderTest, kind: type[W], queue: str, do: Callable[[W], Awaitable[None]]) -> None:
    for piece in await house.desk.store.claim(kind, queue, house.clock(), LEASE, 20):
        await do(piece)
