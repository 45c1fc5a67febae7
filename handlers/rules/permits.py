"""What staff may do with a case now, and why not: the same answer draws the buttons and guards the click."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from handlers.model.account import Account
from handlers.model.case import Action, Case
from handlers.model.document import Value
from handlers.model.evidence import EvidenceKind
from handlers.model.mail import Intent
from handlers.model.service import Service
from handlers.model.staff import CUSTOMER, Role, Staff
from handlers.rules.addresses import canonical
from handlers.rules.four_eyes import has_judged, why_not_lift
from handlers.rules.information import in_words, lacking
from handlers.rules.origin_words import in_general
from handlers.rules.proofs import beside_the_mailbox, missing
from handlers.rules.proposals import waits
from handlers.rules.states import is_over, leads_to, may_move

NOT_BELIEVED = in_general("failed")
TRUSTING: tuple[Action, ...] = (
    "send_link",
    "send_code",
    "send_temporary_password",
    "request_documents",
    "review_documents",
    "change_address",
    "reset_second_factor",
    "reactivate_account",
)
"""The actions that take a request for its sender's: none on a mail that is not from the domain it names (T1)."""

FITTING: dict[Intent, Action] = {"access_code": "send_code"}
"""The remedy that answers a request best, where the service offers it."""

READING: tuple[Action, ...] = ("reveal", "show_mail")
"""What changes nothing: for approvers as well, and in every state."""

ANY_STATE: tuple[Action, ...] = ("freeze", *READING)
WHILE_FROZEN: tuple[Action, ...] = ("approve", *READING)
UNCLAIMED: tuple[Action, ...] = ("claim", "approve", "freeze", *READING)
"""What others than who claimed a case may do."""


class Permit(Value, frozen=True, kw_only=True):
    """Whether an action is allowed, and if not, why, in words for staff."""

    action: Action
    allowed: bool
    why: str = ""


class Sight(NamedTuple):
    """All that a rule looks at."""

    case: Case
    account: Account | None
    service: Service
    staff: Staff

    @property
    def kinds(self) -> set[EvidenceKind]:
        """The kinds of evidence the case has."""
        return {one.kind for one in self.case.evidence}


def allowed(action: Action, case: Case, account: Account | None, service: Service, staff: Staff) -> Permit:
    """Whether `staff` may take `action` on `case` now, and if not, why in words for them."""
    sight = Sight(case, account, service, staff)
    why = _rights(action, staff) or _state(action, sight) or _holder(action, sight) or _rule(action, sight)
    why = why or _move(action, case)
    return Permit(action=action, allowed=not why, why=why)


def remedies(service: Service, asked: Intent) -> tuple[Action, ...]:
    """What the service offers, in its order of preference, but first what fits what is asked."""
    return tuple(sorted(service.offer.actions, key=lambda action: action != FITTING.get(asked)))


def concerning(case: Case, account: Account | None, service: Service) -> tuple[Action, ...]:
    """The actions that a case like this is about, in the order of a card: the others need not even be refused."""
    documents = bool(account and service.documents.get(account.kind))
    moves = bool(case.new_address or documents or _apart(account, service))
    about: list[tuple[Action, bool]] = [
        ("approve", case.state == "frozen" or bool(case.proposal and case.proposal.by != CUSTOMER.id)),
        ("review_documents", case.papers > 0),
        ("reactivate_account", bool(account and account.closed_at)),
        ("reset_second_factor", bool(account and account.second_factor) and case.asked == "second_factor"),
        *((action, True) for action in remedies(service, case.asked)),
        ("request_documents", documents),
        ("change_address", service.change_address is not None and moves),
    ]
    return tuple(action for action, holds in about if holds)


def approvals_needed(action: Action, service: Service) -> int:
    """How many others have to agree before a proposed action is done; 0 for one that needs nobody."""
    if action == "change_address":
        return service.change_address.approvals if service.change_address else 0
    return service.second_factor.approvals if action == "reset_second_factor" else 0


def has_rights(staff: Staff) -> bool:
    """Whether the person may handle cases at all."""
    return bool(staff.roles & {"agent", "approver"})


def unlisted(role: Role) -> str:
    """What somebody without that role is told, and what would help."""
    return f"You are not on the list of {role}s. An operator can add you to DESK_STAFF_{role.upper()}S."


def _rights(action: Action, staff: Staff) -> str:
    role: Role = "approver" if action == "approve" else "agent"
    if role in staff.roles or (action in READING and has_rights(staff)):
        return ""
    return unlisted(role)


def _state(action: Action, sight: Sight) -> str:
    case, account = sight.case, sight.account
    if case.state == "frozen" and action not in WHILE_FROZEN:
        return "This case is frozen. An approver has to lift that first."
    if is_over(case.state) and action not in ANY_STATE:
        return f"This case is over: it was {case.state}."
    if (
        account
        and account.frozen not in ("", case.id)
        and action not in ("claim", "refuse", "freeze", *READING, "choose_intent")
    ):
        return f"The account is frozen by case {account.frozen}. An approver has to lift that first."
    return ""


def _holder(action: Action, sight: Sight) -> str:
    case, staff = sight.case, sight.staff
    if action in UNCLAIMED or case.claimed_by in ("", staff.id):
        return ""
    return f"{case.claimed_name} has claimed this case. Claim it yourself to take it over."


def _rule(action: Action, sight: Sight) -> str:
    if action in TRUSTING and "sender_failed" in sight.kinds:
        return NOT_BELIEVED
    return RULES[action](sight)


