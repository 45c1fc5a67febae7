"""The benchmarks can be run by their names."""

import inspect
import subprocess
import sys
from importlib import import_module

import pytest

from bench import Row
from bench.__main__ import PREFIX, line, main, names
from tests.tools.tree import ROOT


def test_every_benchmark_takes_rounds_and_is_awaited() -> None:
    """A new benchmark that forgets the convention of bench/README.md is noticed here and not by who runs it next."""
    runs = {name: import_module(f"bench.{PREFIX}{name}").run for name in names()}
    wrong = [name for name, run in runs.items() if not inspect.iscoroutinefunction(run)]
    wrong += [name for name, run in runs.items() if list(inspect.signature(run).parameters) != ["rounds"]]
    assert wrong == []


def test_an_unknown_benchmark_is_refused(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """A slip in a name measures nothing and says so."""
    monkeypatch.setattr("sys.argv", ["bench", "comit"])
    with pytest.raises(SystemExit):
        main()
    assert "no benchmark named comit" in capsys.readouterr().err


def test_a_figure_is_shown_with_its_unit_and_goal() -> None:
    """Nobody has to guess whether 0.41 is good."""
    shown = " ".join(line(Row("commit", 0.41, "ms", goal="under 1 ms")).split())
    assert shown == "commit 0.41 ms (goal: under 1 ms)"


@pytest.mark.slow
@pytest.mark.parametrize("name", ["portal", "reading", "slack", "smtp_memory"])
def test_a_benchmark_still_runs(name: str) -> None:
    """One round of the quick ones: what they measure has not moved away under them; the figures count for nothing."""
    command = [sys.executable, "-m", "bench", name, "--rounds", "1"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(name)
