"""The house the demonstration lives in: what cannot start says why, and nothing of it stays."""

import os
import tempfile
from pathlib import Path

import pytest

import demo
from demo.house import house, samples
from demo.serving import CannotStart

pytestmark = pytest.mark.xdist_group("e2e-demo")


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where temporary files go during the test."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.mark.usefixtures("slack_emulator_path")
async def test_accounts_that_cannot_be_imported_stop_the_start(tmp_path: Path, temporary: Path) -> None:
    """A bad line is named by its number; Slack and the inbox that had started are gone again."""
    bad = tmp_path / "bad.csv"
    bad.write_text("service,login,address\nnowhere,x,x@customers.example\n", encoding="utf-8")
    with pytest.raises(CannotStart, match="line 2"):
        async with house(accounts=bad):
            pytest.fail("the house opened without accounts")
    assert os.listdir(temporary) == []


async def test_a_missing_emulator_is_said_in_one_sentence(
    temporary: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without the Slack emulator the demonstration ends with status 1, and says what is missing and what fetches it."""
    monkeypatch.setattr("demo.house.BINARY", temporary / "nothing")
    assert await demo.run(check=False) == 1
    said = capsys.readouterr().out
    assert f"The Slack emulator is not at {temporary / 'nothing'}; `make demo` fetches it." in said
    assert os.listdir(temporary) == []


def test_the_sample_mails_are_written_by_people_of_the_example_domain() -> None:
    """No sample names an address that could belong to somebody."""
    for mail in samples():
        named = [word.strip("<>.,;:()") for word in mail.decode().split() if "@" in word]
        assert named
        assert [word for word in named if not word.endswith(".example")] == []
