"""docs/seeds.md: every rule of the five services is there, and is proven by tests that bear its number."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from scripts import seeds
from scripts.seeds import Proof, Rule
from tests.tools.tree import ROOT

COUNTS = {"SF": 24, "ESP": 18, "CP": 29, "OC": 22, "O2": 20}
RULES = {"Shop": [Rule("SF.1", "One."), Rule("SF.2", "Two.", untested="It is advice."), Rule("SF.3", "Three?", "Yes.")]}
ONE, THREE = (
    Proof("SF.1", "test_SF_1_is_kept", "tests/test_a.py"),
    Proof("SF.3", "test_SF_3_is_kept", "tests/test_a.py"),
)


def test_the_page_says_what_the_tests_prove() -> None:
    """Whoever adds, renames or moves such a test runs `make seeds`."""
    assert seeds.PAGE.read_text("utf-8") == seeds.page(seeds.rules(), seeds.proofs())


def test_every_rule_is_proven_or_says_why_nothing_can() -> None:
    """No rule is forgotten, no test proves a rule that nobody stated, no reason outlives its cause."""
    assert seeds.faults(seeds.rules(), seeds.proofs()) == []


def test_no_number_is_missing() -> None:
    """The pages of the five services state so many rules each."""
    numbers = [rule.number for some in seeds.rules().values() for rule in some]
    assert numbers == [f"{prefix}.{number}" for prefix, most in COUNTS.items() for number in range(1, most + 1)]


def test_few_rules_are_out_of_reach() -> None:
    """A reason is for what software cannot honour, not for what is hard to test."""
    assert sum(bool(rule.untested) for some in seeds.rules().values() for rule in some) <= 6


def test_a_test_bears_one_number_in_the_one_way() -> None:
    """A name that nearly bears one would prove nothing, unseen."""
    names = [node.name for path in (ROOT / "tests").rglob("test_*.py") for node in functions(path)]
    nearly = [name for name in names if re.match(r"test_(sf|esp|cp|oc|o2)_?\d", name, re.IGNORECASE)]
    found = {proof.name for proof in seeds.proofs()}
    assert [name for name in nearly if name not in found or re.match(r"test_[A-Z0-9]+_\d+_(and|to)_\d", name)] == []


def functions(path: Path) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Every function of the file, however deep."""
    tree = ast.parse(path.read_text("utf-8"))
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


@pytest.mark.parametrize(
    ("found", "said"),
    [
        ([ONE, THREE], []),
        ([ONE], ["SF.3 has neither a test nor a reason"]),
        ([ONE, THREE, Proof("SF.4", "test_SF_4_x", "a.py")], ["a.py: test_SF_4_x proves a rule that does not exist"]),
        ([ONE, THREE, Proof("SF.2", "test_SF_2_x", "a.py")], ["SF.2 has a test and a reason why it has none"]),
    ],
)
def test_what_does_not_fit_is_said(found: list[Proof], said: list[str]) -> None:
    """Each way in which rules and tests can part is noticed, so that an empty list means something."""
    assert seeds.faults(RULES, found) == said


def test_tests_are_found_wherever_they_stand(tmp_path: Path) -> None:
    """In any folder, plain or async; what only looks like a test is none."""
    (tmp_path / "tests" / "deep").mkdir(parents=True)
    lines = (
        "async def test_CP_15_is_kept(): ...",
        "def test_CP_15(): ...",
        "def make_test_CP_15_x(): ...",
        "# test_CP_1_x",
    )
    (tmp_path / "tests" / "deep" / "test_some.py").write_text("\n".join(lines))
    (tmp_path / "tests" / "test_other.py").write_text("def test_O2_7_is_kept(): ...\n")
    assert seeds.proofs(tmp_path / "tests") == [
        Proof("CP.15", "test_CP_15_is_kept", "tests/deep/test_some.py"),
        Proof("O2.7", "test_O2_7_is_kept", "tests/test_other.py"),
    ]


def test_the_page_shows_rule_test_and_file() -> None:
    """A rule that lacks both shows it, so that nobody takes it for kept."""
    page = seeds.page(RULES, [ONE])
    assert "| SF.1 | One. | [tests/test_a.py](../tests/test_a.py) `test_SF_1_is_kept` |" in page
    assert "| SF.2 | Two. | none: It is advice. |" in page
    assert "| SF.3 | [E] Three? → Yes. | **not proven yet** |" in page
