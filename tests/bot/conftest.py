"""A desk, a stub of Slack's Web API, and the emulator."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from demo.slack import Workspace, workspace
from handlers.desk import Desk
from tests.bot.builders import open_desk
from tests.bot.stub import Stub, stub_slack


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    """A desk on a fresh store."""
    async with open_desk(tmp_path) as desk:
        yield desk


@pytest.fixture
async def stub() -> AsyncIterator[Stub]:
    """A stub of Slack that answers as a test tells it to."""
    async with stub_slack() as stub:
        yield stub


@pytest.fixture
async def slack(slack_emulator_path: str) -> AsyncIterator[Workspace]:
    """A fresh workspace in the emulator."""
    async with workspace() as running:
        yield running
