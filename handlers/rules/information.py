"""Account information: what is missing before a request by mail is worked on, and what may be given (CP.1, CP.6)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from msgspec.structs import replace

from handlers.model.account import Account, FormerName
from handlers.model.document import Value
from handlers.model.service import Particular, Service

GIVEN: tuple[Particular, ...] = ("name", "company", "country", "city", "born", "phone")
"""What customers say of themselves, in the page's order (CP.6); the address is changed in a way of its own."""

WORDS: dict[Particular, str] = {
    "address": "mail address",
    "name": "name",
    "company": "company",
    "country": "country",
    "city": "city",
    "born": "date of birth",
    "phone": "phone number",
}
"""What staff call them."""

LONGEST = 100
"""How many characters one of them may have."""

SETTLES = timedelta(days=30)
"""For so long a changed name counts for nothing: it is as long as the stop link of the notice about it works (T37)."""

REMEMBERED = timedelta(days=365)
MOST_NAMES = 20
"""For so long, and so many, former names are remembered; of more, the oldest are those that count."""

OLDEST = timedelta(days=366 * 130)
WAYS = (
    re.compile(r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})"),
    re.compile(r"(?P<day>\d{1,2})[./](?P<month>\d{1,2})[./](?P<year>\d{4})"),
)
"""A date as browsers send it, and as people in our languages write it where the browser has no field for dates."""

_PHONE = re.compile(r"\+?[0-9 ()./-]{5,30}")


class Blunder(Value, frozen=True, kw_only=True):
    """What is wrong with one particular: it is `missing`, `too_long`, `unreadable`, `no_date` or `no_phone`."""

    field: Particular
    code: str


def renamed(old: Account, new: Account, now: datetime) -> Account:
    """`new`, which remembers the name and company of `old` if it changed them; one that was blank was no name."""
    changed = (old.name and old.name != new.name) or (old.company and old.company != new.company)
    if not changed:
        return new
    kept = [one for one in old.former_names if now - one.until < REMEMBERED]
    former = (*kept, FormerName(name=old.name, company=old.company, until=now))
    return replace(new, former_names=former[:MOST_NAMES])


def as_it_was(account: Account, at: datetime) -> Account:
    """The account with the name and company that had settled when a case was opened at `at` (UTC).

    Whoever renames an account to fit their own papers finds them held against the name from before (T37).
    """
    later = [one for one in account.former_names if one.until > at - SETTLES]
    name = next((one.name for one in later if one.name), account.name)
    return replace(account, name=name, company=next((one.company for one in later if one.company), account.company))


def was_renamed(account: Account, now: datetime) -> bool:
    """Whether name or company changed so lately that it speaks against whoever asks."""
    return any(one.until > now - SETTLES for one in account.former_names)


def lacking(account: Account, service: Service) -> tuple[Particular, ...]:
    """The particulars that the service requires and the account does not have, in the service's order."""
    return tuple(one for one in service.account_information.require if not getattr(account, one))


def in_words(particulars: Sequence[Particular]) -> str:
    """What staff call several of them, in one phrase: `city and date of birth`; empty for none."""
    words = [WORDS[one] for one in particulars]
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))


def read(typed: Mapping[str, str], today: date) -> tuple[dict[str, Any], tuple[Blunder, ...]]:
    """What was typed, as an account keeps it, blank ones as empty; and what is wrong with the rest."""
    values: dict[str, Any] = {}
    wrong: list[Blunder] = []
    for field in GIVEN:
        if field in typed:
            text = " ".join(unicodedata.normalize("NFC", typed[field]).split())
            code = _blunder(field, text, today)
            if code:
                wrong.append(Blunder(field=field, code=code))
            else:
                values[field] = day_of(text) if field == "born" else text
    return values, tuple(wrong)


def day_of(text: str) -> date | None:
    """The day that a text such as `1980-02-29` or `29.02.1980` means, or None."""
    found = next((match for way in WAYS if (match := way.fullmatch(text)) and text.isascii()), None)
    try:
        return date(int(found["year"]), int(found["month"]), int(found["day"])) if found else None
    except ValueError:
        return None


def is_birthday(day: date | None, today: date) -> bool:
    """Whether somebody who is alive can have been born on that day."""
    return day is not None and today - OLDEST <= day < today


def _blunder(field: Particular, text: str, today: date) -> str:
    if not text:
        return ""
    if len(text) > LONGEST:
        return "too_long"
    if not text.isprintable() or not any(sign.isalnum() for sign in text):
        return "unreadable"
    if field == "born":
        return "" if is_birthday(day_of(text), today) else "no_date"
    return "no_phone" if field == "phone" and not _is_phone(text) else ""


def _is_phone(text: str) -> bool:
    return bool(_PHONE.fullmatch(text)) and sum(sign.isdigit() for sign in text) >= 5
