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
        alone: defaultdict[int, list[int]] = defaultdict(list)
        longer: defaultdict[int, defaultdict[int, list[_Phrase]]] = defaultdict(lambda: defaultdict(list))
        for number, text in enumerate(phrases):
            places = tuple(_places(text, numbers, gap))
            if len(places) == 1:
                alone[places[0][0]].append(number)
            else:
                needs = frozenset(place for place, _ in places[2:])
                longer[places[0][0]][places[1][0]].append(_Phrase(number, places, needs))
        self._alone = _frozen(alone)
        self._longer = {first: _frozen(seconds) for first, seconds in longer.items()}
        self._whole, self._beginnings = _readings(numbers)
        self._longest = max(map(len, self._beginnings), default=0)
        self._places_of = remembered(self._places_taken_by)

    def find(self, words: Sequence[str]) -> Iterator[Found]:
        """Every phrase, wherever it begins in these words; what a gap stands for is as short as can be."""
        taken: dict[int, list[int]] = {}  # where words stand that may take a place
        for at, word in enumerate(words):
            for place in self._places_of(word):
                taken.setdefault(place, []).append(at)
        present = taken.keys()
        for first, starts in taken.items():
            for number in self._alone.get(first, ()):
                yield from (Found(number, start, start + 1) for start in starts)
            seconds = self._longer.get(first, {})
            for phrase in chain.from_iterable(seconds[second] for second in seconds.keys() & present):
                if phrase.needs <= present:
                    ends = ((start, _end(phrase, taken, start)) for start in starts)
                    yield from (Found(phrase.number, start, end) for start, end in ends if end)

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
