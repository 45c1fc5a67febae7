"""What the command line says before any desk is asked: help, and commands that cannot be understood."""

import tomllib

import pytest

from tests.console.place import ROOT, Place

COMMANDS = (
    "find", "cases", "case", "act", "audit", "serve", "demo", "init", "check", "manifest", "explain", "accounts",
    "examples", "accounts add", "accounts import", "accounts export", "accounts show",
)  # fmt: skip


def test_every_command_explains_itself(place: Place) -> None:
    """And the command line as a whole names every command and what its exit statuses mean."""
    whole = place.run("--help")
    assert all(f"\n  {command.split()[0]} " in whole.out for command in COMMANDS)
    assert "Exit status: 0 done; 1 refused" in whole.out
    for command in COMMANDS:
        said = place.quick(*command.split(), "--help")
        assert (said.status, said.err) == (0, ""), said
        assert said.out.startswith(f"Usage: bot.py {command}")
        assert len(said.out.splitlines()) >= 6, said.out
    assert list(place.folder.iterdir()) == []


def test_the_version_is_told(place: Place) -> None:
    """The one the package is built with, wherever it runs."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert place.quick("--version").out == f"{project['name']} {project['version']}\n"


def test_a_command_loads_no_door(place: Place) -> None:
    """Whoever looks at a case does not wait for the libraries of Slack, pages and mail."""
    said = place.run("--version", PYTHONPROFILEIMPORTTIME="1")
    loaded = {line.rpartition("|")[2].strip().partition(".")[0] for line in said.err.splitlines()}
    assert "console" in loaded
    assert loaded & {"bot", "mailin", "portal", "slack_sdk", "jinja2", "aiosmtpd"} == set()


def test_what_cannot_be_understood_ends_with_2(place: Place) -> None:
    """One line says what would be right, and nothing is done."""
    wrong = {
        "": "Usage:",
        "nonsense": "No such command 'nonsense'",
        "find": "Missing argument",
        "cases --jsn": "No such option",
        "act R-1 explode --by ayse": "must be one of claim, send_link, send_code, send_temporary_password,",
        "act R-1 review_documents --by ayse --verdict kbis": "write PIECE=…, where the piece is one of identity, kbis,",
        "act R-1 review_documents --by ayse --verdict kbis=fine": "the verdict must be one of accepted, unreadable,",
        "act R-1 review_documents --by ayse --dated kbis=2026-10-01": "there is no --verdict kbis=… beside it",
        "act R-1 review_documents --by a --verdict kbis=accepted --dated kbis=1.10.26": "must be like 2026-10-01",
        "act R-1 review_documents --by a --verdict kbis=accepted --new-address kbis=so": "say yes when the document",
        "act R-1 choose_intent --by a": "choose_intent needs one of password_reset,",
        "act R-1 choose_intent --by a --wish gold": "choose_intent needs one of password_reset,",
        "act R-1 claim --by a --wish other": "choose_intent needs one of password_reset,",
        "act R-1 refuse --by a --reason suspicous": "a code, and suspicous is unknown; did you mean suspicious?",
        "act R-1 refuse --by a --reason nonsense_code": "nonsense_code is unknown; possible are account_purged, ",
        "act R-1 claim": "Missing option '--by'",
        "act R-1 claim --by \x1b[2J": "must be a name of at most 80 printable characters",
        "act R-1 refuse --by a --reason \udcff": "what was typed is not UTF-8 text",
        "find \udcff": "what was typed is not UTF-8 text",
        "serve --only mail,cellar": "the roles are courier, timers, slack, portal, mail",
        "examples --language xx": "Invalid value for --language: must be one of fr, en, tr",
        "explain": "Missing argument 'PATH'",
        "accounts import nowhere.csv": "nowhere.csv cannot be read: No such file or directory",
    }
    for line, sentence in wrong.items():
        said = place.quick(*line.split())
        assert said.status == 2, said
        assert sentence in said.out + said.err, said
        assert "Traceback" not in said.err
    assert not place.data.exists()


def test_the_manifest_is_json_for_either_way_to_slack(place: Place) -> None:
    """Socket Mode by default; with an address, signed HTTP to that address."""
    line, http = place.run("manifest"), place.quick("manifest", "--url", "https://desk.example/slack/events")
    assert line.json["settings"]["socket_mode_enabled"] is True
    assert http.json["settings"]["socket_mode_enabled"] is False
    assert http.json["settings"]["interactivity"]["request_url"] == "https://desk.example/slack/events"


@pytest.mark.parametrize("form", ["--json", ""])
def test_a_mail_cannot_steer_the_terminal(place: Place, form: str) -> None:
    """Escape sequences, C1 controls and writing directions in a customer's words come out harmless."""
    evil = "\x1b]0;owned\x07 \x9b31m \u202eover\u2028 sıfırla"
    mail = f"From: a@mail.example\nTo: support@shopfactory.example\nSubject: s\n\nmot de passe {evil}\n"
    explain = place.run if form else place.quick
    said = explain("explain", "-", *form.split(), stdin=mail.encode())
    assert said.status == 0, said
    assert all(sign.isprintable() or sign == "\n" for sign in said.out)
    assert "sıfırla" in said.out
    if form:
        assert said.json["path"] == "-"
