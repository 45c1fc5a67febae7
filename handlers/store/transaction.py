"""One unit of work in the TinyDB store."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from types import TracebackType
from typing import TYPE_CHECKING, TypeVar, cast

import msgspec

from handlers.model.document import Document
from handlers.store.contract import Duplicate, StoreFailed
from handlers.store.tables import Changes, Resident

if TYPE_CHECKING:
    from handlers.store.tiny import TinyStore

D = TypeVar("D", bound=Document)

_NOTHING: Changes = {}


class TinyTransaction:
    """A `handlers.store.contract.Transaction`, and the block it lives in.

    Changes stay here until the block ends; then they become the newest state in one go. The next transaction may start
    while this one waits for the disk, so that many share one sync.
    """

    def __init__(self, store: TinyStore) -> None:
        self._store = store
        self._epoch = 0
        self._is_open = False
        self._changes: dict[Resident, Changes] = {}
        self._texts: dict[str, dict[str, msgspec.Raw]] = {}

    async def __aenter__(self) -> TinyTransaction:
        await self._store.enter()
        self._epoch = self._store.epoch
        self._is_open = True
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._is_open = False
        refusal = None
        try:
            durable = self._end(error)
        except Duplicate as duplicate:
            refusal, durable = duplicate, self._store.pending()  # the other one may be lost yet
        finally:
            self._store.leave()
        if durable is not None and (error is None or isinstance(error, Exception)):
            await asyncio.shield(durable)
        if refusal is not None:
            raise refusal

    async def get(self, kind: type[D], id: str) -> D | None:
        """See `Reader.get`."""
        table = self._table(kind)
        return cast("D | None", table.get_one(id, self._changes.get(table, _NOTHING)))

    async def find(self, kind: type[D], **fields: object) -> list[D]:
        """See `Reader.find`."""
        table = self._table(kind)
        return cast("list[D]", table.find(fields, self._changes.get(table, _NOTHING)))

    async def count(self, kind: type[D]) -> int:
        """See `Reader.count`."""
        table = self._table(kind)
        return table.size(self._changes.get(table, _NOTHING))

    def put(self, *documents: Document) -> None:
        """See `Transaction.put`. Raises msgspec.ValidationError for a document that could not be read back."""
        for document in documents:
            table = self._table(type(document))
            kept, text = table.take_in(document)
            self._note(table, kept.id, kept, text)

    def delete(self, kind: type[Document], id: str) -> None:
        """See `Transaction.delete`."""
        table = self._table(kind)
        if table.get_one(id, self._changes.get(table, _NOTHING)) is not None:
            self._note(table, id, None, b"null")

    def _table(self, kind: type[Document]) -> Resident:
        if not self._is_open:
            raise RuntimeError("This transaction is over.")
        return self._store.table(kind)

    def _note(self, table: Resident, id: str, document: Document | None, text: bytes) -> None:
        self._changes.setdefault(table, {})[id] = document
        self._texts.setdefault(table.name, {})[id] = msgspec.Raw(text)

    def _end(self, error: BaseException | None) -> Awaitable[None] | None:
        """What the end of the block must wait for: its own commit, or whatever it may have seen."""
        if self._epoch != self._store.epoch:
            raise StoreFailed("What this transaction read was not kept: the disk failed meanwhile.") from error
        if error is None and self._changes:
            return self._store.commit(self._changes, self._texts)
        return self._store.pending()
