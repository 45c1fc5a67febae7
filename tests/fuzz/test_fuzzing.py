"""Guided fuzzing, a minute in all; `python -m tests.fuzz TARGET --seconds 3600` goes on longer."""

from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.conftest import without
from tests.fuzz.__main__ import HERE, run
from tests.fuzz.targets import TARGETS

SECONDS = {"dialogue": 30, "reader": 20, "origin": 10}
LEAST = {"dialogue": 1000, "reader": 300, "origin": 150}  # inputs, on a busy machine
GROUPS = {"dialogue": "fuzzing", "reader": "fuzzing of mails", "origin": "fuzzing of mails"}  # side by side


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("target", [pytest.param(one, marks=pytest.mark.xdist_group(GROUPS[one])) for one in TARGETS])
def test_a_while_of_fuzzing_finds_nothing(tmp_path: Path, target: str) -> None:
    """Guided by the branches it reaches, from the corpus in the tree; what it finds is shown."""
    if find_spec("atheris") is None:
        without("atheris, which is made for Python 3.11 to 3.13 on Linux,")
    outcome = run(target, SECONDS[target], tmp_path)
    print(outcome)
    assert outcome.found == [], f"{[path.read_bytes() for path in outcome.found]}\n{outcome.said[-3000:]}"
    assert outcome.executions > LEAST[target]
    assert outcome.branches > 100


@pytest.mark.parametrize("path", sorted(HERE.glob("corpus/*/*")), ids=lambda path: f"{path.parent.name}-{path.name}")
def test_every_input_of_the_corpus_is_well(path: Path) -> None:
    """Also what was found once; it stays here."""
    import_module(f"tests.fuzz.{path.parent.name}").fuzz(path.read_bytes())
