"""What every store promises; `tests/store/` holds each implementation to it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from handlers.model.document import Document, Work
from handlers.model.errors import DeskError, Unavailable

D = TypeVar("D", bound=Document)
W = TypeVar("W", bound=Work)


class Duplicate(DeskError):
    """A commit would have given two documents the same unique key; nothing of it was kept."""


class StoreFailed(Unavailable):
    """The store cannot keep what it is given (disk full, folder gone, disk error); nothing of the commit was kept."""


class StoreLocked(Unavailable):
    """Another process writes to this store; the message names its pid."""


class StoreDamaged(Unavailable):
    """What is on disk cannot be trusted; the message names the file, the place and the way out."""


class Reader(Protocol):
    """Look-ups. What they return was committed and is durable; documents are the caller's own and immutable."""

    async def get(self, kind: type[D], id: str) -> D | None:
        """The document under `id`, or None."""

    async def find(self, kind: type[D], **fields: object) -> list[D]:
        """The documents whose declared index on exactly these fields has these values, in order of their ids.

        With no fields, every document of the kind. Raises LookupError for fields that no index covers.
        """

    async def count(self, kind: type[D]) -> int:
        """How many documents of the kind there are."""


class Transaction(Reader, Protocol):
    """A unit of work; what it read stays as it was read until its end, and its own writes are seen by its own reads."""

    def put(self, *documents: Document) -> None:
        """Keep the documents, each in place of the one with its id."""

    def delete(self, kind: type[Document], id: str) -> None:
        """Drop the document under `id`, if there is one."""


class Store(Reader, Protocol):
    """A durable store of typed documents."""

    def transaction(self) -> AbstractAsyncContextManager[Transaction]:
        """A transaction: all of it is durable when the block has ended, or none of it if the block or commit raised.

        Transactions behave as if run one after another. Do nothing slow inside: no network, no password hashing.
        Raises Duplicate or StoreFailed at the end of the block.
        """

    async def claim(self, kind: type[W], queue: str, now: datetime, lease: timedelta, most: int = 1) -> Sequence[W]:
        """Take up to `most` due pieces of work, oldest due first (a lease's end counts), leased until `now + lease`.

        Each is returned with `tries` and `leased_until` already counted up and set; no two claimants get the same one.
        """

    async def next_due(self, kind: type[W], queue: str) -> datetime | None:
        """When the next claimable piece falls due (a lease's end counts), or None when there is none."""

    async def changed(self, kind: type[Work], queue: str, timeout: float) -> None:
        """Wait until work may have been added to the queue, at most `timeout` seconds."""

    async def vacuum(self) -> None:
        """Forget for good: nothing deleted or replaced before can be read back from the store's files afterwards.

        Commits go on meanwhile. Call it outside a transaction. Raises StoreFailed; nothing is lost then, nor forgotten.
        """

    async def close(self) -> None:
        """Make everything durable and let go of the files."""
