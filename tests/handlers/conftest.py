"""A desk with Marie Durand's account, for every test of the handlers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.builders import DeskUnderTest, make_account, open_desk


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[DeskUnderTest]:
    """The five services' desk, with one account."""
    async with open_desk(tmp_path) as house:
        await house.keep(make_account())
        yield house
