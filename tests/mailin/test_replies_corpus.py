"""Whole answers of many mail programs: what their writers wrote is shown exactly, and nothing of it is ever lost."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest

from handlers.model.mail import InboundMail
from tests.mailin.reading import read
from tests.mailin.reply_clients import replies
from tests.mailin.reply_traps import traps
from tests.mailin.write_replies import TUNING, mail

CORPUS = Path(__file__).resolve().parent.parent / "corpus" / "replies"
FOLDERS = sorted(path.name for path in CORPUS.iterdir() if any(path.glob("*.eml")))
EXACT = 0.95


class Judged(NamedTuple):
    """A reply of the corpus, read, and what a person would show of it."""

    name: str
    mail: InboundMail
    expected: str

    @property
    def lost(self) -> list[str]:
        """Lines of the writer that are not shown."""
        shown = _letters(self.mail.text)
        return [line for line in self.expected.split("\n") if _letters(line) not in shown]


def _letters(text: str) -> str:
    """All of a text but its spaces."""
    return "".join(text.split())


def judged(folder: str) -> list[Judged]:
    """Every reply of a folder."""
    mails = sorted((CORPUS / folder).glob("*.eml"))
    return [
        Judged(path.stem, read(path.read_bytes()), path.with_suffix(".txt").read_text("utf-8").strip())
        for path in mails
    ]


@pytest.mark.parametrize("folder", FOLDERS)
def test_the_visible_text_is_exact(folder: str) -> None:
    """Of at least 95 % of the replies, exactly what was written is shown: no line more, no line less."""
    replies = judged(folder)
    misses = [
        f"{reply.name}: {reply.mail.text!r} instead of {reply.expected!r}"
        for reply in replies
        if reply.mail.text != reply.expected
    ]
    assert len(misses) <= (1 - EXACT) * len(replies), "\n".join(misses)


@pytest.mark.parametrize("folder", FOLDERS)
def test_no_line_of_the_writer_is_lost(folder: str) -> None:
    """A quote too much does little harm, a line too few does: none is missing."""
    lost = {reply.name: reply.lost for reply in judged(folder) if reply.lost}
    assert lost == {}


@pytest.mark.parametrize("folder", FOLDERS)
def test_the_whole_text_holds_what_is_shown(folder: str) -> None:
    """What was left out is one click away: every shown line is in the whole text, which is never shorter."""
    for reply in judged(folder):
        whole = "".join(reply.mail.whole.split())
        assert [line for line in reply.mail.text.split("\n") if "".join(line.split()) not in whole] == [], reply.name


def test_the_corpus_is_large_enough_to_judge() -> None:
    """At least 200 replies were written to tune on."""
    assert len(list((CORPUS / "tuning").glob("*.eml"))) >= 200


def test_the_tuning_part_is_what_its_writer_writes() -> None:
    """Nobody mends a mail of it by hand: each is made by `python -m tests.mailin.write_replies`."""
    written = {reply.name: (mail(reply), reply.expected) for reply in (*replies(), *traps())}
    kept = {
        path.stem: (path.read_bytes(), path.with_suffix(".txt").read_text("utf-8")) for path in TUNING.glob("*.eml")
    }
    assert kept == written
