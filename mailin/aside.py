"""Mails the desk could not take in, kept for people to look at: a file with the mail, and beside it why."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec
import structlog

from handlers.model.document import Value
from mailin.envelope import Envelope
from mailin.segments import BEGUN, write_file

_log = structlog.get_logger(__name__)

UNREADABLE = "why is not known: the file that says so cannot be read"


class Aside(Value, frozen=True):
    """Why a mail was set aside; `envelope` is None where the disk lost it, and `reason` is UNREADABLE where it did."""

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
    """What was set aside, oldest first; raises OSError where the folder cannot be read.

    Files come here from earlier releases and damaged disks too: one that says nothing hides none of the others, and
    its mail waits for people all the same.
    """
    return [_read(path) for path in sorted(folder.glob("*.json"))]


def _read(path: Path) -> Aside:
    try:
        return msgspec.json.decode(path.read_bytes(), type=Aside)
    except (OSError, msgspec.DecodeError) as error:
        _log.error("aside.unreadable", file=path.name, error=type(error).__name__)
        return Aside(id=path.stem, reason=UNREADABLE, envelope=None)


def clear_begun(folder: Path) -> None:
    """Delete what a crash left half written: its mail was not done, and comes again; raises OSError."""
    for path in folder.glob(f"*{BEGUN}"):
        path.unlink()
