"""What the desk and the process that opens a customer's file say to each other, and what that process may use up."""

from __future__ import annotations

from typing import Final, Literal

from handlers.model.document import Value
from handlers.rules.files import FileFault, Type

WIDTH: Final = 1600
HEIGHT: Final = 2400
"""Pixels of a page made for staff, at most: enough to read the small print of a card."""

MOST_IMAGES: Final = 60 * 1024 * 1024
"""Bytes of all pages of one file made anew; twenty pages of a scan take 20 MB."""

Code = FileFault | Literal["unreadable", "encrypted", "too_many_pages", "too_many_pixels", "too_long"]
"""What is wrong with a file, for the page or letter that tells the customer."""


class Limits(Value, frozen=True, kw_only=True):
    """What one file may take: `seconds` of the processor's time, `waiting` seconds by the clock, `memory` in bytes."""

    seconds: int = 20
    waiting: float = 60.0
    memory: int = 1024 * 1024 * 1024


class Task(Value, frozen=True, kw_only=True):
    """The first line the process reads; the file follows. With `render`, its pages are wanted back."""

    type: Type
    render: bool
    limits: Limits


class Answer(Value, frozen=True, kw_only=True):
    """All that the process writes: a fault, or how much the file holds, and its pages as JPEG if they were wanted."""

    fault: Code | None = None
    pages: int = 0
    pixels: int = 0
    images: tuple[bytes, ...] = ()
