"""Values, and the values the store keeps."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

import msgspec


class Value(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An immutable, typed value; compare by content, change with `msgspec.structs.replace`."""


class Document(Value, frozen=True, kw_only=True):
    """A value the store keeps in `TABLE` under its `id`.

    `INDEXES` names the groups of fields it can be looked up by; `UNIQUE` the groups that no two documents of the
    table may share (an empty string or None in a group exempts the document). A unique group is an index too.
    """

    TABLE: ClassVar[str]
    INDEXES: ClassVar[tuple[tuple[str, ...], ...]] = ()
    UNIQUE: ClassVar[tuple[tuple[str, ...], ...]] = ()

    id: str


class Work(Document, frozen=True, kw_only=True):
    """A document that one claimant at a time takes, does and deletes.

    `queue` says who does it and `due` (UTC) from when. A claim counts `tries` and sets `leased_until` (UTC): when that
    passes and the work is still there, it may be claimed again. Work whose `due` is None is claimed by nobody.
    """

    queue: str
    due: datetime | None
    tries: int = 0
    leased_until: datetime | None = None
