"""One case as one Slack message. Pure: the same view at the same time draws the same card.

Slack's limits are those of `slack_sdk.models`, which raise when a block breaks one. Ours are tighter: a message of
13,200 characters is refused as a whole though each block is legal, so a card stays under 10,000 and 40 blocks.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from slack_sdk.models.blocks import (
    ActionsBlock,
    Block,
    ButtonElement,
    ConfirmObject,
    ContextBlock,
    DividerBlock,
    HeaderBlock,
    MarkdownTextObject,
    PlainTextObject,
    SectionBlock,
)

from bot import text, words
from bot.text import Times
from handlers.intake import BETWEEN_MAILS
from handlers.lookups import CardView
from handlers.model.audit import EVENTS
from handlers.model.case import Action, Case, Step
from handlers.model.evidence import Evidence
from handlers.model.grant import Grant, GrantKind
from handlers.model.staff import CUSTOMER
from handlers.rules.permits import Permit
from handlers.rules.states import is_over

PREFIX = "case:"
MOST_STEPS = 6


class Message(NamedTuple):
    """What Slack is sent: `text` for notifications and screen readers, without personal data, and the blocks."""

    text: str
    blocks: list[dict[str, Any]]


def card(view: CardView, times: Times, *, buttons: bool = True) -> Message:
    """The card of a case; with `buttons=False` for reading only, as look-ups show it."""
    blocks = [*_head(view, times), *_body(view, times)]
    if buttons and not is_over(view.case.state):
        blocks += _buttons(view)
    blocks += [*_history(view.case, times), *_footnotes(view.case)]
    return Message(summary(view), [block.to_dict() for block in blocks])


def summary(view: CardView) -> str:
    """The card in one sentence that may stand on a locked screen."""
    case = view.case
    _, state, meaning = words.STATES[case.state]
    asked = words.ASKED[case.asked].lower()
    return f"Recovery case {case.id} at {text.name(view.service_name)}: {asked}. {state}: {meaning}."


def block_id(case_id: str, version: int) -> str:
    """The id of a card's first block: by it a card is found again in the channel."""
    return f"{PREFIX}{case_id}:{version}"


def shows(message: dict[str, Any], case_id: str) -> bool:
    """Whether a message from Slack's history is the card of this case."""
    blocks = message.get("blocks") or [{}]
    return str(blocks[0].get("block_id", "")).startswith(block_id(case_id, 0)[:-1])


def fit(lines: Sequence[str], longest: int = 2000) -> str:
    """As many of the lines as fit into `longest` characters, and how many were left out."""
    kept: list[str] = []
    for line in lines:
        if sum(map(len, kept)) + len(kept) + len(line) + 20 > longest:
            break
        kept.append(line)
    left = len(lines) - len(kept)
    return "\n".join([*kept, f"… ({left} more)"] if left else kept)


def _head(view: CardView, times: Times) -> Iterator[Block]:
    case = view.case
    title = f"{words.ASKED[case.asked]} · {case.id}"
    yield HeaderBlock(text=PlainTextObject(text=title, emoji=False), block_id=block_id(case.id, case.version))
    yield ContextBlock(elements=[MarkdownTextObject(text=_origin(view, times), verbatim=True)])
    yield _said(_state(view))
    yield SectionBlock(
        fields=[MarkdownTextObject(text=field, verbatim=True) for field in (_account(view), _letters_go_to(view))]
    )


def _origin(view: CardView, times: Times) -> str:
    case = view.case
    way = "wrote" if case.source == "mail" else "asked on the portal"
    language = f" in {words.LANGUAGES[case.language]}" if case.language in words.LANGUAGES else ""
    who = text.code(text.address(case.requester))
    return f"*{text.name(view.service_name)}* · {who} {way}{language}, {times.at(case.opened_at)}"


def _state(view: CardView) -> str:
    emoji, word, meaning = words.STATES[view.case.state]
    holder = view.case.claimed_name if view.case.state not in ("new", "claimed") else ""
    taken = f" {text.name(holder)} has this case." if holder and not is_over(view.case.state) else ""
    return f"{emoji} *{word}:* {_meaning(view) or meaning}.{taken}"


