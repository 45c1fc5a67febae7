"""Says what a change of the registered address sets going, and asks to be sure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from slack_sdk.models.blocks import Block, CheckboxesElement, InputBlock

from bot import text
from bot.cards.lines import lasting, several
from bot.modals.parts import Mistakes, dialog, option, paragraph, values
from handlers.decide import Answers
from handlers.lookups import CardView
from handlers.model.service import ChangeAddress
from handlers.rules.evidence_words import EVIDENCE

SURE = "sure"


def draw(view: CardView) -> dict[str, Any]:
    """The dialog."""
    return dialog(view, "change_address", f"Change {view.case.id}", "Propose the change", list(_blocks(view)))


def read(view: dict[str, Any]) -> Answers:
    """Nothing but the yes; raises Mistakes without it."""
    if values(view).get(SURE) != "yes":
        raise Mistakes({SURE: "Please tick the box, or cancel."})
    return Answers()


def _blocks(view: CardView) -> Iterator[Block]:
    yield paragraph(f"*From* {text.code(view.address)} *to* {text.code(view.new_address or '–')}")
    yield paragraph("*Show addresses* on the card shows you both in full.")
    if any(one.kind == "new_address_doubtful" for one in view.case.evidence):
        yield paragraph(f"⚠️ *{EVIDENCE['new_address_doubtful']}* Look at both in full before you go on.")
    yield paragraph("\n".join(_steps(view.address_rules or ChangeAddress())))
    sure = option("yes", "This is what the customer asked for")
    yield InputBlock(
        block_id=SURE,
        label="Are you sure?",
        hint="The mails that go out cannot be taken back; the change can, as said above.",
        element=CheckboxesElement(action_id=SURE, options=[sure]),
    )


def _steps(rules: ChangeAddress) -> Iterator[str]:
    yield "*What happens next*"
    yield "• Every known address is told, with a link that stops the change."
    yield f"• The new address has to be confirmed within {lasting(rules.confirm_hours)}."
    yield f"• {several(rules.approvals, 'other person has', 'different other people have')} to approve."
    if rules.wait_hours:
        yield f"• Then the old address can object for {lasting(rules.wait_hours)}."
    if rules.undo_hours:
        yield f"• Once it is changed, it can be undone for {lasting(rules.undo_hours)}."
