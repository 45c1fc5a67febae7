"""How much is unpacked and searched of a mail's files, of all of them together: fifty small bombs are a big one."""

from __future__ import annotations

from typing import Final

STREAMS = 2000  # packed pieces that are opened
UNPACKED = 16 << 20  # bytes of what was in them
SEARCHED = 4 << 20  # bytes of pages and texts in which something active is looked for
ELEMENTS = 50_000  # of Office documents that are read one by one: relationships, pieces of fields, formulas

TOO_MUCH: Final = "it holds more than can be looked into"


class Bounds:
    """What is left of the bounds for one mail."""

    def __init__(self) -> None:
        self.streams, self.unpacked, self.searched, self.elements = STREAMS, UNPACKED, SEARCHED, ELEMENTS

    @property
    def spent(self) -> bool:
        """Whether something was left unread that is packed."""
        return min(self.streams, self.unpacked, self.elements) <= 0

    def search(self, content: bytes, most: int) -> bytes:
        """The beginning of a content, as much as may still be searched."""
        piece = content[: min(most, self.searched)]
        self.searched -= len(piece)
        return piece

    def unpack(self, content: bytes) -> bytes:
        """The beginning of what was not packed, which counts like what was."""
        piece = content[: max(0, self.unpacked)]
        self.unpacked -= len(piece)
        return piece
