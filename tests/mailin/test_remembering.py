"""What the reader remembers of words does not grow with what strangers write."""

from __future__ import annotations

import tracemalloc

from mailin.remembering import LONGEST, WORDS, remembered
from tests.mailin.reading import make_mail, read


def test_words_are_looked_up_once_and_long_ones_each_time() -> None:
    """Nobody asks twice for what is longer than any word."""
    asked: list[str] = []
    find = remembered(asked.append)
    for _ in range(3):
        find("a" * LONGEST)
        find("b" * (LONGEST + 1))
    assert asked.count("a" * LONGEST) == 1
    assert asked.count("b" * (LONGEST + 1)) == 3


def test_only_so_many_words_are_kept() -> None:
    """The one that was asked for longest ago is forgotten."""
    asked: list[str] = []
    find = remembered(asked.append)
    for word in ["first", *map(str, range(WORDS)), "first"]:
        find(word)
    assert asked.count("first") == 2


def mail_of(number: int) -> str:
    """A mail of a few words that are as long as can be, and of letters and words that no other mail has."""
    letters = "".join(map(chr, range(0x20000 + 300 * number, 0x20000 + 300 * (number + 1))))
    return make_mail(f"{letters * 3}a {letters * 3}b {letters * 3}c")


def test_mails_of_long_words_leave_nothing_behind() -> None:
    """Whoever sends thousands of them does not fill the memory."""
    read(mail_of(0))
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        for number in range(1, 41):
            read(mail_of(number))
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert after - before < 1_200_000
