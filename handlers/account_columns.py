"""The columns that an import of accounts may have beside those of every file: one reader each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any

from handlers.model.account import Account
from handlers.model.errors import Invalid
from handlers.rules.addresses import parse_one
from handlers.rules.information import is_birthday

LONGEST = 200
"""How many characters a column may hold."""

LONGEST_LIST = 2000
MOST = 50
"""How many integrations one account may have."""

Reader = Callable[[str, date], Any]
"""Makes an account's field from a cell that is not empty, on a day; raises Invalid with what would be right."""


def read(row: Mapping[str, str | None], today: date) -> dict[str, Any]:
    """The fields of an account that the row names, by name; an empty cell empties its field. Raises Invalid."""
    return {name: _cell(name, (row[name] or "").strip(), today) for name in MORE if name in row}


def problems(row: Mapping[str, str | None], today: date) -> Iterator[str]:
    """Everything that is wrong with the columns that the row names, one sentence each."""
    for name in filter(row.__contains__, MORE):
        try:
            _cell(name, (row[name] or "").strip(), today)
        except Invalid as error:
            yield str(error)


def written(account: Account) -> dict[str, str]:
    """The account's fields as an import reads them, by column."""
    return {name: _text_of(getattr(account, name)) for name in MORE}


def _text_of(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return ";".join(value)
    return str(value) if value else ""


def _cell(name: str, text: str, today: date) -> Any:
    empty, reader = MORE[name]
    if not text.isprintable():
        raise Invalid(f"{name}: must be printable characters")
    try:
        return reader(text, today) if text else empty
    except Invalid as error:
        raise Invalid(f"{name}: {error}") from error


def _text(text: str, _today: date) -> str:
    if len(text) > LONGEST:
        raise Invalid(f"must be at most {LONGEST} printable characters")
    return text


def _day(text: str, today: date) -> date:
    try:
        day = date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        day = None
    if day is None or not is_birthday(day, today):
        raise Invalid("must be a date of birth such as 1980-02-29")
    return day


def _yes(text: str, _today: date) -> bool:
    if text not in ("yes", "no"):
        raise Invalid(f"{text!r} is neither yes nor no")
    return text == "yes"


def _list(text: str, _today: date) -> tuple[str, ...]:
    names = tuple(dict.fromkeys(name.strip() for name in text.split(";") if name.strip()))
    if len(text) > LONGEST_LIST or len(names) > MOST or any(len(name) > LONGEST for name in names):
        raise Invalid(f"must be at most {MOST} names, each of at most {LONGEST} characters")
    return names


MORE: dict[str, tuple[Any, Reader]] = {
    "country": ("", _text),
    "city": ("", _text),
    "born": (None, _day),
    "profile_address": ("", lambda text, _today: parse_one(text)),
    "hosted": (False, _yes),
    "integrations": ((), _list),
}
"""Each column's name, which is its field's, what an empty cell means, and its reader."""
