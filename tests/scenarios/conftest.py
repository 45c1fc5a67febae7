"""A town for each scenario, and a customer's browser in it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from demo.slack import workspace
from tests.chromium import open_browser
from tests.scenarios.people import Customer
from tests.scenarios.town import Scenario, look_often, town


@pytest_asyncio.fixture(loop_scope="module")
async def scenario(
    tmp_path: Path, slack_emulator_path: str, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Scenario]:
    """A desk with the five services, behind its real doors."""
    look_often(monkeypatch)
    async with workspace() as slack, town(tmp_path, slack) as running:
        yield Scenario(running)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def chromium(chromium_path: str) -> AsyncIterator[Browser]:
    """A real browser, for all customers of a file: each has cookies and a cache of their own."""
    async with open_browser(chromium_path) as browser:
        yield browser


@pytest_asyncio.fixture(loop_scope="module")
async def customer(chromium: Browser) -> AsyncIterator[Customer]:
    """A French customer without JavaScript, as careful people browse."""
    async with _browsing(chromium) as someone:
        yield someone


@pytest_asyncio.fixture(loop_scope="module")
async def elsewhere(chromium: Browser) -> AsyncIterator[Customer]:
    """A browser that shares nothing with the customer's: another device of theirs, or somebody else's."""
    async with _browsing(chromium) as someone:
        yield someone


@pytest_asyncio.fixture(loop_scope="module")
async def jane(chromium: Browser) -> AsyncIterator[Customer]:
    """A customer whose browser asks for English."""
    async with _browsing(chromium, "en-GB") as someone:
        yield someone


@pytest_asyncio.fixture(loop_scope="module")
async def emre(chromium: Browser) -> AsyncIterator[Customer]:
    """A customer whose browser asks for Turkish."""
    async with _browsing(chromium, "tr-TR") as someone:
        yield someone


@asynccontextmanager
async def _browsing(chromium: Browser, locale: str = "fr-FR") -> AsyncIterator[Customer]:
    context = await chromium.new_context(
        locale=locale, viewport={"width": 360, "height": 780}, java_script_enabled=False
    )
    context.set_default_timeout(10_000)
    yield Customer(await context.new_page())
    await context.close()
