"""The commands of docs/stories.md do what the page says, as they are written."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

from tests.console.place import ROOT, Place

PAGE = (ROOT / "docs" / "stories.md").read_text("utf-8")


def command(words: str) -> list[str]:
    """The one command of the page that has these words, run by the Python of these tests."""
    [line] = [line.strip() for line in PAGE.splitlines() if words in line and "python" in line.split()[0]]
    return [sys.executable, *shlex.split(line)[1:]]


def run(*words: str) -> str:
    """What a command prints; it has to succeed."""
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False, timeout=40)
    assert (done.returncode, done.stderr) == (0, ""), done
    return done.stdout


def test_a_mail_is_sent_again_with_the_line_of_the_page(place: Place) -> None:
    """With the printed port in the place of 8025; each time as a new mail, however the file's lines end."""
    program, option, line = command("smtplib")
    with place.serving("--only", "mail") as desk:
        for count in (1, 2):
            run(program, option, line.replace("8025", str(desk.port("mail"))))
            desk.wait("mail.taken_in", count)
        cases = place.quick("cases", "--json").json["cases"]
        assert {(case["service"], case["asked"]) for case in cases} == {("shopfactory", "password_reset")}
        history = [place.quick("audit", case["id"]).out for case in cases]
    assert sum(said.count("case.opened") + said.count("case.continued") for said in history) == 2


def test_the_app_on_the_line_of_the_page_gives_six_digits() -> None:
    """The key is typed as the page shows it, in groups."""
    assert re.fullmatch(r"\d{6}\n", run(*command("pyotp")))


def test_the_documents_of_the_page_are_drawn(tmp_path: Path) -> None:
    """All that the story then uploads."""
    words = command("drawn.py")
    folder = words.index(".tools/documents")
    run(*words[:folder], str(tmp_path), *words[folder + 1 :])
    assert {file.name for file in tmp_path.iterdir()} >= {"kbis.pdf", "carte-identite.jpg", "lettre.jpg"}
