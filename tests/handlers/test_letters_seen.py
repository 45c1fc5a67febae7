"""Letters in a browser, as a mail program shows them: for everybody, and on a phone."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import get_args

import pytest
import pytest_asyncio
from playwright.async_api import Page

from handlers.model.outbox import LetterKind
from tests.axe import FITTING, WCAG, lay_out, open_bench, violations, widths
from tests.chromium import open_browser
from tests.handlers.letterbox import part, written
from tests.handlers.samples import facts_of

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="module"), pytest.mark.xdist_group("letters-seen")]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def bench(chromium_path: str, axe_path: Path) -> AsyncIterator[Page]:
    """A page with axe in it."""
    async with open_browser(chromium_path) as browser, open_bench(browser, axe_path) as bench:
        yield bench


@pytest.mark.parametrize("kind", get_args(LetterKind))
async def test_every_letter_is_for_everybody(kind: LetterKind, bench: Page) -> None:
    """No violation of WCAG 2.2 AA in light or dark, and no scrolling sideways, in the language with the longest words.

    What is best for pages is not asked of letters: mail programs put them into pages of their own.
    """
    await lay_out(bench, part(written(facts_of(kind, "tr")), "html"))
    assert await widths(bench) == FITTING
    assert await violations(bench, *WCAG) == []
