"""A desk, a stub of Slack's Web API, the emulator, and its page in a browser."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Page

from demo.slack import Workspace, workspace
from handlers.desk import Desk
from tests.bot.builders import open_desk
from tests.bot.stub import Stub, stub_slack
from tests.chromium import open_browser


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


@pytest.fixture
async def page(slack: Workspace, chromium_path: str) -> AsyncIterator[Page]:
    """The workspace's web page, seen by Ayşe."""
    async with open_browser(chromium_path) as browser:
        page = await browser.new_page(viewport={"width": 1100, "height": 1400})
        await page.goto(slack.url)
        yield page
