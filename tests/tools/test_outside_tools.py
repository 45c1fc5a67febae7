"""The tools that do not come from the Python lock file do what the tests and the demonstration need of them."""

import subprocess
from pathlib import Path

from tests.chromium import open_browser
from tests.tools.tree import ROOT


async def test_the_browser_shows_a_page_in_turkish(chromium_path: str) -> None:
    """Playwright, as locked, can drive the Chromium that Debian has today."""
    async with open_browser(chromium_path) as browser:
        page = await browser.new_page()
        await page.set_content("<h1 lang=tr>Şifre sıfırlama</h1>")
        assert await page.inner_text("h1") == "Şifre sıfırlama"


def test_the_slack_emulator_is_the_pinned_one(slack_emulator_path: str) -> None:
    """Its gaps are worked around one by one, so another version is another set of gaps."""
    done = subprocess.run((slack_emulator_path, "--version"), capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "0.1.8"


def test_axe_is_the_pinned_one(axe_path: Path) -> None:
    """Another version knows other rules."""
    assert axe_path.read_text("utf-8").startswith("/*! axe v4.14.1\n")


def test_an_unknown_tool_is_refused() -> None:
    """A slip in the Makefile is told, and does not count as a tool that is there."""
    command = ("sh", str(ROOT / "scripts" / "system.sh"), "chromuim")
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (2, "system: nothing is known about 'chromuim'\n")
