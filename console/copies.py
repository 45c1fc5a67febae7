"""The older files of the store, kept as a way back: whether they still are as they were written.

The desk does not read them, so a change there is found by nobody until the day they are needed.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from handlers.store import lines, recovery, snapshot
from handlers.store.contract import StoreDamaged


def faults(store: Path) -> list[str]:
    """What is wrong with the snapshot before the last one, and with the journals between the two, a sentence each."""
    return list(_faults(store))


def _faults(store: Path) -> Iterator[str]:
    kept = recovery.look_again(store).snapshot_commit
    with suppress(FileNotFoundError):  # a desk that runs replaces these files now and then
        previous = snapshot.previous_of(store)
        if not _is_whole(previous):
            yield f"{previous} was changed or damaged. The trail in use is another one; keep a backup beside it."
    for first, journal in recovery.journals(store).items():
        with suppress(FileNotFoundError):
            if first <= kept and not _can_be_replayed(journal, first):
                yield f"{journal} was changed or damaged. The trail in use is another one; keep a backup beside it."


def _is_whole(file: Path) -> bool:
    try:
        snapshot.read(file)
    except StoreDamaged:
        return False
    return True


def _can_be_replayed(journal: Path, first: int) -> bool:
    data = journal.read_bytes().rstrip(b"\0")
    try:
        return lines.replay(data, first, lambda line: None) == len(data)
    except lines.Broken:
        return False
