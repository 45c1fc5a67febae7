"""What a proposal is about and what it waits for, in words for staff."""

from __future__ import annotations

from collections.abc import Iterator

from handlers.model.case import Action, Case, Proposal
from handlers.model.staff import CUSTOMER

DEEDS: dict[Action, str] = {
    "change_address": "the change of address",
    "reset_second_factor": "the reset of the second factor",
}
"""What needs others to agree, as one says it in a sentence."""


def waits(case: Case, approvals_needed: int) -> str:
    """That something is proposed, by whom, and what it waits for; empty when nothing is."""
    proposal = case.proposal
    if proposal is None:
        return ""
    who, what = proposal.name, DEEDS.get(proposal.action, "something")
    reasons = list(_reasons(case, proposal, approvals_needed)) or ["the time in which the old address can object"]
    return f"{who[:1].upper()}{who[1:]} has proposed {what}. It waits for {' and '.join(reasons)}."


def _reasons(case: Case, proposal: Proposal, approvals_needed: int) -> Iterator[str]:
    left = approvals_needed - len(proposal.approvals) if proposal.by != CUSTOMER.id else 0
    if left > 0:
        yield "1 more approval" if left == 1 else f"{left} more approvals"
    since = [step.event for step in case.history if step.at >= proposal.at]
    if proposal.action == "change_address" and "address.confirmed" not in since:
        yield "the customer to confirm the new address"
