"""What a password proves beside the mailbox, and how typed codes are read: the tables are the tests."""

from __future__ import annotations

from datetime import timedelta

import pytest

from handlers.rules.second_factor import grouped, kind_of, outweighs_the_mailbox, password_says
from tests.builders import NOW


@pytest.mark.parametrize(
    ("days", "by_mail", "used_days_ago", "says"),
    [
        (None, False, None, "password_known"),  # came with the account
        (30, False, None, "password_known"),
        (7, False, None, "password_known"),
        (6.99, False, None, "password_too_new"),  # T37: perhaps set for the theft
        (6.99, False, 1, "password_too_new"),
        (30, True, None, "password_by_mail"),  # CP.28: a link proves the mailbox alone, however long ago
        (30, True, 31, "password_by_mail"),  # the factor was used with the password before
        (30, True, 29, "password_known"),  # both are in one hand
        (1, True, 0.5, "password_too_new"),
        (0, True, None, "password_by_mail"),
    ],
)
def test_CP_28_a_password_counts_when_it_says_more_than_the_mailbox(
    days: float | None, by_mail: bool, used_days_ago: float | None, says: str
) -> None:
    """A week old, and not from the mailbox unless it was used together with the second factor since (T27, T37)."""
    changed_at = None if days is None else NOW - timedelta(days=days)
    used_at = None if used_days_ago is None else NOW - timedelta(days=used_days_ago)
    assert password_says(changed_at, by_mail, used_at, NOW) == says
    assert outweighs_the_mailbox(changed_at, by_mail, used_at, NOW) == (says == "password_known")


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("123456", ("digits", "123456")),
        (" 123 456\n", ("digits", "123456")),
        ("123-456", ("digits", "123456")),
        ("１２３４５６", ("digits", "123456")),
        ("12345", ("", "")),
        ("1234567890", ("recovery", "1234567890")),
        ("7f3k2-m9abc", ("recovery", "7F3K2M9ABC")),
        ("7F3K2 M9ABO", ("recovery", "7F3K2M9AB0")),
        ("7F3K2M9ABl", ("recovery", "7F3K2M9AB1")),
        ("7F3K2M9ABU", ("", "")),
        ("7F3K2M9ABCD", ("", "")),
        ("", ("", "")),
        ("9" * 100_000, ("", "")),
    ],
)
def test_codes_are_read_as_people_write_them(typed: str, read: tuple[str, str]) -> None:
    """Spaces, hyphens, small letters, and what looks like a digit; anything else is no code."""
    assert kind_of(typed) == read


def test_a_key_is_shown_in_groups_of_four() -> None:
    """So that it can be typed."""
    assert grouped("ABCDEFGHIJ") == "ABCD EFGH IJ"
