"""Mails the desk could not take in, kept for people to look at: a file with the mail, and beside it why."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec

from handlers.model.document import Value
from mailin.envelope import Envelope
from mailin.segments import write_file


class Aside(Value, frozen=True):
    """Why a mail was set aside; `envelope` is None where the disk lost it."""

    id: str
    reason: str
    envelope: Envelope | None


class Shelf:
    """The room that mails set aside take. People delete them while the desk runs, so it is measured again."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.bytes = self.mails = 0

    def measure(self) -> None:
        """Look at all that is there; raises OSError."""
        with os.scandir(self._folder) as found:
            sizes = {entry.name: entry.stat().st_size for entry in found}
        self.bytes, self.mails = sum(sizes.values()), sum(name.endswith(".eml") for name in sizes)

    def keep(self, aside: Aside, content: bytes) -> None:
        """Keep one more; raises OSError."""
        keep_aside(self._folder, aside, content)
        self.bytes, self.mails = self.bytes + len(content), self.mails + 1


def keep_aside(folder: Path, aside: Aside, content: bytes) -> None:
    """Keep a mail aside durably; raises OSError."""
    write_file(folder / f"{aside.id}.eml", content)
    write_file(folder / f"{aside.id}.json", msgspec.json.encode(aside))


def list_aside(folder: Path) -> list[Aside]:
    """What was set aside, oldest first."""
    return [msgspec.json.decode(path.read_bytes(), type=Aside) for path in sorted(folder.glob("*.json"))]
