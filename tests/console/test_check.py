"""`init`, and `check`: a line for each part of the desk, with what to do about those that are bad."""

from __future__ import annotations

import asyncio
import socket
import stat
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from console import reach
from demo.names import name_server
from demo.slack import APP_TOKEN, AYSE, BOT_TOKEN, CHANNEL, workspace
from tests.bot.stub import failed, stub_slack
from tests.console.place import HOST, PROGRAM, ROOT, Place
from tests.handlers.sink import open_sink

PARTS = [
    "settings", "services",
    "passwords of connectprof", "passwords of esp", "passwords of o2switch", "passwords of opcommerce",
    "passwords of shopfactory", "examples", "keys", "store", "mail listener", "portal listener", "admin listener",
    "open files", "certificate", "portal url", "resolver", "scanner", "relay", "slack", "staff",
]  # fmt: skip


SLACK = {
    "SLACK_BOT_TOKEN": BOT_TOKEN,
    "SLACK_APP_TOKEN": APP_TOKEN,
    "DESK_SLACK_CHANNEL": CHANNEL,
    "DESK_STAFF_AGENTS": AYSE.id,
}


def lines(said: str) -> dict[str, str]:
    """What was said of each part."""
    return {line[5:].partition(": ")[0]: line for line in said.splitlines()}


def test_init_leaves_a_newcomer_ready_and_overwrites_nothing(place: Place) -> None:
    """Settings and key, readable by their owner only; a second time changes nothing and says so."""
    done = place.run("init")
    assert (done.status, done.err) == (0, "")
    written = [place.folder / "desk.toml", place.data / "keys"]
    assert [stat.S_IMODE(file.stat().st_mode) for file in written] == [0o600, 0o600]
    before = [file.read_bytes() for file in written]
    again = place.quick("init")
    assert (again.status, again.err) == (1, "desk.toml is there already; nothing was changed.\n")
    assert [file.read_bytes() for file in written] == before
    assert "1, the first one signs" in place.quick("check").out


def test_init_makes_no_key_where_one_is_set(place: Place) -> None:
    """Neither beside DESK_KEYS nor over a file of keys."""
    done = place.quick("init", DESK_KEYS="000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f")
    assert (done.status, place.data.exists()) == (0, False)
    (place.folder / "desk.toml").unlink()
    place.quick("accounts", "add", "esp", "a", "a@mail.example")
    key = (place.data / "keys").read_bytes()
    assert place.quick("init").status == 0
    assert (place.data / "keys").read_bytes() == key


async def test_a_desk_that_would_work_has_nothing_but_ok(slack_emulator_path: str, place: Place) -> None:
    """Against a Slack and a relay that answer, without a letter being sent; in a process of its own, status 0."""
    async with workspace() as slack, open_sink() as sink, name_server() as names:
        place.settings |= {**SLACK, "DESK_SLACK_API_URL": slack.api, "DESK_RELAY": f"smtp://{HOST}:{sink.port}"}
        place.settings["DESK_DNS"] = names.at
        done = await asyncio.to_thread(place.run, "check")
        assert (sink.connections, sink.envelopes) == (1, [])
    assert (done.status, done.err) == (0, "")
    assert list(lines(done.out)) == PARTS
    assert [part for part, line in lines(done.out).items() if not line.startswith("ok   ")] == ["examples"], done.out
    assert BOT_TOKEN not in done.out


async def test_a_desk_without_slack_is_well(place: Place) -> None:
    """It is worked with `act`; a note says so. One setting of Slack's alone is a mistake again."""
    async with name_server() as names:
        done = await asyncio.to_thread(place.quick, "check", DESK_DNS=names.at)
        names.mood = "silent"
        deaf = await asyncio.to_thread(place.quick, "check", DESK_DNS=names.at)
    assert done.status == 0, done.out
    assert lines(deaf.out)["resolver"].startswith(f"FAIL resolver: {names.at} does not answer - set DESK_DNS")
    said = lines(done.out)
    assert said["slack"].startswith("note slack: none set; cases wait for `act`")
    assert said["staff"] == "note staff: nobody listed; the command line needs nobody"
    half = await asyncio.to_thread(place.quick, "check", DESK_SLACK_CHANNEL=CHANNEL)
    assert half.status == 1
    assert lines(half.out)["slack"].startswith("FAIL slack: SLACK_BOT_TOKEN is not set")
    assert lines(half.out)["staff"].startswith("FAIL staff: ")


