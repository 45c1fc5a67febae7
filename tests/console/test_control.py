"""The socket between the command line and the desk that runs: what happens when either end goes away."""

from __future__ import annotations

import fcntl
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from console import control
from tests.console.place import Place

HEAD = "service,login,address\n"


def test_a_socket_left_by_a_crash_is_in_nobodys_way(place: Place) -> None:
    """After SIGKILL commands open the store themselves, and the next desk takes the socket over."""
    with place.serving() as first:
        place.quick("accounts", "add", "esp", "kept", "kept@mail.example")
        first.kill()
    assert (place.data / "control.sock").is_socket()
    assert place.quick("find", "kept", "--json").json[0]["login"] == "kept"
    assert place.quick("cases").out == "No case is waiting.\n"
    (place.folder / "desk.log").unlink()
    with place.serving():
        assert place.quick("find", "kept", "--json").json[0]["login"] == "kept"
        assert place.quick("audit", "--verify").status == 0


def test_a_desk_that_dies_over_a_request_is_told(place: Place) -> None:
    """One sentence and status 1; an import that was under way left nothing behind."""
    lines = HEAD + "".join(f"esp,user{n},user{n}@mail.example\n" for n in range(12_000))
    with place.serving() as desk:
        log = place.folder / "import.log"
        (place.folder / "many.csv").write_text(lines, "utf-8")
        with place.start("accounts", "import", "many.csv", log=log) as importing:
            _await_text(log, "lines read")
            desk.kill()
            assert importing.wait(20) == 1
    assert log.read_text("utf-8").splitlines()[-1].startswith("The desk stopped while it worked on this. Look whether")
    assert place.quick("accounts", "export").out.count("\n") == 1


def test_an_importer_who_leaves_takes_the_import_back(place: Place) -> None:
    """Ctrl-C on the command line: the desk keeps nothing of the file, says so in its log, and goes on."""
    (place.folder / "many.csv").write_text(
        HEAD + "".join(f"esp,user{n},user{n}@mail.example\n" for n in range(12_000)), "utf-8"
    )
    with place.serving() as desk:
        log = place.folder / "import.log"
        with place.start("accounts", "import", "many.csv", log=log) as importing:
            _await_text(log, "lines read")
            importing.kill()
        assert desk.wait("control.left")[0]["operation"] == "import"
        assert desk.get("/live")[0] == 200
        assert place.quick("accounts", "export").out.count("\n") == 1
        assert desk.stop() < 5


def test_a_store_that_is_held_by_nobody_who_answers_is_told_with_the_pid(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a few tries: a desk that starts or stops is waited for."""
    monkeypatch.setattr(control, "PAUSE_SECONDS", 0.01)
    place.quick("accounts", "add", "esp", "kept", "kept@mail.example")
    with (place.data / "desk.json.lock").open("r+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        lock.write("4242\n")
        lock.flush()
        said = place.quick("find", "kept")
    assert said.status == 1
    assert said.err.startswith("data/desk.json is in use by process 4242.")
    assert said.err.endswith("It does not answer on data/control.sock.\n")


def test_a_look_up_that_can_be_neither_asked_nor_written_says_why(place: Place) -> None:
    """`find` goes on the trail, so without a desk it needs the store for itself."""
    place.quick("accounts", "add", "esp", "kept", "kept@mail.example")
    (place.data / "desk.json.lock").unlink()
    (place.data / "desk.json.lock").mkdir()
    said = place.quick("find", "kept")
    assert (said.status, said.out) == (1, "")
    assert "Cannot write to" in said.err
    assert place.quick("cases").status == 0


def test_a_deep_folder_has_its_socket_too(tmp_path: Path) -> None:
    """The system takes names of sockets of 107 bytes; folders may be deeper."""
    deep = tmp_path / ("d" * 60) / ("e" * 60)
    deep.mkdir(parents=True)
    place = Place(tmp_path, DESK_DATA=str(deep))
    with place.serving("--only", "timers") as desk:
        assert place.quick("find", "nobody").err == "Nothing was found for nobody.\n"
        assert (deep / "control.sock").is_socket()
        assert desk.stop() < 5
    assert not (deep / "control.sock").exists()


def test_something_else_on_the_socket_is_not_taken_for_a_desk(place: Place) -> None:
    """Whatever it says, the answer is a sentence."""
    place.quick("accounts", "add", "esp", "kept", "kept@mail.example")
    with socket.socket(socket.AF_UNIX) as strange, ThreadPoolExecutor(1) as pool:
        strange.bind(str(place.data / "control.sock"))
        strange.listen()
        pool.submit(_say, strange, b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nnot json\n")
        said = place.quick("find", "kept")
    assert (said.status, said.out) == (1, "")
    assert said.err.startswith("The desk stopped while it worked on this.")


def _await_text(file: Path, text: str) -> None:
    for _ in range(2000):
        if text in file.read_text("utf-8"):
            return
        time.sleep(0.01)
    raise AssertionError(file.read_text("utf-8"))


def _say(door: socket.socket, answer: bytes) -> None:
    guest, _ = door.accept()
    with guest:
        guest.recv(65536)
        guest.sendall(answer)
