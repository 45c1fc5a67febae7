"""What staff may do with a case now, and why not: the same answer draws the buttons and guards the click."""

from __future__ import annotations

from collections.abc import Sequence

from handlers.model.account import Account
from handlers.model.case import Action, Case
from handlers.model.document import Value
from handlers.model.evidence import Evidence, EvidenceKind
from handlers.model.mail import Intent
from handlers.model.service import Service
from handlers.model.staff import Staff
from handlers.rules.states import is_over

PROOFS: dict[EvidenceKind, str] = {"login_known": "login", "address_on_file": "address", "address_named": "address"}
"""What each kind of evidence proves of what a service's `identify.require` may ask for."""

FITTING: dict[Intent, Action] = {"access_code": "send_code"}
"""The remedy that answers a request best, where the service offers it."""

NAMES = {"login": "a login that we know", "address": "the address on file"}


class Permit(Value, frozen=True, kw_only=True):
    """Whether an action is allowed, and if not, why, in words for staff."""

    action: Action
    allowed: bool
    why: str = ""


def allowed(action: Action, case: Case, account: Account | None, service: Service, staff: Staff) -> Permit:
    """Whether `staff` may take `action` on `case` now, and if not, why in words for them."""
    why = _rights(staff) or _state(case) or _rule(action, case, account, service, staff)
    return Permit(action=action, allowed=not why, why=why)


def remedies(service: Service, asked: Intent) -> tuple[Action, ...]:
    """What the service offers, in its order of preference, but first what fits what is asked."""
    return tuple(sorted(service.offer.actions, key=lambda action: action != FITTING.get(asked)))


def missing(evidence: Sequence[Evidence], service: Service) -> tuple[str, ...]:
    """What the service requires before an action may target an account and the evidence does not show."""
    proven = {PROOFS[one.kind] for one in evidence if one.kind in PROOFS}
    return tuple(NAMES[need] for need in service.identify.require if need not in proven)


def has_rights(staff: Staff) -> bool:
    """Whether the person may handle cases at all."""
    return "agent" in staff.roles


def _rights(staff: Staff) -> str:
    return (
        "" if has_rights(staff) else "You are not on the list of agents. An operator can add you to DESK_STAFF_AGENTS."
    )


def _state(case: Case) -> str:
    return f"This case is over: it was {case.state}." if is_over(case.state) else ""


def _rule(action: Action, case: Case, account: Account | None, service: Service, staff: Staff) -> str:
    if action == "claim":
        return "You have claimed this case already." if case.claimed_by == staff.id else ""
    if case.claimed_by not in ("", staff.id):
        return f"{case.claimed_name} has claimed this case. Claim it yourself to take it over."
    if action == "refuse":
        return ""
    if action not in service.offer.actions:
        return f"{service.name} does not offer this."
    return _remedy(case, account, service)


def _remedy(case: Case, account: Account | None, service: Service) -> str:
    kinds = {one.kind for one in case.evidence}
    if "not_the_owner" in kinds and "address_on_file" not in kinds:  # what goes to that address harms nobody
        return "The writer says that the account belongs to somebody else."
    if account is None:
        return "No single account matches this request."
    lacking = missing(case.evidence, service)
    return f"Still missing: {', '.join(lacking)}." if lacking else ""
