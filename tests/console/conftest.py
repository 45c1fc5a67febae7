"""Places for tests of the command line."""

from pathlib import Path

import pytest

from tests.console.place import Place


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """A folder in which no desk has ever run."""
    return Place(tmp_path)
