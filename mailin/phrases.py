"""Phrases looked for in the words of a text, thousands of them in one pass."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import NamedTuple, TypeVar

from mailin.remembering import remembered

NUMBER = 4  # characters of a code, or of a ticket's number
Key = TypeVar("Key")
Item = TypeVar("Item")


class Found(NamedTuple):
    """A phrase by its number, that of its first word in the text, and that of the word after its last."""

    phrase: int
    start: int
    end: int


class _Phrase(NamedTuple):
    """What must stand one after the other: the number of each place, and how many other words may be before it.

    `needs` are the places after the second: where no word of a text takes one of them, nobody has to look closer.
    """

    number: int
    places: tuple[tuple[int, int], ...]
    needs: frozenset[int]


class Phrases:
    """Phrases of folded words, ready to be found; each is known by its number in the order in which they are given.

    In a phrase `word*` stands for every word that begins so, `one|other` for either, `#` for a long number, and `~` for
    up to `gap` words in between, `~ ~` for twice as many.
    """

    def __init__(self, phrases: Iterable[str], gap: int) -> None:
        numbers: dict[str, int] = {}  # of places; those that read alike have one number
        alone: defaultdict[int, list[_Phrase]] = defaultdict(list)
        longer: defaultdict[int, defaultdict[int, list[_Phrase]]] = defaultdict(lambda: defaultdict(list))
        for number, text in enumerate(phrases):
            places = tuple(_places(text, numbers, gap))
            phrase = _Phrase(number, places, frozenset(place for place, _ in places[2:]))
            if len(places) == 1:
                alone[places[0][0]].append(phrase)
            else:
                longer[places[0][0]][places[1][0]].append(phrase)
        self._alone = _frozen(alone)
        self._longer = {first: _frozen(seconds) for first, seconds in longer.items()}
        self._whole, self._beginnings = _readings(numbers)
        self._longest = max(map(len, self._beginnings), default=0)
        self._places_of = remembered(self._places_taken_by)

    def find(self, words: Sequence[str]) -> Iterator[Found]:
        """Every phrase, wherever it begins in these words; what a gap stands for is as short as can be."""
        takes = {word: self._places_of(word) for word in words}
        possible = list(self._possible(dict.fromkeys(chain.from_iterable(takes.values()))))
        taken: dict[int, list[int]] = {place: [] for phrase in possible for place, _ in phrase.places}
        useful = {word: taken.keys() & places for word, places in takes.items()}
        for at, word in enumerate(words):
            for place in useful[word]:
                taken[place].append(at)
        for phrase in possible:
            for start in taken[phrase.places[0][0]]:
                if end := _end(phrase, taken, start):
                    yield Found(phrase.number, start, end)

    def _possible(self, present: Mapping[int, None]) -> Iterator[_Phrase]:
        """The phrases of which each place is taken by some word."""
        there = set(present)
        for first in present:
            if first in self._alone:
                yield from self._alone[first]
            if first in self._longer:
                seconds = self._longer[first]
                yield from [
                    phrase for second in seconds.keys() & there for phrase in seconds[second] if phrase.needs <= there
                ]

    def _places_taken_by(self, word: str) -> tuple[int, ...]:
        number = self._whole.get("#", ()) if word.isdecimal() and len(word) >= NUMBER else ()
        begun = (self._beginnings.get(word[:length], ()) for length in range(1, min(len(word), self._longest) + 1))
        return tuple({*self._whole.get(word, ()), *number, *chain.from_iterable(begun)})


def _places(text: str, numbers: dict[str, int], gap: int) -> Iterator[tuple[int, int]]:
    between = 0
    for written in text.split():
        if written == "~":
            between += gap
            continue
        yield numbers.setdefault(written, len(numbers)), between
        between = 0


def _readings(numbers: Mapping[str, int]) -> tuple[dict[str, tuple[int, ...]], dict[str, tuple[int, ...]]]:
    """The places that a word may take, and those that its beginning may."""
    whole: defaultdict[str, list[int]] = defaultdict(list)
    beginnings: defaultdict[str, list[int]] = defaultdict(list)
    for written, number in numbers.items():
        for word in written.split("|"):
            (beginnings if word.endswith("*") else whole)[word.rstrip("*")].append(number)
    return _frozen(whole), _frozen(beginnings)


def _end(phrase: _Phrase, taken: Mapping[int, list[int]], at: int) -> int:
    """The number of the word after the phrase if it begins at `at` and each of its words is near enough, else 0."""
    for place, gap in phrase.places[1:]:
        found = taken[place]
        following = bisect_right(found, at)
        if following == len(found) or found[following] > at + 1 + gap:
            return 0
        at = found[following]
    return at + 1


def _frozen(found: Mapping[Key, list[Item]]) -> dict[Key, tuple[Item, ...]]:
    return {key: tuple(items) for key, items in found.items()}
