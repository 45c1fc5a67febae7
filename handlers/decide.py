"""What staff decide about a case: claim it, act on it, refuse it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from msgspec.structs import replace

from handlers import approvals, audit, cases, codes, freeze, grants, links, outbox, temporary, wishes
from handlers.closing import closures
from handlers.desk import Desk
from handlers.factors import factor_resets
from handlers.model.account import Account
from handlers.model.audit import EVENTS
from handlers.model.case import Action, Case, Reason
from handlers.model.document import Value
from handlers.model.errors import DeskError, Limited, Refused, Stale
from handlers.model.mail import Intent
from handlers.model.outbox import LetterKind
from handlers.model.paper import Verdict
from handlers.model.staff import Staff
from handlers.paperwork import documents
from handlers.registered_address import address_changes, addresses
from handlers.rules.origins import may_answer
from handlers.rules.permits import allowed, has_rights
from handlers.rules.states import is_over
from handlers.store.contract import Transaction

Step = Callable[[Transaction, Desk, Case, Account, Staff], Awaitable[Case]]

REMEDIES: dict[Action, Step] = {
    "send_link": links.issue,
    "send_code": codes.issue,
    "request_documents": documents.request,
    "send_temporary_password": temporary.issue,
    "change_address": addresses.propose,
    "reset_second_factor": factor_resets.propose,
    "reactivate_account": closures.offer,
}
"""The capability behind each action on a case's account."""

APPROVED: dict[Action, Step] = {
    "change_address": addresses.agreed,
    "reset_second_factor": factor_resets.issue,
}
"""What is done once enough people have approved what was proposed; whoever approved last did it."""

LOOKS: dict[Action, str] = {"reveal": "address.revealed", "show_mail": "mail.read"}
"""What only looks, and how the trail says so."""

NOTE_LIMIT = 500
"""How many characters of a note are kept."""

OWN_LETTERS: dict[Reason, LetterKind] = {"not_the_owner": "delegate"}
"""Refusals with a letter of their own, in place of the neutral one."""

UNANSWERED: tuple[Reason, ...] = ("not_a_recovery", "suspicious")
"""Reasons for which a refusal is not told: there is nobody to tell, or somebody who should learn nothing."""


class Answers(Value, frozen=True, kw_only=True):
    """What a dialogue adds to an action, all of it for staff alone.

    Why a request is refused, what the customer wants, a note in staff's own words, and a review's verdicts: one for
    each piece.
    """

    reason: Reason | None = None
    intent: Intent | None = None
    note: str = ""
    verdicts: tuple[Verdict, ...] = ()


PLAIN = Answers()


async def act(desk: Desk, case_id: str, action: Action, by: Staff, seen: int | None, answers: Answers = PLAIN) -> Case:
    """Take one action on a case; `seen` is the version that whoever acts was looking at, or None for the newest.

    Raises Refused, Stale, Limited, Unknown; every attempt that is turned down is on the trail.
    """
    try:
        async with desk.store.transaction() as tx:
            case = await cases.load(tx, case_id)
            account = await cases.account_of(tx, case)
            case = cases.weighed(case, account, desk.now())
            _require(desk, action, case, account, by, seen)
            if answers.note:
                case = await cases.record(tx, desk, case, "case.noted", by, detail=answers.note[:NOTE_LIMIT])
            return await _take(tx, desk, action, case, account, by, answers)
    except (Refused, Stale, Limited) as error:
        await _denied(desk, case_id, action, by, error)
        raise


async def may(desk: Desk, case_id: str, action: Action, by: Staff, seen: int | None) -> None:
    """Raise as `act` would, and change nothing: a dialogue that nobody could submit is not opened."""
    try:
        async with desk.store.transaction() as tx:
            case = await cases.load(tx, case_id)
            account = await cases.account_of(tx, case)
            _require(desk, action, cases.weighed(case, account, desk.now()), account, by, seen)
    except (Refused, Stale) as error:
        await _denied(desk, case_id, action, by, error)
        raise


