"""The buttons of a card: only what policy permits, what is rarely needed last, and why the rest is not there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from slack_sdk.models.blocks import ActionsBlock, Block, ButtonElement, ConfirmObject, PlainTextObject

from bot import labels, text
from bot.cards.grants import mailed
from bot.cards.lines import aside, lasting
from handlers.lookups import CardView
from handlers.model.case import Action
from handlers.rules.permits import Permit
from handlers.rules.states import is_over


def rows(view: CardView) -> Iterator[Block]:
    """Why a remedy has no button, then the buttons, in two rows: what staff came for, and what is rarely needed."""
    over = is_over(view.case.state)
    if not over:
        yield from _hindrances(view.permits)
    permitted = [one.action for one in view.permits if one.allowed]
    shown = sorted(permitted, key=lambda action: labels.PLACES.get(action, 0))
    for name, actions in {
        "do": [one for one in shown if one not in labels.RARE and not over],
        "rare": [one for one in shown if one in labels.RARE],
    }.items():
        if actions:
            buttons = [_button(action, view, first=shown[0]) for action in actions]
            yield ActionsBlock(block_id=f"{name}:{view.case.id}:{view.case.version}", elements=buttons)


def named(action: Action, view: CardView) -> labels.Button:
    """The button in the words that fit: taking over from a colleague, sending once more, what is approved."""
    if action == "claim" and view.case.claimed_by:
        return labels.TAKE_OVER
    if action == "approve":
        what = "freeze" if view.case.state == "frozen" or not view.case.proposal else view.case.proposal.action
        return labels.APPROVALS.get(what, labels.BUTTONS["approve"])
    used, again = labels.AGAIN.get(mailed(view.grant), (None, None)) if view.grant else (None, None)
    return again if again and action == used else labels.BUTTONS[action]


def _button(action: Action, view: CardView, *, first: Action) -> ButtonElement:
    button = named(action, view)
    urged = action == first and button.urged and view.case.state not in labels.QUIET
    return ButtonElement(
        text=PlainTextObject(text=button.label, emoji=False),
        action_id=action,
        value=f"{view.case.id}:{view.case.version}",
        style="danger" if action in labels.DANGEROUS else "primary" if urged else None,
        confirm=_confirm(button, view, "danger" if action in labels.DANGEROUS else None) if button.question else None,
        accessibility_label=button.spoken,
    )


def _confirm(button: labels.Button, view: CardView, style: str | None) -> ConfirmObject:
    return ConfirmObject(
        title=PlainTextObject(text=f"{button.label}?", emoji=False),
        text=PlainTextObject(text=_question(button, view), emoji=False),
        confirm=PlainTextObject(text=button.label, emoji=False),
        deny=PlainTextObject(text="Cancel", emoji=False),
        style=style,
    )


def _question(button: labels.Button, view: CardView) -> str:
    """What will happen, whom it is mailed to, and that it cannot be taken back; within Slack's 300 characters."""
    rules = view.address_rules
    return button.question.format(
        to=_masked(view.address),
        writer=_masked(view.requester),
        new=_masked(view.new_address),
        hours=lasting(rules.wait_hours if rules else 0),
    )


def _masked(address: str) -> str:
    return text.shortened(text.masked(address), 60)


def _hindrances(permits: Sequence[Permit]) -> Iterator[Block]:
    """Why a remedy has no button: staff should not have to guess."""
    remedies = [permit for permit in permits if not permit.allowed and permit.action not in labels.PLACES]
    for why in dict.fromkeys(permit.why for permit in remedies):
        what = ", ".join(labels.BUTTONS[permit.action].label.rstrip("…") for permit in remedies if permit.why == why)
        yield aside(f"🔒 *{what}:* {text.name(why, 200)}")
