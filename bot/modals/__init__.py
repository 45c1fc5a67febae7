"""Dialogs that ask for what a button cannot carry: one for each action that needs more than a yes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from bot.modals import address, refusal, review
from handlers.decide import Answers
from handlers.lookups import CardView
from handlers.model.case import Action


class Dialog(NamedTuple):
    """How a dialog is drawn from a case's card, how its submission is read, and the field where errors stand.

    `read` raises `parts.Mistakes` with a sentence for each field that is wrong. A dialog carries the case and the
    version its asker saw, and no authority: that is read anew at submission.
    """

    draw: Callable[[CardView], dict[str, Any]]
    read: Callable[[dict[str, Any]], Answers]
    field: Callable[[dict[str, Any]], str]


DIALOGS: dict[Action, Dialog] = {
    "refuse": Dialog(refusal.draw, refusal.read, lambda view: refusal.REASON),
    "change_address": Dialog(address.draw, address.read, lambda view: address.SURE),
    "review_documents": Dialog(review.draw, review.read, review.first_field),
}
"""The action is the dialog's callback id, too."""
