"""Words that tell a machine's mail from a person's where headers say nothing: phrases, found and weighed."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import cache
from importlib.resources import files
from typing import Literal, NamedTuple

import msgspec

from handlers.model.document import Value
from handlers.model.mail import AutomaticKind
from mailin.lexicon import GAP, WORD, patterns
from mailin.text import fold

CHARACTERS = 4000  # machines and people say early what they are
# What somebody quotes is not theirs: "I got 'Undeliverable: your code'".
QUOTED = re.compile(r"""«[^»\n]{3,300}»|“[^”\n]{3,300}”|"[^"\n]{3,300}"|(?<!\w)'[^'\n]{8,300}'(?!\w)""")
# Writing without spaces between its words, where phrases are looked for as they stand.
UNSPACED = re.compile("[\u3040-\u30ff\u4e00-\u9fff]")
BEGINNING = 3  # letters by which phrases that begin with the beginning of a word are found
NUMBER = 4  # characters of a code, or of a ticket's number
Speaker = AutomaticKind | Literal["person", "machine"]  # a machine of any kind


class Sign(NamedTuple):
    """What speaks for a machine of a kind or, below 0, for a person; and why, in a few words."""

    kind: Speaker
    worth: float
    why: str


class _Group(Value, frozen=True, kw_only=True):
    """Phrases that say the same: each that is found counts `worth`, all together `most`."""

    kind: Speaker
    says: str
    worth: float
    most: float
    words: tuple[str, ...]

    def sign(self, found: int) -> Sign:
        worth = min(found * abs(self.worth), self.most)
        return Sign(self.kind, -worth if self.worth < 0 else worth, f"its text {self.says}")


class _Place(NamedTuple):
    """One place in a phrase: the words, or beginnings of words, that may stand there; `gap` if others may be before."""

    whole: frozenset[str]
    beginnings: tuple[str, ...]
    number: bool
    gap: bool

    def meets(self, word: str) -> bool:
        known = word in self.whole or word.startswith(self.beginnings)
        return known or (self.number and len(word) >= NUMBER and word.isdecimal())


class _Phrase(NamedTuple):
    group: str
    places: tuple[_Place, ...]


def wording(subject: str, text: str) -> list[Sign]:
    """What the writer's own words speak for: one sign for each group of phrases that is found in them."""
    said = fold(QUOTED.sub(" ", f"{subject}\n{text[:CHARACTERS]}"))
    found: defaultdict[str, set[_Phrase]] = defaultdict(set)
    for phrase in _phrases_in(WORD.findall(said.replace("_", " "))):
        found[phrase.group].add(phrase)
    signs = [_groups()[name].sign(len(phrases)) for name, phrases in found.items()]
    if UNSPACED.search(said) and patterns("robots.toml")["unspaced"].search(said):
        signs.append(_groups()["vacation"].sign(1))
    return signs


def _phrases_in(words: Sequence[str]) -> Iterator[_Phrase]:
    by_word, by_beginning = _index()
    for at, word in enumerate(words):
        key = "#" if word.isdecimal() else word
        for phrase in (*by_word.get(key, ()), *by_beginning.get(word[:BEGINNING], ())):
            if phrase.places[0].meets(word) and _goes_on(phrase, words, at + 1):
                yield phrase


def _goes_on(phrase: _Phrase, words: Sequence[str], at: int) -> bool:
    for place in phrase.places[1:]:
        end = at + 1 + (GAP if place.gap else 0)
        at = next((number + 1 for number in range(at, min(end, len(words))) if place.meets(words[number])), 0)
        if not at:
            return False
    return True


@cache
def _groups() -> dict[str, _Group]:
    text = files("mailin.lexicon").joinpath("robot_words.toml").read_text("utf-8")
    return msgspec.toml.decode(text, type=dict[str, _Group])


@cache
def _index() -> tuple[dict[str, tuple[_Phrase, ...]], dict[str, tuple[_Phrase, ...]]]:
    """The phrases by the words they may begin with, and by the first letters of beginnings of words."""
    by_word: defaultdict[str, list[_Phrase]] = defaultdict(list)
    by_beginning: defaultdict[str, list[_Phrase]] = defaultdict(list)
    for name, group in _groups().items():
        for phrase in (_Phrase(name, tuple(_places(words))) for words in group.words):
            first = phrase.places[0]
            for word in first.whole | ({"#"} if first.number else set()):
                by_word[word].append(phrase)
            for word in {beginning[:BEGINNING] for beginning in first.beginnings}:
                by_beginning[word].append(phrase)
    return {key: tuple(found) for key, found in by_word.items()}, {
        key: tuple(found) for key, found in by_beginning.items()
    }


def _places(words: str) -> Iterator[_Place]:
    gap = False
    for written in fold(words).split():
        if written == "~":
            gap = True
            continue
        choices = written.split("|")
        yield _Place(
            frozenset(word for word in choices if not word.endswith("*") and word != "#"),
            tuple(word[:-1] for word in choices if word.endswith("*")),
            "#" in choices,
            gap,
        )
        gap = False
