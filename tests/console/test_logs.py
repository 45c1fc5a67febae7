"""The log does not drown, and keeps what is not for it to itself.

What a library says over and over is told once a second, with a count; addresses and what could be a secret are stars.
"""

from __future__ import annotations

import logging

import pytest

from console.logs import Repeated, redact
from handlers.signed import token
from handlers.vault import Vault
from tests.builders import ADDRESS, KEY, NOW


def record(said: str, at: float, *, name: str = "asyncio", error: Exception | None = None) -> logging.LogRecord:
    """What a library says at `at` seconds."""
    exc_info = (type(error), error, None) if error else None
    made = logging.LogRecord(name, logging.ERROR, __file__, 1, said, (), exc_info)
    made.created = at
    return made


def told(*records: logging.LogRecord) -> list[str]:
    """What of it is logged."""
    repeated = Repeated()
    return [one.getMessage() for one in records if repeated.filter(one)]


def test_what_is_said_again_within_a_second_is_counted() -> None:
    """The next one to pass says how many did not; a new burst starts counting anew."""
    burst = [record("socket.accept() out of system resource\nsocket: 7", at=n / 1000) for n in range(1000)]
    said = told(*burst, record("socket.accept() out of system resource\nsocket: 8", at=1.5), record("x", at=1.6))
    assert said == [
        "socket.accept() out of system resource\nsocket: 7",
        "socket.accept() out of system resource\nsocket: 8 (and 999 times before)",
        "x",
    ]


def test_what_is_new_is_never_held_back() -> None:
    """Another library, another error, or a clock that was set back."""
    said = told(
        record("lost", at=9),
        record("lost", at=9, name="aiohttp.server"),
        record("lost", at=9, error=ValueError()),
        record("lost", at=9, error=KeyError()),
        record("lost", at=2),
    )
    assert said == ["lost"] * 5


def test_sayings_that_never_end_take_no_memory() -> None:
    """Only so many are remembered; the oldest may then be told once more."""
    repeated = Repeated()
    assert all(repeated.filter(record(f"request {n} failed", at=1)) for n in range(10_000))
    assert len(vars(repeated)["_told"]) <= 256


@pytest.mark.parametrize("subject", ["R-7F3K2M", "A-7F3K2M9PQRST"])
def test_whatever_a_letter_carries_is_stars(subject: str) -> None:
    """T8: a link's token, the signed address of a page, an address; what is short says what the line is about."""
    vault = Vault((KEY,))
    signed = token(vault, "documents", subject, NOW)
    line = redact(None, "", {"event": f"/documents/{signed} /reset/{vault.token().value} {ADDRESS} R-7F3K2M"})
    assert line["event"] == "/documents/*** /reset/*** ***@*** R-7F3K2M"