def _require(desk: Desk, action: Action, case: Case, account: Account | None, by: Staff, seen: int | None) -> None:
    permit = allowed(action, case, account, desk.service(case.service), by)
    if has_rights(by) and seen not in (None, case.version):
        raise Stale(_what_happened(desk, case, by))
    if not permit.allowed:
        raise Refused(permit.why)


async def _take(
    tx: Transaction, desk: Desk, action: Action, case: Case, account: Account | None, by: Staff, answers: Answers
) -> Case:
    if action == "claim":
        claimed = replace(case, claimed_by=by.id, claimed_name=by.name)
        return await cases.record(tx, desk, claimed, "case.claimed", by, to="claimed" if case.state == "new" else None)
    if action == "refuse":
        return await refuse(tx, desk, case, account, by, answers.reason or "other")
    if action in LOOKS:
        await audit.add(tx, desk, LOOKS[action], by, case=case)
        return case
    if action == "choose_intent":
        return await wishes.choose(tx, desk, case, by, answers.intent)
    if action == "freeze":
        return await freeze.freeze(tx, desk, case, account, by)
    if action == "approve" and case.state == "frozen":
        return await freeze.lift(tx, desk, case, account, by)
    if action == "review_documents" and account:
        return await _review(tx, desk, case, account, by, answers)
    if account is None or action not in (*REMEDIES, "approve"):
        raise Refused("No account, or no such action.")
    if action == "approve":
        return await _approve(tx, desk, case, account, by)
    return await REMEDIES[action](tx, desk, case, account, by)


async def _review(tx: Transaction, desk: Desk, case: Case, account: Account, by: Staff, answers: Answers) -> Case:
    """The slightest doubt ends in refusal, and nothing about why leaves the house (O2.9, T21)."""
    case, judgement = await documents.review(tx, desk, case, account, by, answers.verdicts)
    if judgement.result == "refused":
        return await refuse(tx, desk, case, account, by, "documents_in_doubt")
    return case


async def _approve(tx: Transaction, desk: Desk, case: Case, account: Account, by: Staff) -> Case:
    if case.proposal is None:
        raise Refused("Nothing waits for an approval.")
    case = await approvals.agree(tx, desk, case, case.proposal, by)
    if case.proposal and approvals.is_agreed(desk, case):
        return await APPROVED[case.proposal.action](tx, desk, case, account, by)
    return case


async def refuse(tx: Transaction, desk: Desk, case: Case, account: Account | None, by: Staff, reason: Reason) -> Case:
    """The reason stays with staff; a customer who may have been in earnest gets a neutral letter."""
    case = await address_changes.stop_of(tx, desk, case, by, "the request was refused")
    case = replace(case, reason=reason, proposal=None, deadline=None)
    case = await cases.record(tx, desk, case, "case.refused", by, to="refused", detail=reason)
    if account:
        await grants.retire(tx, desk, account.id, successor=case.id)
    letter = refusal_letter(case)
    if letter:
        outbox.letter(tx, desk, letter, case, case.requester, language=case.language)
    return case


def refusal_letter(case: Case) -> LetterKind | None:
    """The letter that a refused case's writer gets: none for some reasons, on the portal, or where nobody is answered.

    It never says the reason.
    """
    if case.source != "mail" or case.reason is None or case.reason in UNANSWERED or not may_answer(case.origin):
        return None
    return OWN_LETTERS.get(case.reason, "refused")


async def _denied(desk: Desk, case_id: str, action: Action, by: Staff, error: DeskError) -> None:
    async with desk.store.transaction() as tx:
        case = await tx.get(Case, case_id)
        await audit.add(tx, desk, "action.denied", by, case=case, detail=f"{action}: {error}")


def _what_happened(desk: Desk, case: Case, by: Staff) -> str:
    if not case.history:
        return "This case has changed. Look at the card again."
    last = case.history[-1]
    who = "You" if last.by == by.id else last.name[:1].upper() + last.name[1:]
    seconds = max(0, round((desk.now() - last.at).total_seconds()))
    over = " It is over." if is_over(case.state) else " The card is being brought up to date."
    return f"This case has changed: {who} {EVENTS[last.event]} {seconds} s ago.{over}"
