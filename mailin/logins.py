"""The logins a writer names. A missing one is better than a wrong one: no ordinary word may be taken for a login."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import NamedTuple

from handlers.model.mail import ServiceNames
from mailin.lexicon import ClaimWords, claim_words, everyday_words
from mailin.text import fold

LOGINS = 5
# Names of logins that are names of nothing else: "username jsmith, …" needs no colon, "login problem, …" is no login.
UNMISTAKEN = ("identifiant ", "pseudo ", "nom d'utilisateur ", "username ", "user name ", "user id ", "userid ")
JOINED = re.compile(r"[,;] (?:et |and |ve )?(?:mon |my |the |l'|mes )?$")  # what it stands behind then
MARK = re.compile(r"[._-]")
DIGIT = re.compile(r"\d")
SHAPED = re.compile(r"[\d._]")  # as words are not
QUOTE = r"(?P<quote>[\"'«“‘]\s?)?"
WITH = re.compile(r"(?:with|avec) [^ ]+$")  # who signs in with an address may mean that of another account
HYPHEN = re.compile(r"[-']")
VALUE = rf"{QUOTE}(?P<value>[^\W_][\w.@+-]{{1,63}})"


class Patterns(NamedTuple):
    """The shapes in which a login is written: after its name, before it, after the word account."""

    after: re.Pattern[str]
    before: re.Pattern[str]
    behind: re.Pattern[str]
    entering: re.Pattern[str]
    address: re.Pattern[str]
    account: re.Pattern[str]
    more: re.Pattern[str]
    clause_end: re.Pattern[str]
    no_login: re.Pattern[str]
    ordinary_ending: re.Pattern[str]
    ordinary: frozenset[str]
    names: frozenset[str]


def logins_of(text: str, folded: str, services: Sequence[ServiceNames]) -> tuple[str, ...]:
    """The logins in a text, as they were written, at most five; `folded` is the text's folded form."""
    patterns = _patterns(tuple(name for service in services for name in (service.name, *service.aliases)))
    own = {address.lower() for service in services for address in service.mailboxes}
    found = sorted(_matches(patterns, folded), key=lambda match: match.start("value"))
    values = [_trim(text[slice(*match.span("value"))]) for match in found]
    logins = {value.lower(): value for value in reversed(values) if value.lower() not in own}
    return tuple(logins.values())[::-1][:LOGINS]


@cache
def _patterns(names: tuple[str, ...]) -> Patterns:
    words: ClaimWords = claim_words()
    longest_first = sorted(names, key=len, reverse=True)  # or the rest of a longer name would stand where a login does
    fillers = "|".join([*words.login_fillers, *(re.escape(fold(name)) for name in longest_first)])
    names_only = "|".join(re.escape(fold(name)) for name in longest_first) or "(?!)"
    links, behind = "|".join(words.login_links), "|".join(words.login_after)
    names_of = rf"(?<![\w@.-])(?:{'|'.join(words.login_names)})(?: (?:{fillers})\b){{0,4}}"
    return Patterns(
        after=re.compile(rf"{names_of}(?P<link>{links}){VALUE}"),
        before=re.compile(rf"{QUOTE}(?<![\w.@+-])(?P<value>[^\W_][\w.@+-]{{1,63}})(?:\s?[\"'»”’])?,? ?(?:{behind})"),
        behind=re.compile(behind),
        entering=re.compile(rf"(?<!\w)(?:{'|'.join(words.login_before)}){VALUE}"),
        address=re.compile(rf"{names_of}(?:{'|'.join(words.login_is_address)}){VALUE}"),
        account=re.compile(
            rf"\b(?:{'|'.join(words.account_names)})(?: (?:{names_only}))?"
            rf"(?P<link> ?[:=]\s{{0,3}}| n[°o] ?| (?:est|is) | ){VALUE}"
        ),
        more=re.compile(rf"(?:{words.login_more}){VALUE}"),
        clause_end=re.compile("|".join(words.clause_ends)),
        no_login=re.compile("|".join(words.no_logins)),
        ordinary_ending=re.compile(rf".*(?:{'|'.join(words.no_login_endings)})"),
        ordinary=frozenset(word for text in words.ordinary.values() for word in text.split()),
        names=frozenset(map(fold, names)),
    )


