"""What the spool finds when it is opened: every mail that was accepted and is not done."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple
from zlib import crc32

import msgspec
import structlog

from mailin import segments
from mailin.aside import Aside, keep_aside
from mailin.envelope import Envelope
from mailin.segments import Damage, Record

_log = structlog.get_logger(__name__)


class Kept(NamedTuple):
    """Where an accepted mail is: in a segment, or in a file of its own (`apart`), from byte `content_at` on."""

    envelope: Envelope
    segment: int
    content_at: int
    apart: bool
    crc: int

    def read(self, folder: Path) -> bytes | None:
        """The mail, or None if the disk no longer has it as it was; raises OSError."""
        content = self.read_anyway(folder)
        return content if len(content) == self.envelope.size and crc32(content) == self.crc else None

    def read_anyway(self, folder: Path) -> bytes:
        """What the disk has of the mail, whatever its state; raises OSError."""
        path = (
            segments.large_path(folder, self.envelope.id) if self.apart else segments.segment_path(folder, self.segment)
        )
        if not path.exists():
            return b""
        with path.open("rb") as file:
            file.seek(self.content_at)
            return file.read(self.envelope.size)

    def forget(self, folder: Path) -> None:
        """Note that the mail is done, and drop its own file; raises OSError."""
        segments.mark_done(segments.done_path(folder, self.segment), self.envelope.id)
        if self.apart:
            segments.large_path(folder, self.envelope.id).unlink(missing_ok=True)


def recover(folder: Path, before: int) -> list[Kept]:
    """The mails to take in from the segments numbered below `before`, oldest first.

    Files of mails that were never acknowledged, or are done, are deleted; what is damaged is set aside and logged.
    """
    found = [mail for number in segments.numbers(folder) if number < before for mail in _segment(folder, number)]
    wanted = {segments.large_path(folder, mail.envelope.id) for mail in found if mail.apart}
    for path in (folder / "large").iterdir():
        if path not in wanted:
            path.unlink()
    return found


def _segment(folder: Path, number: int) -> list[Kept]:
    done = segments.read_done(segments.done_path(folder, number))
    path = segments.segment_path(folder, number)
    found: list[Kept] = []
    for part in segments.scan(path):
        if isinstance(part, Damage):
            _set_aside(folder, path, part)
        elif (mail := _kept(part, number)).envelope.id not in done:
            found.append(mail)
    if not found:
        segments.delete(folder, number)
    return found


def _kept(record: Record, number: int) -> Kept:
    envelope = msgspec.json.decode(record.envelope, type=Envelope)
    return Kept(envelope, number, 0 if record.apart else record.content_at, record.apart, record.crc)


def _set_aside(folder: Path, path: Path, damage: Damage) -> None:
    with path.open("rb") as file:
        file.seek(damage.start)
        content = file.read(damage.end - damage.start)
    aside = Aside(id=f"{path.stem}-at-{damage.start:010d}", reason=damage.reason, envelope=None)
    keep_aside(folder / "aside", aside, content)
    _log.error("spool.damaged", file=path.name, start=damage.start, bytes=len(content), kept_as=aside.id)
