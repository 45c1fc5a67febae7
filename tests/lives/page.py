"""Writes docs/lives.md: `python -m tests.lives.page > docs/lives.md`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from handlers.model.service import ChangeAddress, Closure, Offer, PasswordPolicy, Piece, SignIn
from tests.lives.life import Life
from tests.lives.table import LIVES

HEAD = """\
# How long everything lasts

Every life, wait, grace, renewal and age limit, from when it is counted, and what happens at its end. The start belongs
to it and the end does not: at 29 minutes and 59 seconds a link of 30 minutes works, at 30 minutes it does not. Time is
UTC and a day is 24 hours, so no clock that goes forward or back and no month's end shortens or prolongs anything. What
lasts to the end of a day ends at midnight (UTC). What customers and staff use is compared with the clock when they use
it; what happens by itself happens when it falls due, or when the desk is back after a stop.

Keys are those of a service file ([services.md](services.md)), with their defaults; the other times are fixed.

| what | how long | counted from | at the end |
|---|---|---|---|
"""
FOOT = """
This page is written from the table in `tests/lives`, which plays every row over an ordinary day, the days on which
clocks change, a month's end and a leap day. A new key or constant without a row fails there.
"""
SECTIONS: dict[str, Any] = {
    "offer": Offer(),
    "password": PasswordPolicy(),
    "sign_in": SignIn(),
    "change_address": ChangeAddress(),
    "closure": Closure(),
    "documents": Piece(),
}
UNITS = ((86400, "day"), (3600, "hour"), (60, "minute"), (1, "second"))


def page() -> str:
    """The whole page."""
    return HEAD + "".join(f"{line}\n" for line in lines()) + FOOT


def lines() -> Iterator[str]:
    """The table's rows."""
    for life in LIVES.values():
        yield f"| {life.what} | {' or '.join(_long(life))} | {life.since} | {life.then} |"


def _long(life: Life) -> Iterator[str]:
    yield from (_of_key(key) for key in life.keys)
    if not life.keys:
        yield spoken(life.length)


def _of_key(key: str) -> str:
    section, name = key.split(".")
    default, unit = getattr(SECTIONS[section], name), name.rpartition("_")[2]
    return f"`{section}.{name}`: {default} {unit}" if default else f"`{section}.{name}`: 0, which is none"


def spoken(length: timedelta) -> str:
    """The length in its largest whole unit, and 24 hours as hours."""
    seconds = int(length.total_seconds())
    size, unit = next((size, unit) for size, unit in UNITS if seconds % size == 0 and seconds > size)
    return f"{seconds // size} {unit}s"


if __name__ == "__main__":
    print(page(), end="")
