"""The commands against a desk that runs: one process serves, others look and act."""

from __future__ import annotations

import json
import re
import signal
import stat
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.console.place import ACCOUNTS, Place, Serving, lost_mail

pytestmark = pytest.mark.xdist_group("console-desk")

MARIE = "marie.durand@boutique-durand.example"
TO = "support@shopfactory.example"
FOUND = {"account_id", "service", "login", "address", "kind", "name", "cases", "state", "deleted_at"}
LISTED = {"id", "service", "state", "asked", "requester", "claimed_by", "opened_at", "version"}
SHOWN = LISTED | {
    "login", "address", "name", "evidence", "actions", "history", "failure", "subject", "text", "grant", "new_address",
    "waits_for", "deadline", "proposal", "change", "papers", "missing", "frozen_with", "closed_until", "confidence",
    "numbers", "left_out", "hidden_lines", "mails", "others", "origin",
}  # fmt: skip
ENTRY = {
    "id", "event", "at", "by", "name", "case", "account", "service", "detail", "key", "before", "digest",
}  # fmt: skip


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """A desk with the demonstration's accounts and Marie's case, serving until the last of these tests."""
    place = Place(tmp_path_factory.mktemp("desk"))
    with place.serving() as running:
        imported = place.run("accounts", "import", str(ACCOUNTS))
        assert imported.out == "12 accounts added, 0 brought up to date.\n"
        running.send(lost_mail("durand42", MARIE, "1", words="Zanzibar, autre@courriel.example"), MARIE, TO)
        yield running


def case_of(desk: Serving) -> str:
    """The id of Marie's case."""
    id: str = desk.place.quick("cases", "--json").json["cases"][0]["id"]
    return id


def test_accounts_and_cases_are_found_while_the_desk_works(desk: Serving) -> None:
    """For people in columns, for programs as JSON with the same keys every time; addresses masked."""
    case = case_of(desk)
    found = desk.place.run("find", "DURAND42", "--json").json
    assert [set(one) for one in found] == [FOUND]
    assert (found[0]["address"], found[0]["cases"]) == ("m•••@b••••.example", [case])
    table = desk.place.quick("find", case).out.splitlines()
    assert table[0].split() == ["service", "login", "address", "kind", "name", "state", "cases"]
    assert table[1].split()[:2] == ["shopfactory", "durand42"]
    nobody = desk.place.quick("find", "nobody@nowhere.example")
    assert (nobody.status, nobody.out, nobody.err) == (1, "", "Nothing was found for nobody@nowhere.example.\n")


def test_a_case_is_shown_as_on_its_card(desk: Serving) -> None:
    """With what the customer wrote, which the list does not show; no full address; times with their zone."""
    case = case_of(desk)
    listed = desk.place.quick("cases").out
    assert re.search(rf"{case}  shopfactory .* \d{{4}}-\d\d-\d\d \d\d:\d\d:\d\d \S+\n", listed)
    card = desk.place.run("case", case.lower(), "--json").json
    assert set(card) == SHOWN
    assert set(desk.place.quick("cases", "--json").json["cases"][0]) == LISTED
    assert {one["action"] for one in card["actions"]} >= {"claim", "send_link", "refuse"}
    text = desk.place.quick("case", case).out
    assert "the customer asked for help" in text
    assert MARIE not in text + listed
    assert "autre@courriel.example" not in text + desk.place.quick("case", case, "--json").out
    assert "a•••@c••••.example" in text
    assert "Zanzibar" not in listed
    assert "Zanzibar" in text
    assert "Zanzibar" in card["text"]


def test_an_action_is_told_in_words(desk: Serving) -> None:
    """And a refusal, too; both are on the trail under the name that was given, marked as the console's."""
    case = case_of(desk)
    claimed = desk.place.run("act", case, "claim", "--by", "ayse")
    assert claimed.out == f"{case}: ayse claimed the case. The case is now claimed.\n"
    sent = desk.place.quick("act", case, "send_link", "--by", "ayse", "--reason", "she called", "--json")
    assert set(sent.json) == LISTED
    other = desk.place.quick("act", case, "send_code", "--by", "boris")
    assert (other.status, other.err) == (1, "ayse has claimed this case. Claim it yourself to take it over.\n")
    trail = desk.place.quick("audit", case).out
    assert re.search(r"ayse \(console\) +link\.issued", trail), trail
    assert "action.denied" in trail
    unknown = desk.place.quick("act", "R-NOSUCH", "claim", "--by", "ayse")
    assert (unknown.status, unknown.err) == (1, "There is no case R-NOSUCH.\n")


def test_the_trail_is_shown_and_verified_while_the_desk_writes(desk: Serving) -> None:
    """Twenty mails come in while the trail is read: it is whole each time."""

    def write() -> None:
        for number in range(20):
            desk.send(lost_mail("x", f"a{number}@mail.example", f"w{number}"), MARIE, TO)

    with ThreadPoolExecutor(1) as pool:
        writing = pool.submit(write)
        while not writing.done():
            verified = desk.place.quick("audit", "--verify")
            assert (verified.status, verified.out[:18]) == (0, "The trail is whole"), verified
        writing.result()
    entries = desk.place.run("audit", "--json").json
    assert all(set(entry) == ENTRY for entry in entries)
    assert [int(entry["id"]) for entry in entries] == list(range(1, len(entries) + 1))
    both = desk.place.quick("audit", "durand42", "--verify", "--json").json
    assert (set(both), both["faults"]) == ({"entries", "faults"}, [])


