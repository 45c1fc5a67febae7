"""The catalogues: complete, typographically right, and nothing left over."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

PORTAL = Path(__file__).resolve().parents[2] / "portal"
METHODS = [("**.py", "python"), ("**.html", "jinja2")]
KEYWORDS = {"say": None, "phrase": None, "count": (1, 2)}
MARKUP = re.compile(r"%\(\w+\)s")


def catalogue(language: str) -> Catalog:
    """The portal's catalogue of that language."""
    with (PORTAL / "locale" / f"{language}.po").open("rb") as file:
        return read_po(file, locale=language, abort_invalid=True)


def messages(language: str) -> list[Message]:
    """Every translated message."""
    return [message for message in catalogue(language) if message.id]


def texts(message: Message) -> list[str]:
    """The message's translations: one, or one per plural form."""
    strings = message.string if isinstance(message.string, (list, tuple)) else [message.string]
    return [text or "" for text in strings]


@pytest.mark.parametrize("language", ["fr", "tr"])
def test_catalogue_has_every_sentence_and_no_other(language: str) -> None:
    """What the pages say is translated, whole, and nothing in the catalogue is out of use."""
    said = {message for _, _, message, *_ in extract_from_dir(PORTAL, METHODS, {}, keywords=KEYWORDS)}
    assert {message.id for message in messages(language)} == said
    assert [message.id for message in messages(language) if message.fuzzy or not all(texts(message))] == []


@pytest.mark.parametrize("language", ["fr", "tr"])
def test_placeholders_survive_translation(language: str) -> None:
    """Every value of the English sentence stands in its translation, and no other."""
    for message in messages(language):
        english = message.id if isinstance(message.id, str) else message.id[-1]
        for text in texts(message):
            assert set(MARKUP.findall(text)) == set(MARKUP.findall(english)), english


def test_french_has_its_no_break_spaces() -> None:
    """No line ends before a colon, a semicolon, a question or an exclamation mark, nor inside guillemets."""
    for message in messages("fr"):
        for text in texts(message):
            assert not re.search(r"[^\u00a0][:;?!»]|«[^\u00a0]", text), text


@pytest.mark.parametrize(
    ("language", "familiar"), [("fr", r"\b(tu|ton|ta|tes|toi)\b"), ("tr", r"\b(sen|senin|şifren)\b")]
)
def test_customers_are_addressed_politely(language: str, familiar: str) -> None:
    """French says vous, Turkish says siz."""
    for message in messages(language):
        for text in texts(message):
            assert not re.search(familiar, text, re.IGNORECASE), text
