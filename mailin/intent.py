"""What the writer wants: told by a model that was learnt from written-out mails, and by the words that decided."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

from handlers.model.mail import Intent
from mailin.meanings import ASKING, Said, meaning_keys, said, term
from mailin.prose import has_words
from mailin.weights import Numbers, Weights, length, weights, words_of

NOTHING_SAID = 0.3
"""How sure the desk is that a mail is about something else when its words say nothing at all."""
EVERYDAY = {ASKING, "solved", "hours", "attached"}  # meanings that ordinary politeness has too
WORDS_SHOWN = 8
CHARACTERS = 20_000  # looked through for words
DECIDED = 0.25  # of what the strongest words did


class Wish(NamedTuple):
    """An intent, how sure it is (0 to 1), and the writer's words that decided."""

    intent: Intent
    confidence: float
    because: tuple[str, ...]


def intent_of(subject: str, text: str) -> Wish:
    """What a mail asks for; `other` with little confidence where words say nothing about recovery, or are none."""
    mail, model = said(subject, text), weights()
    sums = model.sums(mail)
    likely = model.likelihoods(model.scores(sums))
    asks = 1 - likely["other"] >= model.head.recovery_from
    intent = max(likely, key=lambda one: (asks == (one != "other"), likely[one]))
    if (intent == "other" and _says_nothing(mail)) or not has_words(f"{subject}\n{text[:CHARACTERS]}"):
        return Wish("other", NOTHING_SAID, ())
    return Wish(intent, round(likely[intent], 2), _because(mail, model, model.leads(sums, intent)))


def _says_nothing(mail: Said) -> bool:
    met = {meaning.concept for sentence in mail.sentences for meaning in sentence.meanings}
    return met <= EVERYDAY


def _because(mail: Said, model: Weights, leads: Numbers) -> tuple[str, ...]:
    """The words that did most for an intent, as they were written, in the order of the mail."""
    pieces = [piece for piece in _pieces(mail, model, leads) if piece.worth > 0]
    least = DECIDED * max((piece.worth for piece in pieces), default=0.0)
    strong = [piece for piece in pieces if piece.worth >= least]
    shown: list[_Piece] = []
    for piece in sorted(strong, key=lambda piece: -piece.worth):
        if len(shown) < WORDS_SHOWN and not any(piece.repeats(other) for other in shown):
            shown.append(piece)
    return tuple(piece.written for piece in sorted(shown, key=lambda piece: piece[:2]))


class _Piece(NamedTuple):
    """Words of one sentence, and what they did for the intent."""

    sentence: int
    start: int
    end: int
    written: str
    worth: float

    def repeats(self, other: _Piece) -> bool:
        """Whether words would be shown twice."""
        overlap = self.sentence == other.sentence and self.start < other.end and other.start < self.end
        return overlap or self.written == other.written


def _pieces(mail: Said, model: Weights, leads: Numbers) -> Iterator[_Piece]:
    """Every meaning with the words that said it, and every word alone."""
    by_concept = _of_concepts(model, leads, meaning_keys(mail))
    words = words_of(mail)
    by = length(words)
    by_word = {word: float(model.of_word(word) @ leads) / by for word in words}
    for number, sentence in enumerate(mail.sentences):
        alone = [by_word[term(word)] for word in sentence.words]
        for at, word in enumerate(sentence.words):
            yield _Piece(number, at, at + 1, word.written, alone[at])
        for concept, start, end, written, _ in sentence.meanings:
            yield _Piece(number, start, end, written, by_concept[concept] + sum(alone[start:end]))


def _of_concepts(model: Weights, leads: Numbers, kinds: dict[str, set[str]]) -> dict[str, float]:
    """What each concept did in all the places it was met in; two that met share what that did."""
    worth: dict[str, float] = defaultdict(float)
    for keys in kinds.values():
        known = model.known(keys)
        for key, lead in zip(known, (model.of(known) @ leads).tolist(), strict=True):
            concepts = key[1:].split("+")
            for concept in concepts:
                worth[concept] += lead / length(keys) / len(concepts)
    return worth
