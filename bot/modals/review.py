"""Asks for one verdict on each document, and for what the reviewer reads from it; the desk compares, not the eye."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, get_args

from slack_sdk.models.blocks import (
    ActionsBlock,
    Block,
    ButtonElement,
    DatePickerElement,
    InputBlock,
    Option,
    PlainTextInputElement,
    PlainTextObject,
    RadioButtonsElement,
    StaticSelectElement,
)
from slack_sdk.models.blocks.block_elements import InputInteractiveElement

from bot import text, words
from bot.cards.facts import paper_line
from bot.cards.lines import fit, several, within
from bot.modals.parts import Mistakes, dialog, option, paragraph, values
from bot.text import Times
from handlers.decide import Answers
from handlers.lookups import CardView
from handlers.model.paper import Outcome, Paper, Verdict
from handlers.model.service import Piece, PieceName
from handlers.paperwork.viewing import LIFE
from handlers.rules.documents import questions, states
from handlers.vault import Secret

VIEW = "view_documents"
"""The button that asks for a one-time link to the documents."""

LONGEST_ANSWER = 200
SAME_ADDRESS = "Does it state the same new address as the request?"
SAME_ADDRESS_ANYWHERE = "Is the request's new address the one stated in it, or typed on the documents page?"
PIECES: tuple[PieceName, ...] = get_args(PieceName)
OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)
_NEEDED = {
    "dated": "Type the date that stands on the document.",
    "name": "Type the name as it stands on the document.",
    "president": "Type the president's name as the document has it.",
    "address": "Say whether the document states the same new address.",
}


def draw(view: CardView, link: Secret | None = None) -> dict[str, Any]:
    """The dialog; with `link`, the one-time address at which whoever asked for it sees the documents."""
    blocks: list[Block] = [paragraph(_rules(view)), *_viewer(view, link)]
    for piece, asked in view.pieces.items():
        blocks += _questions(view, piece, asked)
    return dialog(view, "review_documents", f"Review {view.case.id}", "Give the verdicts", blocks)


def read(view: dict[str, Any]) -> Answers:
    """A verdict for each document that was asked about; raises Mistakes where something is missing."""
    said = values(view)
    asked = [piece for piece in PIECES if f"outcome:{piece}" in said]
    verdicts, wrong = {piece: _verdict(piece, said) for piece in asked}, dict[str, str]()
    for piece, verdict in verdicts.items():
        wrong |= _mistakes(piece, verdict, said)
    if wrong:
        raise Mistakes(wrong)
    return Answers(verdicts=tuple(one for one in verdicts.values() if one))


def first_field(view: dict[str, Any]) -> str:
    """Where an error stands that is about the whole."""
    return next((id for id in values(view) if id.startswith("outcome:")), "outcome:identity")


def _rules(view: CardView) -> str:
    return (
        f"*{text.name(view.service_name)}* · {text.code(view.login)}. Type what you read, not what you expect: the "
        "desk compares it with the record.\nWhat can be mended is asked for once more. A doubt, or another name or "
        "address, ends the request with a neutral letter; the customer is not told why."
    )


def _viewer(view: CardView, link: Secret | None) -> Iterator[Block]:
    """A link that shows the documents once, and the button that makes another: people look twice."""
    if link:
        minutes = several(int(LIFE.total_seconds() // 60), "minute")
        yield paragraph(f"📂 <{link.value}|Open the documents>: once, within {minutes}, for you alone.", "link")
    words = PlainTextObject(text="Get another link" if link else "Get a link to the documents", emoji=False)
    button = ButtonElement(text=words, action_id=VIEW, value=f"{view.case.id}:{view.case.version}")
    yield ActionsBlock(block_id="viewer", elements=[button])


def _questions(view: CardView, name: PieceName, piece: Piece) -> Iterator[Block]:
    """What is asked about one document, after what came and what it has to be."""
    asked, mine = questions(name, piece, view.new_address), [paper for paper in view.papers if paper.piece == name]
    yield paragraph(_about(name, piece, mine, view), f"about:{name}")
    unnamed = [paper for paper in view.papers if paper.piece is None and paper.outcome is None]
    if unnamed:
        files = [option(paper.id, text.excerpt(paper.name, 60) or paper.id) for paper in unnamed[:99]]
        yield _field(f"paper:{name}", "Which file is it?", StaticSelectElement(options=files))
    yield _outcome(name, view, mine)
    if asked.dated:
        yield _field(f"dated:{name}", "Date on the document", DatePickerElement())
    if asked.name:
        yield _field(f"name:{name}", f"{_capital(words.SUBJECTS[asked.name])}, as it stands there", _typed())
    if asked.president:
        yield _field(f"president:{name}", "The president's name, as it stands there", _typed())
    if asked.address:
        same = [option("yes", "Yes, letter by letter"), option("no", "No")]
        label = SAME_ADDRESS if "new_address" in piece.states else SAME_ADDRESS_ANYWHERE
        yield _field(f"address:{name}", label, RadioButtonsElement(options=same))


def _outcome(name: PieceName, view: CardView, mine: list[Paper]) -> InputBlock:
    options = {one: option(one, words.VERDICTS[one]) for one in OUTCOMES}
    state = states(view.pieces, view.papers)[name]
    unnamed = any(paper.piece is None and paper.outcome is None for paper in view.papers)
    initial: Option | None = options["incomplete"] if state == "missing" and not unnamed else None
    element = RadioButtonsElement(options=list(options.values()), initial_option=initial)
    return _field(f"outcome:{name}", f"Your verdict on the {within(words.PIECES[name])}", element, optional=False)


def _field(id: str, label: str, element: InputInteractiveElement, *, optional: bool = True) -> InputBlock:
    """A question; which are needed depends on the verdict, so that the answers are checked when they come."""
    element.action_id = id
    return InputBlock(block_id=id, label=label, element=element, optional=optional)


def _typed() -> PlainTextInputElement:
    return PlainTextInputElement(max_length=LONGEST_ANSWER)


def _about(name: PieceName, piece: Piece, papers: list[Paper], view: CardView) -> str:
    times = Times(view.case.changed_at, local=False)
    came = [paper_line(paper, times) for paper in papers] or [
        f"📭 *{words.PIECES[name]}:* nothing that is known to be this"
    ]
    wanted = "; ".join(_wanted(piece))
    return fit([*came, *([f"Has to be: {wanted}."] if wanted else [])], 1500)


def _wanted(piece: Piece) -> Iterator[str]:
    if piece.matches:
        yield f"with {words.SUBJECTS[piece.matches]}"
    if piece.max_age_days:
        yield f"at most {several(piece.max_age_days, 'day')} old when it came"
    for holds, said in ((piece.both_sides, "both sides"), (piece.declaration, "with a declaration on honour")):
        if holds:
            yield said
    for holds, said in ((piece.handwritten, "handwritten"), (piece.signed, "signed")):
        if holds:
            yield said
    if piece.states:
        yield f"stating {', '.join(words.STATEMENTS[one] for one in piece.states)}"


def _verdict(piece: PieceName, said: Mapping[str, str | None]) -> Verdict | None:
    outcome = next((known for known in OUTCOMES if known == said.get(f"outcome:{piece}")), None)
    if outcome is None:
        return None
    same = {"yes": True, "no": False}.get(said.get(f"address:{piece}") or "")
    return Verdict(
        piece=piece,
        outcome=outcome,
        dated=_day(said.get(f"dated:{piece}")),
        name_read=(said.get(f"name:{piece}") or "").strip()[:LONGEST_ANSWER],
        president_read=(said.get(f"president:{piece}") or "").strip()[:LONGEST_ANSWER],
        address_matches=same,
        paper=said.get(f"paper:{piece}") or "",
    )


def _mistakes(piece: PieceName, verdict: Verdict | None, said: Mapping[str, str | None]) -> dict[str, str]:
    """What an accepted document needs and the reviewer did not say, by field."""
    if verdict is None:
        return {f"outcome:{piece}": "Please give a verdict."}
    if verdict.outcome != "accepted":
        return {}
    given = {
        "dated": verdict.dated is not None,
        "name": bool(verdict.name_read),
        "president": bool(verdict.president_read),
        "address": verdict.address_matches is not None,
    }
    return {
        f"{part}:{piece}": _NEEDED[part] for part, there in given.items() if f"{part}:{piece}" in said and not there
    }


def _day(said: str | None) -> date | None:
    try:
        return date.fromisoformat(said) if said and len(said) == len("2026-10-01") else None
    except ValueError:
        return None


def _capital(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]
