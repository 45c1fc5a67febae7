"""Fuzzes a target, guided by the branches it reaches: `python -m tests.fuzz TARGET [--seconds N] [--play FILE…]`.

What it learns and what it finds is kept outside the tree, under the system's folder for temporary files unless
`--keep` names another, so that the next run goes on from there. Ends with 1 when something was found.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

from tests.fuzz.targets import TARGETS

HERE = Path(__file__).parent
SLOWEST_INPUT = 30  # seconds, after which an input counts as one that hangs


class Outcome(NamedTuple):
    """What a run did: inputs tried, branches reached, inputs worth keeping, and the inputs that broke a promise."""

    executions: int
    branches: int
    kept: int
    found: list[Path]
    said: str

    def __str__(self) -> str:
        what = ", ".join(map(str, self.found)) or "nothing"
        return f"{self.executions:,} executions, {self.branches} branches, {self.kept} inputs kept; found: {what}"


def run(target: str, seconds: int, keep: Path, also: Sequence[Path] = ()) -> Outcome:
    """Fuzz for so long; `also` are more folders of inputs to begin with. Needs atheris."""
    learned, findings = keep / target / "corpus", keep / target / "findings"
    for folder in (learned, findings):
        folder.mkdir(parents=True, exist_ok=True)
    before = set(findings.iterdir())
    done = subprocess.run(
        [sys.executable, "-m", "tests.fuzz.drive", target, *_options(target, seconds, findings), learned,
         HERE / "corpus" / target, *(HERE.parent / folder for folder in TARGETS[target].begins_with), *also],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", check=False,
    )  # fmt: skip
    found = sorted(set(findings.iterdir()) - before)
    if done.returncode and not found:
        raise RuntimeError(f"the fuzzer did not run:\n{done.stdout[-4000:]}")
    return Outcome(
        executions=_last(r"number_of_executed_units: (\d+)", done.stdout),
        branches=_last(r"cov: (\d+)", done.stdout),
        kept=len(list(learned.iterdir())),
        found=found,
        said=done.stdout,
    )


def _options(target: str, seconds: int, findings: Path) -> list[str]:
    words = HERE / f"{target}.dict"
    options = {
        "max_total_time": seconds,
        "max_len": TARGETS[target].most_bytes,
        "timeout": SLOWEST_INPUT,
        "artifact_prefix": f"{findings}/",
        "print_final_stats": 1,
        **({"dict": words} if words.is_file() else {}),
    }
    return [f"-{name}={value}" for name, value in options.items()]


def _last(pattern: str, text: str) -> int:
    found = re.findall(pattern, text)
    return int(found[-1]) if found else 0


def main() -> int:
    """Run what was asked for and tell what came of it."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("target", choices=TARGETS)
    parser.add_argument("--seconds", type=int, default=60, help="how long (default: 60)")
    parser.add_argument("--keep", type=Path, default=Path(tempfile.gettempdir()) / "recovery-desk-fuzzing")
    parser.add_argument("--also", type=Path, nargs="+", default=[], metavar="FOLDER", help="more inputs to begin with")
    parser.add_argument("--play", type=Path, nargs="+", metavar="FILE", help="play these inputs once, without guidance")
    asked = parser.parse_args()
    if asked.play:
        fuzz = import_module(f"tests.fuzz.{asked.target}").fuzz
        for path in asked.play:
            fuzz(path.read_bytes())
            print(f"{path}: well")
        return 0
    outcome = run(asked.target, asked.seconds, asked.keep, asked.also)
    print(f"{asked.target}: {outcome}")
    if outcome.found:
        print(outcome.said[-4000:])
    return 1 if outcome.found else 0


if __name__ == "__main__":
    sys.exit(main())
