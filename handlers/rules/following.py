"""Where a request stands, as far as its customer is told."""

from __future__ import annotations

from typing import Literal

from handlers.model.case import Case, State
from handlers.rules.states import is_over

Standing = Literal[
    "looked_into",
    "information",
    "documents",
    "reviewed",
    "approved",
    "sent",
    "begun",
    "done",
    "ran_out",
    "lapsed",
    "refused",
    "cancelled",
    "stopped",
]
STANDINGS: dict[State, Standing] = {
    "new": "looked_into",
    "claimed": "looked_into",
    "waiting": "documents",
    "review": "reviewed",
    "pending": "approved",
    "issued": "sent",
    "opened": "begun",
    "redeemed": "done",
    "expired": "ran_out",
    "undelivered": "looked_into",
    "refused": "refused",
    "cancelled": "cancelled",
    "frozen": "stopped",
}
"""What each state is called outside; who works on it, and what speaks for whom, stays inside."""


def standing(case: Case) -> Standing:
    """Where the case stands, in words for its customer."""
    if waits_for_information(case):
        return "information"
    if case.state == "expired" and case.history and case.history[-1].event == "case.lapsed":
        return "lapsed"
    return STANDINGS[case.state]


def waits_for_information(case: Case) -> bool:
    """Whether the last thing the customer was asked for is account information, and not documents."""
    asked = [step.event for step in case.history if step.event in ("information.asked", "documents.requested")]
    return case.state == "waiting" and asked[-1:] == ["information.asked"]


def may_cancel(case: Case) -> bool:
    """Whether its customer can take the request back: while it is open, and nobody said "it was not me"."""
    return not is_over(case.state) and case.state != "frozen"
