"""The mails of a case, whole, to one person: what a card leaves out is marked, and nothing in there comes alive."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from slack_sdk.models.blocks import Block, ContextBlock, HeaderBlock, PlainTextObject, SectionBlock
from slack_sdk.models.views import View

from bot import text, words
from bot.cards import facts
from bot.cards.lines import aside, several
from bot.modals.parts import paragraph
from bot.text import Times
from handlers.mails import Shown, marked
from handlers.rules.files import safe_name

SECTION = 2900
"""Characters of a block; Slack takes 3,000."""

MOST = 40_000
MOST_BLOCKS = 90
"""Of a whole dialog: Slack takes 250 KB of it, in which a character may need six bytes, and 100 blocks."""

MOST_RUNS = 12
HIDDEN = "│ "
"""Before a line that the card left out."""


def draw(case_id: str, mails: Sequence[Shown], times: Times) -> dict[str, Any]:
    """The dialog: the newest mail first, and how many did not fit."""
    blocks: list[Block] = [
        paragraph(f"Lines after {HIDDEN.strip()} are quotes and signatures, which the card leaves out.")
    ]
    room, left = MOST, len(mails)
    for one in mails:
        drawn = list(_mail(one, times, min(room, MOST // 2)))
        if len(blocks) + len(drawn) > MOST_BLOCKS or room <= 0:
            break
        blocks += drawn
        room, left = room - sum(_length(block) for block in drawn), left - 1
    if left:
        blocks.append(paragraph(f"… ({several(left, 'older mail')} more: `bot.py case {case_id} --mails` shows all)"))
    return View(
        type="modal",
        title=PlainTextObject(text=f"Mails of {case_id}"[:24], emoji=False),
        close=PlainTextObject(text="Close"),
        blocks=blocks,
    ).to_dict()


def _mail(one: Shown, times: Times, room: int) -> Iterator[Block]:
    subject = text.harmless(one.mail.subject, 140).replace("\n", " ")
    yield HeaderBlock(text=PlainTextObject(text=subject or "(no subject)", emoji=False))
    yield aside("\n".join(_about(one, times)))
    yield from _written(one, room)
    for file in one.mail.attachments[:5]:
        why = text.harmless(file.why or words.FILE_VERDICTS[file.verdict], 200)
        named = f"📎 {safe_name(file.name)[:80]}, {file.type[:60]}: {why}"
        yield ContextBlock(elements=[PlainTextObject(text=named, emoji=False)])


def _about(one: Shown, times: Times) -> Iterator[str]:
    mail = one.mail
    if mail.automatic:
        yield f"🤖 *Written by a machine:* {text.name(mail.automatic.why, 120)}"
    elif one.others:
        yield "👤 *Another sender, not trusted*"
    yield f"From {text.name(mail.sender_name, 60)} {text.whole(mail.sender or '–')}, {times.at(one.at)}"
    if mail.returned:
        yield f"Handed in for {text.whole(mail.returned)}"
    if mail.reply_to and mail.reply_to != mail.sender:
        yield f"Replies would go to {text.whole(mail.reply_to)}"
    proven, _ = facts.sender(mail.origin)
    if proven:
        yield proven
    if mail.defects:
        yield f"Broken: {text.name(', '.join(mail.defects), 200)}"


def _written(one: Shown, room: int) -> Iterator[Block]:
    """What stands in it, at most `room` characters; what the card left out is small, where that is not too motley."""
    runs = [(hidden, [line for line, _ in lines]) for hidden, lines in groupby(marked(one.mail), lambda pair: pair[1])]
    if len(runs) > MOST_RUNS:
        runs = [(False, [f"{HIDDEN}{line}" if hidden else line for line, hidden in marked(one.mail)])]
    for hidden, lines in runs:
        told = [f"{HIDDEN}{line}" for line in lines] if hidden else lines
        for part in _parts(told, room):
            room -= len(part)
            plain = PlainTextObject(text=part, emoji=False)
            yield ContextBlock(elements=[plain]) if hidden else SectionBlock(text=plain)


def _parts(lines: Sequence[str], room: int) -> Iterator[str]:
    """The lines in pieces that fit a block each, at most `room` characters of them."""
    piece = ""
    for line in lines:
        safe = text.harmless(f"{line}\n", SECTION)
        if room <= 0:
            piece += "… (cut)"
            break
        room -= len(safe)
        if len(piece) + len(safe) > SECTION:
            yield piece
            piece = ""
        piece += safe
    if piece.strip():
        yield piece


def _length(block: Block) -> int:
    return len(str(block.to_dict()))
