"""What a password proves of somebody whose second factor is gone, and what a typed code looks like."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal

from handlers.model.evidence import Evidence, EvidenceKind

SETTLED = timedelta(days=7)
"""A password younger than this was perhaps set to steal the account (T37)."""

SPEAKS_FOR = timedelta(days=7)
"""For so long a password that was typed at sign-in speaks for a case: staff have a working week."""

PASSWORDS: tuple[EvidenceKind, ...] = ("password_known", "password_too_new", "password_by_mail")
"""What a password given at sign-in may be worth; of those that do not count, the time is when they were set."""

RECOVERY_CODES = 10
RECOVERY_LENGTH = 10
"""Signs of a recovery code: 50 bits, which a hundred tries a day never find."""

_SEPARATORS = re.compile(r"[\s\u2010-\u2015.-]+")
_READ_AS = str.maketrans("OIL", "011")
_RECOVERY = re.compile(rf"[0-9A-HJKMNP-TV-Z]{{{RECOVERY_LENGTH}}}")

LONGEST = 64
"""How many characters of what was typed are looked at."""


def outweighs_the_mailbox(
    changed_at: datetime | None, by_mail: bool, factor_used_at: datetime | None, now: datetime
) -> bool:
    """Whether knowing the password says more than reading the account's mail does (CP.28, T27).

    `changed_at` (UTC) is when it was set, None for one that came with the account. One that was set with what came
    by mail (`by_mail`) proves the mailbox alone, until it was used together with the second factor: that shows that
    both are in one hand. Every one has to be older than the recovery (T37).
    """
    if changed_at is None:
        return True
    used = factor_used_at is not None and factor_used_at > changed_at
    return now - changed_at >= SETTLED and (used or not by_mail)


def password_says(
    changed_at: datetime | None, by_mail: bool, factor_used_at: datetime | None, now: datetime
) -> EvidenceKind:
    """What a password given at sign-in says for a reset: that it counts, or why it does not; as above."""
    if outweighs_the_mailbox(changed_at, by_mail, factor_used_at, now):
        return "password_known"
    used = changed_at is not None and factor_used_at is not None and factor_used_at > changed_at
    return "password_by_mail" if by_mail and not used else "password_too_new"


def still_known(evidence: Sequence[Evidence], changed_at: datetime | None, now: datetime) -> tuple[Evidence, ...]:
    """The evidence without a password that proves nothing any more (T27, T37).

    It speaks for whoever typed it, for a week, and of the password that the account had then: one that was set later,
    at `changed_at` (UTC), is perhaps somebody else's. Why one did not count is said until there is another.
    """
    return tuple(one for one in evidence if one.kind not in PASSWORDS or _still_holds(one, changed_at, now))


def _still_holds(one: Evidence, changed_at: datetime | None, now: datetime) -> bool:
    same = changed_at is None or changed_at <= one.at
    return same and (one.kind != "password_known" or now - one.at < SPEAKS_FOR)


def kind_of(typed: str) -> tuple[Literal["digits", "recovery", ""], str]:
    """Whether this is a code of digits or a recovery code, in comparison form; neither for anything else.

    People type spaces, hyphens and small letters, and read O for 0 and I or L for 1 (Crockford's base 32).
    """
    bare = _SEPARATORS.sub("", unicodedata.normalize("NFKC", typed[:LONGEST])).upper()
    if bare.isascii() and bare.isdigit() and 6 <= len(bare) <= 8:
        return "digits", bare
    letters = bare.translate(_READ_AS)
    return ("recovery", letters) if _RECOVERY.fullmatch(letters) else ("", "")


def grouped(text: str, size: int = 4) -> str:
    """The text in groups, as people copy it: `ABCD EFGH`."""
    return " ".join(text[start : start + size] for start in range(0, len(text), size))
