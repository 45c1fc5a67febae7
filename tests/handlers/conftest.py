"""Desks and an SMTP server, for every test of the handlers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from handlers.desk import Desk
from tests.builders import DeskUnderTest, make_account, make_desk, open_desk, open_store
from tests.handlers.sink import Sink, open_sink


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[DeskUnderTest]:
    """The five services' desk, with Marie Durand's account."""
    async with open_desk(tmp_path) as house:
        await house.keep(make_account())
        yield house


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    """One shop's desk on an empty store."""
    async with open_store(tmp_path) as store:
        yield make_desk(store)


@pytest.fixture
async def sink() -> AsyncIterator[Sink]:
    """A relay that takes everything."""
    async with open_sink() as sink:
        yield sink
