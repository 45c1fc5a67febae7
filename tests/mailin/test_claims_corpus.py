"""The claims of the corpus: mails of all sorts in three languages, each field judged by itself."""

from __future__ import annotations

import json
from email.message import EmailMessage
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import pytest

from handlers.model.mail import Claims
from tests.mailin.reading import read

CORPUS = Path(__file__).resolve().parent.parent / "corpus" / "claims"
LANGUAGES = ("fr", "en", "tr")
LEAST = 0.95  # of the judging mails, in every field


@cache
def judged(language: str, part: str) -> list[tuple[str, Claims, Claims]]:
    """Subject, what is read and what a person reads, of each mail of a part."""
    rows = [json.loads(line) for line in (CORPUS / f"{language}.jsonl").read_text("utf-8").splitlines()]
    return [
        (row["subject"], read(as_mail(row)).claims, msgspec.convert(row["claims"], Claims))
        for row in rows
        if row["part"] == part
    ]


def as_mail(row: dict[str, Any]) -> bytes:
    """A mail of the corpus as it arrives."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = row["from"], "help@desk.example", row["subject"]
    message["Message-ID"] = "<corpus@desk.example>"
    message.set_content(row["text"])
    return message.as_bytes()


def value(claims: Claims, field: str) -> Any:
    """A field; what has no order is put in one."""
    found = getattr(claims, field)
    return sorted(found) if isinstance(found, tuple) else found


@pytest.mark.parametrize("field", Claims.__struct_fields__)
@pytest.mark.parametrize("language", LANGUAGES)
def test_each_field_is_read_as_a_person_reads_it(language: str, field: str) -> None:
    """On the mails that were not tuned on, one in twenty may be wrong."""
    mails = judged(language, "judging")
    wrong = [
        (subject, value(read, field)) for subject, read, right in mails if value(read, field) != value(right, field)
    ]
    assert len(wrong) <= (1 - LEAST) * len(mails), wrong


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_corpus_is_large_enough_to_judge(language: str) -> None:
    """At least 120 mails a language, at least half of them for judging, and each field claimed in several."""
    tuning, judging = judged(language, "tuning"), judged(language, "judging")
    assert len(tuning) + len(judging) >= 120
    assert len(judging) >= len(tuning)
    for field in Claims.__struct_fields__:
        assert sum(bool(getattr(right, field)) for _, _, right in judging) >= 5, field
