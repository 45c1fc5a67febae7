"""What `check` found about one part of the desk."""

from __future__ import annotations

from handlers.model.document import Value


class Finding(Value, frozen=True, kw_only=True):
    """What was looked at, whether it is well, what was seen, and what to do if it is not.

    `label` heads the line of one that is well.
    """

    part: str
    well: bool
    says: str
    fix: str = ""
    label: str = "ok"


def good(part: str, says: str) -> Finding:
    """The part works."""
    return Finding(part=part, well=True, says=says)


def bad(part: str, says: str, fix: str) -> Finding:
    """The part does not work, and what to do about it."""
    return Finding(part=part, well=False, says=says, fix=fix)


def note(part: str, says: str) -> Finding:
    """The part is left out or unusual, which an operator may want."""
    return Finding(part=part, well=True, says=says, label="note")
