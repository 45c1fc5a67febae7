"""What a spreadsheet would run instead of showing it, when a customer's own words stand in a CSV file."""

from __future__ import annotations

import re

_FORMULA = re.compile(r"'*[=+@＝＋－＠-]")
_NUMBER = re.compile(r"[+-][0-9 ().-]*")
"""Such as a phone number: sums at worst, and is better left as other programs expect it."""


def shielded(text: str) -> str:
    """The text with an apostrophe before what a spreadsheet takes for a formula (CWE-1236)."""
    return f"'{text}" if _FORMULA.match(text) and not _NUMBER.fullmatch(text) else text


def unshielded(text: str) -> str:
    """The text that `shielded` was given; what it did not shield stays as it is."""
    return text[1:] if text.startswith("'") and _FORMULA.match(text) else text