def test_accounts_are_added_shown_and_exported(desk: Serving) -> None:
    """An export is whole, can be imported again, and is nobody else's to read, whatever they left in the folder."""
    place = desk.place
    added = place.run("accounts", "add", "esp", "newcomer", "new@mail.example", "--language", "fr")
    assert added.out == "esp newcomer is kept.\n"
    shown = place.quick("accounts", "show", "NEWCOMER", "--json").json
    assert shown[0]["address"] == "new@mail.example"
    assert {"born", "integrations", "second_factor", "state"} <= set(shown[0])
    assert "new@mail.example" in place.quick("accounts", "show", "newcomer").out
    assert place.quick("accounts", "show", "nosuch").err == "There is no account nosuch.\n"
    file = place.folder / "out.csv"
    file.write_text("old", "utf-8")
    file.chmod(0o644)
    planted = place.folder / ".out.csv.part"
    planted.touch(0o666)
    with planted.open("rb") as held:
        assert place.quick("accounts", "export", "out.csv").status == 0
        assert held.read() == b""
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert file.read_text("utf-8") == place.quick("accounts", "export").out
    again = place.quick("accounts", "import", "out.csv")
    assert again.out == "0 accounts added, 13 brought up to date.\n"


def test_a_big_import_shows_progress_and_does_not_stop_the_desk(desk: Serving) -> None:
    """Whoever asks meanwhile is answered; a bad file names every bad line and changes nothing."""
    head = "service,login,address,kind,name,company,language,phone"
    lines = [head, *(f"esp,user{n},user{n}@mail.example,individual,,,fr," for n in range(6000))]
    slowest = 0.0
    with ThreadPoolExecutor(1) as pool:
        importing = pool.submit(desk.place.run, "accounts", "import", "-", stdin="\n".join(lines).encode())
        while not importing.done():
            began = time.monotonic()
            assert desk.get("/live")[0] == 200
            slowest = max(slowest, time.monotonic() - began)
            time.sleep(0.01)
    done = importing.result()
    assert done.out == "6000 accounts added, 0 brought up to date.\n"
    assert re.search(r"importing: \d+ of 6000 lines read", done.err), done.err
    assert slowest < 0.6, "the desk stood still"
    bad = desk.place.quick(
        "accounts", "import", "-", stdin=f"{head}\nnosuch,a,a@mail.example,,,,,\nesp,,x,,,,,\n".encode()
    )
    assert (bad.status, [line[:7] for line in bad.err.splitlines()]) == (1, ["line 2:", "line 3:"])


def test_the_control_socket_is_its_owners_alone(desk: Serving) -> None:
    """Nobody else on the machine may act for the desk."""
    mode = (desk.place.data / "control.sock").stat().st_mode
    assert stat.S_ISSOCK(mode)
    assert stat.S_IMODE(mode) == 0o600


def test_health_and_metrics_answer(desk: Serving) -> None:
    """In the forms that orchestrators and Prometheus read."""
    assert (desk.get("/live")[0], desk.get("/ready")[0]) == (200, 200)
    assert json.loads(desk.get("/ready")[1]) == {"ready": True, "parts": {"store": "ok", "courier": "ok", "mail": "ok"}}
    families = {family.name: family for family in text_string_to_metric_families(desk.get("/metrics")[1])}
    assert families["desk_cases"].samples[0].value >= 1
    assert families["desk_letters_dead"].samples[0].value == 0
    assert {sample.labels["part"] for sample in families["desk_part_ready"].samples} == {"courier", "mail"}


def test_check_knows_a_desk_that_runs(desk: Serving) -> None:
    """Its ports are in use, and that is how it should be."""
    said = desk.place.quick("check", DESK_MAIL_LISTEN=f"127.0.0.1:{desk.port('mail')}")
    assert f"ok   mail listener: 127.0.0.1:{desk.port('mail')}, and a desk is running" in said.out


def test_a_second_desk_is_told_who_holds_the_folder(desk: Serving) -> None:
    """In one line with the first one's pid, and the first goes on."""
    second = desk.place.run("serve")
    sentence = f"data/desk.json is in use by process {desk.process.pid}. Stop that one first.\n"
    assert (second.status, second.err) == (1, sentence)
    assert desk.get("/live")[0] == 200


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_desk_stops_within_5_seconds(place: Place, number: signal.Signals) -> None:
    """Status 0, everything kept, the socket gone."""
    with place.serving() as running:
        place.quick("accounts", "add", "esp", "kept", "kept@mail.example")
        assert running.stop(number) < 5
        assert running.process.returncode == 0
        assert running.events("desk.stopped")
    assert not (place.data / "control.sock").exists()
    assert place.quick("accounts", "show", "kept").status == 0


def test_a_desk_that_is_told_to_stop_while_it_starts_does(place: Place) -> None:
    """At any moment of the start it ends within 5 seconds, without a traceback, and the next one starts."""
    for event in ("store.opened", "mail.open"):
        log = place.folder / f"{event}.log"
        running = Serving(place, place.start("serve", log=log), log)
        running.wait(event)
        assert running.stop() < 5
        assert (running.process.returncode, "Traceback" in running.said) == (0, False), running.said
