"""What differs between services is data: no file of the product knows one of the five companies."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.tools.tree import ROOT

MAY_NAME = {"services", "docs", "tests"}
# `ESP.2` is a rule's number, and `^esp`, among the weights, is how words such as "espace" begin.
NAMED = re.compile(
    r"shop ?factory|connect ?prof|opcommerce|o2 ?switch|esp websites?|(?<!\^)\besp\b(?!\.\d)|total care|t-soft",
    re.IGNORECASE,
)

# Numbers are written in signs, among which any three letters stand by chance.
NUMBERS = re.compile(r"\t.*")


def names(text: str) -> Iterator[tuple[int, str]]:
    """Line and words of every place that names one of the companies."""
    for number, line in enumerate(text.splitlines(), 1):
        yield from ((number, found[0]) for found in NAMED.finditer(line))


def files() -> Iterator[Path]:
    """Every file of the tree that may not name them."""
    ignored = {line.strip("/") for line in (ROOT / ".gitignore").read_text("utf-8").splitlines()} | {".git"}
    for folder, folders, found in os.walk(ROOT):
        folders[:] = sorted(set(folders) - ignored - (MAY_NAME if Path(folder) == ROOT else set()))
        yield from (Path(folder, name) for name in sorted(set(found) - ignored))


def text_of(path: Path) -> str:
    """The file's words, then its name; of pictures and the like, the name alone, and of weights no numbers."""
    try:
        text = path.read_text("utf-8")
    except UnicodeDecodeError:
        text = ""
    words = NUMBERS.sub("", text) if path.suffix == ".weights" else text
    return f"{words}\n{path.relative_to(ROOT)}"


def test_no_file_names_one_of_the_five_companies() -> None:
    """Outside services/, docs/ and tests/: a sixth service needs a file and nothing else."""
    found = [f"{path.relative_to(ROOT)}:{line} {name}" for path in files() for line, name in names(text_of(path))]
    assert found == []


@pytest.mark.parametrize("text", ["ShopFactory", "# the ESP's", "service.id == 'esp'", "L'Opcommerce", "TOTAL CARE"])
def test_a_name_is_noticed(text: str) -> None:
    """In any capitals, alone or within a word, so that an empty list means something."""
    assert list(names(text)) != []


@pytest.mark.parametrize(
    "text", ["# ESP.2 and SF.11", "c^esp\tLMRLVGUPO", "español", "respond", "especially", "SF, CP, OC, O2"]
)
def test_the_number_of_a_rule_and_a_piece_of_a_word_are_no_names(text: str) -> None:
    """Comments say which rule of a page a line keeps, and the reader weighs how words begin."""
    assert list(names(text)) == []
