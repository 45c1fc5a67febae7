"""The snapshot: the whole store in TinyDB's own JSON format, sealed with a checksum, written aside and renamed.

    {"cases":{"R-7F3K2M":{…}},…,"_snapshot":{"seal":{"commit":1234,"crc32":3735928559}}}

Plain `TinyDB(path)` opens it and sees the seal as one more table. The checksum covers every byte before its own field.
"""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from io import FileIO
from itertools import islice
from pathlib import Path
from zlib import crc32

import msgspec

from handlers.store.contract import StoreDamaged, StoreFailed
from handlers.store.journal import sync_folder

Rows = dict[str, msgspec.Raw]
SEAL = "_snapshot"

_SEALED = re.compile(rb'"_snapshot":\{"seal":\{"commit":(\d+),"crc32":(\d+)\}\}\}')
_TABLES = msgspec.json.Decoder(dict[str, dict[str, msgspec.Raw]])
_encode = msgspec.json.Encoder().encode
_PIECE = 400  # documents encoded in one go: a fraction of a millisecond of the loop's time


def previous_of(path: Path) -> Path:
    """Where the snapshot before the one at `path` is kept."""
    return path.with_name(path.name + ".previous")


def read(path: Path) -> tuple[dict[str, Rows], int]:
    """The tables of a snapshot, undecoded, and the last commit they include. Raises StoreDamaged and OSError."""
    data = path.read_bytes()
    seal = _SEALED.fullmatch(data, max(data.rfind(b'"_snapshot"'), 0))
    if seal is None or int(seal[2]) != crc32(memoryview(data)[: seal.start(2)]):
        raise StoreDamaged(f"{path} was changed or damaged ({_place(data, seal is None)}). {_way_out(path)}")
    tables = _TABLES.decode(data)
    del tables[SEAL]
    return tables, int(seal[1])


def _place(data: bytes, seal_is_missing: bool) -> str:
    try:
        _TABLES.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        return str(error)
    if seal_is_missing:
        return f"no seal at its end, byte {len(data)}"
    return f"checksum over its {len(data)} bytes does not match"


def _way_out(path: Path) -> str:
    previous = previous_of(path)
    if previous.exists():
        return (
            f"Nothing is lost: the journals continue the one before it, so run `mv {previous} {path}` and start again."
        )
    return "Restore a backup."


async def write(path: Path, tables: Mapping[str, Mapping[str, object]], commit: int) -> int:
    """Replace the snapshot at `path`, keeping the one before; returns its bytes. Raises StoreFailed; the old one stays.

    `tables` must not change meanwhile. Encodes in small pieces on the loop and writes in threads: nothing stalls.
    """
    aside = path.with_name(path.name + ".new")
    try:
        with await asyncio.to_thread(_create, aside) as file:
            size = await _fill(file, tables, commit)
        await asyncio.to_thread(_swap, aside, path)
    except OSError as error:
        with suppress(OSError):
            aside.unlink()
        raise StoreFailed(f"Cannot write a snapshot to {path}: {error.strerror}.") from error
    return size


def _create(path: Path) -> FileIO:
    return FileIO(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w")


async def _fill(file: FileIO, tables: Mapping[str, Mapping[str, object]], commit: int) -> int:
    size = check = 0
    for piece in _pieces(tables, commit):
        check = await asyncio.to_thread(_append, file, piece, check)
        size += len(piece)
    seal = b"%d}}}" % check
    await asyncio.to_thread(_append, file, seal, check)
    await asyncio.to_thread(os.fsync, file.fileno())
    return size + len(seal)


def _append(file: FileIO, piece: bytes, check: int) -> int:
    rest = memoryview(piece)
    while rest:
        rest = rest[file.write(rest) :]
    return crc32(piece, check)


def _pieces(tables: Mapping[str, Mapping[str, object]], commit: int) -> Iterator[bytes]:
    yield b"{"
    for name, rows in tables.items():
        yield _encode(name) + b":{"
        documents = iter(rows.items())
        before = b""
        while some := dict(islice(documents, _PIECE)):
            yield before + _encode(some)[1:-1]
            before = b","
        yield b"},"
    yield b'"_snapshot":{"seal":{"commit":%d,"crc32":' % commit


def _swap(aside: Path, path: Path) -> None:
    """At no moment is there no snapshot under `path`."""
    if path.exists():
        previous = previous_of(path)
        previous.unlink(missing_ok=True)
        os.link(path, previous)
    os.replace(aside, path)
    sync_folder(path.parent)
