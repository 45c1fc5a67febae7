"""What a proposal waits for, in words."""

from __future__ import annotations

from datetime import timedelta

import pytest

from handlers.model.case import Action, Approval, Proposal, Step
from handlers.model.staff import CUSTOMER, Staff
from handlers.rules.proposals import waits
from tests.builders import AYSE, BORIS, NOW, make_case


@pytest.mark.parametrize(
    ("action", "approvals", "events", "by", "said"),
    [
        ("change_address", 0, (), AYSE, "2 more approvals and the customer to confirm the new address"),
        ("change_address", 1, ("address.confirmed",), AYSE, "1 more approval"),
        ("change_address", 2, ("address.confirmed",), AYSE, "the time in which the old address can object"),
        ("change_address", 0, (), CUSTOMER, "the customer to confirm the new address"),
        ("reset_second_factor", 1, (), AYSE, "1 more approval"),
    ],
)
def test_a_proposal_says_what_it_waits_for(
    action: Action, approvals: int, events: tuple[str, ...], by: Staff, said: str
) -> None:
    """Approvals, the confirmation, or the time to object."""
    agreed = tuple(Approval(by=BORIS.id, name=BORIS.name, at=NOW) for _ in range(approvals))
    steps = tuple(Step(event=event, by="x", name="x", at=NOW + timedelta(hours=1)) for event in events)
    proposal = Proposal(action=action, by=by.id, name=by.name, at=NOW, approvals=agreed)
    told = waits(make_case(proposal=proposal, history=steps), 2)
    assert told.startswith(f"{by.name[:1].upper()}{by.name[1:]} has proposed the ")
    assert told.endswith(f"It waits for {said}.")


def test_without_a_proposal_nothing_waits() -> None:
    """Most cases."""
    assert waits(make_case(), 2) == ""
