"""The numbers a writer gives: as a customer, of contracts, orders and invoices; never a telephone's or a date."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from mailin.lexicon import claim_words

NUMBERS = 8
LENGTH = 24
VALUE = (
    r"(?P<value>\d{1,4}(?: \d{2,4}){1,4}(?![\w-])"  # in groups
    r"|(?:[a-z]{1,5}[-/.]?)?\d[\w/.-]{0,40}|[a-z][\w/.-]{0,10}\d[\w/.-]{0,30})"
)
NEXT = re.compile(
    r" ?(?:,|;|/|&|et|and|ve)(?: (?:n[°ºo]|no|the|la|le))? ?(?P<value>[a-z]{0,4}-?\d[\w/-]{2,30})(?![\w@.]*@)"
)
DIGIT = re.compile(r"\d")


class Number(NamedTuple):
    """A number, without spaces and in capitals; `names` says that it is a customer's, by which an account is known."""

    text: str
    names: bool
    start: int


class Patterns(NamedTuple):
    """The shapes in which a number is written: after its name, with the name alone, before its name."""

    named: re.Pattern[str]
    bare: re.Pattern[str]
    before: re.Pattern[str]
    behind: re.Pattern[str]
    customer: re.Pattern[str]
    none: re.Pattern[str]
    counted: re.Pattern[str]


@cache
def _patterns() -> Patterns:
    words = claim_words().numbers
    customer, thing, number = ("|".join(words[key]) for key in ("customer", "thing", "number"))
    noun, of, link = f"(?:{customer}|{thing})", "|".join(words["of"]), "|".join(words["link"])
    end = r"(?![^\W\d_])"  # of a word, where a digit may follow
    return Patterns(
        named=re.compile(rf"(?<![\w@.-])(?:(?:{number}) ?(?:{of})?{noun}|{noun} ?(?:{number})){end}(?:{link}){VALUE}"),
        bare=re.compile(rf"(?<![\w@.-])(?:{thing}){end} ?(?:[:#] ?)?{VALUE}"),
        before=re.compile(rf"(?<![\w@.,/+-]){VALUE} ?(?:{'|'.join(words['before'])})"),
        behind=re.compile("|".join(words["before"])),
        customer=re.compile(rf".*\b(?:{customer})", re.DOTALL),
        none=re.compile("|".join(words["none"])),
        counted=re.compile("|".join(words["counted"])),
    )


def numbers_in(text: str, folded: str) -> tuple[Number, ...]:
    """The numbers in order of appearance, each once, at most eight; `folded` is the text's folded form."""
    if not DIGIT.search(folded):
        return ()
    found = sorted(_found(text, folded), key=lambda number: number.start)
    return tuple({number.text: number for number in reversed(found)}.values())[::-1][:NUMBERS]


def _found(text: str, folded: str) -> Iterator[Number]:
    words = _patterns()
    before = (words.before,) if words.behind.search(folded) else ()
    for shape in (words.named, *before, words.bare):
        for match in shape.finditer(folded):
            names = words.customer.match(match[0]) is not None
            least = 4 if shape is words.bare else 2
            if number := _number(text, folded, match, least):
                yield Number(number, names, match.start("value"))
                yield from _more(text, folded, match.end("value"), names) if shape is not words.before else ()


def _more(text: str, folded: str, at: int, names: bool) -> Iterator[Number]:
    """The numbers that follow the first of a list."""
    for _ in range(NUMBERS):
        match = NEXT.match(folded, at)
        number = _number(text, folded, match, 4) if match else ""
        if match is None or not number:
            return
        yield Number(number, names, match.start("value"))
        at = match.end("value")


def _number(text: str, folded: str, match: re.Match[str], least: int) -> str:
    """The number as it is kept; empty where it is a date, a count or too short, long or lettered to be one."""
    words = _patterns()
    value = match["value"].rstrip("./-")
    known = "".join(value.split())
    digits = sum(letter.isdigit() for letter in known)
    if digits < (least if known.isdigit() else 2) or len(known) > LENGTH or words.none.fullmatch(value):
        return ""
    if least > 2 and words.counted.match(folded, match.start("value") + len(value)):
        return ""
    start = match.start("value")
    return "".join(text[start : start + len(value)].split()).upper()
