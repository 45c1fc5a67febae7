"""Asks for the reason of a refusal, and says what the customer will hear."""

from __future__ import annotations

from typing import Any, get_args

from slack_sdk.models.blocks import InputBlock, RadioButtonsElement

from bot import words
from bot.modals.parts import Mistakes, dialog, option, values
from handlers.decide import OWN_LETTERS, UNANSWERED, Answers
from handlers.lookups import CardView
from handlers.model.case import Reason

REASON = "reason"
REASONS: tuple[Reason, ...] = get_args(Reason)


def draw(view: CardView) -> dict[str, Any]:
    """The dialog."""
    question = InputBlock(
        block_id=REASON,
        label="Why? Only staff see this.",
        hint="A customer who wrote a mail gets a neutral letter, unless the choice says otherwise; "
        "one who asked on the portal gets none.",
        element=RadioButtonsElement(action_id=REASON, options=[option(one, _choice(one)) for one in REASONS]),
    )
    return dialog(view, "refuse", f"Refuse {view.case.id}", "Refuse the request", [question])


def read(view: dict[str, Any]) -> Answers:
    """The reason that was chosen; raises Mistakes when there is none of ours."""
    chosen = values(view).get(REASON)
    for reason in REASONS:
        if chosen == reason:
            return Answers(reason=reason)
    raise Mistakes({REASON: "Please choose a reason."})


def _choice(reason: Reason) -> str:
    if reason in UNANSWERED:
        return f"{words.REASONS[reason]} (no letter is sent)"
    kind = " (a kind letter says what they can use)" if reason in OWN_LETTERS else ""
    return words.REASONS[reason] + kind
