"""Whether a text is words that somebody wrote: random bytes hold letters of every language, and hardly a word."""

from __future__ import annotations

import re
from itertools import islice
from math import ceil

LETTERS = re.compile(r"[^\W\d_]+")
# A word as people write it stands by itself; in bytes that are no text, letters stand among all other signs.
BETWEEN = re.compile(r"[\s.,;:!?…/|()<>\[\]\"«»“”*_=]+")
PLAIN = re.compile(r"['’-]*[^\W\d_]{2,}(?:['’-][^\W\d_]+)*['’-]*|[^\W\d_]['’-][^\W\d_]{2,}")
WORDS_OF_A_TEXT = 0.2  # at least so many of its pieces are words
SHORT = 40  # in so few characters a piece that is no plain word may say all: "2FA", "PasswordReset"


def has_words(text: str) -> bool:
    """Whether enough of a text's pieces are words as people write them, or it is too short to tell."""
    if len(text) <= SHORT:
        return True
    pieces = [piece for piece in BETWEEN.split(text) if piece.isalpha() or LETTERS.search(piece)]
    words = (piece for piece in pieces if PLAIN.fullmatch(piece) and _is_written(piece))
    enough = max(1, ceil(WORDS_OF_A_TEXT * len(pieces)))
    return len(list(islice(words, enough))) == enough


def _is_written(word: str) -> bool:
    """Whether its letters are large and small as people write them; most alphabets have only one size."""
    return word[1:] == word[1:].lower() or word == word.upper() or word.istitle()
