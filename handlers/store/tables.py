"""Resident tables: TinyDB tables whose documents live in memory as typed, immutable values, with real indexes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from operator import attrgetter, itemgetter
from typing import Any, NoReturn, cast

import msgspec
from tinydb import TinyDB
from tinydb.storages import JSONStorage, Storage
from tinydb.table import Document as TinyDocument
from tinydb.table import Table

from handlers.model.document import Document, Work
from handlers.store.contract import Duplicate, StoreDamaged
from handlers.store.immutable import is_immutable
from handlers.store.queues import Queues
from handlers.store.snapshot import Rows

Changes = dict[str, Document | None]
"""What a commit does to one table: the new document of each id, or None where it is deleted."""

encode = msgspec.json.Encoder().encode


class Index:
    """Which documents have which values in a group of fields."""

    def __init__(self, names: tuple[str, ...], unique: bool) -> None:
        self.names = names
        self.unique = unique
        self.key: Callable[[Any], Any] = attrgetter(*names)
        self.wanted: Callable[[Any], Any] = itemgetter(*names)
        self._ids: dict[
            Any, str | set[str]
        ] = {}  # most keys have one document, and a set for each would cost 200 bytes

    def ids(self, key: object) -> Iterable[str]:
        """The ids of the documents with this key."""
        found = self._ids.get(key, ())
        return (found,) if isinstance(found, str) else found

    def add(self, key: object, id: str) -> None:
        """Note that document `id` has this key."""
        found = self._ids.setdefault(key, id)
        if isinstance(found, set):
            found.add(id)
        elif found != id:
            self._ids[key] = {found, id}

    def remove(self, key: object, id: str) -> None:
        """Note that document `id` has this key no more."""
        found = self._ids[key]
        if isinstance(found, set) and len(found) > 1:
            found.remove(id)
        else:
            del self._ids[key]

    def exempts(self, key: object) -> bool:
        """Whether documents may share this key although the group is unique."""
        parts = key if len(self.names) > 1 else (key,)
        return any(part is None or part == "" for part in cast("tuple[object, ...]", parts))


class Resident(Table):
    """A TinyDB table in memory. Its newest state may be ahead of the disk; `durable` says what is on disk there.

    TinyDB's reading methods work on it; its writing methods refuse, since a write outside a transaction would be
    neither durable nor isolated.
    """

    document_id_class = cast("type[int]", str)

    def __init__(self, storage: Storage, name: str, cache_size: int = 0, persist_empty: bool = False) -> None:
        super().__init__(storage, name, cache_size=0)
        self.kind: type[Document] | None = None
        self.raw: Rows = cast("Residents", storage).raw.pop(name, {})
        self.rows: dict[str, Document] = {}
        self.durable: Changes = {}
        self.queues: Queues | None = None
        self._indexes: dict[frozenset[str], Index] = {}
        self._changed_by: dict[str, int] = {}
        self._immutable = True
        cast("Residents", storage).tables[name] = self

    # Setting up

    def bind(self, kind: type[Document], end_leases: bool) -> None:
        """Decode what was found on disk as documents of `kind`. Raises StoreDamaged if it is none."""
        self.kind = kind
        self._decode = msgspec.json.Decoder(kind).decode
        self._immutable = is_immutable(kind)
        self.queues = Queues(cast("dict[str, Work]", self.rows)) if issubclass(kind, Work) else None
        unique = {frozenset(names) for names in kind.UNIQUE}
        for names in (*kind.UNIQUE, *kind.INDEXES):
            self._indexes.setdefault(frozenset(names), Index(names, frozenset(names) in unique))
        self._fill(end_leases)

    def _fill(self, end_leases: bool) -> None:
        """All of a table at once: a start with 100,000 documents takes half the time that single steps would."""
        raw, self.raw = self.raw, {}
        id = ""
        try:
            for id, text in raw.items():
                self.rows[id] = self._decode(text)
        except msgspec.MsgspecError as error:
            raise StoreDamaged(
                f"Document {id} of table {self.name} cannot be read: {error}. Restore a backup."
            ) from error
        if self.queues is not None:
            self._fill_queues(self.queues, end_leases)
        for index in self._indexes.values():
            for id, document in self.rows.items():
                index.add(index.key(document), id)

    def _fill_queues(self, queues: Queues, end_leases: bool) -> None:
        for id, work in cast("dict[str, Work]", self.rows).items():
            held = end_leases and work.leased_until is not None
            self.rows[id] = free = msgspec.structs.replace(work, leased_until=None) if held else work
            queues.note(free)

    # Reading

    def take_in(self, document: Document) -> tuple[Document, bytes]:
        """A document as the store will keep it, with its JSON. Raises msgspec.ValidationError if it cannot be read."""
        text = encode(document)
        return self._decode(text), text

    def hand_out(self, document: Document) -> Document:
        """A document the caller may have: itself, or a copy if its fields could be changed in place."""
        return document if self._immutable else self._decode(encode(document))

    def get_one(self, id: str, instead: Changes) -> Document | None:
        """The document under `id` in the newest state, where `instead` does not say otherwise."""
        document = instead[id] if id in instead else self.rows.get(id)
        return document if document is None or self._immutable else self.hand_out(document)

    def find(self, fields: Mapping[str, object], instead: Changes) -> list[Document]:
        """The documents with these values, by id, in the newest state where `instead` does not say otherwise."""
        if not fields:
            return [self.hand_out(document) for _, document in sorted({**self.rows, **instead}.items()) if document]
        index = self._index(fields)
        key = index.wanted(fields)
        ids = index.ids(key)
        if not instead and self._immutable:
            rows = self.rows
            return [rows[id] for id in sorted(ids)]
        found = {id: self.rows[id] for id in ids if id not in instead}
        found |= {
            id: document for id, document in instead.items() if document is not None and index.key(document) == key
        }
        return [self.hand_out(found[id]) for id in sorted(found)]

    def size(self, instead: Changes) -> int:
        """How many documents there are in the newest state, where `instead` does not say otherwise."""
        return len(self.rows) + sum((new is not None) - (id in self.rows) for id, new in instead.items())

    def _index(self, fields: Mapping[str, object]) -> Index:
        try:
            return self._indexes[frozenset(fields)]
        except KeyError:
            raise LookupError(f"Table {self.name} has no index on {', '.join(fields)}") from None

    # Changing

    def check(self, changes: Changes) -> None:
        """Raises Duplicate if `changes` would give two documents the same unique key."""
        for index in self._indexes.values():
            if index.unique:
                self._check_one(index, changes)

    def _check_one(self, index: Index, changes: Changes) -> None:
        taken: set[object] = set()
        for id, document in changes.items():
            key = None if document is None else index.key(document)
            if document is None or index.exempts(key):
                continue
            if key in taken or any(other not in changes for other in index.ids(key)):
                raise Duplicate(f"{id} would be the second document in {self.name} with its {', '.join(index.names)}.")
            taken.add(key)

    def apply(self, changes: Changes, commit: int) -> None:
        """Make `changes` the newest state, not durable yet."""
        for id, document in changes.items():
            self.durable.setdefault(id, self.rows.get(id))
            self._changed_by[id] = commit
            self._set(id, document)

    def settle(self, changes: Changes, commit: int) -> None:
        """Note that `commit`, which made these changes, is durable now."""
        for id, document in changes.items():
            if self._changed_by[id] == commit:
                del self.durable[id], self._changed_by[id]
            else:
                self.durable[id] = document

    def revert(self) -> None:
        """Go back to what is durable."""
        durable, self.durable = self.durable, {}
        self._changed_by.clear()
        for id, document in durable.items():
            self._set(id, document)

    def _set(self, id: str, document: Document | None) -> None:
        before = self.rows.get(id)
        for index in self._indexes.values():
            if before is not None:
                index.remove(index.key(before), id)
            if document is not None:
                index.add(index.key(document), id)
        if document is not None:
            self.rows[id] = document
        else:
            self.rows.pop(id, None)
        if self.queues is not None:
            self.queues.note(cast("Work | None", document))

    # TinyDB's own two seams

    def _read_table(self) -> dict[str, Mapping[str, Any]]:
        return cast("dict[str, Mapping[str, Any]]", Plain(self.rows or self.raw))

    def _update_table(self, updater: Callable[[dict[int, Mapping[str, Any]]], None]) -> NoReturn:
        raise TypeError("This table belongs to a running store: write through a transaction.")

    def get(  # type: ignore[override] # stock TinyDB walks the whole table to pick out a few ids
        self, cond: Any = None, doc_id: Any = None, doc_ids: list[Any] | None = None
    ) -> TinyDocument | list[TinyDocument] | None:
        """As in TinyDB, with string ids."""
        if doc_ids is None:
            return super().get(cond, doc_id)
        found = (Table.get(self, doc_id=id) for id in doc_ids)
        return [document for document in found if isinstance(document, TinyDocument)]


class Plain(Mapping[str, Mapping[str, Any]]):
    """Documents as TinyDB knows them, each made when it is looked at, so nobody can reach the store's own."""

    def __init__(self, rows: Mapping[str, object]) -> None:
        self._rows = rows

    def __getitem__(self, id: str) -> Mapping[str, Any]:
        row = self._rows[id]
        plain = msgspec.json.decode(row) if isinstance(row, msgspec.Raw) else msgspec.to_builtins(row)
        return cast("Mapping[str, Any]", plain)

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)


class Residents(Storage):
    """What TinyDB takes for its storage: the tables found on disk, and those somebody asked for."""

    def __init__(self, raw: dict[str, Rows]) -> None:
        self.raw = raw
        self.tables: dict[str, Resident] = {}

    def rows(self) -> dict[str, dict[str, object]]:
        """The documents of every table; a copy that later changes do not reach."""
        found: dict[str, dict[str, object]] = {name: {**rows} for name, rows in self.raw.items()}
        return found | {name: {**table.rows, **table.raw} for name, table in self.tables.items()}

    def read(self) -> dict[str, dict[str, Any]]:
        """Every table, as TinyDB knows them."""
        return {name: cast("dict[str, Any]", Plain(rows)) for name, rows in self.rows().items()}

    def write(self, data: dict[str, dict[str, Any]]) -> NoReturn:
        """TinyDB drops tables this way."""
        raise TypeError("These tables belong to a running store: write through a transaction.")


class ResidentDB(TinyDB):
    """TinyDB over resident tables."""

    table_class = Resident
    default_storage_class = cast("type[JSONStorage]", Residents)
