"""Dialogs that ask for what a button cannot carry."""

from __future__ import annotations

from typing import Any, get_args

from slack_sdk.models.blocks import InputBlock, Option, PlainTextObject, RadioButtonsElement
from slack_sdk.models.views import View

from bot import words
from handlers.decide import UNANSWERED
from handlers.model.case import Reason
from handlers.model.errors import Invalid

REFUSE = "refuse"
REASON = "reason"
REASONS: tuple[Reason, ...] = get_args(Reason)


def refuse(case_id: str, version: int) -> dict[str, Any]:
    """Asks for the reason of a refusal; carries the case and the version its asker saw, and no authority."""
    options = [Option(value=reason, text=PlainTextObject(text=_choice(reason))) for reason in REASONS]
    question = InputBlock(
        block_id=REASON,
        label="Why? Only staff see this.",
        hint="A customer who wrote a mail gets a neutral letter, unless the choice says otherwise; "
        "one who asked on the portal gets none.",
        element=RadioButtonsElement(action_id=REASON, options=options),
    )
    return View(
        type="modal",
        callback_id=REFUSE,
        private_metadata=f"{case_id}:{version}",
        title=PlainTextObject(text=f"Refuse {case_id}"),
        submit=PlainTextObject(text="Refuse the request"),
        close=PlainTextObject(text="Cancel"),
        blocks=[question],
    ).to_dict()


def _choice(reason: Reason) -> str:
    return words.REASONS[reason] + (" (no letter is sent)" if reason in UNANSWERED else "")


def chosen(view: dict[str, Any]) -> Reason:
    """The reason that was chosen; raises Invalid when there is none of ours."""
    chosen = view.get("state", {}).get("values", {}).get(REASON, {}).get(REASON, {}).get("selected_option") or {}
    for reason in REASONS:
        if chosen.get("value") == reason:
            return reason
    raise Invalid("Please choose a reason.")