@pytest.mark.parametrize(
    ("method", "error"),
    [
        ("auth.test", "invalid_auth"),
        ("conversations.history", "not_in_channel"),
        ("apps.connections.open", "not_allowed_token_type"),
    ],
)
async def test_what_slack_refuses_is_told_in_its_own_word(place: Place, method: str, error: str) -> None:
    """The bot token, the channel, the app token: the word leads to the page that explains it."""
    async with stub_slack() as slack:
        slack.script[method] = [failed(error)]
        place.settings |= {**SLACK, "DESK_SLACK_API_URL": slack.api}
        done = await asyncio.to_thread(place.quick, "check")
    fix = "docs/slack.md says which token and which channel; invite the app to the channel"
    assert (done.status, lines(done.out)["slack"]) == (1, f"FAIL slack: {error} - {fix}")


def test_every_part_that_is_bad_has_a_line_with_a_fix(place: Place) -> None:
    """And the others are looked at all the same; status 1."""
    (place.folder / "mail.pem").write_text("no certificate", "utf-8")
    place.quick("accounts", "add", "esp", "a", "a@mail.example")
    (place.data / "desk.json").write_text("{}", "utf-8")
    with socket.create_server((HOST, 0)) as taken:
        port = taken.getsockname()[1]
        place.settings |= {
            "DESK_MAIL_LISTEN": f"{HOST}:{port}",
            "DESK_MAIL_TLS_CERT": "mail.pem",
            "DESK_MAIL_TLS_KEY": "mail.pem",
            "DESK_PORTAL_URL": "https://no-such-host.invalid",
            "DESK_RELAY": "smtp://127.0.0.1:1",
            "DESK_DNS": "127.0.0.1:1",
            "DESK_CLAMD": "127.0.0.1:1",
            "DESK_SLACK_API_URL": "http://127.0.0.1:1/api",
            "DESK_SLACK_CHANNEL": "C0123456789",
            "SLACK_BOT_TOKEN": "xoxb-none",
            "SLACK_APP_TOKEN": "xapp-none",
        }
        done = place.run("check")
    assert done.status == 1
    said = lines(done.out)
    assert list(said) == PARTS
    bad = {"store", "mail listener", "certificate", "portal url", "resolver", "scanner", "relay", "slack", "staff"}
    assert {part for part, line in said.items() if line.startswith("FAIL")} == bad
    assert all(" - " in said[part] for part in bad)
    assert f"{HOST}:{port}: address already in use - stop what listens there" in said["mail listener"].lower()
    assert "no-such-host.invalid" in said["portal url"]


def test_CP_29_rules_for_passwords_that_depart_are_noted_with_the_reason(place: Place) -> None:
    """What NIST and ASVS say otherwise, and why the service keeps its own; a service without a reason is told so."""
    said = lines(place.quick("check").out)
    assert "asks for renewal after 90 days (ASVS 6.2.10, NIST)" in said["passwords of connectprof"]
    assert "help page promises these rules" in said["passwords of connectprof"]
    assert "its file gives no reason" in said["passwords of shopfactory"]


def test_settings_and_service_files_that_are_bad_are_listed_mistake_by_mistake(place: Place) -> None:
    """A line each with the file and the key; nothing else can be checked without settings."""
    done = place.quick("check", DESK_LOG="loud", DESK_RELAY="pigeon://x")
    assert (done.status, len(done.out.splitlines())) == (1, 2)
    assert "FAIL settings: environment DESK_LOG - " in done.out
    folder = place.folder / "services"
    folder.mkdir()
    (folder / "one.toml").write_text('name = "One"\n', "utf-8")
    found = [line for line in place.quick("check", DESK_SERVICES="services").out.splitlines() if " services: " in line]
    keys = ["language", "mailboxes", "sender"]
    assert [line.split(" - ")[0] for line in found] == [f"FAIL services: services/one.toml {key}" for key in keys]


def test_two_listeners_in_one_place_and_a_proxy_for_everybody_are_refused(place: Place) -> None:
    """In the words of whoever wrote them, with what to do; before a mail is believed."""
    at = f"{HOST}:8089"
    [said] = place.quick("check", DESK_PORTAL_LISTEN=at, DESK_ADMIN_LISTEN=at).out.splitlines()
    assert said == (
        f"FAIL settings: environment DESK_ADMIN_LISTEN - is {at} and DESK_PORTAL_LISTEN is {at}: "
        "only one can listen there, so change a port"
    )
    [said] = place.quick("check", DESK_MAIL_PROXY_FROM="0.0.0.0/0").out.splitlines()
    assert said.startswith('FAIL settings: environment DESK_MAIL_PROXY_FROM - is "0.0.0.0/0"; it must be the networks')


def test_too_few_open_files_are_told_before_the_doors_find_out(place: Place) -> None:
    """The hard limit counts, as the desk raises its own; more sessions need more."""
    limited = ("sh", "-c", 'ulimit -n 1024 && exec "$@"', "sh", *PROGRAM, "check")
    done = subprocess.run(limited, cwd=place.folder, env=place.environ(), capture_output=True, check=False, timeout=40)
    said = lines(done.stdout.decode())["open files"]
    assert said.startswith("FAIL open files: 1024 may be open, the doors at their fullest need 2120 - raise the limit")
    assert " 11920 " in lines(place.quick("check", DESK_MAIL_MAX_SESSIONS="10000").out)["open files"]


