"""Names in a PDF, as they may be written, and what is said where none can be read."""

from __future__ import annotations

import re
from typing import Final

CLOSED: Final = "the PDF is packed so that it cannot be looked into"


def escapable(name: str) -> str:
    """A PDF name of which any letter may be written as its number: `/J#61vaScript`.

    No two alternatives are the same: a search that fails would try them all, two for each letter.
    """
    ways = (dict.fromkeys((letter, f"#{ord(letter):x}", f"#{ord(letter):X}")) for letter in name)
    return "".join(f"(?:{'|'.join(letters)})" for letters in ways)


LOCKED = re.compile(f"/{escapable('Encrypt')}".encode())
