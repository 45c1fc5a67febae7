"""Where a case stands: its state, what it waits for, what was proposed and who agreed."""

from __future__ import annotations

from collections.abc import Iterator

from bot import labels, text, words
from bot.cards.lines import listed, several, within
from bot.text import Times
from handlers.lookups import CardView
from handlers.model.address_change import AddressChange
from handlers.model.case import Case
from handlers.model.staff import CUSTOMER
from handlers.rules.addresses import masks
from handlers.rules.information import in_words
from handlers.rules.states import is_over


def state(view: CardView, times: Times) -> str:
    """The state in words, and who has the case."""
    case = view.case
    emoji, word, meaning = words.STATES[case.state]
    holder = case.claimed_name if case.state not in ("new", "claimed") else ""
    taken = f" {text.name(holder)} has this case." if holder and not is_over(case.state) else ""
    return f"{emoji} *{word}:* {_meaning(view, times) or meaning}.{taken}"


def lines(view: CardView, times: Times) -> Iterator[str]:
    """What is under way: information or documents to come, a proposal, a change of address."""
    if view.waits_for and not is_over(view.case.state):
        yield f"✍️ *The customer has yet to give:* {in_words(view.waits_for)}"
    if view.case.proposal:
        yield _proposal(view, times)
    if view.change:
        yield _change(view.change, view, times)
    elif view.new_address and view.case.asked == "address_change":
        yield f"📇 *Address asked for:* {_from_to(view)}"


def _objection(case: Case) -> str:
    """Who stopped it, and how: the owner with a mailed link, or one of the staff in their name."""
    steps = [step for step in case.history if step.event == "case.frozen"]
    if not steps or steps[-1].by == CUSTOMER.id:
        return "the owner, or somebody who reads mail at an address we know, said “it was not me”"
    return f"{text.name(steps[-1].name)} stopped it because the owner says that it was not them"


def _meaning(view: CardView, times: Times) -> str:
    case = view.case
    if case.state == "claimed":
        return f"{text.name(case.claimed_name)} is on it"
    if case.state == "refused" and case.reason:
        return within(words.REASONS[case.reason])
    if case.state == "frozen":
        return f"{_objection(case)}; nothing goes out until somebody else lifts this"
    if case.state == "waiting" and case.deadline:
        return f"the customer has to send something, until {times.at(case.deadline)}"
    done = words.DONE.get(view.grant.kind) if view.grant and case.state == "redeemed" else None
    return done or ""


def _proposal(view: CardView, times: Times) -> str:
    """Who proposed what, and who agreed so far."""
    proposal = view.case.proposal
    if proposal is None:
        return ""
    who, what = (
        text.name(proposal.name),
        words.DEEDS.get(proposal.action, within(labels.BUTTONS[proposal.action].label)),
    )
    agreed = [text.name(approval.name) for approval in proposal.approvals]
    count = f"{len(agreed)} of {several(view.approvals_needed, 'approval')}"
    by = f": {listed(agreed)}" if agreed else "; nobody approves their own case"
    return f"👥 *{who[:1].upper()}{who[1:]} proposed {what}*, {times.at(proposal.at)}. {count}{by}."


def _change(change: AddressChange, view: CardView, times: Times) -> str:
    """The change of address: from where to where, what was confirmed, and until when it can be stopped or undone."""
    told = [_confirmed(change, times), *_times(change, times)]
    return f"📇 *{words.CHANGES[change.state]}:* {_from_to(view, change)}; {'; '.join(filter(None, told))}."


def _from_to(view: CardView, change: AddressChange | None = None) -> str:
    old, new = masks(change.old, change.new) if change else (view.address, view.new_address)
    return f"{text.code(old)} → {text.code(new)}"


def _confirmed(change: AddressChange, times: Times) -> str:
    if change.confirmed_at:
        return f"the new address was confirmed {times.at(change.confirmed_at)}"
    return (
        "the new address is *not confirmed yet*" if change.state == "proposed" else "the new address was not confirmed"
    )


def _times(change: AddressChange, times: Times) -> Iterator[str]:
    if change.state == "waiting" and change.due:
        yield f"the old one can object until {times.at(change.due)}"
    if change.changed_at:
        yield f"changed {times.at(change.changed_at)}"
    if change.state == "changed" and change.due:
        yield f"can be undone until {times.at(change.due)}"
    if change.state == "proposed" and not change.confirmed_at and change.due:
        yield f"it can be until {times.at(change.due)}"
