"""One letter of every kind, as a customer would get it: what the tests of all letters and `make pictures` go by.

To add a kind, write its facts in a file of its own in `tests/handlers/letter_samples/`; it is found by itself:

    @sample("reset")
    def reset(language: str) -> Facts:
        return make_facts("reset", language, service=shipped_service("shopfactory"))

The letter goes to `ADDRESS`, at `NOW`, with the portal at `PORTAL` (`tests/builders.py`).
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from handlers.letters import Facts
from handlers.model.outbox import LetterKind

SAMPLES = Path(__file__).parent / "letter_samples"
Written = Callable[[str], Facts]

_samples: dict[LetterKind, Written] = {}


def sample(kind: LetterKind) -> Callable[[Written], Written]:
    """Add the sample of a kind: a function from the language to the facts."""

    def add(written: Written) -> Written:
        assert kind not in _samples, f"there are two samples of {kind}"
        _samples[kind] = written
        return written

    return add


def all_samples() -> dict[LetterKind, Written]:
    """Every sample of every file in `letter_samples/`, by kind."""
    for file in sorted(SAMPLES.glob("[!_]*.py")):
        import_module(f"tests.handlers.letter_samples.{file.stem}")
    return dict(_samples)


def facts_of(kind: LetterKind, language: str) -> Facts:
    """The sample of that kind in that language; the same facts at every call."""
    written = all_samples().get(kind)
    assert written, f"there is no sample of {kind}: add one in tests/handlers/letter_samples/"
    return written(language)
