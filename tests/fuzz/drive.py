"""The fuzzing process: `python -m tests.fuzz.drive TARGET`, then options and folders as libFuzzer takes them."""

from __future__ import annotations

import sys
from importlib import import_module

import atheris  # type: ignore[import-untyped, unused-ignore]

from tests.fuzz.targets import TARGETS


def main() -> None:
    """Fuzz until libFuzzer ends the process."""
    name = sys.argv.pop(1)
    with atheris.instrument_imports(include=list(TARGETS[name].watched)):
        fuzz = import_module(f"tests.fuzz.{name}").fuzz
    atheris.Setup(sys.argv, fuzz)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
