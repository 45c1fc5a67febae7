"""The fuzzing process: `python -m tests.fuzz.drive TARGET`, then options and folders as libFuzzer takes them."""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from time import process_time

import atheris  # type: ignore[import-untyped, unused-ignore]

from tests.fuzz.targets import TARGETS

PREFIX = "-artifact_prefix="


def main() -> None:
    """Fuzz until libFuzzer ends the process."""
    name = sys.argv.pop(1)
    with atheris.instrument_imports(include=list(TARGETS[name].watched)):
        module = import_module(f"tests.fuzz.{name}")
    findings = next((word.removeprefix(PREFIX) for word in sys.argv if word.startswith(PREFIX)), "./")
    named = {"custom_mutator": _by_turns(module.mutate)} if hasattr(module, "mutate") else {}
    atheris.Setup(sys.argv, _timed(module.fuzz, Path(findings).parent), **named)
    atheris.Fuzz()


def _timed(fuzz: Callable[[bytes], None], folder: Path) -> Callable[[bytes], None]:
    """The same, keeping the input that took longest in a file called `slowest`."""
    longest = 0.0
    fuzz(b"")  # what is loaded on first use counts for no input

    def timed(data: bytes) -> None:
        nonlocal longest
        started = process_time()
        fuzz(data)
        took = process_time() - started
        if took > longest:
            longest = took
            (folder / "slowest").write_bytes(data)

    return timed


def _by_turns(mutate: Callable[[bytes, int, int], bytes]) -> Callable[[bytes, int, int], bytes]:
    """Every other change is one that knows the input's form, the rest are libFuzzer's."""
    return lambda data, most, seed: bytes(mutate(data, most, seed) if seed % 2 else atheris.Mutate(data, most))


if __name__ == "__main__":
    main()