def _meaning(view: CardView) -> str:
    case = view.case
    if case.state == "claimed":
        return f"{text.name(case.claimed_name)} is on it"
    if case.state == "refused" and case.reason:
        return words.REASONS[case.reason][:1].lower() + words.REASONS[case.reason][1:]
    return ""


def _account(view: CardView) -> str:
    if not view.case.account:
        several = any(one.kind == "several_accounts" for one in view.case.evidence)
        return f"*Account*\n{'several match' if several else 'none matches'}"
    who = " · ".join(filter(None, [text.name(view.account_name), words.KINDS.get(view.account_kind, "")]))
    return f"*Account*\n{text.code(view.login)}" + (f"\n{who}" if who else "")


def _letters_go_to(view: CardView) -> str:
    return f"*Address on file*\n{text.code(view.address)}" if view.address else "*Address on file*\n–"


def _body(view: CardView, times: Times) -> Iterator[Block]:
    facts = [_fact(one, view.case) for one in _weighed(view.case)]
    if facts:
        yield _said(fit(facts))
    yield from _quoted(view.case)
    if view.grant:
        yield _said(_grant(view.grant, view, times))
    if view.failure:
        yield _said(f"📪 *Not delivered:* {text.name(view.failure, 300)}")


def _weighed(case: Case) -> list[Evidence]:
    """What speaks for the writer, then what against, then the rest; not what follows from something stronger."""
    order, kinds = list(words.WEIGHTS), {one.kind for one in case.evidence}
    said = [
        one for one in case.evidence if one.kind not in words.FOOTNOTES and words.STRONGER.get(one.kind) not in kinds
    ]
    return sorted(said, key=lambda one: order.index(one.weight))


def _fact(one: Evidence, case: Case) -> str:
    emoji, weight = words.WEIGHTS[one.weight]
    fact = words.EVIDENCE[one.kind]
    return f"{emoji} *{weight}:* {fact if case.account else words.NO_ACCOUNT.get(one.kind, fact)}"


def _quoted(case: Case) -> Iterator[Block]:
    """What the customer wrote, in plain text objects only: nothing in there is a mention, a link or bold."""
    subject = text.excerpt(case.subject, 120).replace("\n", " ")
    wrote = text.newest([mail for mail in case.text.split(BETWEEN_MAILS) if mail] or [""], BETWEEN_MAILS.strip())
    if subject or wrote:
        title = MarkdownTextObject(text="*What the customer wrote*")
        yield ContextBlock(elements=[title, *([PlainTextObject(text=subject, emoji=False)] if subject else [])])
    if wrote:
        yield SectionBlock(text=PlainTextObject(text=wrote, emoji=False))


def _grant(grant: Grant, view: CardView, times: Times) -> str:
    kind = _mailed(grant)
    step = next((step for step in reversed(view.case.history) if step.event in words.MAILED[kind]), None)
    at = times.at(step.at if step else grant.issued_at)
    sent = f"{words.GRANTS[kind]} {_sent(step, at)} to {text.code(view.address)}"
    fate = _fate(grant, view, times) if kind == grant.kind else _typed(grant, view, times)
    return f"✉️ {sent}; {fate}."


def _mailed(grant: Grant) -> GrantKind:
    """What was mailed: a link that the customer got for a code never was."""
    return "code" if grant.by == CUSTOMER.id else grant.kind


def _sent(step: Step | None, at: str) -> str:
    if step is None:
        return f"sent {at}"
    if step.by == CUSTOMER.id:
        return f"sent again {at}, as the customer asked,"
    return f"sent {at} by {text.name(step.name)}"


def _typed(link: Grant, view: CardView, times: Times) -> str:
    """What became of a code that was typed and turned into `link`."""
    typed = f"typed {times.at(link.issued_at)}"
    if link.state == "redeemed":
        return f"{typed}; password set {times.at(link.redeemed_at)}" if link.redeemed_at else f"{typed}; password set"
    if link.state == "replaced":
        return f"{typed}; replaced by a newer one"
    end = times.at(link.expires_at)
    over = view.case.state == "expired" or times.now >= link.expires_at
    return f"{typed}; no password set by {end}" if over else f"{typed}; no password set yet, valid until {end}"


