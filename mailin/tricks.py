"""What a sender line does to pass for another's, as far as the mail alone shows it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from handlers.model.mail import Trick
from handlers.rules.addresses import canonical, look_alike, readable

ADDRESS = re.compile(r"[^\s<>()\"',;:]{1,64}@[^\s<>()\"',;:@]{1,253}")
SCRIPTS = ("LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE")
"""The alphabets that share letters to the eye (UTS 39)."""


def tricks(name: str, sender: str, mail_from: str, ours: Sequence[str]) -> tuple[Trick, ...]:
    """What is odd about a sender: the name and address of From, the return path; `ours` are our own mailboxes."""
    found: list[tuple[Trick, bool]] = [
        ("address_in_name", _shows_another(name, sender)),
        ("mixed_scripts", _mixes(sender)),
        ("like_our_domain", _like_ours(sender, ours)),
        ("return_elsewhere", _elsewhere(_domain(sender), _domain(mail_from))),
    ]
    return tuple(trick for trick, holds in found if holds)


def _shows_another(name: str, sender: str) -> bool:
    return any(canonical(shown) != canonical(sender) for shown in ADDRESS.findall(name))


def _mixes(sender: str) -> bool:
    """Whether one word of the address, as people read it, has letters of two alphabets."""
    return any(len(_scripts(word)) > 1 for word in re.split(r"[\W\d_]+", readable(sender)))


def _scripts(word: str) -> set[str]:
    names = (unicodedata.name(letter, "") for letter in word)
    return {script for name in names for script in SCRIPTS if name.startswith(script)}


def _like_ours(sender: str, ours: Sequence[str]) -> bool:
    """Whether the domain can be taken for one of ours; look-alikes are told of addresses, so it is given a mailbox."""
    domain = _domain(sender)
    return bool(domain) and any(
        domain != _domain(box) and look_alike(f"x@{domain}", f"x@{_domain(box)}") for box in ours
    )


def _elsewhere(domain: str, returned: str) -> bool:
    apart = domain != returned and not domain.endswith(f".{returned}") and not returned.endswith(f".{domain}")
    return bool(domain and returned) and apart


def _domain(address: str) -> str:
    return canonical(address).rpartition("@")[2].lower()
