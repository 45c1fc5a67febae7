"""`explain` prints one line a mail, with the keys of the contract, whatever lies in the folder."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from mailin.explain import Explanation, explain
from tests.conftest import ROOT
from tests.mailin.reading import MAILS, SERVICES, make_mail

KEYS = ["path", "automatic", "from", "reply_to", "subject", "origin", "language", "intent", "confidence", "because"]
KEYS += ["claims", "text", "hidden_lines", "attachments", "defects"]
CLAIMS = ["service", "logins", "addresses", "new_address", "account_kind", "not_owner"]


def explained(*paths: Path | str) -> list[Explanation]:
    """The explanations of some paths."""
    return list(explain([str(path) for path in paths], SERVICES))


def test_every_mail_of_a_folder_gives_one_json_object() -> None:
    """One valid line per file, each with exactly the contract's keys in order."""
    lines = [explanation.as_json() for explanation in explained(MAILS)]
    files = [path for path in MAILS.rglob("*") if path.is_file()]
    assert len(lines) == len(files) >= 60
    for line in lines:
        record = json.loads(line)
        assert list(record) == KEYS
        assert list(record["claims"]) == CLAIMS
        assert "\n" not in line


def test_the_mail_of_the_first_story_is_understood() -> None:
    """A French customer who forgot the password and names a login."""
    (one,) = explained(MAILS / "fr" / "password-forgotten-login.eml")
    assert (one.intent, one.language, one.claims.logins) == ("password_reset", "fr", ("durand42",))
    assert one.origin is None


def test_files_attached_are_listed_with_their_keys() -> None:
    """Name, type, bytes, sha256 and verdict of each."""
    (one,) = explained(MAILS / "fr" / "documents-kbis.eml")
    record = json.loads(one.as_json())
    assert list(record["attachments"][0]) == ["name", "type", "bytes", "sha256", "verdict"]


def test_people_get_the_same_in_words() -> None:
    """The text form names the wish, the login and the words that decided."""
    (one,) = explained(MAILS / "fr" / "password-forgotten-login.eml")
    text = one.as_text()
    assert "password_reset" in text
    assert "durand42" in text
    assert "oublié" in text


def test_the_name_of_a_file_is_one_harmless_line(tmp_path: Path) -> None:
    """It forges no row of the text form, and steers no terminal."""
    (tmp_path / "a\n       from  fake@b.example\x1b[31m\u2028\u202e.eml").write_text(make_mail("x"))
    (one,) = explained(tmp_path)
    rows = one.as_text().splitlines()
    assert rows[0].endswith("/a�       from  fake@b.example�[31m��.eml")
    assert rows[1].split() == ["from", "marie@clients.example"]


def test_standard_input_is_a_dash(monkeypatch: pytest.MonkeyPatch) -> None:
    """`-` reads one mail from standard input."""
    stdin = io.TextIOWrapper(io.BytesIO(make_mail("sifremi unuttum").encode()))
    monkeypatch.setattr("sys.stdin", stdin)
    (one,) = explained("-")
    assert (one.path, one.intent) == ("-", "password_reset")


def test_what_cannot_be_read_gives_a_line_with_a_defect(tmp_path: Path) -> None:
    """Missing, a pipe, a strange name: a line each, never an error."""
    os.mkfifo(tmp_path / "pipe")
    strange = os.fsencode(tmp_path) + b"/\xff\xfe.eml"
    with open(strange, "wb") as file:
        file.write(b"\xff\x00")
    found = explained(tmp_path / "missing.eml", tmp_path)
    assert len(found) == 3
    assert all(json.loads(one.as_json())["defects"] for one in found)


def test_folders_are_read_to_the_bottom_without_hidden_files(tmp_path: Path) -> None:
    """Files of any name at any depth count; those that begin with a dot do not."""
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "mail").write_text(make_mail("x"))
    (tmp_path / ".hidden").write_text("x")
    assert [Path(one.path).name for one in explained(tmp_path)] == ["mail"]


@pytest.mark.parametrize("form", [(), ("--json",)])
def test_a_terminal_without_the_letters_is_shown_what_it_can_show(form: tuple[str, ...]) -> None:
    """Turkish words where the locale is Latin-1, and no standard input at all."""
    command = [sys.executable, "bot.py", "explain", *form, str(MAILS / "tr"), "-"]
    shown = subprocess.run(
        command, cwd=ROOT, env={"PYTHONIOENCODING": "latin-1"}, capture_output=True, check=True, preexec_fn=_close_input
    )
    assert b"\\u015f" in shown.stdout
    assert b"is closed" in shown.stdout
    assert not shown.stderr


def _close_input() -> None:
    os.close(0)
