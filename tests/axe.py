"""A bench on which pages are looked at by axe-core, which finds what keeps people with disabilities out."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, Page, Route

PHONE = 360
"""The width in pixels of the narrowest phones that people use."""

REFLOW = 320
"""How narrow a page may be made without scrolling sideways (WCAG 1.4.10)."""

WCAG = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")
BEST = (*WCAG, "best-practice")


@asynccontextmanager
async def open_bench(browser: Browser, axe: Path) -> AsyncIterator[Page]:
    """A page as wide as a phone, with JavaScript and axe in it."""
    context = await browser.new_context(viewport={"width": PHONE, "height": 740}, reduced_motion="reduce")
    await context.add_init_script(path=axe)
    yield await context.new_page()
    await context.close()


async def lay_out(bench: Page, html: str, style: Path | None = None) -> None:
    """Show a page on the bench, in light; its stylesheet is the file, and nothing else is fetched."""

    async def answer(route: Route) -> None:
        match route.request.resource_type, style:
            case "document", _:
                await route.fulfill(body=html, content_type="text/html; charset=utf-8")
            case "stylesheet", Path():
                await route.fulfill(path=style)
            case _:
                await route.abort()

    await bench.emulate_media(color_scheme="light")
    await bench.unroute_all()
    await bench.route("**/*", answer)
    await bench.goto("http://bench.example/")


async def violations(bench: Page, *tags: str) -> list[str]:
    """What axe finds in the page under those tags, in light and in dark: the rule, and the places that break it."""
    found = await _run(bench, {"type": "tag", "values": tags})
    await bench.emulate_media(color_scheme="dark")
    # Nothing else can differ between the two.
    return found + await _run(bench, {"type": "rule", "values": ["color-contrast", "link-in-text-block"]})


async def _run(bench: Page, only: dict[str, Any]) -> list[str]:
    options = {"resultTypes": ["violations"], "runOnly": only}
    found = await bench.evaluate("options => axe.run(document, options)", options)
    return [f"{one['id']}: {[node['html'] for node in one['nodes']]}" for one in found["violations"]]


async def widths(page: Page) -> dict[int, int]:
    """How wide the page becomes in windows as wide as the keys; equal when it does not scroll sideways."""
    found: dict[int, int] = {}
    for width in (PHONE, REFLOW):
        await page.set_viewport_size({"width": width, "height": 740})
        found[width] = await page.evaluate("document.documentElement.scrollWidth")
    return found


FITTING = {PHONE: PHONE, REFLOW: REFLOW}
