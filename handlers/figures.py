"""The desk's numbers: what is open, and what happened today."""

from __future__ import annotations

from collections import Counter
from datetime import UTC

from handlers import audit, lookups
from handlers.desk import Desk
from handlers.model.audit import AuditEntry
from handlers.model.case import Case, State
from handlers.model.document import Value
from handlers.model.staff import Staff

COUNTED = {
    "opened": ("case.opened",),
    "helped": ("password.changed", "address.changed", "second_factor.reset", "reactivation.used"),
    "refused": ("case.refused",),
}
"""What a day's numbers are made of: events of the trail."""

LATELY = 20
"""How many entries of the trail are shown at once."""


class Day(Value, frozen=True, kw_only=True):
    """What happened at one service since midnight (UTC): cases that were opened, customers helped, cases refused."""

    service: str
    opened: int
    helped: int
    refused: int


class Figures(Value, frozen=True, kw_only=True):
    """The open cases by state, the one that waits longest, and today's numbers of each service where anything was."""

    open: dict[State, int]
    oldest: Case | None
    today: tuple[Day, ...]


async def figures(desk: Desk, by: Staff) -> Figures:
    """The numbers as they are now; raises Refused for those not staff."""
    await lookups.require_role(desk, by, "stats")
    waiting = await lookups.queue(desk)
    return Figures(
        open=dict(Counter(case.state for case in waiting)),
        oldest=waiting[0] if waiting else None,
        today=await _today(desk),
    )


async def lately(desk: Desk, by: Staff, subject: str = "") -> list[AuditEntry]:
    """The last entries of the trail, newest first: of all, or of a case or a login. Raises Refused but for admins."""
    await lookups.require_role(desk, by, "audit", "admin")
    if subject:
        found = (await lookups.trail(desk, subject))[-LATELY:][::-1]
    else:
        found = await _last(desk)
    await lookups.note(desk, by, f"audit {subject}".strip())
    return found


async def _last(desk: Desk) -> list[AuditEntry]:
    found: list[AuditEntry] = []
    async for entry in audit.newest(desk.store):
        if len(found) == LATELY:
            break
        found.append(entry)
    return found


async def _today(desk: Desk) -> tuple[Day, ...]:
    midnight = desk.now().astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    seen: Counter[tuple[str, str]] = Counter()
    async for entry in audit.newest(desk.store):
        if entry.at < midnight:
            break
        seen.update((entry.service, what) for what, events in COUNTED.items() if entry.event in events)
    services = sorted({service for service, _ in seen})
    return tuple(Day(service=one, **{what: seen[one, what] for what in COUNTED}) for one in services)