def _move(action: Action, case: Case) -> str:
    if all(may_move(case.state, to) for to in leads_to(action, case)):
        return ""
    return f"This cannot be done with a case that is {case.state}."


def _claim(sight: Sight) -> str:
    return "You have claimed this case already." if sight.case.claimed_by == sight.staff.id else ""


def _always(sight: Sight) -> str:
    return ""


def _offered(action: Action) -> Callable[[Sight], str]:
    def rule(sight: Sight) -> str:
        if action not in sight.service.offer.actions:
            return f"{sight.service.name} does not offer this."
        return _under_way(sight) or _known(sight) or _differs(sight) or _identified(sight)

    return rule


def _known(sight: Sight) -> str:
    """That the request is about one account, and the writer does not call it somebody else's."""
    if "not_the_owner" in sight.kinds and "address_on_file" not in sight.kinds:  # what goes there harms nobody
        return "The writer says that the account belongs to somebody else."
    return "" if sight.account else "No single account matches this request."


def _identified(sight: Sight) -> str:
    known = _known(sight)
    if known or sight.account is None:
        return known
    needs = missing(sight.case.evidence, sight.service)
    if needs:
        return " ".join(needs)
    blank = lacking(sight.account, sight.service) if sight.case.source == "mail" else ()
    return f"Still missing in the account: {in_words(blank)}. The customer was asked for it." if blank else ""


def _differs(sight: Sight) -> str:
    """A reset runs only where the registered address is the one in the profile (SF.3); else it has to follow first."""
    apart = _apart(sight.account, sight.service)
    return "The address in the profile is another one: the registered address has to follow it first." if apart else ""


def _apart(account: Account | None, service: Service) -> bool:
    """Whether the registered address is another one than the profile's, where it has to follow that (SF.3)."""
    policy = service.change_address
    if account is None or policy is None or policy.follows != "profile" or not account.profile_address:
        return False
    return canonical(account.profile_address) != account.address_key


def _under_way(sight: Sight) -> str:
    proposal = sight.case.proposal
    return waits(sight.case, approvals_needed(proposal.action, sight.service)) if proposal else ""


def _request_documents(sight: Sight) -> str:
    known = _known(sight) or _under_way(sight)
    if known or sight.account is None:
        return known
    if not sight.service.documents.get(sight.account.kind):
        return f"{sight.service.name} asks for no documents from this kind of account."
    return "All documents were accepted already." if "documents_accepted" in sight.kinds else ""


def _review_documents(sight: Sight) -> str:
    return _under_way(sight) or ("" if sight.case.papers else "No documents wait for a verdict.")


def _change_address(sight: Sight) -> str:
    known, policy = _known(sight) or _under_way(sight), sight.service.change_address
    if known or sight.account is None:
        return known
    if policy is None:
        return f"{sight.service.name} does not offer this."
    if policy.follows == "profile":
        return _profile(sight.account)
    if not sight.case.new_address:
        return "The new address is not known yet: the customer has to say it."
    if sight.service.documents.get(sight.account.kind):
        return "" if "documents_accepted" in sight.kinds else "The documents have to be accepted first."
    return _identified(sight)


def _profile(account: Account) -> str:
    """The registered address follows the profile, and nothing else (SF.4)."""
    if not account.profile_address:
        return "There is no address in the customer's profile to follow."
    same = canonical(account.profile_address) == account.address_key
    return "The registered address is the one in the profile already." if same else ""


def _reset_second_factor(sight: Sight) -> str:
    known = _known(sight) or _under_way(sight)
    if known or sight.account is None:
        return known
    if not sight.account.second_factor:
        return "This account has no second factor."
    return beside_the_mailbox(sight.kinds)


def _reactivate(sight: Sight) -> str:
    if sight.account and not sight.account.closed_at:
        return "This account is not closed."
    return _under_way(sight) or _identified(sight)


def _approve(sight: Sight) -> str:
    case, id = sight.case, sight.staff.id
    if case.state == "frozen":
        return why_not_lift(case, id)
    if case.proposal is None:
        return "Nothing waits for an approval."
    if case.proposal.by == CUSTOMER.id:
        return "The customer asked for this while signed in: it needs no approval."
    if id in (case.proposal.by, case.claimed_by) or has_judged(case, id):
        return "Nobody approves their own case, or what they claimed, judged or proposed: somebody else has to."
    if id in [one.by for one in case.proposal.approvals]:
        return "You have approved this already. It needs somebody else."
    if case.proposal.action == "reset_second_factor" and (lost := beside_the_mailbox(sight.kinds)):
        return lost  # the password was given too long ago by now, or is another one (T27)
    enough = len(case.proposal.approvals) >= approvals_needed(case.proposal.action, sight.service)
    return "Enough people have approved this." if enough else ""


RULES: dict[Action, Callable[[Sight], str]] = {
    "claim": _claim,
    "send_link": _offered("send_link"),
    "send_code": _offered("send_code"),
    "send_temporary_password": _offered("send_temporary_password"),
    "request_documents": _request_documents,
    "review_documents": _review_documents,
    "change_address": _change_address,
    "reset_second_factor": _reset_second_factor,
    "reactivate_account": _reactivate,
    "approve": _approve,
    "refuse": _always,
    "freeze": _always,
    "reveal": _always,
    "show_mail": _always,
    "choose_intent": _always,
}
"""Why an action is not allowed, for every action; empty when it is."""
