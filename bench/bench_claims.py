"""What mails are taken to claim: of each field, how many of the corpus' judging mails have it exactly right."""

from __future__ import annotations

from collections.abc import Iterator
from time import perf_counter

from bench import Row
from bench.claims import FIELDS, LANGUAGES, Judged, judged

GOAL = "at least 95"


async def run(rounds: int) -> list[Row]:
    """Read the judging mails of each language once; the figures do not depend on `rounds`."""
    return [row for language in LANGUAGES for row in _judged(language)]


def _judged(language: str) -> Iterator[Row]:
    started = perf_counter()
    mails = list(judged(language, "judging"))
    spent = perf_counter() - started
    for field in FIELDS:
        claimed = [mail for mail in mails if mail.is_claimed(field)]
        yield Row(f"{language}: {field} exact ({len(mails)} mails)", _exact(mails, field), "%", goal=GOAL)
        yield Row(f"{language}: {field}, of the {len(claimed)} where it is claimed", _exact(claimed, field), "%")
    yield Row(f"{language}: a mail understood", spent / len(mails) * 1e6, "us")


def _exact(mails: list[Judged], field: str) -> float:
    return 100 * sum(mail.is_exact(field) for mail in mails) / max(1, len(mails))
