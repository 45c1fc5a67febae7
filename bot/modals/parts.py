"""What dialogs are made of, and how their answers are read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from slack_sdk.models.blocks import Block, MarkdownTextObject, Option, PlainTextObject, SectionBlock
from slack_sdk.models.views import View

from handlers.lookups import CardView
from handlers.model.case import Action
from handlers.model.errors import DeskError


class Mistakes(DeskError):
    """What is wrong with a submission: a sentence for each field, by its block id."""

    def __init__(self, fields: dict[str, str]) -> None:
        super().__init__(" ".join(fields.values()))
        self.fields = fields


def dialog(view: CardView, action: Action, title: str, submit: str, blocks: Sequence[Block]) -> dict[str, Any]:
    """A dialog for one action on a case, as the version that `view` shows."""
    return View(
        type="modal",
        callback_id=action,
        private_metadata=f"{view.case.id}:{view.case.version}",
        title=PlainTextObject(text=title),
        submit=PlainTextObject(text=submit),
        close=PlainTextObject(text="Cancel"),
        blocks=list(blocks),
    ).to_dict()


def notice(sentence: str) -> dict[str, Any]:
    """A dialog that only says something: that it takes a moment, or why there is none."""
    return View(
        type="modal",
        title=PlainTextObject(text="Recovery Desk"),
        close=PlainTextObject(text="Close"),
        blocks=[paragraph(sentence)],
    ).to_dict()


def paragraph(sentence: str, id: str | None = None) -> SectionBlock:
    """Words in a dialog; Slack makes no link or mention of what only looks like one."""
    return SectionBlock(text=MarkdownTextObject(text=sentence, verbatim=True), block_id=id)


def option(value: str, words: str) -> Option:
    """One choice."""
    return Option(value=value, text=PlainTextObject(text=words, emoji=False))


def values(view: Mapping[str, Any]) -> dict[str, Any]:
    """What stands in each field of a submission: a choice's value, a date, a text; None where nothing does.

    Block and action share their id here. Anything that is not as Slack sends it is nothing.
    """
    state = view.get("state")
    fields = state.get("values") if isinstance(state, dict) else None
    if not isinstance(fields, dict):
        return {}
    return {id: _value(field.get(id)) for id, field in fields.items() if isinstance(field, dict)}


def _value(element: object) -> str | None:
    if not isinstance(element, dict):
        return None
    several = element.get("selected_options")
    chosen = several[0] if isinstance(several, list) and several else element.get("selected_option")
    found = chosen.get("value") if isinstance(chosen, dict) else element.get("selected_date") or element.get("value")
    return found if isinstance(found, str) else None
