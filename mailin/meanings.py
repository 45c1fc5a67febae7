"""What a mail says, as keys that a model weighs: its words, and the meanings of the lexicon that meet in a sentence."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from functools import lru_cache
from itertools import chain, combinations, pairwise
from typing import NamedTuple

from mailin.lexicon import WORD, Hit, lexicon
from mailin.text import fold

CHARACTERS = 4000  # people say early what they want
SENTENCES = 40
SENTENCE_CHARACTERS = 1000
SENTENCE_END = re.compile(r"[.!?…;]+(?=\s|$)|\n+")
CLAUSE_END = re.compile(r"[,:()]|\b(?:mais|but|ama|fakat|ancak|sadece|seulement|juste|just|only|plutot)\b")
ADDRESS = re.compile(r"[\w.+-]{1,64}@[\w.-]{1,250}\w")
REFUSED = {"refusal", "denial"}
ASKING = "asking"
NUMBER = "#"
LONGEST_WORD = 24  # what is longer is no word
STEM = 5
PIECES = (3, 4, 5)


class Word(NamedTuple):
    """A word as it was written and as it is compared."""

    written: str
    folded: str


class Meaning(NamedTuple):
    """A concept, the numbers of its first word and of the word after its last, and the words as they were written.

    It is `refused` when its clause says what the writer does not want or did not do.
    """

    concept: str
    start: int
    end: int
    written: str
    refused: bool


class Sentence(NamedTuple):
    """One sentence: its words and its meanings, each once."""

    words: tuple[Word, ...]
    meanings: tuple[Meaning, ...]


class Said(NamedTuple):
    """A mail taken apart: the subject, the sentences of the text, and how many mail addresses are in it."""

    subject: Sentence
    text: tuple[Sentence, ...]
    addresses: int

    @property
    def sentences(self) -> tuple[Sentence, ...]:
        """Subject and text."""
        return self.subject, *self.text


def said(subject: str, text: str) -> Said:
    """What a mail says; of a long one the beginning."""
    text = text[:CHARACTERS]
    addresses = len(ADDRESS.findall(text)) if "@" in text else 0
    pieces = _sentences(ADDRESS.sub(" ", text)) if addresses else _sentences(text)
    return Said(_read(subject), tuple(map(_read, pieces)), addresses)


def _sentences(text: str) -> Iterator[str]:
    start = 0
    for _, end in zip(range(SENTENCES), SENTENCE_END.finditer(text), strict=False):
        if text[start : end.start()].strip():
            yield text[start : end.start()]
        start = end.end()
    if text[start:].strip():
        yield text[start:]


def _read(sentence: str) -> Sentence:
    sentence = sentence[:SENTENCE_CHARACTERS]
    folded = fold(sentence)
    spans = [match.span() for match in WORD.finditer(folded.replace("_", " "))]
    words = tuple(Word(sentence[start:end], folded[start:end]) for start, end in spans)
    hits = lexicon().find([word.folded for word in words])
    return Sentence(words, tuple(_meanings(sentence, folded, spans, hits)))


def _meanings(sentence: str, folded: str, spans: list[tuple[int, int]], hits: list[Hit]) -> Iterator[Meaning]:
    ends = [match.start() for match in CLAUSE_END.finditer(folded)]
    clause = {hit: bisect_left(ends, spans[hit.start][0]) for hit in hits}
    refused = {clause[hit] for hit in hits if hit.concept in REFUSED}
    met: set[str] = set()
    for hit in hits:
        if hit.concept not in met:
            met.add(hit.concept)
            written = " ".join(sentence[spans[hit.start][0] : spans[hit.end - 1][1]].split())
            no = clause[hit] in refused and hit.concept not in REFUSED
            yield Meaning(hit.concept, hit.start, hit.end, written, no)


@lru_cache(maxsize=1000)  # a word has some seventy
def word_keys(word: str) -> tuple[str, ...]:
    """The keys of one folded word: itself, its beginning, and pieces of it, so that a wrong letter spoils only some."""
    if len(word) > LONGEST_WORD:
        return ()
    marked = f"^{word}$"
    pieces = {marked[at : at + size] for size in PIECES for at in range(len(marked) - size + 1)}
    return f"w{word}", f"s{word[:STEM]}", *sorted(f"c{piece}" for piece in pieces)


def term(word: Word) -> str:
    """A word as it counts: one number of several digits is as good as another."""
    return NUMBER if len(word.folded) > 1 and word.folded.isdigit() else word.folded


def pair_keys(mail: Said) -> set[str]:
    """The keys of neighbouring words."""
    pairs = (pairwise(map(term, sentence.words)) for sentence in mail.sentences)
    return {f"b{first} {second}" for first, second in chain.from_iterable(pairs)}


def meaning_keys(mail: Said) -> dict[str, set[str]]:
    """The keys of meanings, by kind: where and how often they are met counts, not how many times."""
    kinds: dict[str, set[str]] = {kind: set() for kind in "khflanp"}
    for sentence in mail.sentences:
        concepts = sorted({meaning.concept for meaning in sentence.meanings})
        kinds["k"].update(concepts)
        kinds["p"].update(f"{one}+{other}" for one, other in combinations(concepts, 2))
        kinds["n"].update(meaning.concept for meaning in sentence.meanings if meaning.refused)
        if ASKING in concepts:
            kinds["a"].update(concepts)
    for kind, sentences in (("h", [mail.subject]), ("f", mail.text[:1]), ("l", mail.text[-1:])):
        kinds[kind].update(meaning.concept for sentence in sentences for meaning in sentence.meanings)
    kinds["k"].add(f"addresses {min(mail.addresses, 2)}")
    return {kind: {f"{kind}{key}" for key in keys} for kind, keys in kinds.items()}
