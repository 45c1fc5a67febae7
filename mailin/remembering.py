"""Answers about words that are kept for the next mail: bounded in number and in size, whatever strangers write."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeVar

WORDS: Final = 10_000
LONGEST: Final = 24
"""Letters; what is longer is hardly met again, and thousands of such fill the memory."""
Answer = TypeVar("Answer")


class _Kept(dict[str, Answer]):
    """Answers by their word, found out on first use; a dict, so that a known word costs next to nothing."""

    def __init__(self, find: Callable[[str], Answer]) -> None:
        super().__init__()
        self._find = find

    def __missing__(self, word: str) -> Answer:
        answer = self._find(word)
        if len(word) <= LONGEST:
            if len(self) == WORDS:
                self.clear()
            self[word] = answer
        return answer


def remembered(find: Callable[[str], Answer]) -> Callable[[str], Answer]:
    """`find`, which keeps what it found: for so many words, then it begins anew; of words beyond `LONGEST` nothing."""
    return _Kept(find).__getitem__