def _fate(grant: Grant, view: CardView, times: Times) -> str:
    end = times.at(grant.expires_at)
    if grant.state == "redeemed":
        return f"used {times.at(grant.redeemed_at)}" if grant.redeemed_at else "used"
    if grant.state == "replaced":
        return "replaced by a newer one"
    if grant.state == "dead":
        return "dead after too many wrong codes"
    if view.case.state == "expired" or times.now >= grant.expires_at:
        return f"ran out unused {end}"
    return f"opened, valid until {end}" if grant.state == "opened" else f"not used yet, valid until {end}"


def _buttons(view: CardView) -> Iterator[Block]:
    known = [permit for permit in view.permits if permit.action in words.BUTTONS]
    shown = sorted((permit.action for permit in known if permit.allowed), key=lambda one: words.PLACES.get(one, 0))
    yield from _hindrances(known)
    if shown:
        id = f"do:{view.case.id}:{view.case.version}"
        yield ActionsBlock(block_id=id, elements=[_button(action, view, first=shown[0]) for action in shown])


def _button(action: Action, view: CardView, *, first: Action) -> ButtonElement:
    button = _named(action, view)
    urged = action == first and button != words.TAKE_OVER and view.case.state not in ("issued", "opened")
    return ButtonElement(
        text=PlainTextObject(text=button.label, emoji=False),
        action_id=action,
        value=f"{view.case.id}:{view.case.version}",
        style="danger" if action == "refuse" else "primary" if urged else None,
        confirm=_confirm(button, view) if button.question else None,
        accessibility_label=button.spoken,
    )


def _named(action: Action, view: CardView) -> words.Button:
    """The button in the words that fit: taking over from a colleague, sending once more."""
    if action == "claim" and view.case.claimed_by:
        return words.TAKE_OVER
    used, again = words.AGAIN.get(_mailed(view.grant), (None, None)) if view.grant else (None, None)
    return again if again and action == used else words.BUTTONS[action]


def _confirm(button: words.Button, view: CardView) -> ConfirmObject:
    question = button.question.format(to=text.shortened(text.masked(view.address), 90))
    return ConfirmObject(
        title=PlainTextObject(text=f"{button.label}?", emoji=False),
        text=PlainTextObject(text=question, emoji=False),
        confirm=PlainTextObject(text=button.label, emoji=False),
        deny=PlainTextObject(text="Cancel", emoji=False),
    )


def _hindrances(permits: Sequence[Permit]) -> Iterator[Block]:
    """Why a remedy has no button: staff should not have to guess."""
    remedies = [permit for permit in permits if not permit.allowed and permit.action not in words.PLACES]
    for why in dict.fromkeys(permit.why for permit in remedies):
        what = ", ".join(words.BUTTONS[permit.action].label for permit in remedies if permit.why == why)
        yield ContextBlock(elements=[MarkdownTextObject(text=f"🔒 *{what}:* {text.name(why, 300)}", verbatim=True)])


def _history(case: Case, times: Times) -> Iterator[Block]:
    if not case.history:
        return
    steps = case.history[-MOST_STEPS:]
    earlier = len(case.history) - len(steps)
    lines = [f"… ({earlier} earlier)"] if earlier else []
    yield DividerBlock()
    yield ContextBlock(
        elements=[MarkdownTextObject(text=fit([*lines, *(_step(step, times) for step in steps)]), verbatim=True)]
    )


def _footnotes(case: Case) -> Iterator[Block]:
    notes = [words.EVIDENCE[kind] for kind in words.FOOTNOTES if any(one.kind == kind for one in case.evidence)]
    if notes:
        yield ContextBlock(elements=[MarkdownTextObject(text=" ".join(notes), verbatim=True)])


def _step(step: Step, times: Times) -> str:
    who = text.name(step.name)
    done = EVENTS.get(step.event, step.event)
    return f"{who[:1].upper()}{who[1:]} {done}, {times.at(step.at)}"


def _said(sentence: str) -> SectionBlock:
    return SectionBlock(text=MarkdownTextObject(text=sentence, verbatim=True))
