"""What a store's files say when it is opened: the snapshot, and the journals that continue it."""

from __future__ import annotations

import os
import re
import time
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from handlers.store import lines, snapshot
from handlers.store.contract import StoreDamaged, StoreFailed
from handlers.store.journal import path_of, sync_folder

_BODY = msgspec.json.Decoder(dict[str, dict[str, msgspec.Raw]])
_NONE = msgspec.Raw(b"null")
_TRIES = 20
_PAUSE = 0.01  # seconds


@dataclass
class Found:
    """A store as it lies on disk: its tables undecoded, its last commit, and where its last journal ends.

    `replayed` counts the commits read from journals, `torn` the bytes after `end` that a crash left of a write.
    """

    tables: dict[str, snapshot.Rows] = field(default_factory=dict)
    commit: int = 0
    snapshot_commit: int = 0
    journal: Path | None = None
    end: int = 0
    replayed: int = 0
    torn: int = 0

    def keep(self, line: lines.Line) -> None:
        """Apply one commit."""
        for name, changes in _BODY.decode(line.body).items():
            rows = self.tables.setdefault(name, {})
            for id, document in changes.items():
                if document == _NONE:
                    rows.pop(id, None)
                else:
                    rows[id] = document
        self.commit = line.commit
        self.replayed += 1


def look(path: Path) -> Found:
    """Read the store at `path`. Raises StoreDamaged, or StoreFailed if the files cannot be read."""
    try:
        found = _snapshot(path)
        for journal in _needed(path, found.commit):
            _replay(found, path, journal)
    except FileNotFoundError as error:
        raise StoreDamaged(f"{error.filename} went missing while it was read.") from error
    except OSError as error:
        raise StoreFailed(f"Cannot read {error.filename or path}: {error.strerror}.") from error
    return found


def look_again(path: Path) -> Found:
    """The same while another process may be writing: what looks damaged can be half a write or a file just replaced."""
    for _ in range(_TRIES):
        try:
            return look(path)
        except StoreDamaged:
            time.sleep(_PAUSE)
    return look(path)


def journals(path: Path) -> dict[int, Path]:
    """The journal files of the store at `path` by the number of their first commit, in order."""
    name = re.compile(re.escape(path.name) + r"\.journal-(\d{12})")
    found = {
        int(match[1]): path.with_name(entry) for entry in os.listdir(path.parent) if (match := name.fullmatch(entry))
    }
    return dict(sorted(found.items()))


def drop_journals(path: Path, commit: int) -> None:
    """Delete the journals that a snapshot up to `commit` does not need, so that no power cut brings them back.

    Raises StoreFailed; whatever is left does no harm.
    """
    try:
        for first, journal in journals(path).items():
            if first <= commit:
                journal.unlink(missing_ok=True)
        sync_folder(path.parent)
    except OSError as error:
        raise StoreFailed(f"Cannot delete the old journals of {path}: {error.strerror}.") from error


def _snapshot(path: Path) -> Found:
    if not path.exists():
        return Found()
    tables, commit = snapshot.read(path)
    return Found(tables=tables, commit=commit, snapshot_commit=commit)


def _needed(path: Path, commit: int) -> list[Path]:
    """The journals that continue a snapshot up to `commit`; each snapshot is taken when a new journal is started."""
    found = journals(path)
    if commit + 1 in found:
        return [journal for first, journal in found.items() if first > commit]
    if found or path.exists() or snapshot.previous_of(path).exists():
        lost = path_of(path, commit + 1) if path.exists() else path
        raise StoreDamaged(f"{lost} is missing. Put it back, or restore a backup.")
    return []


def _replay(found: Found, path: Path, journal: Path) -> None:
    first = int(journal.name[-12:])
    if found.journal is not None and (found.torn or first != found.commit + 1):
        raise StoreDamaged(_damage(found.journal, found.end, found.commit + 1))
    data = _read(journal)
    try:
        end = lines.replay(data, first, found.keep)
    except lines.Broken as broken:
        raise StoreDamaged(_damage(journal, broken.offset, broken.commit)) from broken
    found.journal, found.end, found.torn = journal, end, len(data.rstrip(b"\0")) - end


def _damage(journal: Path, offset: int, commit: int) -> str:
    return (
        f"{journal} is damaged at byte {offset}, where commit {commit} should be. Restore a backup. Or keep only what "
        f"came before: copy all files, run `truncate -s {offset} {journal}`, delete later journals, start again."
    )


def _read(journal: Path) -> bytes:
    """The journal's bytes, durable: what another process wrote but has not synced yet must not be told to anyone."""
    with journal.open("rb") as file:
        data = file.read()
        os.fdatasync(file.fileno())
    return data
