"""What every word and meaning is worth for every wish, as `scripts/train_intents.py` learnt it from the corpus.

A small network: keys add up, mail by mail, to a number for each intent and one for each hidden unit; units above
nought speak for and against intents in turn. So words can mean together what neither says alone.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import cache
from importlib.resources import files
from math import sqrt

import msgspec
import numpy as np
from numpy.typing import NDArray

from handlers.model.document import Value
from handlers.model.mail import Intent
from mailin.meanings import Said, meaning_keys, pair_keys, term, word_keys
from mailin.remembering import remembered

FILE = "wishes.weights"
LEVELS = 46
"""A weight is one printable character: `O` is nought, and so many stand on either side of it."""
MIDDLE = ord("O")

Numbers = NDArray[np.float32]


class Head(Value, frozen=True, kw_only=True):
    """The first line of the file: what the weights were made of, and the numbers that go with all of them.

    `inputs` is the SHA-256 of all that was learnt from, `steps` what one level is worth for each kind of key, `bias`
    has a number for each intent and one for each hidden unit, `outputs` for each unit what it says of the intents,
    `sharpness` makes likelihoods of scores, and a mail that asks less likely than `recovery_from` for any recovery at
    all is taken for something else.
    """

    inputs: str
    intents: tuple[Intent, ...]
    bias: tuple[float, ...]
    outputs: tuple[tuple[float, ...], ...]
    steps: dict[str, float]
    sharpness: float
    recovery_from: float


class Weights:
    """The weights, taken from their text on first use.

    What keys add up to are sums: arrays of a number for each intent, then one for each hidden unit.
    """

    def __init__(self, text: str) -> None:
        first, _, rest = text.partition("\n")
        self.head = msgspec.json.decode(first, type=Head)
        self._bias = np.array(self.head.bias, np.float32)
        self._outputs = np.array(self.head.outputs, np.float32)
        pieces = rest.replace("\n", "\t").split("\t")
        self._rows = {key: row for row, key in enumerate(pieces[:-1:2])}
        levels = np.frombuffer("".join(pieces[1::2]).encode("ascii"), np.int8)
        self._levels = (levels - MIDDLE).reshape(len(self._rows), -1)
        self._steps = np.array([[self.head.steps[key[0]]] for key in self._rows], np.float32)
        self.of_word = remembered(self._of_word)

    def known(self, keys: Iterable[str]) -> list[str]:
        """Those of the keys that are worth anything, in an order that is always the same."""
        return sorted(self._rows.keys() & keys)

    def of(self, known: Iterable[str]) -> Numbers:
        """What each of some known keys is worth, a row for each."""
        rows = [self._rows[key] for key in known]
        return np.asarray(self._levels[rows] * self._steps[rows])

    def together(self, keys: Iterable[str]) -> Numbers:
        """What keys are worth, added up."""
        return np.asarray(self.of(self.known(keys)).sum(axis=0))

    def _of_word(self, word: str) -> Numbers:
        return self.together(word_keys(word))

    def sums(self, mail: Said) -> Numbers:
        """What all keys of a mail add up to."""
        words = words_of(mail)
        of_words = sum((self.of_word(word) for word in sorted(words)), np.zeros_like(self._bias))
        shares = [of_words / length(words)]
        shares += [self.together(keys) / length(keys) for keys in (pair_keys(mail), *meaning_keys(mail).values())]
        return np.asarray(sum(shares, self._bias), np.float32)

    def scores(self, sums: Numbers) -> Numbers:
        """How much sums speak for each intent."""
        direct, hidden = np.split(sums, [len(self.head.intents)])
        return np.asarray(direct + np.maximum(hidden, 0) @ self._outputs)

    def likelihoods(self, scores: Numbers) -> dict[Intent, float]:
        """How likely each intent is; together they are 1."""
        powers = np.exp((scores - scores.max()) * self.head.sharpness)
        return dict(zip(self.head.intents, (powers / powers.sum()).tolist(), strict=True))

    def leads(self, sums: Numbers, intent: Intent) -> Numbers:
        """What each number of a mail's sums does for how far an intent is ahead of the others on average."""
        others = len(self.head.intents) - 1
        ahead = np.array([1.0 if one == intent else -1 / others for one in self.head.intents], np.float32)
        _, hidden = np.split(sums, [len(self.head.intents)])
        return np.concatenate([ahead, self._outputs @ ahead * (hidden > 0)])


def words_of(mail: Said) -> set[str]:
    """The words of a mail, as they count."""
    return {term(word) for sentence in mail.sentences for word in sentence.words}


def length(keys: Collection[str]) -> float:
    """What the worth of keys of one kind is divided by, so that long mails speak no louder than short ones."""
    return sqrt(max(1, len(keys)))


@cache
def weights() -> Weights:
    """The committed weights."""
    return Weights(files("mailin.lexicon").joinpath(FILE).read_text("utf-8"))
