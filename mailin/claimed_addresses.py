"""The addresses a writer names, and which of them shall replace the registered one."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from functools import cache
from itertools import pairwise
from typing import Literal, NamedTuple

from mailin.lexicon import claim_words

REACH = 120  # characters before an address in which its cue may stand
BEHIND = 60  # and behind it

ADDRESS = re.compile(
    r"(?<![\w.+%@-])[\w+%-][\w.+%'-]{0,63}@(?:[\w-]{1,63}\.){1,8}(?:[^\W\d_]{2,24}|xn--[\w-]{2,59})(?![\w@-])"
)
ELIDED = re.compile(r"(?:[dlmnsjct]|qu)'(?=.)", re.IGNORECASE)
# What people write in place of the sign, so that no robot collects their address.
SIGN = re.compile(
    r"\s?[\[({<]\s?(?:at|[aà]|arobas[ez]?|et|@)\s?[\])}>]\s?|\s(?:arobas[ez]?|kuyruklu a)\s"
    r"|\s(?:at|et)\s(?=[\w-]+\s(?:dot|point|nokta)\s)|\s@\s?|@\s",
    re.IGNORECASE,
)
BEFORE_SIGN = re.compile(r"(?<![\w.+%@-])[\w+%-][\w.+%-]{0,63}$")
DOT = r"(?:\.|\s?[\[({<]\s?(?:dot|point|nokta|\.)\s?[\])}>]\s?|\s(?:dot|point|nokta)\s)"
BEHIND_SIGN = re.compile(rf"[\w-]{{1,63}}(?:{DOT}[\w-]{{1,63}}){{0,4}}{DOT}[^\W\d_]{{2,24}}(?![\w@-])", re.IGNORECASE)
MARKED = re.compile(r"[\d._+-]")


class Address(NamedTuple):
    """An address in a text: where it stands, and its usual form."""

    start: int
    end: int
    text: str


Side = Literal["new", "perhaps", "lost", "old", ""]
"""What the words around an address make of it; `lost` is old and of no use any more."""


class Patterns(NamedTuple):
    """The cues, ready to meet folded text; those named `after` begin where the address ends."""

    new_before: re.Pattern[str]
    new_after: re.Pattern[str]
    perhaps_before: re.Pattern[str]
    perhaps_after: re.Pattern[str]
    lost_before: re.Pattern[str]
    lost_after: re.Pattern[str]
    old_before: re.Pattern[str]
    old_after: re.Pattern[str]
    replaced: re.Pattern[str]
    neither_before: re.Pattern[str]
    either: re.Pattern[str]
    changes: re.Pattern[str]
    own: re.Pattern[str]
    own_new: re.Pattern[str]
    not_own: re.Pattern[str]


@cache
def _patterns() -> Patterns:
    words = claim_words().new_address
    return Patterns(**{name: re.compile(_pattern(name, words[name]), re.DOTALL) for name in Patterns._fields})


def _pattern(name: str, alternatives: Sequence[str]) -> str:
    joined = "|".join(alternatives)
    if name in ("either", "replaced"):
        return joined
    return rf"[>\"')»”]{{0,2}}(?:{joined})" if name.endswith("after") else rf"(?<!\w)(?:{joined})"


def addresses_in(text: str, without: Collection[str]) -> list[Address]:
    """The addresses of a text in order, also those spelt out (`b (at) y.example`), but for those in `without`."""
    found = [*(_plain(text) if "@" in text else ()), *_spelt(text)]
    return sorted(one for one in found if one.text.lower() not in without)


def _plain(text: str) -> Iterator[Address]:
    for match in ADDRESS.finditer(text):
        elided = ELIDED.match(match[0])
        start = match.start() + (elided.end() if elided else 0)
        if "://" not in text[max(0, start - 200) : start].rpartition(" ")[2]:
            yield Address(start, match.end(), text[start : match.end()])


def _spelt(text: str) -> Iterator[Address]:
    for sign in SIGN.finditer(text):
        before = BEFORE_SIGN.search(text, max(0, sign.start() - 65), sign.start())
        behind = BEHIND_SIGN.match(text, sign.end(), sign.end() + 200)
        if before is None or behind is None or (sign[0].strip() == "@" and not MARKED.search(before[0])):
            continue
        domain = re.sub(DOT, ".", behind[0], flags=re.IGNORECASE)
        yield Address(before.start(), behind.end(), f"{before[0]}@{domain}")


def new_address(folded: str, addresses: Sequence[Address], sender: str, changes: bool = False) -> str | None:
    """The one address that shall replace the registered one; None where none is named, or one of several (T6).

    `sender` is who the mail is from: "change it to the address I am writing from" means that one. `changes` is true
    where the mail as a whole asks for another address: then the only one that is not the old one is meant.
    """
    sides = [_side(folded, addresses, place) for place in range(len(addresses))]
    said: dict[str, set[str]] = {}
    for address, side in zip(addresses, sides, strict=True):
        said.setdefault(side, set()).add(address.text.lower())
    old = said.get("old", set()) | said.get("lost", set())
    for side in ("new", "perhaps"):
        if side in said and not said[side] <= old:
            return _only(addresses, said[side] - old) if not _either(folded, addresses, sides, side) else None
    rest = said.get("", set()) - old
    if rest and ("lost" in said or (old and (changes or _patterns().changes.search(folded)))):
        return _only(addresses, rest)
    if sender and sender.lower() not in old and _means_own(folded, changes):
        return sender
    return _only(addresses, rest) if changes else None


def _only(addresses: Sequence[Address], wanted: set[str]) -> str | None:
    return next(one.text for one in addresses if one.text.lower() in wanted) if len(wanted) == 1 else None


def _either(folded: str, addresses: Sequence[Address], sides: Sequence[Side], side: Side) -> bool:
    """Whether the address is named together with a second, as good as it."""
    return any(
        sides[place] == side
        and sides[place + 1] in ("", side)
        and _patterns().either.fullmatch(folded, one.end, two.start)
        for place, (one, two) in enumerate(pairwise(addresses))
        if one.text.lower() != two.text.lower()
    )


def _side(folded: str, addresses: Sequence[Address], place: int) -> Side:
    """What is said of an address: by the words that follow it, else by the last cue before it."""
    words = _patterns()
    at, end, _ = addresses[place]
    from_ = max(addresses[place - 1].end if place else 0, at - REACH)
    following = addresses[place + 1] if place + 1 < len(addresses) else None
    to = min(following.start if following else len(folded), end + BEHIND)
    if words.lost_after.match(folded, end, to):
        return "lost"
    if words.old_after.match(folded, end, to) or (following and _replaced(folded, end, following)):
        return "old"
    if words.new_after.match(folded, end, to):
        return "new"
    before: list[tuple[int, Side]] = [
        (_last(words.neither_before, folded, from_, at), ""),
        (_last(words.lost_before, folded, from_, at), "lost"),
        (_last(words.old_before, folded, from_, at), "old"),
        (_last(words.perhaps_before, folded, from_, at), "perhaps"),
        (_last(words.new_before, folded, from_, at), "new"),
    ]
    where, said = max(before, key=lambda cue: cue[0])
    if where >= 0:
        return said
    return "perhaps" if words.perhaps_after.match(folded, end, to) else ""


def _replaced(folded: str, end: int, following: Address) -> bool:
    """Whether the address that follows is what the one that ends at `end` is replaced by."""
    words = _patterns()
    linked = words.replaced.fullmatch(folded, end, following.start) is not None
    return linked and words.lost_after.match(folded, following.end, following.end + BEHIND) is None


def _last(cue: re.Pattern[str], folded: str, start: int, end: int) -> int:
    return max((match.end() for match in cue.finditer(folded, start, end)), default=-1)


def _means_own(folded: str, changes: bool) -> bool:
    """Whether a sentence asks for a change to the address the mail comes from, and no other's."""
    words = _patterns()
    if words.own_new.search(folded):
        return True
    for match in words.own.finditer(folded):
        start = max(
            folded.rfind(". ", 0, match.start()), folded.rfind("\n", 0, match.start()), match.start() - REACH, 0
        )
        stop = re.compile(r"[.!?](?:\s|$)|\n|$").search(folded, match.end())
        sentence = folded[start : stop.start() if stop else len(folded)]
        if (changes or words.changes.search(sentence)) and not words.not_own.search(sentence):
            return True
    return False
