"""Mails that a web form or a program sent for the person who typed them: answers go to that person, elsewhere."""

from __future__ import annotations

from itertools import pairwise

from mailin.lexicon import patterns
from mailin.seen import Seen
from mailin.text import fold
from mailin.wording import CHARACTERS

_FOUND = patterns("robots.toml")
AROUND = " \t*_-–•>|<()[]\"'"  # what stands around the name of a field, and around an address
# What stands between a country and those who live there, so that two who share it are not of one house.
SHARED = {"ac", "av", "bel", "co", "com", "edu", "gen", "gov", "k12", "ltd", "net", "or", "org", "web"}


def house(address: str) -> str:
    """The domain that one party holds: all addresses below it are of one house."""
    labels = address.rpartition("@")[2].split(".")
    shared = len(labels) > 2 and labels[-2] in SHARED and len(labels[-1]) == 2
    return ".".join(labels[-3 if shared else -2 :])


def is_filled_in(seen: Seen) -> bool:
    """Whether a web form sent it, without a return path as web hosts do: named fields, and the writer's address."""
    writer = seen.reply_to or seen.sender
    fields = {line.partition(":")[0] for line in _lines(seen) if _FOUND["form_field"].match(line)}
    return len(fields) > 1 and bool(writer) and writer in seen.text.lower() and not seen.submitted


def shows_writer(seen: Seen) -> bool:
    """Whether answers go elsewhere, to an address that the text shows: a form's do, and invoices' and invitations'."""
    return _goes_elsewhere(seen) and seen.reply_to in seen.text.lower()


def is_handed_on(seen: Seen) -> bool:
    """Whether answers go elsewhere, and the mail says to whom.

    Either a form names that address beside a question or a message, or a program says that a person writes through it.
    """
    if seen.answers or not _goes_elsewhere(seen):
        return False
    if _names_writer(seen):
        return True
    whole = fold(seen.whole[:CHARACTERS])
    return _FOUND["handed_on"].search(whole) is not None and not _FOUND["read_elsewhere"].search(whole)


def _goes_elsewhere(seen: Seen) -> bool:
    local, _, domain = seen.reply_to.partition("@")
    if not domain or seen.reply_to in seen.own or _FOUND["no_reply"].fullmatch(local):
        return False
    return house(seen.reply_to) != house(seen.sender) and "list-unsubscribe" not in seen.mail.headers.names()


def _names_writer(seen: Seen) -> bool:
    """Whether a field holds the address where answers go and nothing else, and another is what somebody has to say."""
    lines = _lines(seen)
    address = fold(seen.reply_to)
    shown = ((above, line) for above, line in pairwise(["", *lines]) if address in line)
    names = (_name_of(line.replace(address, "").replace("mailto:", "")) or _name_of(above) for above, line in shown)
    if not any(map(_FOUND["form_address"].fullmatch, names)):
        return False
    return any(_FOUND["form_message"].match(line.lstrip(AROUND)) for line in lines)


def _name_of(line: str) -> str:
    return line.strip(AROUND + ":").strip()


def _lines(seen: Seen) -> list[str]:
    return [line for line in map(str.strip, fold(seen.text[:CHARACTERS]).split("\n")) if line]
