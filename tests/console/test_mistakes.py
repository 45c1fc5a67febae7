"""What an operator gets wrong is said in sentences, with status 1 and without a traceback."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from pathlib import Path

import pytest

from console.listeners import with_ports
from handlers.configuration.settings import Settings
from tests.console.place import HOST, PROGRAM, ROOT, Done, Place


def refused(done: Done) -> list[str]:
    """The lines on standard error of a command that ended with status 1, and with nothing but sentences."""
    assert done.status == 1, done
    assert "Traceback" not in done.err
    assert "Traceback" not in done.out
    return done.err.splitlines()


@pytest.mark.parametrize("command", ["serve", "cases", "accounts import -", "init", "explain -"])
def test_every_mistake_in_the_settings_is_a_line(place: Place, command: str) -> None:
    """File, key and what would be right; whatever command meets them."""
    file = "" if command == "init" else "mail_listn = 'x'\nmail_max_bytes = 'many'\n"
    if file:
        (place.folder / "desk.toml").write_text(file, "utf-8")
    begin = place.run if command == "serve" else place.quick
    said = refused(begin(*command.split(), DESK_RELAY="pigeon://x", DESK_COLOUR="red"))
    expected = ["environment: DESK_COLOUR: is unknown", "environment: DESK_RELAY: must be smtp://"]
    if file:
        expected += [
            "desk.toml: mail_listn: is unknown; did you mean mail_listen?",
            'desk.toml: mail_max_bytes: is "many"; it must be',
        ]
    assert len(said) == len(expected)
    assert all(any(line.startswith(one) for line in said) for one in expected), said
    assert not place.data.exists()


def test_every_mistake_in_the_service_files_is_a_line(place: Place) -> None:
    """All files are read before anything is said, and nothing is started."""
    folder = place.folder / "services"
    folder.mkdir()
    (folder / "one.toml").write_text('name = "One"\nlanguage = "xx"\n', "utf-8")
    (folder / "two.toml").write_text("name = \n", "utf-8")
    said = refused(place.quick("serve", DESK_SERVICES="services"))
    assert [line.split(": ")[:2] for line in said[:3]] == [
        ["services/one.toml", "language"],
        ["services/one.toml", "mailboxes"],
        ["services/one.toml", "sender"],
    ]
    assert said[3].startswith("services/two.toml: is not TOML")
    assert refused(place.quick("serve", DESK_SERVICES="none"))[0].startswith("none: is not a folder")


@pytest.mark.parametrize("door", ["portal", "mail", "admin"])
def test_a_port_in_use_is_named_with_the_setting(place: Place, door: str) -> None:
    """The fix stands in the same line; what had started is closed again."""
    setting = f"DESK_{door.upper()}_LISTEN"
    with socket.create_server((HOST, 0)) as taken:
        at = place.settings[setting] = f"{HOST}:{taken.getsockname()[1]}"
        said = refused(place.run("serve") if door == "portal" else place.quick("serve"))
    expected = f"{setting}: cannot listen at {at}: address already in use. Stop what listens there"
    assert said[-1].startswith(expected), said
    assert not any('"error"' in line for line in said), said
    assert not (place.data / "control.sock").exists()


def test_an_address_that_is_not_ours_and_a_bad_certificate_are_told(place: Place) -> None:
    """Each in one line that names the setting."""
    elsewhere = refused(place.quick("serve", "--only", "courier", DESK_ADMIN_LISTEN="192.0.2.1:9090"))
    assert elsewhere[-1].startswith("DESK_ADMIN_LISTEN: cannot listen at 192.0.2.1:9090: cannot assign")
    (place.folder / "mail.pem").write_text("not a certificate", "utf-8")
    broken = refused(
        place.quick("serve", "--only", "mail", DESK_MAIL_TLS_CERT="mail.pem", DESK_MAIL_TLS_KEY="mail.pem")
    )
    assert "DESK_MAIL_TLS_CERT mail.pem and DESK_MAIL_TLS_KEY mail.pem cannot be used" in broken[-1]


def test_a_folder_where_no_desk_ever_ran_is_not_mistaken_for_an_empty_desk(place: Place) -> None:
    """Looking makes nothing: neither folder nor key."""
    for command in ("cases", "audit --verify", "case R-7F3K2M", "accounts export"):
        assert refused(place.quick(*command.split()))[0].startswith(f"There is no desk in {place.data} yet")
    assert list(place.folder.iterdir()) == []


def test_a_data_folder_that_is_a_file_is_told(place: Place) -> None:
    """Reading and writing commands alike."""
    place.data.write_text("", "utf-8")
    for command in ("cases", "accounts add esp a a@mail.example", "serve"):
        assert "Not a directory" in refused(place.quick(*command.split()))[-1]


def test_output_that_nobody_reads_to_its_end_is_no_accident(place: Place) -> None:
    """`explain … | head` ends quietly."""
    mails = str(ROOT / "tests" / "mails")
    with subprocess.Popen(
        (*PROGRAM, "explain", "--json", mails), cwd=place.folder, env=place.environ(), stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as explaining:  # fmt: skip
        assert explaining.stdout is not None
        assert explaining.stderr is not None
        assert explaining.stdout.readline().startswith(b'{"path":')
        explaining.stdout.close()
        assert explaining.stderr.read() == b""
    assert explaining.returncode == 1


def test_a_path_that_is_not_there_is_said_and_the_others_are_explained(place: Place) -> None:
    """A typing error is a mistake, in either form and with the DNS; a folder with broken mails is none."""
    mails = place.folder / "mails"
    mails.mkdir()
    (mails / "broken.eml").write_bytes(bytes(range(256)))
    os.mkfifo(mails / "pipe.eml")
    for options in ((), ("--json",), ("--json", "--dns")):
        done = place.quick("explain", *options, "mials", "mails", DESK_DNS=f"{HOST}:1")
        assert refused(done) == ["mials: there is no such file or folder."]
        assert done.out.count("broken.eml") == done.out.count("pipe.eml") == 1
    done = place.quick("explain", "--json", "mails")
    assert (done.status, done.err, len(done.out.splitlines())) == (0, "", 2)


def test_ctrl_c_is_quiet(place: Place, tmp_path: Path) -> None:
    """Status 130, not a word."""
    log = tmp_path / "said.log"
    with place.start("accounts", "import", "-", log=log, stdin=subprocess.PIPE) as process:
        waits_for_input(process.pid)
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 130
    assert log.read_text("utf-8") == ""


def test_links_follow_the_portals_port_only_when_their_own_is_0(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The public address an operator set is kept, whatever port the portal itself gets."""
    monkeypatch.chdir(tmp_path)

    def url(**environ: str) -> tuple[int, str]:
        settings = with_ports(Settings.load(environ=environ))
        return settings.portal_listen.port, settings.portal_url

    port, public = url(DESK_PORTAL_LISTEN="127.0.0.1:0", DESK_PORTAL_URL="https://desk.example")
    assert (port > 0, public) == (True, "https://desk.example")
    port, follows = url(DESK_PORTAL_LISTEN="127.0.0.1:0")
    assert follows == f"http://127.0.0.1:{port}"
    port, named = url(DESK_PORTAL_LISTEN="127.0.0.1:0", DESK_PORTAL_URL="http://localhost:0")
    assert named == f"http://localhost:{port}"
    assert url(DESK_PORTAL_LISTEN="[::1]:18080") == (18080, "http://[::1]:18080")


def waits_for_input(pid: int) -> None:
    """Return once the process sleeps in a read of its standard input."""
    until = time.monotonic() + 20
    while "pipe_read" not in Path(f"/proc/{pid}/wchan").read_text("ascii"):
        assert time.monotonic() < until
        time.sleep(0.05)
