"""What is wrong with a file that is no TOML, in an operator's words: the library names a place and its own grammar."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence

_PLACE = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)")
# Small letters only, and no quotes: what begins a line in the middle of a list may be a secret.
_KEY = re.compile(r"\s*(?:\[\[?\s*)?([a-z_][a-z0-9_.-]{0,39})\s*[=\]]")
_QUOTES = ('"""', "'''", '"', "'")
_WORDS = (
    ("Cannot overwrite a value", "is written twice"),
    ("Cannot declare", "is written twice"),
    ("Duplicate inline table key", "has a key that is written twice"),
    ("Illegal character '\\n'", "a quote is opened and not closed"),
    ("Invalid value", 'its value cannot be read; a text stands in quotes, such as "…"'),
)
_OPEN = ("Unterminated string", 'Expected "\'"', "Expected \"'''\"")


def told(text: str, error: tomllib.TOMLDecodeError) -> str:
    """Where the file goes wrong, by line and key, and how; values are not shown, they may be secrets."""
    said, lines = str(error), text.rstrip("\n").split("\n")
    if said.startswith(_OPEN):
        return _place(lines, _opening(lines), "a quote is opened and not closed")
    place = _PLACE.search(said)
    number = int(place[1]) if place and place[1] else len(lines)
    words = next((ours for theirs, ours in _WORDS if said.startswith(theirs)), "")
    return _place(lines, number, words) if number and words else said


def _place(lines: Sequence[str], number: int, words: str) -> str:
    if not number:
        return words
    key = _KEY.match(lines[number - 1]) if number <= len(lines) else None
    return f"line {number}, {key[1]}: {words}" if key else f"line {number}: {words}"


def _opening(lines: Sequence[str]) -> int:
    """The first line whose value begins with a quote that does not end there; 0 if none does."""
    for number, line in enumerate(lines, 1):
        value = "" if line.lstrip().startswith("#") else line.partition("=")[2].lstrip()
        quote = next(filter(value.startswith, _QUOTES), "")
        if quote and value.count(quote) % 2:
            return number
    return 0
