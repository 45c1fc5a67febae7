"""What mails are taken to claim: of each field, how many of the corpus' judging mails have it exactly right."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from time import perf_counter
from typing import Any

import msgspec

from bench import Row
from handlers.configuration import services
from handlers.model.mail import Claims
from mailin.reader import understand
from mailin.worker import names

CORPUS = Path(__file__).resolve().parent.parent / "tests" / "corpus" / "claims"
FIELDS = Claims.__struct_fields__
GOAL = "at least 95"
NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
SERVICES = names(services.load(Path(__file__).resolve().parent.parent / "services"))


async def run(rounds: int) -> list[Row]:
    """Read the judging mails of each language once; the figures do not depend on `rounds`."""
    return [row for language in ("fr", "en", "tr") for row in _judged(language)]


def _judged(language: str) -> Iterator[Row]:
    mails = [mail for mail in _mails(language) if mail["part"] == "judging"]
    started = perf_counter()
    found = [_claims(mail) for mail in mails]
    spent = perf_counter() - started
    for field in FIELDS:
        right = sum(_value(claims, field) == _value(wanted, field) for claims, wanted in found)
        yield Row(f"{language}: {field} exact ({len(mails)} mails)", 100 * right / len(mails), "%", goal=GOAL)
        named = [(claims, wanted) for claims, wanted in found if _value(wanted, field) or _value(claims, field)]
        right = sum(_value(claims, field) == _value(wanted, field) for claims, wanted in named)
        yield Row(
            f"{language}: {field}, of the {len(named)} where it is claimed", 100 * right / max(1, len(named)), "%"
        )
    yield Row(f"{language}: a mail understood", spent / len(mails) * 1e6, "us")


def _value(claims: Claims, field: str) -> Any:
    value = getattr(claims, field)
    return sorted(value) if isinstance(value, tuple) else value


def _mails(language: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (CORPUS / f"{language}.jsonl").read_text("utf-8").splitlines()]


def _claims(mail: dict[str, Any]) -> tuple[Claims, Claims]:
    """What is read of a mail, and what a person reads in it."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = mail["from"], "help@desk.example", mail["subject"]
    message["Message-ID"] = "<claims@desk.example>"
    message.set_content(mail["text"])
    read = understand(message.as_bytes(), services=SERVICES, received_at=NOW)
    return read.claims, msgspec.convert(mail["claims"], Claims)
