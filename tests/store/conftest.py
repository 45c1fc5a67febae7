"""Stores to test: `store` is each implementation in turn, `reopen` closes it and opens what it left."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from handlers.store.contract import Store
from handlers.store.tiny import TinyStore
from tests.store.documents import KINDS

OpenStore = Callable[[], Awaitable[Store]]


def journals_of(path: Path) -> list[Path]:
    """The journal files of a store."""
    return sorted(path.parent.glob("*.journal-*"))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a TinyDB store may live."""
    return tmp_path / "desk.json"


@pytest.fixture(params=["tiny"])
def open_store(request: pytest.FixtureRequest, path: Path) -> OpenStore:
    """Opens the same store of the implementation under test, again and again."""

    async def open_tiny() -> Store:
        return await TinyStore.open(path, kinds=KINDS)

    return {"tiny": open_tiny}[request.param]


@pytest.fixture
async def store(open_store: OpenStore) -> AsyncIterator[Store]:
    """An empty store."""
    opened = await open_store()
    yield opened
    await opened.close()
