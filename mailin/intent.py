"""What the writer wants, by meanings that meet in a sentence; every decision can name the words that made it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain, pairwise
from typing import NamedTuple

from handlers.model.mail import Intent
from mailin.lexicon import WORD, Hit, Rule, intent_rules, lexicon
from mailin.text import fold

SENTENCE_END = re.compile(r"[.!?…]+(?=\s|$)|\n\s*\n|;")
CLAUSE_END = re.compile(r",|\b(?:mais|but|ama|fakat|ancak|sadece|seulement|juste|just|plutot)\b")
SENTENCES = 40
CHARACTERS = 4000  # people say early what they want
SURE = 3.0  # a score at which nothing is missing
ENOUGH = 1.0  # a score below which the words say nothing
SPREAD = 0.5  # what a rule is worth over two sentences
WORDS_SHOWN = 8


class Wish(NamedTuple):
    """An intent, how sure it is (0 to 1), and the writer's words that decided."""

    intent: Intent
    confidence: float
    because: tuple[str, ...]


Found = dict[str, str]  # concepts, each with the words that were written


def intent_of(subject: str, text: str) -> Wish:
    """What a mail asks for; `other` with little confidence when its words say nothing about recovery."""
    sentences = [_read(sentence) for sentence in chain([subject], _sentences(text[:CHARACTERS]))]
    spreads = [{**after, **before} for before, after in pairwise(sentences) if before and after]
    said = {concept for sentence in sentences for concept in sentence}
    scores: dict[Intent, float] = {}
    words: dict[Intent, list[str]] = {}
    for intent, rules in intent_rules().items():
        fired = [_worth(rule, sentences, spreads) for rule in rules if rule.met(said)]
        scores[intent] = sum(worth for worth, _ in fired)
        words[intent] = list(dict.fromkeys(word for _, decided in fired for word in decided))
    return _best(scores, words)


def _best(scores: dict[Intent, float], words: dict[Intent, list[str]]) -> Wish:
    ranked = sorted(scores, key=lambda intent: -scores[intent])
    best, second = ranked[0], ranked[1]
    if scores[best] < ENOUGH:
        return Wish("other", 0.3, ())
    confidence = min(1.0, scores[best] / SURE) * scores[best] / (scores[best] + scores[second])
    return Wish(best, round(confidence, 2), tuple(words[best][:WORDS_SHOWN]))


def _worth(rule: Rule, sentences: list[Found], spreads: list[Found]) -> tuple[float, list[str]]:
    """What a rule is worth here, in one sentence or spread over two, and the words it goes by."""
    for found, share in chain(((found, 1.0) for found in sentences), ((found, SPREAD) for found in spreads)):
        if rule.met(found.keys()):
            concepts = rule.concepts()
            return rule.weight * share, [words for concept, words in found.items() if concept in concepts]
    return 0.0, []


def _sentences(text: str) -> Iterator[str]:
    start = 0
    for _, end in zip(range(SENTENCES), SENTENCE_END.finditer(text), strict=False):
        yield text[start : end.start()]
        start = end.end()
    yield text[start : start + 2000]


def _read(sentence: str) -> Found:
    """The concepts of a sentence, without those in a clause that says what the writer does not want or did not ask."""
    folded = fold(sentence[:2000])
    spans = [match.span() for match in WORD.finditer(folded.replace("_", " "))]
    hits = lexicon().find([folded[start:end] for start, end in spans])
    clauses = [match.start() for match in CLAUSE_END.finditer(folded)]
    refused = {_clause(hit, spans, clauses) for hit in hits if hit.concept in {"refusal", "denial"}}
    found: Found = {}
    for hit in sorted(hits, key=lambda hit: (hit.start, hit.start - hit.end)):
        if hit.concept == "denial" or _clause(hit, spans, clauses) not in refused:
            found.setdefault(hit.concept, sentence[spans[hit.start][0] : spans[hit.end - 1][1]].replace("\n", " "))
    return found


def _clause(hit: Hit, spans: list[tuple[int, int]], clauses: list[int]) -> int:
    return sum(1 for end in clauses if end < spans[hit.start][0])
