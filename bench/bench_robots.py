"""Robots that would be answered and people that would not, and what telling them apart costs (goal I3)."""

from __future__ import annotations

import time
from statistics import median

from bench import Row
from bench.robots import CORPUS, judged, parts
from mailin.wording import CHARACTERS, wording


async def run(rounds: int) -> list[Row]:
    """Judge each part of the corpus once, then time the weighing of words, which every person's mail goes through."""
    return [*(row for part in parts() for row in _judged(part)), *_times(max(20, rounds))]


def _judged(part: str) -> list[Row]:
    found = judged(part)
    kinds = 100 * (1 - len(found.other_kind) / found.robots)
    people = 100 * len(found.unanswered) / found.people
    return [
        Row(f"{part}: robots answered, of {found.robots}", len(found.answered), "mails", goal="0"),
        Row(f"{part}: robots of the right kind", kinds, "%", goal="at least 95"),
        Row(f"{part}: people left unanswered, of {found.people}", people, "%", goal="at most 1"),
    ]


def _times(rounds: int) -> list[Row]:
    mails = sorted((CORPUS / "tuning" / "people").glob("*.eml"))
    texts = [path.read_text("utf-8", "replace").partition("\n\n")[2] for path in mails]
    long = "\n".join(texts)[:CHARACTERS]
    for text in (*texts, long):
        wording("", text)  # the words and their places are known from here on
    return [
        Row("words of a short mail weighed, median", median(_seconds(text) for text in texts) * 1e6, "us"),
        Row("words of the longest mail weighed, median", median(_seconds(long) for _ in range(rounds)) * 1e6, "us"),
    ]


def _seconds(text: str) -> float:
    started = time.perf_counter()
    wording("", text)
    return time.perf_counter() - started
