"""What every test may ask for. Folders of tests keep fixtures of their own beside them."""

import os
import shutil
import socket
from pathlib import Path

import argon2
import pytest

from handlers import passwords

ROOT = Path(__file__).resolve().parent.parent


def without(what: str) -> None:
    """Leave out a test for lack of a tool, saying so; where CI is true nothing may be left out, so fail."""
    sentence = f"{what} is missing: run `make test` as root, or see what scripts/system.sh says"
    if os.environ.get("CI") == "true":
        pytest.fail(sentence, pytrace=False)
    pytest.skip(sentence)


@pytest.fixture(scope="session", autouse=True)
def cheap_hashes() -> None:
    """Passwords hashed by argon2id as always, but at its lowest cost: thousands of them would be most of the run."""
    passwords._hasher = argon2.PasswordHasher.from_parameters(argon2.profiles.CHEAPEST)


@pytest.fixture
def free_port() -> int:
    """A loopback TCP port that nobody listens on at this moment, for programs that cannot take port 0."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """The browser for Playwright's `executable_path`; started as root it also wants `--no-sandbox`."""
    found = [path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))]
    if not found:
        without("Chromium")
    return found[0]


@pytest.fixture(scope="session")
def slack_emulator_path() -> str:
    """The Slack emulator; it listens on all interfaces whatever it is told, so it is never given a real token."""
    path = ROOT / ".tools" / "local-slack"
    if not os.access(path, os.X_OK):
        without("The Slack emulator")
    return str(path)


@pytest.fixture(scope="session")
def axe_path() -> Path:
    """axe-core, which finds in a page what keeps people with disabilities out."""
    path = ROOT / ".tools" / "axe.min.js"
    if not path.is_file():
        without("axe-core")
    return path