def _matches(patterns: Patterns, folded: str) -> Iterator[re.Match[str]]:
    """Every place where a login stands, in any shape."""
    # What a login stands before is soon looked for; every word that might stand there is not.
    before = (patterns.before,) if patterns.behind.search(folded) else ()
    address = (patterns.address,) if "@" in folded else ()
    for shape in (patterns.after, *before, patterns.entering, *address, patterns.account):
        for match in shape.finditer(folded):
            if _plausible(patterns, match, folded):
                yield match
                yield from _more(patterns, match, folded)


def _more(patterns: Patterns, match: re.Match[str], folded: str) -> Iterator[re.Match[str]]:
    """The logins that follow one, if no word looks like them: one behind a comma may be any."""
    following = patterns.more.match(folded, match.end("value"))
    for _ in range(LOGINS):
        value = _trim(following["value"]) if following else ""
        if following is None or "@" in value or not SHAPED.search(value) or not _possible(patterns, value):
            return
        yield following
        following = patterns.more.match(folded, following.end("value"))


def _trim(value: str) -> str:
    return value.rstrip(".-+_@")


def _possible(patterns: Patterns, value: str) -> bool:
    """Whether a value could be a login at all: no ordinary word, or several with hyphens, no date, count or version."""
    words = patterns.ordinary
    ordinary = value in patterns.names or value in words or all(piece in words for piece in HYPHEN.split(value))
    return len(value) >= 2 and not ordinary and patterns.no_login.fullmatch(value) is None


def _plausible(patterns: Patterns, match: re.Match[str], folded: str) -> bool:
    """Whether the word where a login could stand is one."""
    value = _trim(match["value"])
    if not _possible(patterns, value):
        return False
    if "@" in value:
        whole = re.fullmatch(r"[^@]+@[^@]+\.[^@.]+", value) is not None
        return whole and match.re in (patterns.after, patterns.entering, patterns.address) and not WITH.search(match[0])
    if match.re is patterns.address:
        return False
    if DIGIT.search(value):
        return match.re is not patterns.account or not value.isdigit() or bool(match["link"].strip())
    if match.re is patterns.before:
        return match["quote"] is not None
    if match.re is patterns.entering:
        return MARK.search(value) is not None or match["quote"] is not None
    return match.re is patterns.after and _plausible_letters(patterns, match, value, folded)


def _plausible_letters(patterns: Patterns, match: re.Match[str], value: str, folded: str) -> bool:
    """A value of letters only is a login when quoted, or when its clause ends there and it looks like no word."""
    if match["quote"]:
        return True
    link = match["link"]
    ended = value != match["value"] or patterns.clause_end.match(folded, match.end("value")) is not None
    if MARK.search(value):
        return ended or (bool(link.strip(" (")) and ":" in link)
    listed = match[0].startswith(UNMISTAKEN) and folded[match.end("value") :][:1] == ","
    named = bool(link.strip()) or match[0].startswith("kullanici ad") or listed or _bracketed(match, folded)
    named = named or _added(match, value, folded)
    alone = "\n" in link and folded[match.end("value") : match.end("value") + 1] in ("", "\n")
    return ended and named and (alone or not patterns.ordinary_ending.fullmatch(value))


def _bracketed(match: re.Match[str], folded: str) -> bool:
    """Whether name and value fill a bracket: "(identifiant mlefevre)"."""
    return folded[max(0, match.start() - 1) : match.start()] == "(" and folded[match.end("value") :][:1] == ")"


def _added(match: re.Match[str], value: str, folded: str) -> bool:
    """Whether both stand behind a comma, and the value is no word that people use: "…, identifiant claire"."""
    behind = JOINED.search(folded[max(0, match.start() - 10) : match.start()]) is not None
    return behind and match[0].startswith(UNMISTAKEN) and len(value) >= 4 and value not in everyday_words()
