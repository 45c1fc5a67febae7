"""A store whose key is lost: said by every command, never papered over with a new key."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.console.place import Done, Place

OTHER = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"


@pytest.fixture
def key(place: Place) -> str:
    """The name of the key of a desk that has worked in this folder."""
    place.quick("accounts", "add", "esp", "a", "a@mail.example")
    said = place.quick("check").out
    return said.partition("the first one signs: ")[2][:8]


def keys(place: Place, desk_keys: str = "") -> str:
    """What `check` says of the keys; it ends with 1 where they are lost."""
    done = place.quick("check", DESK_KEYS=desk_keys)
    line = next(line for line in done.out.splitlines() if " keys: " in line)
    assert done.status == 1 or not line.startswith("FAIL")
    return line


def refused(done: Done) -> str:
    """The one line on standard error of a command that was refused."""
    assert (done.status, done.out) == (1, ""), done
    assert "Traceback" not in done.err
    return done.err.splitlines()[-1]


@pytest.mark.parametrize(
    "command",
    ["serve", "serve --only courier", "accounts add esp b b@mail.example", "find a", "init", "audit", "cases"],
)
def test_a_lost_key_is_named_and_never_replaced(place: Place, key: str, command: str) -> None:
    """Whoever looks, changes, starts or begins anew reads which key is missing and where to put it; nothing is made."""
    kept = (place.data / "keys").read_bytes()
    (place.data / "keys").unlink()
    said = refused(place.run("serve") if command == "serve" else place.quick(*command.split()))
    assert f"tore data/desk.json was sealed with key {key}, which is not here: there is no file data/keys." in said
    assert "estore data/keys from your copy, or add that key to DESK_KEYS" in said
    assert not (place.data / "keys").exists()
    assert not (place.folder / "desk.toml").exists()
    (place.data / "keys").write_bytes(kept)
    (place.data / "keys").chmod(0o600)
    assert place.quick("audit", "--verify").out.startswith("The trail is whole")


def test_check_fails_where_the_stores_key_is_lost(place: Place, key: str) -> None:
    """Gone, or others in its place; well again when it is among them, wherever it stands."""
    kept = (place.data / "keys").read_text("ascii").splitlines()[-1]
    (place.data / "keys").unlink()
    assert keys(place).startswith(f"FAIL keys: the store data/desk.json was sealed with key {key}, which is not here")
    assert " - restore data/keys from your copy, or add that key to DESK_KEYS" in keys(place)
    other = keys(place, OTHER)
    assert other.startswith(f"FAIL keys: the store data/desk.json was sealed with key {key}, which is not among the")
    assert keys(place, f"{OTHER},{kept}").startswith("ok   keys: 2, the first one signs: ")


def test_a_desk_with_other_keys_is_not_started(place: Place, key: str) -> None:
    """Its letters, codes and second factors could not be opened; looking is still possible."""
    for command in ("serve --only courier", "find a"):
        said = refused(place.quick(*command.split(), DESK_KEYS=OTHER))
        assert f"was sealed with key {key}, which is not among the desk's (630dcd29)." in said
    assert place.quick("cases", DESK_KEYS=OTHER).status == 0


def test_keys_are_changed_one_after_the_other(place: Place, key: str) -> None:
    """The old one may go when the new one has signed: not before."""
    file: Path = place.data / "keys"
    old = file.read_text("ascii")
    file.write_text(f"{OTHER}\n{old}", "ascii")
    assert place.quick("find", "a").status == 0
    file.write_text(OTHER, "ascii")
    assert keys(place) == "ok   keys: 1, the first one signs: 630dcd29"


def test_a_journal_alone_names_its_key(place: Place) -> None:
    """A desk that was killed before its first snapshot has data all the same."""
    with place.serving("--only", "timers") as desk:
        desk.kill()
    assert not (place.data / "desk.json").exists()
    (place.data / "keys").unlink()
    assert "FAIL keys: the store data/desk.json was sealed with key " in place.quick("check").out
    assert "was sealed with key" in refused(place.quick("serve", "--only", "timers"))
