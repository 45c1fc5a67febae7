"""The corpus of what customers claim, read and judged: for the benchmark and the tests."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from handlers.configuration import services
from handlers.model.mail import Claims
from mailin.reader import understand
from mailin.worker import names

ROOT = Path(__file__).resolve().parent.parent
CORPUS = ROOT / "tests" / "corpus" / "claims"
LANGUAGES = ("fr", "en", "tr")
FIELDS = Claims.__struct_fields__
NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
SERVICES = names(services.load(ROOT / "services"))


class Judged(NamedTuple):
    """A mail of the corpus: what is read in it, and what a person reads in it."""

    subject: str
    read: Claims
    right: Claims

    def is_exact(self, field: str) -> bool:
        """Whether a field is read as a person reads it; several of a kind have no order."""
        return _unordered(getattr(self.read, field)) == _unordered(getattr(self.right, field))

    def is_claimed(self, field: str) -> bool:
        """Whether anybody reads something there."""
        return bool(getattr(self.read, field) or getattr(self.right, field))


def judged(language: str, part: str) -> Iterator[Judged]:
    """Every mail of a part of a language: `tuning`, or `judging`, which nothing was tuned on."""
    for line in (CORPUS / f"{language}.jsonl").read_text("utf-8").splitlines():
        row = json.loads(line)
        if row["part"] == part:
            read = understand(_mail(row), services=SERVICES, received_at=NOW).claims
            yield Judged(row["subject"], read, msgspec.convert(row["claims"], Claims))


def _mail(row: dict[str, Any]) -> bytes:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = row["from"], "help@desk.example", row["subject"]
    message["Message-ID"] = "<claims@desk.example>"
    message.set_content(row["text"])
    return message.as_bytes()


def _unordered(value: object) -> object:
    return sorted(value) if isinstance(value, tuple) else value
