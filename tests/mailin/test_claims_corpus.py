"""The claims of the corpus: mails of all sorts in three languages, each field judged by itself."""

from __future__ import annotations

from functools import cache

import pytest

from bench import claims
from bench.claims import FIELDS, LANGUAGES, Judged

LEAST = 0.95  # of the judging mails, in every field


@cache
def judged(language: str, part: str) -> list[Judged]:
    """The mails of a part, read once."""
    return list(claims.judged(language, part))


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_each_field_is_read_as_a_person_reads_it(language: str, field: str) -> None:
    """On the mails that were not tuned on, one in twenty may be wrong."""
    mails = judged(language, "judging")
    wrong = [(mail.subject, getattr(mail.read, field)) for mail in mails if not mail.is_exact(field)]
    assert len(wrong) <= (1 - LEAST) * len(mails), wrong


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_corpus_is_large_enough_to_judge(language: str) -> None:
    """At least 120 mails a language, at least half of them for judging, and each field claimed in several."""
    tuning, judging = judged(language, "tuning"), judged(language, "judging")
    assert len(tuning) + len(judging) >= 120
    assert len(judging) >= len(tuning)
    for field in FIELDS:
        assert sum(bool(getattr(mail.right, field)) for mail in judging) >= 5, field
