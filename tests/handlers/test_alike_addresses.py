"""Two addresses that look alike when masked: the letter still says that it is another one."""

from __future__ import annotations

import pytest

from handlers.rules.addresses import SAME
from tests.builders import NOW
from tests.handlers.letterbox import make_facts, make_letter, text_of


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "one that begins like the present one"),
        ("fr", "une adresse qui commence comme l’adresse actuelle"),
        ("tr", "şu anki adres gibi başlayan bir adres"),
    ],
)
def test_a_letter_says_another_address_where_masks_do_not_help(language: str, said: str) -> None:
    """From the present mask to the same mask reads as if nothing changed."""
    letter = make_letter("address_asked", language=language, detail=f"{SAME} {NOW.isoformat()}")
    text = " ".join(text_of(make_facts("address_asked", language, letter=letter)).split())
    assert f"{said}." in text
