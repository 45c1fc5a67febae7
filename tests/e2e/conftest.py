"""The whole house for end-to-end tests: a real desk in a process of its own, a local Slack, the customers' inbox."""

from collections.abc import AsyncIterator, Callable, Iterable
from pathlib import Path

import pytest

from demo.house import House, house

HEAD = "service,login,address,kind,name,company,language,phone"


@pytest.fixture
async def running(slack_emulator_path: str) -> AsyncIterator[House]:
    """A house with the demonstration's accounts."""
    async with house() as ready:
        yield ready


@pytest.fixture
def shopfactory_accounts(tmp_path: Path) -> Callable[[Iterable[str]], Path]:
    """Writes a file of French ShopFactory accounts, one a login, registered at `<login>@customers.example`."""

    def write(logins: Iterable[str]) -> Path:
        file = tmp_path / "accounts.csv"
        rows = [f"shopfactory,{login},{login}@customers.example,individual,,,fr," for login in logins]
        file.write_text("\n".join([HEAD, *rows, ""]), encoding="utf-8")
        return file

    return write
