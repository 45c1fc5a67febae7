"""Whether a new password keeps to a service's policy, is its owner's own, and is not everybody's."""

from __future__ import annotations

import re
import string
import unicodedata
from collections.abc import Iterator, Sequence

from zxcvbn_rs_py import zxcvbn

from handlers.model.errors import Fault
from handlers.model.service import CharacterClass, PasswordPolicy

WEAK = 8.0
"""Decimal digits of guesses, as zxcvbn counts them, under which a password is too common: its own line for score 3."""

SHORTEST_PERSONAL = 4
"""Characters of a personal word that counts: shorter ones stand in honest passwords by chance."""

_LONGEST_GUESSED = 128
_STAND_INS = frozenset("4@8({[<36&9#!1/|0$5+7%2z")
"""What zxcvbn takes for letters, as in `p4$$`: with many of them at once its time grows to a second, in which the desk
would do nothing else (T31)."""

_MOST_STAND_INS = 10
"""As many digits as there are: beyond, a password is weighed in pieces."""

_PIECE = 24
_BLANKS = string.whitespace + "\u00a0\u202f\u200b\u2060\ufeff"
_PLAIN = str.maketrans("ıİøØłŁđĐ", "iIoOlLdD")


def faults(password: str, policy: PasswordPolicy, personal: Sequence[str], common: frozenset[str]) -> tuple[Fault, ...]:
    """The rules that `password` breaks, none if it may be used; length counts Unicode characters after NFC.

    `personal` is what others know of the owner: login, address, name, company, the service's names. `common` comes from
    `words`. Nothing is trimmed: blanks within are part of a password. One around it came along with a copy, and would
    be missing when the password is next typed by hand.
    """
    text = unicodedata.normalize("NFC", password)
    if text and text != trimmed(text):
        return (Fault(code="blank_around"),)
    if len(text) > policy.max_length:
        return (Fault(code="too_long", limit=policy.max_length),)
    needs = [Fault(code=f"needs_{kind}") for kind in policy.require if not _has(kind, text)]
    if len(text) < policy.min_length:  # and so easily guessed as well, which would only confuse
        return (Fault(code="too_short", limit=policy.min_length), *needs)
    return (*needs, *_guessable(text, personal, common))


def trimmed(typed: str) -> str:
    """What was typed or pasted without blanks around it, those that nobody sees included."""
    return typed.strip(_BLANKS)


def to_differ_from(hash: str, former: tuple[str, ...], policy: PasswordPolicy) -> tuple[str, ...]:
    """The hashes a new password must not fit: the one in use, and as many before it as the service remembers."""
    return tuple(one for one in (hash, *former[: policy.remember]) if one)


def remembered(hash: str, former: tuple[str, ...], policy: PasswordPolicy) -> tuple[str, ...]:
    """The hashes to keep once the one in use is replaced, newest first, no more than the service remembers."""
    return tuple(one for one in (hash, *former) if one)[: policy.remember]


def departures(policy: PasswordPolicy) -> tuple[str, ...]:
    """Where the policy departs from OWASP ASVS 5.0 (6.2) and NIST SP 800-63B-4 (3.1.1.2), for an operator (CP.29).

    NIST wants 15 characters of a password that is all there is, and 8 of one beside a second factor.
    """
    found = [
        (policy.min_length < 15, f"takes {policy.min_length} characters (NIST: 15, or 8 beside a second factor)"),
        (bool(policy.require), "requires classes of characters (ASVS 6.2.5, NIST)"),
        (policy.max_length < 64, f"refuses more than {policy.max_length} characters (ASVS 6.2.9, NIST)"),
        (policy.max_age_days > 0, f"asks for renewal after {policy.max_age_days} days (ASVS 6.2.10, NIST)"),
    ]
    return tuple(says for departs, says in found if departs)


def words(text: str) -> frozenset[str]:
    """The words of a list of common passwords, a line each, in the form `faults` compares; `#` starts a comment."""
    lines = (line.partition("#")[0].strip() for line in text.splitlines())
    return frozenset(plain(line).lower() for line in lines if line)


def plain(text: str) -> str:
    """The text in ASCII as far as it goes: `Şifre` is `Sifre`, `été` is `ete`, so that accents hide no common word."""
    apart = unicodedata.normalize("NFKD", text.translate(_PLAIN))
    return "".join(sign for sign in apart if not unicodedata.combining(sign))


def _has(kind: CharacterClass, text: str) -> bool:
    return any(_class(sign) == kind for sign in text)


def _class(sign: str) -> str:
    """The class of a character by its Unicode category: `İ` is upper, `ı` lower, `é` lower, a blank a symbol."""
    category = unicodedata.category(sign)
    by_category = {"Lu": "upper", "Lt": "upper", "Ll": "lower", "Nd": "digit"}
    return by_category.get(category, "letter" if category[0] in "LM" else "symbol")


def _guessable(text: str, personal: Sequence[str], common: frozenset[str]) -> Iterator[Fault]:
    """At most one fault: a password with the owner's name in it is told so, and not that it is common as well."""
    bare = plain(text)
    own = sorted(_personal(personal))
    if any(word in bare.lower() for word in own):
        yield Fault(code="contains_personal")
    elif _core(bare) in common or _is_weak(bare, [*own, *_within(bare.lower(), common)]):
        yield Fault(code="too_common")


def _personal(personal: Sequence[str]) -> set[str]:
    """The words of what is personal: whole, and in its parts (`j.durand@shop.fr`: `durand`).

    A mail provider's name is shared by too many to be anybody's own; in a password it is just a word.
    """
    whole = [plain(text).lower() for text in personal]
    parts = [part for text in whole for part in re.split(r"[\W\d_]+", text.partition("@")[0])]
    return {word for word in (*whole, *parts) if len(word) >= SHORTEST_PERSONAL}


def _core(bare: str) -> str:
    """The password without the digits and signs people put around a word."""
    return bare.lower().strip("0123456789 !?.,;:-_*#@$%&+=/()")


def _within(text: str, common: frozenset[str]) -> list[str]:
    """The common words that stand in the text, longest first: zxcvbn takes the first for the likeliest."""
    spans = {text[start:end] for start in range(len(text)) for end in range(start + 4, min(start + 24, len(text)) + 1)}
    return sorted(spans & common, key=lambda word: (-len(word), word))


def _is_weak(bare: str, known: list[str]) -> bool:
    """Whether it is guessed easily; one weighed in pieces is not, as soon as one of them is not."""
    many = len(_STAND_INS & set(bare)) > _MOST_STAND_INS
    size = _PIECE if many else _LONGEST_GUESSED
    text = bare[:_LONGEST_GUESSED]
    pieces = (text[start : start + size] for start in range(0, len(text), size))
    return all(zxcvbn(piece, known).guesses_log10 < WEAK for piece in pieces)
