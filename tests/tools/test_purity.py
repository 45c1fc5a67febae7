"""Time, chance and the environment come in through the desk; rules and model stay free of everything else."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.tools.tree import PACKAGES, ROOT

# The demonstration and the benchmarks stand outside: they play the machine.
PRODUCT = ("bot.py", *(name for name in PACKAGES if name != "demo"))
# The three files whose job it is.
ALLOWED = {"handlers/clock.py", "handlers/configuration/settings.py", "handlers/vault.py"}
FORBIDDEN_MODULES = {"random", "secrets"}
FORBIDDEN_CALLS = {
    "date.today",
    "datetime.now",
    "datetime.today",
    "datetime.utcnow",
    "os.environ",
    "os.getenv",
    "os.urandom",
    "time.gmtime",
    "time.localtime",
    "time.time",
    "time.time_ns",
    "uuid.uuid1",
    "uuid.uuid4",
}
PURE = ("handlers/model", "handlers/rules")
OURS = ("handlers.model", "handlers.rules")
THIRD_PARTIES = {"msgspec", "email_validator", "zxcvbn_rs_py"}


def sources(*places: str) -> Iterator[Path]:
    """Every Python file at `places`, which are files or folders."""
    for place in places:
        yield from sorted((ROOT / place).rglob("*.py")) if (ROOT / place).is_dir() else [ROOT / place]


def imported(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Line and full name of everything a file imports; `from a import b` is `a.b`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            start = "." * node.level + (f"{node.module}." if node.module else "")
            yield from ((node.lineno, start + alias.name) for alias in node.names)


def attributes(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Line and the last two names of every dotted name: `datetime.datetime.now` is `datetime.now`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            owner = node.value
            name = owner.attr if isinstance(owner, ast.Attribute) else getattr(owner, "id", "")
            yield node.lineno, f"{name}.{node.attr}"


def impurities(source: str) -> list[tuple[int, str]]:
    """Line and name of each place that takes time, chance or environment from the machine."""
    tree = ast.parse(source)
    names = [(line, name) for line, name in imported(tree) if name.split(".")[0] in FORBIDDEN_MODULES]
    names += [(line, name) for line, name in (*imported(tree), *attributes(tree)) if name in FORBIDDEN_CALLS]
    return sorted(names)


def test_only_clock_vault_and_settings_ask_the_machine() -> None:
    """A test that moves the clock or fixes chance reaches every line of the product."""
    found = [
        f"{path.relative_to(ROOT)}:{line} {name}"
        for path in sources(*PRODUCT)
        if str(path.relative_to(ROOT)) not in ALLOWED
        for line, name in impurities(path.read_text(encoding="utf-8"))
    ]
    assert found == []


def test_model_and_rules_import_only_each_other_and_the_model_library() -> None:
    """Whoever reads a rule needs to know nothing that lies above it."""
    stray = [
        f"{path.relative_to(ROOT)}:{line} {name}"
        for path in sources(*PURE)
        for line, name in imported(ast.parse(path.read_text(encoding="utf-8")))
        if not name.startswith(OURS)
        and name.split(".")[0] not in THIRD_PARTIES
        and name.split(".")[0] not in sys.stdlib_module_names
    ]
    assert stray == []


@pytest.mark.parametrize(
    "source",
    [
        "import secrets",
        "from random import choice",
        "import datetime\ndatetime.datetime.now(datetime.UTC)",
        "from datetime import datetime\nclock = datetime.utcnow",
        "from time import time",
        "import os\nos.environ['HOME']",
        "from os import environ",
        "import uuid\nuuid.uuid4()",
    ],
)
def test_asking_the_machine_is_noticed(source: str) -> None:
    """Each way to get round the desk is seen, so that an empty list means something."""
    assert impurities(source) != []


@pytest.mark.parametrize("source", ["import time\ntime.monotonic()", "now = desk.now()", "import os\nos.fsync(3)"])
def test_harmless_code_is_left_alone(source: str) -> None:
    """Measuring a duration, asking the desk and syncing a file are nobody's secret."""
    assert impurities(source) == []
