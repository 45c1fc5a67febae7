"""Scripts that write say what they would do, and do nothing when they are not understood."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.tools.tree import ROOT

WRITES = {
    "scripts.train_intents": "mailin/lexicon/wishes.weights",
    "scripts.judge_intents": "docs/reading.md",
}
"""What each script writes."""


def said(script: str, option: str) -> tuple[int, str]:
    """How a script ended, and all that it printed."""
    done = subprocess.run(
        (sys.executable, "-m", script, option), cwd=ROOT, capture_output=True, text=True, check=False, timeout=60
    )
    return done.returncode, " ".join((done.stdout + done.stderr).split())


@pytest.mark.parametrize("script", WRITES)
def test_a_script_explains_itself_and_refuses_what_it_does_not_know(script: str) -> None:
    """`--help` and a typing error write nothing: they end before the work begins."""
    before = (ROOT / WRITES[script]).stat().st_mtime_ns
    status, words = said(script, "--help")
    assert (status, words.startswith(f"usage: python -m {script} [-h]")) == (0, True), words
    assert WRITES[script] in words
    status, words = said(script, "--shwo")
    assert (status, "unrecognized arguments: --shwo" in words) == (2, True), words
    assert (ROOT / WRITES[script]).stat().st_mtime_ns == before
