"""What every word and meaning is worth for every wish, as `scripts/train_intents.py` learnt it from the corpus."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import cache
from importlib.resources import files
from math import exp, sqrt

import msgspec

from handlers.model.document import Value
from handlers.model.mail import Intent
from mailin.meanings import Said, meaning_keys, pair_keys, word_keys
from mailin.remembering import remembered

FILE = "wishes.weights"
LEVELS = 46
"""A weight is one printable character: `O` is nought, and so many stand on either side of it."""
MIDDLE = ord("O")

Scores = tuple[float, ...]
"""One number for each intent."""


class Head(Value, frozen=True, kw_only=True):
    """The first line of the file: what the weights were made of, and the numbers that go with all of them.

    `inputs` is the SHA-256 of all that was learnt from, `steps` what one level is worth for each kind of key,
    `sharpness` makes likelihoods of scores, and a mail that asks less likely than `recovery_from` for any recovery at
    all is taken for something else.
    """

    inputs: str
    intents: tuple[Intent, ...]
    bias: Scores
    steps: dict[str, float]
    sharpness: float
    recovery_from: float


class Weights:
    """The weights, taken from their text on first use."""

    def __init__(self, text: str) -> None:
        first, _, rest = text.partition("\n")
        self.head = msgspec.json.decode(first, type=Head)
        self._nothing: Scores = (0.0,) * len(self.head.intents)
        self._written: dict[str, str] = dict(line.split("\t") for line in rest.splitlines())
        self._levels = {kind: _levels(step) for kind, step in self.head.steps.items()}
        self.of_word = remembered(self._of_word)

    def of(self, key: str) -> Scores:
        """What a key is worth for each intent."""
        written = self._written.get(key)
        if written is None:
            return self._nothing
        return tuple(map(self._levels[key[0]].__getitem__, written))

    def known(self, keys: Iterable[str]) -> list[str]:
        """Those of the keys that are worth anything, in an order that is always the same."""
        return sorted(self._written.keys() & keys)

    def _of_word(self, word: str) -> Scores:
        return self.together(word_keys(word))

    def together(self, keys: Iterable[str]) -> Scores:
        """What keys are worth, added up."""
        known = [self.of(key) for key in self.known(keys)]
        return tuple(map(sum, zip(*known, strict=True))) if known else self._nothing

    def scores(self, mail: Said) -> Scores:
        """How much a mail speaks for each intent."""
        words = words_of(mail)
        worth = [self.head.bias]
        by = length(words)
        worth += [_shared(self.of_word(word), by) for word in sorted(words)]
        for keys in (pair_keys(mail), *meaning_keys(mail).values()):
            worth.append(_shared(self.together(keys), length(keys)))
        return tuple(map(sum, zip(*worth, strict=True)))

    def likelihoods(self, scores: Scores) -> dict[Intent, float]:
        """How likely each intent is; together they are 1."""
        best = max(scores)
        powers = [exp((score - best) * self.head.sharpness) for score in scores]
        return {intent: power / sum(powers) for intent, power in zip(self.head.intents, powers, strict=True)}


def words_of(mail: Said) -> set[str]:
    """The folded words of a mail."""
    return {word.folded for sentence in mail.sentences for word in sentence.words}


def length(keys: Collection[str]) -> float:
    """What the worth of keys of one kind is divided by, so that long mails speak no louder than short ones."""
    return sqrt(max(1, len(keys)))


def _shared(scores: Scores, by: float) -> Scores:
    """The worth of something among the keys of its kind."""
    return tuple([score / by for score in scores])


def _levels(step: float) -> dict[str, float]:
    """What each character of a weight is worth."""
    return {chr(MIDDLE + level): level * step for level in range(-LEVELS, LEVELS + 1)}


@cache
def weights() -> Weights:
    """The committed weights."""
    return Weights(files("mailin.lexicon").joinpath(FILE).read_text("utf-8"))
