"""Words that tell a machine's mail from a person's where headers say nothing: phrases, found and weighed."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, lru_cache
from importlib.resources import files
from itertools import chain
from typing import Literal, NamedTuple, TypeVar

import msgspec

from handlers.model.document import Value
from handlers.model.mail import AutomaticKind
from mailin.lexicon import WORD, patterns
from mailin.text import fold

CHARACTERS = 3000  # machines and people say early what they are
# What somebody quotes is not theirs: "I got 'Undeliverable: your code'".
QUOTED = re.compile(r"""«[^»\n]{3,300}»|“[^”\n]{3,300}”|"[^"\n]{3,300}"|(?<!\w)'[^'\n]{8,300}'(?!\w)""")
# A list of questions is a help page's, which speaks in its readers' voice.
QUESTIONS = re.compile(r"^[ \t]*[-*•·–][ \t][^\n]*\?[ \t]*$", re.MULTILINE)
# What a person shows of another mail; what a machine says of itself is never marked so.
SHOWN = re.compile(r"^[ \t]*>[^\n]*$", re.MULTILINE)
# Writing without spaces between its words, where phrases are looked for as they stand.
UNSPACED = re.compile("[\u3040-\u30ff\u4e00-\u9fff]")
# No phrase reaches over the end of a sentence: so many words that mean nothing stand there. "M. Roy" ends none.
SENTENCE_END = re.compile(r"(?<=\w{3})[.!?]+\s")
BETWEEN = " 0" * 6 + " "
GAP = 4  # words that `~` may stand for
NUMBER = 4  # characters of a code, or of a ticket's number
Key = TypeVar("Key")
Item = TypeVar("Item")
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


class _Phrase(NamedTuple):
    """What must stand one after the other: the number of each place, and how many other words may be before it."""

    group: str
    places: tuple[tuple[int, int], ...]
    needs: frozenset[int]


class _Phrases(NamedTuple):
    """All phrases by the number of their first place, and the places that a word or a beginning of one may take."""

    by_first: dict[int, tuple[_Phrase, ...]]
    whole: dict[str, tuple[int, ...]]
    beginnings: dict[str, tuple[int, ...]]


def wording(subject: str, text: str, footer: str = "") -> list[Sign]:
    """What the words of a mail speak for: one sign for each group of phrases that is found in them.

    `subject` and `text` are the writer's own, `footer` is what stood below: a notice, an address, a way to unsubscribe.
    """
    said = fold(SHOWN.sub("", QUESTIONS.sub("", QUOTED.sub(" ", f"{subject}\n{text[:CHARACTERS]}"))))
    below = fold(footer[-CHARACTERS:])
    counts: defaultdict[str, float] = defaultdict(float)
    found = Counter(_phrases_in(_words(said)))
    for phrase, times in found.items():
        # A machine says a thing once; people say again and again that it is about them.
        counts[phrase.group] += min(times, 2) if _groups()[phrase.group].worth < 0 else 1
    for phrase in {*_phrases_in(_words(below))} - found.keys():
        counts[phrase.group] += _groups()[phrase.group].footer
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


def _phrases_in(words: Sequence[str]) -> Iterator[_Phrase]:
    """Every phrase, as often as it stands there."""
    taken: dict[int, list[int]] = {}  # where words stand that may take a place
    for at, word in enumerate(words):
        for place in _places_of(word):
            taken.setdefault(place, []).append(at)
    present = frozenset(taken)
    by_first = _phrases().by_first
    for place, starts in taken.items():
        for phrase in by_first.get(place, ()):
            if phrase.needs <= present:
                yield from (phrase for start in starts if _stands(phrase, taken, start))


def _stands(phrase: _Phrase, taken: dict[int, list[int]], at: int) -> bool:
    """Whether the phrase's other words follow the one at `at`, each as near as it must be."""
    for place, gap in phrase.places[1:]:
        found = taken[place]
        following = bisect_right(found, at)
        if following == len(found) or found[following] > at + 1 + gap:
            return False
        at = found[following]
    return True


@lru_cache(maxsize=20_000)
def _places_of(word: str) -> tuple[int, ...]:
    """The places that a word may take; a long number takes those that are marked `#`."""
    _, whole, beginnings = _phrases()
    number = whole.get("#", ()) if word.isdecimal() and len(word) >= NUMBER else ()
    begun = (beginnings.get(word[:length], ()) for length in range(1, len(word) + 1))
    return tuple({*whole.get(word, ()), *number, *chain.from_iterable(begun)})


@cache
def _groups() -> dict[str, _Group]:
    text = files("mailin.lexicon").joinpath("robot_words.toml").read_text("utf-8")
    return msgspec.toml.decode(text, type=dict[str, _Group])


@cache
def _phrases() -> _Phrases:
    """The phrases of all groups; places that read alike have one number."""
    numbers: dict[str, int] = {}
    by_first: defaultdict[int, list[_Phrase]] = defaultdict(list)
    for name, group in _groups().items():
        for words in group.words:
            places = tuple(_numbered(fold(words), numbers))
            by_first[places[0][0]].append(_Phrase(name, places, frozenset(place for place, _ in places)))
    whole: defaultdict[str, list[int]] = defaultdict(list)
    beginnings: defaultdict[str, list[int]] = defaultdict(list)
    for written, number in numbers.items():
        for word in written.split("|"):
            (beginnings if word.endswith("*") else whole)[word.rstrip("*")].append(number)
    return _Phrases(_frozen(by_first), _frozen(whole), _frozen(beginnings))


def _numbered(words: str, numbers: dict[str, int]) -> Iterator[tuple[int, int]]:
    gap = 0
    for written in words.split():
        if written == "~":
            gap = GAP
            continue
        yield numbers.setdefault(written, len(numbers)), gap
        gap = 0


def _frozen(found: Mapping[Key, list[Item]]) -> dict[Key, tuple[Item, ...]]:
    return {key: tuple(items) for key, items in found.items()}
