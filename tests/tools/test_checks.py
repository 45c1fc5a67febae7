"""The checks of the code itself, run as tests so that one summary counts everything."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.tools.tree import PACKAGES, ROOT

TOOLS = Path(sys.executable).parent


def run(tool: str, *arguments: str, cwd: Path) -> None:
    """Fail, with what the tool printed shown above the summary, unless it found nothing to complain about."""
    done = subprocess.run((TOOLS / tool, *arguments), cwd=cwd, capture_output=True, text=True, check=False)
    print(f"{done.stdout}{done.stderr}")
    if done.returncode:
        pytest.fail(f"{tool} has complaints", pytrace=False)


def test_every_file_is_formatted() -> None:
    """Nobody discusses commas: ruff decides."""
    run("ruff", "format", "--check", "--quiet", "--diff", ".", cwd=ROOT)


def test_no_file_breaks_a_lint_rule() -> None:
    """The rules chosen in pyproject.toml hold everywhere, tests included."""
    run("ruff", "check", "--quiet", "--output-format=concise", ".", cwd=ROOT)


def test_every_type_is_right(links: Path) -> None:
    """mypy --strict finds nothing in the packages, the stories, the tests, the benchmarks, the scripts and bot.py."""
    settings = (f"--config-file={ROOT / 'pyproject.toml'}", f"--cache-dir={ROOT / '.mypy_cache'}", "--no-error-summary")
    run("mypy", *settings, "recovery_desk.py", *PACKAGES, "services", "tests", "bench", "scripts", cwd=links)


def test_no_import_breaks_a_contract(links: Path) -> None:
    """Doors do not know each other, handlers know no door, and rules do no input or output."""
    settings = f"--config={ROOT / 'pyproject.toml'}"
    run("lint-imports", settings, "--no-cache", "--no-logo", cwd=links)
