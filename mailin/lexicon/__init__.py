"""What customers say, as data: `concepts.toml` names the meanings, `wishes.weights` what they and the words ask for.

`claims.toml` holds the words for logins, addresses and owners, `quotes.toml` what mail programs add, `robots.toml` how
machines sign, `languages.toml` which words tell a language.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache, lru_cache
from importlib.resources import files
from itertools import chain
from typing import NamedTuple

import msgspec

from handlers.model.account import AccountKind
from handlers.model.document import Value
from handlers.model.mail import Language
from mailin.text import fold

GAP = 3  # words that `~` may stand for
# Concepts whose words are recognised with a letter wrong; for the others a near miss is too often another word.
SPELT = {
    "password",
    "credentials",
    "account",
    "forgotten",
    "reset",
    "cannot_login",
    "reactivate",
    "authenticator",
    "close",
}
TYPO_LETTERS = 6  # shorter words have too many neighbours
OTHER = "other_"
WORD = re.compile(r"\w+")


class Phrase(NamedTuple):
    """One way to say a concept: folded words, `word*` for beginnings, `~` for a gap."""

    concept: str
    words: tuple[str, ...]

    def may_follow(self, word: str) -> bool:
        """Whether the phrase can go on with `word` after its first; most cannot, and need no closer look."""
        second = self.words[1]
        return second in {word, "~"} or (second[-1] == "*" and word.startswith(second[:-1]))


class Hit(NamedTuple):
    """A concept found: the numbers of its first word and of the word after its last."""

    concept: str
    start: int
    end: int


class ClaimWords(Value, frozen=True, kw_only=True):
    """The patterns of `claims.toml`: regular expressions that meet folded text."""

    login_names: tuple[str, ...]
    login_fillers: tuple[str, ...]
    login_links: tuple[str, ...]
    account_names: tuple[str, ...]
    login_is_address: tuple[str, ...]
    login_before: tuple[str, ...]
    login_after: tuple[str, ...]
    login_more: str
    clause_ends: tuple[str, ...]
    no_login_endings: tuple[str, ...]
    no_logins: tuple[str, ...]
    numbers: dict[str, tuple[str, ...]]
    new_address: dict[str, tuple[str, ...]]
    account_kinds: dict[AccountKind, tuple[str, ...]]
    not_kind: dict[str, tuple[str, ...]]
    not_owner: dict[str, tuple[str, ...]]
    ordinary: dict[str, str]


class Lexicon:
    """The phrases, ready to be found in folded words in one pass."""

    def __init__(self, concepts: dict[str, dict[str, list[str]]]) -> None:
        self._exact: defaultdict[str, list[Phrase]] = defaultdict(list)
        self._beginnings: defaultdict[str, list[Phrase]] = defaultdict(list)
        for concept, languages in concepts.items():
            for text in dict.fromkeys(text for texts in languages.values() for text in texts):
                self._add(Phrase(concept, tuple(fold(text).split())))
        spelt = [word for phrase in self._phrases() if phrase.concept in SPELT for word in phrase.words]
        self._starting = lru_cache(maxsize=20_000)(self._phrases_starting)
        self._spelling = _Spelling(spelt, {word for phrase in self._phrases() for word in phrase.words})

    def _add(self, phrase: Phrase) -> None:
        first = phrase.words[0]
        (self._beginnings if first.endswith("*") else self._exact)[first.removesuffix("*")].append(phrase)

    def _phrases_starting(self, word: str) -> tuple[Phrase, ...]:
        beginnings = (self._beginnings.get(word[:length], ()) for length in range(3, len(word) + 1))
        return (*self._exact.get(word, ()), *chain.from_iterable(beginnings))

    def _phrases(self) -> Iterator[Phrase]:
        for phrases in (*self._exact.values(), *self._beginnings.values()):
            yield from phrases

    def find(self, words: list[str]) -> list[Hit]:
        """Every concept in the words of a sentence; `other_code` ("postal code") hides the code in it, and so on."""
        corrected = [self._spelling.correct(word) for word in words]
        hits = list(dict.fromkeys(hit for start in range(len(words)) for hit in self._at(corrected, start)))
        hidden = [(hit.concept.removeprefix(OTHER), hit) for hit in hits if hit.concept.startswith(OTHER)]
        return [hit for hit in hits if not any(_hides(concept, other, hit) for concept, other in hidden)]

    def _at(self, words: list[str], start: int) -> Iterator[Hit]:
        after = words[start + 1] if start + 1 < len(words) else ""
        for phrase in self._starting(words[start]):
            if len(phrase.words) == 1:
                yield Hit(phrase.concept, start, start + 1)
            elif phrase.may_follow(after) and (end := _match(phrase.words, words, start)):
                yield Hit(phrase.concept, start, end)


def _hides(concept: str, other: Hit, hit: Hit) -> bool:
    """Whether what is said not to be a concept shares words with a hit of it, or of `hosting_<concept>` and such."""
    alike = hit.concept == concept or hit.concept.endswith(f"_{concept}")
    return alike and hit.start < other.end and other.start < hit.end


def _match(pattern: tuple[str, ...], words: list[str], at: int) -> int:
    """The number of the word after the pattern if it begins at `at`, else 0."""
    gap = 0
    for wanted in pattern:
        if wanted == "~":
            gap += GAP
            continue
        at = _next(wanted, words, at, at + 1 + gap)
        if not at:
            return 0
        gap = 0
    return at


def _next(wanted: str, words: list[str], start: int, end: int) -> int:
    """The number of the word after the first that is wanted, in a reach of words; 0 when there is none."""
    begins, whole = wanted.removesuffix("*"), not wanted.endswith("*")
    for number in range(start, min(end, len(words))):
        if words[number] == begins if whole else words[number].startswith(begins):
            return number + 1
    return 0


class _Spelling:
    """Finds the lexicon word that a misspelt word is one letter away from."""

    def __init__(self, words: list[str], known: set[str]) -> None:
        self._words = known
        stems = {word.rstrip("*") for word in words if len(word.rstrip("*")) >= TYPO_LETTERS}
        self._stems = stems
        self._beginnings = {word.rstrip("*") for word in words if word.endswith("*")}
        self._lengths = sorted({len(stem) for stem in stems})
        self._near: dict[str, str] = {}
        for stem in sorted(stems):
            for form in _one_less(stem):
                self._near.setdefault(form, stem)
        self.correct = lru_cache(maxsize=20_000)(self._correct)

    def _correct(self, word: str) -> str:
        if not TYPO_LETTERS <= len(word) <= 20 or word in self._words or self._known(word):
            return word
        for stem in self._neighbours(word):
            if abs(len(stem) - len(word)) <= 1 or (stem in self._beginnings and len(word) > len(stem)):
                return stem + word[len(stem) + 1 :] if stem in self._beginnings else stem
        return word

    def _known(self, word: str) -> bool:
        return any(word[:length] in self._stems for length in self._lengths if length <= len(word))

    def _neighbours(self, word: str) -> Iterator[str]:
        """Stems within one letter (left out, put in, swapped or wrong) that begin alike."""
        for length in range(len(word), max(TYPO_LETTERS - 2, len(word) - 8), -1):
            begin = word[:length]
            for form in (begin, *_one_less(begin)):
                stem = self._near.get(form)
                if stem is not None and stem[0] == word[0]:
                    yield stem


def _one_less(word: str) -> list[str]:
    return [word[:at] + word[at + 1 :] for at in range(len(word))]


@cache
def lexicon() -> Lexicon:
    """The lexicon of `concepts.toml`."""
    return Lexicon(msgspec.toml.decode(_data("concepts.toml"), type=dict[str, dict[str, list[str]]]))


@cache
def claim_words() -> ClaimWords:
    """The patterns of `claims.toml`."""
    return msgspec.toml.decode(_data("claims.toml"), type=ClaimWords)


@cache
def language_words() -> dict[Language, frozenset[str]]:
    """The words of `languages.toml` that tell a language."""
    read = msgspec.toml.decode(_data("languages.toml"), type=dict[Language, str])
    return {language: frozenset(words.split()) for language, words in read.items()}


@cache
def patterns(name: str) -> dict[str, re.Pattern[str]]:
    """The patterns of a file of alternatives, each key one pattern that meets folded text."""
    read = msgspec.toml.decode(_data(name), type=dict[str, tuple[str, ...]])
    return {key: re.compile("|".join(alternatives)) for key, alternatives in read.items()}


def _data(name: str) -> str:
    return files("mailin.lexicon").joinpath(name).read_text("utf-8")