def test_the_desk_asks_for_all_the_files_it_may_open() -> None:
    """A shell's 1024 is only where it starts."""
    program = (
        "import resource; from console.listeners import file_limit, lift_file_limit; lift_file_limit();"
        "assert resource.getrlimit(resource.RLIMIT_NOFILE)[0] == file_limit() == 3000"
    )
    limited = ("sh", "-c", 'ulimit -Sn 256 && ulimit -Hn 3000 && exec "$@"', "sh", sys.executable, "-c", program)
    subprocess.run(limited, cwd=ROOT, check=True, timeout=40)


@pytest.mark.parametrize(("relay", "well"), [("relay", True), ("file/relay", False), ("none/relay", False)])
def test_a_folder_as_relay_is_there_or_can_be_made(place: Place, relay: str, well: bool) -> None:
    """The courier makes it at the first letter; the folder around it is the operator's, or mistyped."""
    Path(place.folder / "file").write_text("", "utf-8")
    said = lines(place.quick("check", DESK_RELAY=f"file://{place.folder / relay}").out)["relay"]
    assert said.startswith("ok   " if well else "FAIL "), said


@pytest.mark.parametrize(
    ("greeting", "answer", "said"),
    [
        (b"", b"PONG\n", "ok   scanner: clamd answers at {at}"),
        (b"220 mail.example ESMTP\r\n", b"", "FAIL scanner: {at}: what answers there is no clamd - start clamd"),
        (b"", b"x" * 100_000, "FAIL scanner: {at}: "),
        (b"", b"", "FAIL scanner: {at}: what answers there is no clamd"),
    ],
    ids=["clamd", "mail", "noise", "silence"],
)
async def test_the_scanner_is_asked_whether_it_is_there(
    place: Place, greeting: bytes, answer: bytes, said: str
) -> None:
    """A wrong port would be found out by the first document, which nobody scans then."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with closing(writer):
            writer.write(greeting)
            if await reader.readline() == b"nPING\n":
                writer.write(answer)

    async with await asyncio.start_server(serve, HOST, 0) as server:
        at = f"{HOST}:{server.sockets[0].getsockname()[1]}"
        found = lines((await asyncio.to_thread(place.quick, "check", DESK_CLAMD=at)).out)["scanner"]
    assert found.startswith(said.format(at=at)), found


async def test_a_scanner_that_hangs_is_not_waited_for_long(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """It takes the connection and says nothing, as when it loads signatures."""
    monkeypatch.setattr(reach, "SECONDS", 0.5)

    async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with closing(writer):
            await reader.read()

    async with await asyncio.start_server(hang, HOST, 0) as server:
        at = f"{HOST}:{server.sockets[0].getsockname()[1]}"
        found = lines((await asyncio.to_thread(place.quick, "check", DESK_CLAMD=at)).out)["scanner"]
    assert found.startswith(f"FAIL scanner: {at}: timed out, nothing answers"), found


def test_a_portal_that_only_this_machine_can_open_is_noted_where_mail_comes_from_others(place: Place) -> None:
    """Links in letters would lead nowhere; with mail of this machine alone it is a try-out."""
    assert lines(place.quick("check").out)["portal url"].startswith("ok   portal url: 127.0.0.1 resolves; only this")
    said = lines(place.quick("check", DESK_MAIL_LISTEN="0.0.0.0:0").out)["portal url"]
    assert said.startswith(
        "note portal url: mail comes in from other machines at 0.0.0.0:0, and letters lead to http://127"
    )
    assert said.endswith("set DESK_PORTAL_URL to the public address")


def test_examples_and_senders_of_other_domains_are_noted(place: Place) -> None:
    """Services that no mail can reach, where DESK_SERVICES was forgotten; and a sender that may be mistyped."""
    said = lines(place.quick("check").out)["examples"]
    assert said.startswith("note examples: connectprof, esp, o2switch, opcommerce, shopfactory: their mailboxes end in")
    assert "set DESK_SERVICES" in said
    folder = place.folder / "own"
    folder.mkdir()
    text = 'name = "Shop"\nlanguage = "en"\nmailboxes = ["help@shop.test"]\nsender = "Shop <help@{}>"\n'
    (folder / "shop.toml").write_text(text.format("shop.test"), "utf-8")
    found = lines(place.quick("check", DESK_SERVICES="own").out)
    assert not {"examples", "sender of shop"} & set(found)
    (folder / "shop.toml").write_text(text.format("shpo.test"), "utf-8")
    found = lines(place.quick("check", DESK_SERVICES="own").out)
    assert found["sender of shop"].startswith(
        "note sender of shop: letters come from shpo.test, where the service has no"
    )
