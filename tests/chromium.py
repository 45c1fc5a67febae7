"""Chromium as tests and pictures start it: without a window, and without what only people at a window would need."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import Browser, async_playwright

PLAYWRIGHTS = (
    "AvoidUnnecessaryBeforeUnloadCheckSync", "DestroyProfileOnBrowserClose", "HttpsUpgrades",
    "HttpsFirstBalancedModeAutoEnable", "LensOverlay", "MediaRouter", "PaintHolding", "ThirdPartyStoragePartitioning",
    "AvoidCorsURLLoaderRestartOnRedirect", "OptimizationHints", "NetworkTimeServiceQuerying", "AimEnabled",
    "PreconnectToSearch",
)  # fmt: skip
"""What Playwright turns off by itself; it is said again, as Chromium heeds only the last list."""

OURS = ("WebUIOmniboxPopup", "WebUIOmniboxAimPopup")
"""The address bar's lists of proposals: for each window a process, which cost more than all that the test looked at."""

ARGUMENTS = (
    "--no-sandbox",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-sync",
    "--no-first-run",
    "--hide-scrollbars",
    f"--disable-features={','.join((*PLAYWRIGHTS, *OURS))}",
)


@asynccontextmanager
async def open_browser(executable_path: str) -> AsyncIterator[Browser]:
    """A browser that is closed at the end; one is enough for any number of visits."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=executable_path, args=ARGUMENTS)
        try:
            yield browser
        finally:
            await browser.close()
