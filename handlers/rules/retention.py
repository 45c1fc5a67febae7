"""How long what customers wrote is kept, and when a case is looked at for that."""

from __future__ import annotations

from datetime import datetime, timedelta

from msgspec.structs import replace

from handlers.model.case import Case, State
from handlers.rules.states import OVER

KEPT = timedelta(days=365)
"""From the last step of a case to the end of its personal text.

Within a year a customer may still contest what was done, and a fraud still come to light; later, nobody needs a mail
about a password (GDPR, article 5.1 e).
"""

DEAD_LETTERS = timedelta(days=30)
"""A letter that did not arrive tells staff why; after a month that is of no use, and it holds an address."""

RESTING: tuple[State, ...] = (*OVER, "expired", "undelivered")
"""The states of a case that nobody works on: over, or left unused by the customer."""


def falls_due(case: Case) -> datetime | None:
    """When (UTC) a case has waited too long for the customer, or what they wrote is forgotten; None when neither."""
    if case.state == "waiting":
        return case.deadline
    return case.changed_at + KEPT if case.state in RESTING and case.requester else None


def emptied(case: Case) -> Case:
    """The case without anything about a person: its service, states, evidence and steps remain."""
    return replace(
        case,
        requester="",
        requester_key="",
        origin=None,
        subject="",
        text="",
        new_address="",
        numbers=(),
        papers=0,
        grant=None,
        proposal=None,
        deadline=None,
    )
