"""What customers say, as data: `concepts.toml` names the meanings, `wishes.weights` what they and the words ask for.

`claims.toml` holds the words for logins, addresses and owners, `quotes.toml` what mail programs add, `robots.toml` how
machines sign and `robot_words.toml` what they say, `languages.toml` and `other_languages.toml` which words tell a
language. `mailin.phrases` finds phrases, and says how they are written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from importlib.resources import files
from itertools import chain
from typing import NamedTuple

import msgspec

from handlers.model.account import AccountKind
from handlers.model.document import Value
from handlers.model.mail import Language
from mailin.phrases import Phrases
from mailin.remembering import remembered
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
HANGUL = re.compile("[가-힣]+")  # folded to its first letters, which nobody types into a pattern


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
        texts = (
            (name, text) for name, languages in concepts.items() for text in chain.from_iterable(languages.values())
        )
        said = dict.fromkeys((name, fold(text)) for name, text in texts)
        self._concepts = tuple(concept for concept, _ in said)
        self._phrases = Phrases((phrase for _, phrase in said), GAP)
        words = {(concept, word) for concept, phrase in said for word in phrase.split()}
        self._spelling = _Spelling({word for concept, word in words if concept in SPELT}, {word for _, word in words})

    def find(self, words: Sequence[str]) -> list[Hit]:
        """Every concept in the words of a sentence, the first and longest first.

        `other_code` ("postal code") hides the code in it, and so on.
        """
        found = self._phrases.find([self._spelling.correct(word) for word in words])
        hits = [Hit(*one) for one in {(self._concepts[phrase], start, end) for phrase, start, end in found}]
        hits.sort(key=lambda hit: (hit.start, -hit.end, hit.concept))
        hidden = [(hit.concept.removeprefix(OTHER), hit) for hit in hits if hit.concept.startswith(OTHER)]
        return [hit for hit in hits if not any(_hides(concept, other, hit) for concept, other in hidden)]


def _hides(concept: str, other: Hit, hit: Hit) -> bool:
    """Whether what is said not to be a concept shares words with a hit of it, or of `hosting_<concept>` and such."""
    alike = hit.concept == concept or hit.concept.endswith(f"_{concept}")
    return alike and hit.start < other.end and other.start < hit.end


class _Spelling:
    """Finds the lexicon word that a misspelt word is one letter away from."""

    def __init__(self, words: set[str], known: set[str]) -> None:
        self._words = known
        stems = {word.rstrip("*") for word in words if len(word.rstrip("*")) >= TYPO_LETTERS}
        self._stems = stems
        self._beginnings = {word.rstrip("*") for word in words if word.endswith("*")}
        self._lengths = sorted({len(stem) for stem in stems})
        self._near: dict[str, str] = {}
        for stem in sorted(stems):
            for form in _one_less(stem):
                self._near.setdefault(form, stem)
        self.correct = remembered(self._correct)

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
def other_language_words() -> dict[str, frozenset[str]]:
    """The words of `other_languages.toml`, folded, by language: they count against the languages of our letters."""
    read = msgspec.toml.decode(_data("other_languages.toml"), type=dict[str, str])
    return {language: frozenset(fold(words).split()) for language, words in read.items()}


@cache
def everyday_words() -> frozenset[str]:
    """Every folded word of these lists: what tells a language, and what meanings are said with."""
    concepts = msgspec.toml.decode(_data("concepts.toml"), type=dict[str, dict[str, list[str]]])
    phrases = chain.from_iterable(chain.from_iterable(one.values()) for one in concepts.values())
    said = frozenset(WORD.findall(fold(" ".join(phrases))))
    return said.union(*language_words().values(), *other_language_words().values())


@cache
def patterns(name: str) -> dict[str, re.Pattern[str]]:
    """The patterns of a file of alternatives, each key one pattern that meets folded text."""
    read = msgspec.toml.decode(_data(name), type=dict[str, tuple[str, ...]])
    return {key: re.compile(HANGUL.sub(_folded, "|".join(alternatives))) for key, alternatives in read.items()}


def _folded(match: re.Match[str]) -> str:
    return fold(match[0])


def _data(name: str) -> str:
    return files("mailin.lexicon").joinpath(name).read_text("utf-8")
