"""What a spreadsheet would run is shown instead."""

from __future__ import annotations

import pytest

from handlers.rules.spreadsheets import shielded, unshielded


@pytest.mark.parametrize("text", ["=1+1", "@SUM(1)", "+A1", "-2+cmd|' /C calc'!A0", "＝1", "'=1", "''@x"])
def test_a_formula_stands_behind_an_apostrophe(text: str) -> None:
    """And comes back as it was, also if it had one already."""
    assert shielded(text) == f"'{text}"
    assert unshielded(shielded(text)) == text


@pytest.mark.parametrize("text", ["", "+33 (0)1 23-45.67", "-12", "O'Neill", "'t Hof", "a=b", "a@b.example", "'"])
def test_other_words_stay_as_they_are(text: str) -> None:
    """Phone numbers above all, which begin with a plus sign."""
    assert shielded(text) == unshielded(text) == text
