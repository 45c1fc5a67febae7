"""Documents for the store's tests, and short ways to put and change them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from handlers.model.document import Document, Work
from handlers.store.contract import Store

NOON = datetime(2026, 3, 14, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


class Person(Document, frozen=True, kw_only=True):
    """Unique by service and login, found by address and by town and street."""

    TABLE = "people"
    INDEXES = (("address",), ("town", "street"))
    UNIQUE = (("service", "login"), ("badge",))

    service: str = "shop"
    login: str = ""
    badge: str | None = None
    address: str = ""
    town: str = ""
    street: str = ""
    seen: datetime | None = None


class Purse(Document, frozen=True, kw_only=True):
    """Money that transfers must neither make nor lose."""

    TABLE = "purses"

    coins: int
    pad: str = ""


class Bag(Document, frozen=True, kw_only=True):
    """A document with fields that can be changed in place."""

    TABLE = "bags"
    INDEXES = (("owner",),)

    owner: str = ""
    things: list[str]
    marks: dict[str, list[int]]


class Job(Work, frozen=True, kw_only=True):
    """Work with nothing to it."""

    TABLE = "jobs"

    note: str = ""


KINDS = (Person, Purse, Bag, Job)


def make_person(id: str, **fields: Any) -> Person:
    """A person whose login is their id."""
    return Person(id=id, **{"login": id, **fields})


def make_job(id: str, **fields: Any) -> Job:
    """A letter that is due at noon."""
    return Job(id=id, **{"queue": "letters", "due": NOON, **fields})


async def put(store: Store, *documents: Document) -> None:
    """Commit the documents together."""
    async with store.transaction() as tx:
        tx.put(*documents)


async def fail(store: Store, *documents: Document, gone: Document) -> None:
    """A transaction that changes things and then raises ZeroDivisionError."""
    async with store.transaction() as tx:
        tx.put(*documents)
        tx.delete(type(gone), gone.id)
        _ = 1 / 0


async def delete(store: Store, kind: type[Document], id: str) -> None:
    """Commit the end of one document."""
    async with store.transaction() as tx:
        tx.delete(kind, id)
