"""What is installed from a wheel is the whole product, and it starts."""

import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

from tests.tools.tree import PACKAGES, ROOT

CODE_AND_DATA = {".py", ".po", ".html", ".txt", ".css", ".toml", ".json", ".yaml", ".csv", ".eml"}
START = "import sys, recovery_desk; sys.argv[0] = 'recovery-desk'; sys.exit(recovery_desk.main())"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel built from the tree as it is, with the locked hatchling and without a network."""
    folder = tmp_path_factory.mktemp("wheel")
    command = (sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder))
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return next(folder.glob("*.whl"))


def test_the_wheel_holds_every_file_the_product_needs(wheel: Path) -> None:
    """No template, catalogue or service file is left behind, and bot.py travels as recovery_desk.py."""
    folders = (ROOT / name for name in (*PACKAGES, "services"))
    files = (path for folder in folders for path in folder.rglob("*") if path.suffix in CODE_AND_DATA)
    wanted = {str(path.relative_to(ROOT)) for path in files} | {"recovery_desk.py"}
    assert wanted - set(ZipFile(wheel).namelist()) == set()


def test_the_installed_command_starts_away_from_the_tree(wheel: Path, tmp_path: Path) -> None:
    """`recovery-desk --help` and `--version` need nothing of the folder it was built in."""
    installed = tmp_path / "site"
    ZipFile(wheel).extractall(installed)
    environment = {"PYTHONPATH": str(installed), "COLUMNS": "120"}
    for option, said in (("--help", "serve"), ("--version", f"recovery-desk {wheel.name.split('-')[1]}\n")):
        command = (sys.executable, "-c", START, option)
        done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert said in done.stdout
