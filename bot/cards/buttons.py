"""The buttons of a card: only what policy permits, what is rarely needed last, and why the rest is not there.

One thing is chosen from a list instead: what the customer wants, where the desk is not sure of it, or was wrong.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from slack_sdk.models.blocks import (
    ActionsBlock,
    Block,
    ButtonElement,
    ConfirmObject,
    InteractiveElement,
    MarkdownTextObject,
    Option,
    PlainTextObject,
    SectionBlock,
    StaticSelectElement,
)

from bot import labels, text, words
from bot.cards.grants import mailed
from bot.cards.lines import aside, lasting
from handlers.lookups import CardView
from handlers.model.case import Action
from handlers.rules.permits import Permit
from handlers.rules.states import is_over
from handlers.rules.wishes import is_unclear


def rows(view: CardView) -> Iterator[Block]:
    """Why a remedy has no button, then the buttons, in two rows: what staff came for, and what is rarely needed."""
    over = is_over(view.case.state)
    permitted = [one.action for one in view.permits if one.allowed and one.action != "choose_intent"]
    chooses = any(one.allowed for one in view.permits if one.action == "choose_intent")
    unclear = is_unclear(view.case.confidence)
    if chooses and unclear:
        yield _question_of_wish(view)
    if not over:
        yield from _hindrances(view.permits)
    shown = sorted(permitted, key=lambda action: labels.PLACES.get(action, 0))
    for name, actions in {
        "do": [one for one in shown if one not in labels.RARE and not over],
        "rare": [one for one in shown if one in labels.RARE],
    }.items():
        elements: list[InteractiveElement] = [_button(action, view, first=shown[0]) for action in actions]
        if name == "rare" and chooses and not unclear:
            elements.append(_wishes(labels.OTHER_WISH, but=view.case.asked))
        if elements:
            yield ActionsBlock(block_id=f"{name}:{view.case.id}:{view.case.version}", elements=elements)


def _question_of_wish(view: CardView) -> SectionBlock:
    return SectionBlock(
        block_id=f"wish:{view.case.id}:{view.case.version}",
        text=MarkdownTextObject(text="❓ *The desk is not sure what is asked for.* Please choose:", verbatim=True),
        accessory=_wishes(labels.UNCLEAR_WISH),
    )


def _wishes(label: str, but: str = "") -> StaticSelectElement:
    """Everything that customers may want, but for what the card says they do."""
    return StaticSelectElement(
        action_id="choose_intent",
        placeholder=PlainTextObject(text=label, emoji=False),
        options=[
            Option(value=intent, text=PlainTextObject(text=said, emoji=False))
            for intent, said in words.ASKED.items()
            if intent != but
        ],
    )


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
