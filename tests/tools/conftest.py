"""What the tests of the tools have in common."""

from pathlib import Path

import pytest

from tests.tools.tree import PACKAGES, ROOT


@pytest.fixture
def links(tmp_path: Path) -> Path:
    """A folder of links to the tree in which `bot.py` has the name it is installed under.

    Beside the package `bot`, a file `bot.py` is the same module to mypy and import-linter, and one of the two stays
    unchecked.
    """
    for name in (*PACKAGES, "services", "tests", "bench", "scripts"):
        (tmp_path / name).symlink_to(ROOT / name)
    (tmp_path / "recovery_desk.py").symlink_to(ROOT / "bot.py")
    return tmp_path
