"""What customers want, told from mails nobody tuned on: macro-F1, precision and the confusion matrices."""

from __future__ import annotations

import time
from statistics import median, quantiles

from bench import Row
from bench.wishes import INTENTS, JUDGING, LANGUAGES, judged, mails
from mailin.intent import intent_of
from mailin.meanings import CHARACTERS

GOAL_F1 = "at least 0.95"
GOAL_PRECISION = "at least 0.98"
GOAL_TIME = "about 1 ms"


async def run(rounds: int) -> list[Row]:
    """Judge each language once, then time some `rounds` mails of the tuning part, and one as long as is read."""
    return [*(row for language in LANGUAGES for row in _judged(language)), *_times(rounds)]


def _judged(language: str) -> list[Row]:
    """The figures, and for each wish how many of its mails were taken for which, in the order of the rows."""
    found = judged(language)
    matrix = [
        Row(f"{language} {intent:<18} {' '.join(f'{count:>3}' for count in found.row(intent))}", found.f1(intent), "F1")
        for intent in INTENTS
    ]
    parts = [Row(f"{language}: macro-F1 of {part}", judged(language, part).macro_f1, "") for part in JUDGING]
    return [
        Row(f"{language}: macro-F1 of {found.taken.total()} unseen mails", found.macro_f1, "", goal=GOAL_F1),
        *parts,
        Row(f"{language}: precision of recovery", found.recovery_precision, "", goal=GOAL_PRECISION),
        *matrix,
    ]


def _times(rounds: int) -> list[Row]:
    """The time of one mail, of the corpus and of the longest that is read."""
    corpus = list(mails("tuning-1.jsonl"))[:: max(1, 1260 // max(1, rounds))]
    long = " ".join(mail.text for mail in mails("tuning-1.jsonl"))[:CHARACTERS]
    times = [_milliseconds(mail.subject, mail.text) for _ in range(2) for mail in corpus][len(corpus) :]
    return [
        Row("one mail, median", median(times), "ms", goal=GOAL_TIME),
        Row("one mail, 95 of 100", quantiles(times, n=20)[-1] if len(times) > 1 else times[0], "ms"),
        Row(f"{CHARACTERS} characters, median", median(_milliseconds("", long) for _ in range(5)), "ms"),
    ]


def _milliseconds(subject: str, text: str) -> float:
    started = time.perf_counter()
    intent_of(subject, text)
    return (time.perf_counter() - started) * 1e3
