"""Answers about words that are kept for the next mail: bounded in number and in size, whatever strangers write."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Final, TypeVar

WORDS: Final = 10_000
LONGEST: Final = 24
"""Letters; what is longer is hardly met again, and thousands of such fill the memory."""
Answer = TypeVar("Answer")


def remembered(find: Callable[[str], Answer]) -> Callable[[str], Answer]:
    """`find`, which keeps what it found for the words asked for last, and of words beyond `LONGEST` nothing."""
    kept = lru_cache(maxsize=WORDS)(find)

    def answer(word: str) -> Answer:
        return kept(word) if len(word) <= LONGEST else find(word)

    return answer
