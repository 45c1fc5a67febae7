"""The logins a writer names. A missing one is better than a wrong one: no ordinary word may be taken for a login."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import NamedTuple

from handlers.model.mail import ServiceNames
from mailin.lexicon import ClaimWords, claim_words
from mailin.text import fold

LOGINS = 5
MARK = re.compile(r"[._-]")
DIGIT = re.compile(r"\d")
QUOTE = r"(?P<quote>[\"'«“‘]\s?)?"
VALUE = rf"{QUOTE}(?P<value>[^\W_][\w.@+-]{{1,63}})"


class Patterns(NamedTuple):
    """The shapes in which a login is written: after its name, before it, after the word account."""

    after: re.Pattern[str]
    before: re.Pattern[str]
    account: re.Pattern[str]
    clause_end: re.Pattern[str]
    no_login: re.Pattern[str]
    ordinary_ending: re.Pattern[str]
    ordinary: frozenset[str]


def logins_of(text: str, folded: str, services: Sequence[ServiceNames]) -> tuple[str, ...]:
    """The logins in a text, as they were written, at most five; `folded` is the text's folded form."""
    patterns = _patterns(tuple(name for service in services for name in (service.name, *service.aliases)))
    own = {address.lower() for service in services for address in service.mailboxes}
    found = sorted(_matches(patterns, folded), key=lambda match: match.start("value"))
    values = [_trim(text[slice(*match.span("value"))]) for match in found if _plausible(patterns, match, folded)]
    logins = {value.lower(): value for value in reversed(values) if value.lower() not in own}
    return tuple(logins.values())[::-1][:LOGINS]


@cache
def _patterns(names: tuple[str, ...]) -> Patterns:
    words: ClaimWords = claim_words()
    longest_first = sorted(names, key=len, reverse=True)  # or the rest of a longer name would stand where a login does
    fillers = "|".join([*words.login_fillers, *(re.escape(fold(name)) for name in longest_first)])
    links = "|".join(words.login_links)
    return Patterns(
        after=re.compile(
            rf"(?<![\w@.-])(?:{'|'.join(words.login_names)})(?: (?:{fillers})\b){{0,4}}(?P<link>{links}){VALUE}"
        ),
        before=re.compile(
            rf"{QUOTE}(?<![\w.@+-])(?P<value>[^\W_][\w.@+-]{{1,63}})[\"'»”’]?,? (?:{'|'.join(words.login_after)})"
        ),
        account=re.compile(
            rf"\b(?:{'|'.join(words.account_names)})(?P<link> ?[:=]\s{{0,3}}| n[°o] ?| (?:est|is) | ){VALUE}"
        ),
        clause_end=re.compile("|".join(words.clause_ends)),
        no_login=re.compile("|".join(words.no_logins)),
        ordinary_ending=re.compile(rf".*(?:{'|'.join(words.no_login_endings)})"),
        ordinary=frozenset(word for text in words.ordinary.values() for word in text.split()),
    )


def _matches(patterns: Patterns, folded: str) -> Iterator[re.Match[str]]:
    for pattern in (patterns.after, patterns.before, patterns.account):
        yield from pattern.finditer(folded)


def _trim(value: str) -> str:
    return value.rstrip(".-+_@")


def _plausible(patterns: Patterns, match: re.Match[str], folded: str) -> bool:
    """Whether the word where a login could stand is one."""
    value = _trim(match["value"])
    if len(value) < 2 or value in patterns.ordinary or patterns.no_login.fullmatch(value):
        return False
    if "@" in value:
        return re.fullmatch(r"[^@]+@[^@]+\.[^@.]+", value) is not None and match.re is patterns.after
    if DIGIT.search(value):
        return match.re is not patterns.account or not value.isdigit() or bool(match["link"].strip())
    return match.re is patterns.after and _plausible_letters(patterns, match, value, folded)


def _plausible_letters(patterns: Patterns, match: re.Match[str], value: str, folded: str) -> bool:
    """A value of letters only is a login when quoted, or when its clause ends there and it looks like no word."""
    if match["quote"]:
        return True
    ended = value != match["value"] or patterns.clause_end.match(folded, match.end("value")) is not None
    if MARK.search(value):
        return ended or (bool(match["link"].strip(" (")) and ":" in match["link"])
    named = bool(match["link"].strip()) or match[0].startswith("kullanici ad")
    return ended and named and not patterns.ordinary_ending.fullmatch(value)
