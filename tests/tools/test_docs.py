"""The pages: every command in them can be typed, every link leads somewhere."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer.main

from tests.tools.tree import ROOT

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
BLOCK = re.compile(r"^```(?:sh|bash|console)\n(.*?)^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#\s]+)(?:#[^)]*)?\)")


def commands(page: Path) -> list[list[str]]:
    """The command lines of the page's shell blocks, as words."""
    lines = [line for block in BLOCK.findall(page.read_text("utf-8")) for line in block.splitlines()]
    return [shlex.split(line.removeprefix("$ "), comments=True) for line in lines if line.strip()]


def command_line() -> Any:
    """What `bot.py` offers; the file's name is taken by the package beside it."""
    from importlib.util import module_from_spec, spec_from_file_location

    spec = spec_from_file_location("recovery_desk", ROOT / "bot.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return typer.main.get_command(module.app)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_command_of_a_page_can_be_typed(page: Path) -> None:
    """`python bot.py …` parses with its options, and `make …` has its target."""
    top = command_line()
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    for words in commands(page):
        if words[:2] == ["python", "bot.py"]:
            parse(top, words[2:])
        elif words[:1] == ["make"]:
            assert all(word in targets for word in words[1:] if "=" not in word), words


def test_every_target_is_made_whatever_files_lie_around() -> None:
    """A folder `pictures` or a file `test` does not end `make` with "up to date"."""
    text = (ROOT / "Makefile").read_text("utf-8")
    phony = re.findall(r"^\.PHONY: (.*)$", text, re.MULTILINE)[0].split()
    assert sorted(phony) == sorted(re.findall(r"^([a-z-]+):", text, re.MULTILINE))


def test_what_the_readme_has_operators_write_is_never_committed() -> None:
    """Their service files, customers and settings; the names are the README's own."""
    readme, ignored = ((ROOT / name).read_text("utf-8") for name in ("README.md", ".gitignore"))
    for name in ("my-services/", "customers.csv", "desk.toml"):
        assert name in readme
        assert f"/{name}" in ignored.splitlines()


def parse(command: Any, words: list[str]) -> None:
    """Parse the words as the command line would, down to the last subcommand, without doing anything."""
    while True:
        context = command.make_context(command.name, list(words))
        rest = [*context._protected_args, *context.args]
        if not hasattr(command, "commands") or not rest:
            return
        _, found, words = command.resolve_command(context, rest)
        assert found is not None, words
        command = found


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_of_a_page_leads_to_a_file(page: Path) -> None:
    """Pictures included."""
    missing = [link for link in LINK.findall(page.read_text("utf-8")) if not (page.parent / link).exists()]
    assert missing == []


def test_the_command_line_helps_itself() -> None:
    """`bot.py --help` names every command of the design."""
    said = subprocess.run(
        [sys.executable, "bot.py", "--help"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    wanted = "serve demo init check manifest accounts find cases case act explain audit"
    assert [name for name in wanted.split() if not re.search(rf"\b{name}\b", said)] == []
