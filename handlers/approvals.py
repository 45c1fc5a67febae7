"""The second pair of eyes: an action is proposed, others agree, and only then it is done."""

from __future__ import annotations

from msgspec.structs import replace

from handlers import cases, outbox
from handlers.desk import Desk
from handlers.model.case import Action, Approval, Case, Proposal
from handlers.model.staff import Staff
from handlers.rules.permits import approvals_needed
from handlers.store.contract import Transaction


async def propose(tx: Transaction, desk: Desk, case: Case, action: Action, by: Staff) -> Case:
    """Put the action before the approvers, who are told; nothing is done yet."""
    proposal = Proposal(action=action, by=by.id, name=by.name, at=desk.now())
    case = await cases.record(
        tx, desk, replace(case, proposal=proposal), "action.proposed", by, to="pending", detail=action
    )
    outbox.alert(tx, desk, "approval_wanted", case)
    return case


async def agree(tx: Transaction, desk: Desk, case: Case, proposal: Proposal, by: Staff) -> Case:
    """Note that one more person agrees."""
    approval = Approval(by=by.id, name=by.name, at=desk.now())
    proposal = replace(proposal, approvals=(*proposal.approvals, approval))
    return await cases.record(tx, desk, replace(case, proposal=proposal), "action.approved", by, detail=proposal.action)


def is_agreed(desk: Desk, case: Case) -> bool:
    """Whether enough people agreed to what is proposed."""
    needed = approvals_needed(case.proposal.action, desk.service(case.service)) if case.proposal else 0
    return case.proposal is not None and len(case.proposal.approvals) >= needed
