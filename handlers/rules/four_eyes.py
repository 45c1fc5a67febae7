"""Who took part in a case, and so decides nothing about it any more (T30)."""

from __future__ import annotations

from collections.abc import Sequence

from handlers.model.case import Case

JUDGED = ("case.claimed", "documents.reviewed", "action.proposed")
"""The steps by which somebody made a case their own: from then on, others approve."""


def why_not_lift(case: Case, id: str) -> str:
    """Why somebody does not lift a freeze, in words for staff: whoever is accused is no judge of it (T30)."""
    if id == case.frozen_by:
        return "Whoever froze a case does not lift it: somebody else has to."
    if id == case.claimed_by or _did(case, id, (*JUDGED, "action.approved")):
        return "Whoever claimed, judged, proposed or approved here does not lift it: somebody who took no part has to."
    return ""


def has_judged(case: Case, id: str) -> bool:
    """Whether somebody ever made the case their own, whoever has it now."""
    return _did(case, id, JUDGED)


def _did(case: Case, id: str, events: Sequence[str]) -> bool:
    return any(step.by == id and step.event in events for step in case.history)
