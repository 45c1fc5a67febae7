"""What a mail server says of a letter, in words for staff."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.model.mail import Bounce
from handlers.model.outbox import LetterKind
from handlers.rules.deliveries import LETTERS, UNSAID, WORDS, Fate, fate, in_words, refusal, told

AT = datetime(2026, 11, 22, 14, 5, tzinfo=UTC)


def test_every_letter_has_its_words() -> None:
    """A new kind of letter needs them before one of it comes back."""
    assert set(LETTERS) == set(get_args(LetterKind))


@pytest.mark.parametrize(
    ("status", "said"),
    [
        ("2.0.0", "delivered"),
        ("4.2.2", "delayed"),
        ("4.4.1", "delayed"),
        ("4.4.7", "delayed"),
        ("5.4.7", "failed"),
        ("5.1.1", "failed"),
        ("", "failed"),
        ("nonsense", "failed"),
    ],
)
def test_a_report_says_that_it_arrived_is_late_or_came_back(status: str, said: Fate) -> None:
    """By the class of the code (RFC 3463); without one, it came back."""
    assert fate(Bounce(status=status)) == said
    assert fate(None) == "failed"


@given(st.from_regex(r"[245]\.[0-9]{1,3}\.[0-9]{1,3}", fullmatch=True) | st.text(max_size=20))
def test_whatever_the_code_there_are_words(status: str) -> None:
    """None of the server's own: a report is a stranger's text."""
    assert in_words(status) in {*WORDS.values(), UNSAID}
    assert told("reset", AT, Bounce(status=status, said="<!channel>")).endswith("the reset link sent 22 Nov 14:05 UTC")


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("550 5.1.1 no such user", "mailbox unknown (550 5.1.1 no such user)"),
        ("552-5.2.2 over quota", "mailbox full (552-5.2.2 over quota)"),
        ("550 no such user", "550 no such user"),
        ("550 host 10.5.1.1 says no", "550 host 10.5.1.1 says no"),
        ("554 5.9.9 what", "554 5.9.9 what"),
    ],
)
def test_a_refusal_begins_with_the_same_words(said: str, words: str) -> None:
    """Where the relay gives an enhanced status code; an address on the network is none."""
    assert refusal(said) == words
