"""What the writer says about the account: service, logins, addresses, whose it is. Claims, never facts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache
from typing import NamedTuple

from handlers.model.account import AccountKind
from handlers.model.mail import Claims, ServiceNames
from mailin.lexicon import claim_words
from mailin.logins import logins_of
from mailin.text import fold

CHARACTERS = 8000
ADDRESSES = 10
REACH = 120  # characters between a cue and its address
NEAR = 25

ADDRESS = re.compile(r"(?<![\w.+%@-])[\w+%-][\w.+%'-]{0,63}@(?:[\w-]{1,63}\.){1,8}[^\W\d_]{2,24}(?![\w@-])")
Found = tuple[int, str]  # where an address stands, and the address


class Patterns(NamedTuple):
    """The claims' words, ready to meet folded text."""

    new_cue: re.Pattern[str]
    new_after: re.Pattern[str]
    old_before: re.Pattern[str]
    old_after: re.Pattern[str]
    kinds: dict[AccountKind, re.Pattern[str]]
    not_owner: re.Pattern[str]
    denies: re.Pattern[str]


@cache
def _patterns() -> Patterns:
    words = claim_words()
    return Patterns(
        new_cue=_words(words.new_address_cues),
        new_after=re.compile("|".join(words.new_address_after)),
        old_before=_words(words.old_address_before),
        old_after=re.compile("|".join(words.old_address_after)),
        kinds={kind: _words(patterns) for kind, patterns in words.account_kinds.items()},
        not_owner=_words(words.not_owner["says"]),
        denies=_words(words.not_owner["denies"]),
    )


def _words(alternatives: Iterable[str]) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(alternatives)})", re.DOTALL)


def claims_of(subject: str, text: str, services: Sequence[ServiceNames], mailboxes: Sequence[str]) -> Claims:
    """What a mail claims; `mailboxes`, the addresses it was sent to, name the service when its words do not."""
    both = f"{subject}\n\n{text[:CHARACTERS]}"
    folded = fold(both)
    own = {address.lower() for service in services for address in service.mailboxes}
    addresses = [(match.start(), match[0]) for match in ADDRESS.finditer(both) if match[0].lower() not in own]
    return Claims(
        service=_service(both, folded, services, mailboxes),
        logins=logins_of(both, folded, services),
        addresses=_unique(addresses)[:ADDRESSES],
        new_address=_new_address(folded, addresses),
        account_kind=next((kind for kind, words in _patterns().kinds.items() if words.search(folded)), None),
        not_owner=_not_owner(folded),
    )


def _unique(addresses: Sequence[Found]) -> tuple[str, ...]:
    return tuple({address.lower(): address for _, address in reversed(addresses)}.values())[::-1]


def _service(text: str, folded: str, services: Sequence[ServiceNames], mailboxes: Sequence[str]) -> str | None:
    """The service the words name, if they name one only; else the one whose mailbox the mail came to (SF.20)."""
    sent_to = {address.lower() for address in mailboxes}
    named = [service.id for service in services if _named(service, text, folded)]
    reached = [service.id for service in services if any(box.lower() in sent_to for box in service.mailboxes)]
    both = [service for service in named if service in reached]
    return next(iter(both or (named if len(named) == 1 else reached)), None)


def _named(service: ServiceNames, text: str, folded: str) -> bool:
    return any(_stands(name, text, folded) for name in (service.name, *service.aliases))


def _stands(name: str, text: str, folded: str) -> bool:
    """Whether a name stands in the text, outside of domains; one of three letters in capitals, as it may be a word."""
    if len(name) <= 3:
        return re.search(rf"(?<![\w@.]){re.escape(name.upper())}(?![\w@])", text) is not None
    return re.search(rf"(?<![\w@.]){re.escape(fold(name))}(?!\w|\.\w)", folded) is not None


def _new_address(folded: str, addresses: Sequence[Found]) -> str | None:
    """The address that shall replace the old one: the one closest behind a cue, and not the one called old."""
    words = _patterns()
    cues = [match.end() for match in words.new_cue.finditer(folded)]
    following = next((found for found in addresses if words.new_after.match(folded, found[0] + len(found[1]))), None)
    if following is not None:
        return following[1]
    reached = [
        (min((at - cue for cue in cues if 0 <= at - cue <= REACH), default=REACH + 1), address)
        for at, address in addresses
        if not _called_old(folded, cues, (at, address))
    ]
    distance, address = min(reached, default=(REACH + 1, ""))
    return address if distance <= REACH else None


def _called_old(folded: str, cues: Sequence[int], found: Found) -> bool:
    at, address = found
    words = _patterns()
    if words.old_after.match(folded, at + len(address)):
        return True
    near = any(0 <= at - cue <= NEAR and "@" not in folded[cue:at] for cue in cues)
    return not near and words.old_before.search(folded[max(0, at - 60) : at]) is not None


def _not_owner(folded: str) -> bool:
    """Whether the writer acts for somebody else; a webmaster does not own the account (O2.11)."""
    words = _patterns()
    found = words.not_owner.search(folded)
    around = folded[max(0, found.start() - 15) : found.end() + 12] if found else ""
    return found is not None and words.denies.search(around) is None
