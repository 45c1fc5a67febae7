"""One case as one Slack message. Pure: the same view at the same time draws the same card.

Slack's limits are those of `slack_sdk.models`, which raise when a block breaks one. Ours are tighter: a message of
13,200 characters is refused as a whole though each block is legal, so a card stays under 10,000 and 40 blocks.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from slack_sdk.models.blocks import (
    Block,
    DividerBlock,
    HeaderBlock,
    MarkdownTextObject,
    PlainTextObject,
    SectionBlock,
)

from bot import text, words
from bot.cards import buttons as pressed
from bot.cards import facts, grants, quotes, standing
from bot.cards.lines import aside, fit, said, within
from bot.text import Times
from handlers.lookups import CardView
from handlers.model.audit import EVENTS
from handlers.model.case import Case, Step
from handlers.model.staff import CUSTOMER
from handlers.rules.evidence_words import EVIDENCE, FOOTNOTES
from handlers.rules.origins import has_failed
from handlers.rules.wishes import is_unclear

__all__ = ["Message", "block_id", "card", "fit", "shows", "summary"]

PREFIX = "case:"
MOST_STEPS = 6


class Message(NamedTuple):
    """What Slack is sent: `text` for notifications and screen readers, without personal data, and the blocks."""

    text: str
    blocks: list[dict[str, Any]]


def card(view: CardView, times: Times, *, buttons: bool = True) -> Message:
    """The card of a case; with `buttons=False` for reading only, as look-ups show it."""
    blocks = [*_head(view, times), *_body(view, times)]
    if buttons:
        blocks += pressed.rows(view)
    blocks += [*_history(view.case, times), *_footnotes(view.case)]
    return Message(summary(view), [block.to_dict() for block in blocks])


def summary(view: CardView) -> str:
    """The card in one sentence that may stand on a locked screen."""
    case = view.case
    _, state, meaning = words.STATES[case.state]
    asked = within(_asked(case))
    return f"Recovery case {case.id} at {text.name(view.service_name)}: {asked}. {state}: {meaning}."


def block_id(case_id: str, version: int) -> str:
    """The id of a card's first block: by it a card is found again in the channel."""
    return f"{PREFIX}{case_id}:{version}"


def shows(message: dict[str, Any], case_id: str) -> bool:
    """Whether a message from Slack's history is the card of this case."""
    blocks = message.get("blocks") or [{}]
    return str(blocks[0].get("block_id", "")).startswith(block_id(case_id, 0)[:-1])


def _head(view: CardView, times: Times) -> Iterator[Block]:
    case = view.case
    title = f"{_asked(case)} · {case.id}"
    yield HeaderBlock(text=PlainTextObject(text=title, emoji=False), block_id=block_id(case.id, case.version))
    yield aside(_origin(view, times))
    yield said(standing.state(view, times))
    fields = (facts.account(view, times), facts.letters_go_to(view))
    yield SectionBlock(fields=[MarkdownTextObject(text=field, verbatim=True) for field in fields])


def _asked(case: Case) -> str:
    """What is asked for; where the desk is not sure, its best guess in brackets."""
    known = words.ASKED[case.asked]
    if not is_unclear(case.confidence):
        return known
    return words.UNCLEAR if case.asked == "other" else f"{words.UNCLEAR} (maybe: {known})"


def _origin(view: CardView, times: Times) -> str:
    case = view.case
    way = "wrote" if case.source == "mail" else "asked on the portal"
    language = f" in {words.LANGUAGES[case.language]}" if case.language in words.LANGUAGES else ""
    who = text.code(text.address(case.requester))
    came = f"a mail{language} in the name of {who}" if has_failed(case.origin) else f"{who} {way}{language}"
    return f"*{text.name(view.service_name)}* · {came}, {times.at(case.opened_at)}"


def _body(view: CardView, times: Times) -> Iterator[Block]:
    proven, why = facts.sender(view.case.origin)
    if proven:
        yield said(proven)
        yield aside(why)
    evidence = facts.evidence(view.case)
    if evidence:
        yield said(fit(evidence))
    yield from quotes.own(view)
    yield from quotes.others(view, times)
    yield from (said(line) for line in standing.lines(view, times))
    papers = facts.papers(view, times)
    if papers:
        yield said(fit(papers, 1200))
    left_out = facts.left_out(view)
    if left_out:
        yield said(fit(left_out, 800))
    if view.grant:
        yield said(grants.line(view.grant, view, times))
    if view.failure:
        yield said(f"📪 *Not delivered:* {text.name(view.failure, 300)}")


def _history(case: Case, times: Times) -> Iterator[Block]:
    if not case.history:
        return
    steps = case.history[-MOST_STEPS:]
    earlier = len(case.history) - len(steps)
    lines = [f"… ({earlier} earlier)"] if earlier else []
    yield DividerBlock()
    yield aside(fit([*lines, *(_step(step, case, times) for step in steps)]))


def _footnotes(case: Case) -> Iterator[Block]:
    notes = [EVIDENCE[kind] for kind in FOOTNOTES if any(one.kind == kind for one in case.evidence)]
    if notes and not case.origin:
        yield aside(" ".join(notes))


def _step(step: Step, case: Case, times: Times) -> str:
    if step.event in words.BY_NOBODY and step.by == CUSTOMER.id and has_failed(case.origin):
        return f"{words.BY_NOBODY[step.event]}, {times.at(step.at)}"
    who = text.name(step.name)
    done = EVENTS.get(step.event, step.event)
    what = words.DEEDS.get(step.detail, "") if step.event in words.WITH_DEEDS else ""
    what = f"({text.name(step.detail, 120)})" if step.event in words.TOLD_WHOLE and step.detail else what
    what = f"({words.CHOSEN.get(step.detail, '')})" if step.event == "intent.chosen" else what
    return f"{who[:1].upper()}{who[1:]} {done}{f' {what}' if what else ''}, {times.at(step.at)}"
