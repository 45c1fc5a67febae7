"""Writes docs/seeds.md: every rule of the five services, and the tests that prove it.

The rules stand in docs/seeds.toml; a test proves the rule it is named after: `test_SF_11_the_link_dies_after_…`.
"""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "seeds.md"
RULES = ROOT / "docs" / "seeds.toml"
NAMED = re.compile(r"test_([A-Z][A-Z0-9]*)_(\d+)_")
HEAD = """\
# The rules of the five services, and what proves them

Each of the services that ship was made from its company's help page. Every rule that such a page states has a number;
`[E]` marks what a page implies and leaves open, with what the desk does about it. A rule is proven by the tests that
bear its number.

This page is written by `make seeds`, from [seeds.toml](seeds.toml) and the names of the tests; do not edit it by hand.
"""


@dataclass(frozen=True)
class Rule:
    """One rule: its number (`SF.11`), and in words what it says, how it was settled, why nothing can prove it."""

    number: str
    rule: str
    settled: str = ""
    untested: str = ""


@dataclass(frozen=True)
class Proof:
    """A test that bears the number of a rule; `path` counts from the root."""

    number: str
    name: str
    path: str


def rules(file: Path = RULES) -> dict[str, list[Rule]]:
    """The rules by the name of their service, in their own order. Raises TypeError for a word that means nothing."""
    raw = tomllib.loads(file.read_text("utf-8"))
    return {
        said.pop("name"): [Rule(f"{prefix}.{n}", **words) for n, words in said.items()] for prefix, said in raw.items()
    }


def proofs(tests: Path = ROOT / "tests") -> list[Proof]:
    """The tests under `tests` that bear a number, in order of files and lines."""
    return [proof for path in sorted(tests.rglob("test_*.py")) for proof in _proofs_in(path, tests.parent)]


def _proofs_in(path: Path, root: Path) -> Iterator[Proof]:
    for node in ast.parse(path.read_text("utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and (found := NAMED.match(node.name)):
            yield Proof(f"{found[1]}.{found[2]}", node.name, path.relative_to(root).as_posix())


def by_rule(found: list[Proof]) -> dict[str, list[Proof]]:
    """The proofs of each number."""
    sorted_out: dict[str, list[Proof]] = {}
    for proof in found:
        sorted_out.setdefault(proof.number, []).append(proof)
    return sorted_out


def faults(services: Mapping[str, list[Rule]], found: list[Proof]) -> list[str]:
    """What is wrong between rules and tests, a sentence each."""
    proven = by_rule(found)
    every = {rule.number: rule for some in services.values() for rule in some}
    return [
        *(
            f"{proof.path}: {proof.name} proves a rule that does not exist"
            for proof in found
            if proof.number not in every
        ),
        *(
            f"{number} has neither a test nor a reason"
            for number in every
            if not (number in proven or every[number].untested)
        ),
        *(
            f"{number} has a test and a reason why it has none"
            for number in proven
            if number in every and every[number].untested
        ),
    ]


def page(services: Mapping[str, list[Rule]], found: list[Proof]) -> str:
    """The page as Markdown."""
    proven = by_rule(found)
    parts = [HEAD]
    for name, some in services.items():
        rows = [f"| {rule.number} | {_words(rule)} | {_column(rule, proven.get(rule.number, []))} |" for rule in some]
        parts.append("\n".join((f"## {name}\n", "| rule | what it says | tests |", "|---|---|---|", *rows, "")))
    return "\n".join(parts)


def _words(rule: Rule) -> str:
    return f"[E] {rule.rule} → {rule.settled}" if rule.settled else rule.rule


def _column(rule: Rule, found: list[Proof]) -> str:
    if found:
        return "<br>".join(f"[{proof.path}](../{proof.path}) `{proof.name}`" for proof in found)
    return f"none: {rule.untested}" if rule.untested else "**not proven yet**"


if __name__ == "__main__":
    PAGE.write_text(page(rules(), proofs()), "utf-8")
