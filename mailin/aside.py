"""Mails the desk could not take in, kept for people to look at: a file with the mail, and beside it why."""

from __future__ import annotations

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


def keep_aside(folder: Path, aside: Aside, content: bytes) -> None:
    """Keep a mail aside durably; raises OSError."""
    write_file(folder / f"{aside.id}.eml", content)
    write_file(folder / f"{aside.id}.json", msgspec.json.encode(aside))


def list_aside(folder: Path) -> list[Aside]:
    """What was set aside, oldest first."""
    return [msgspec.json.decode(path.read_bytes(), type=Aside) for path in sorted(folder.glob("*.json"))]
