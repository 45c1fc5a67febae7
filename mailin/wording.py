"""Words that tell a machine's mail from a person's where headers say nothing: phrases, found and weighed."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from functools import cache
from importlib.resources import files
from typing import Literal, NamedTuple

import msgspec

from handlers.model.document import Value
from handlers.model.mail import AutomaticKind
from mailin.lexicon import WORD, patterns
from mailin.phrases import Phrases
from mailin.text import fold

CHARACTERS = 3000  # machines and people say early what they are
# What somebody quotes is not theirs: "I got 'Undeliverable: your code'". A pattern that begins with its sign is fast;
# what may stand before that is asked for behind it.
QUOTED = re.compile(r"""«[^»\n]{3,300}»|“[^”\n]{3,300}”|"[^"\n]{3,300}"|'(?<!\w')[^'\n]{8,300}'(?!\w)""")
# A list of questions is a help page's, which speaks in its readers' voice.
QUESTIONS = re.compile(r"^[ \t]*[-*•·–][ \t][^\n]*\?[ \t]*$", re.MULTILINE)
# What a person shows of another mail; what a machine says of itself is never marked so.
SHOWN = re.compile(r"^[ \t]*>[^\n]*$", re.MULTILINE)
# Writing without spaces between its words, where phrases are looked for as they stand.
UNSPACED = re.compile("[\u3040-\u30ff\u4e00-\u9fff]")
# No phrase reaches over the end of a sentence: so many words that mean nothing stand there. "M. Roy" ends none.
SENTENCE_END = re.compile(r"[.!?](?<=\w{3}.)[.!?]*\s")
BETWEEN = " 0" * 6 + " "
GAP = 4  # words that `~` may stand for
Speaker = AutomaticKind | Literal["person", "machine"]  # a machine of any kind


class Sign(NamedTuple):
    """What speaks for a machine of a kind or, below 0, for a person; and why, in a few words."""

    kind: Speaker
    worth: float
    why: str


class _Group(Value, frozen=True, kw_only=True):
    """Phrases that say the same: each that is found counts `worth`, all together `most`.

    `alone` is their most where nothing else speaks for the same kind: an absence without "until" or "meanwhile".
    `footer` is what they are worth, by comparison, below what the writer wrote: nothing for most.
    """

    kind: Speaker
    says: str
    worth: float
    most: float
    words: tuple[str, ...]
    footer: float = 0.0
    alone: float = 9.0

    def sign(self, found: float, alone: bool) -> Sign:
        worth = min(found * abs(self.worth), self.most, self.alone if alone else self.most)
        return Sign(self.kind, -worth if self.worth < 0 else worth, f"its text {self.says}")


def wording(subject: str, text: str, footer: str = "") -> list[Sign]:
    """What the words of a mail speak for: one sign for each group of phrases that is found in them.

    `subject` and `text` are the writer's own, `footer` is what stood below: a notice, an address, a way to unsubscribe.
    """
    said = fold(SHOWN.sub("", QUESTIONS.sub("", QUOTED.sub(" ", f"{subject}\n{text[:CHARACTERS]}"))))
    below = fold(footer[-CHARACTERS:])
    counts: defaultdict[str, float] = defaultdict(float)
    phrases, group_of = _phrases()
    found = Counter(one.phrase for one in phrases.find(_words(said)))
    for phrase, times in found.items():
        # A machine says a thing once; people say again and again that it is about them.
        counts[group_of[phrase]] += min(times, 2) if _groups()[group_of[phrase]].worth < 0 else 1
    for phrase in {one.phrase for one in phrases.find(_words(below))} - found.keys():
        counts[group_of[phrase]] += _groups()[group_of[phrase]].footer
    if UNSPACED.search(said) and patterns("robots.toml")["unspaced"].search(said):
        counts["vacation"] += 1
    said_by = Counter(_groups()[name].kind for name, count in counts.items() if count)
    return [
        group.sign(count, alone=said_by[group.kind] + said_by["machine"] == 1)
        for group, count in ((_groups()[name], count) for name, count in counts.items() if count)
    ]


def _words(folded: str) -> list[str]:
    """The words; an address and a link are one each, or no gap would reach over them."""
    if "@" in folded or "://" in folded:
        folded = " ".join("x" if "@" in word or "://" in word else word for word in folded.split())
    return WORD.findall(SENTENCE_END.sub(BETWEEN, folded.replace("_", " ")))


@cache
def _groups() -> dict[str, _Group]:
    text = files("mailin.lexicon").joinpath("robot_words.toml").read_text("utf-8")
    return msgspec.toml.decode(text, type=dict[str, _Group])


@cache
def _phrases() -> tuple[Phrases, tuple[str, ...]]:
    """The phrases of all groups, and the group of each."""
    named = [(name, fold(words)) for name, group in _groups().items() for words in group.words]
    return Phrases((words for _, words in named), GAP), tuple(name for name, _ in named)
