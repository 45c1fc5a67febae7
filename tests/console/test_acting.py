"""Every action without Slack: documents judged, an address changed by four eyes, a case frozen and lifted."""

from __future__ import annotations

import asyncio
import base64
import re
from pathlib import Path

import pytest

from handlers.model.outbox import Letter
from handlers.paperwork import documents
from handlers.store.tiny import TinyStore
from tests.builders import KEY, open_desk
from tests.console.place import Done, Place
from tests.handlers import dossiers

CASE = dossiers.CASE
ACCEPTED = (
    *("--verdict", "kbis=accepted", "--dated", "kbis=2026-10-01", "--name-read", "kbis=DURAND ET FILS SARL"),
    *("--verdict", "identity=accepted", "--name-read", "identity=Durand Marie"),
    *("--verdict", "letter=accepted", "--new-address", "letter=yes"),
)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """A desk's folder in which a company's documents wait to be judged."""
    place = Place(tmp_path, DESK_KEYS=base64.urlsafe_b64encode(KEY).decode())

    async def prepare() -> None:
        place.data.mkdir()
        async with open_desk(place.data) as house:
            await dossiers.asked(house)
            await documents.upload(house.desk, dossiers.page(house), dossiers.dossier(), dossiers.WRITER)

    asyncio.run(prepare())
    return place


def act(place: Place, action: str, by: str, *more: str) -> Done:
    """One action, with what was said of it."""
    return place.quick("act", CASE, action, "--by", by, *more)


def done(place: Place, action: str, by: str, *more: str) -> str:
    """What an action that was taken says."""
    said = act(place, action, by, *more)
    assert said.status == 0, said
    return said.out


def refused(place: Place, action: str, by: str) -> str:
    """Why an action was not taken."""
    said = act(place, action, by)
    assert said.status == 1, said
    return said.err


def test_documents_are_looked_at_and_judged_from_the_console(place: Place) -> None:
    """Without a verdict there is a link to look at them; with one for each, the desk compares (O2.9)."""
    shown = place.quick("case", CASE)
    assert re.search(r"document +D-\w+, kbis, scan\.pdf, not scanned, to be judged", shown.out), shown.out
    assert re.search(r"https?://\S+/staff/documents/\S+\n", done(place, "review_documents", "ayse"))
    lacking = act(place, "review_documents", "ayse", "--verdict", "kbis=accepted")
    assert "Type the date that stands on the kbis." in lacking.err
    assert "judged the documents" in done(place, "review_documents", "ayse", *ACCEPTED)
    papers = place.quick("case", CASE, "--json").json["papers"]
    assert {one["piece"]: one["outcome"] for one in papers} == {
        "kbis": "accepted",
        "identity": "accepted",
        "letter": "accepted",
    }


def test_an_address_is_changed_by_the_same_four_eyes(place: Place) -> None:
    """Whoever proposed does not approve, here neither, nor does anybody twice."""
    done(place, "review_documents", "ayse", *ACCEPTED)
    assert "proposed" in done(place, "change_address", "ayse")
    assert "Nobody approves their own case" in refused(place, "approve", "ayse")
    assert "approved" in done(place, "approve", "marc")
    assert "approved this already" in refused(place, "approve", "marc")
    done(place, "approve", "zoe")
    shown = place.quick("case", CASE)
    assert re.search(r"^proposed +change_address by ayse; approved: 2 of 2, marc, zoe$", shown.out, re.M)
    assert re.search(r"^change +o•••@s••••.example to m•••@m••••.example: proposed, not confirmed", shown.out, re.M)
    assert dossiers.WRITER not in shown.out + place.quick("case", CASE, "--json").out


def test_full_addresses_are_shown_by_reveal_alone(place: Place) -> None:
    """And the trail says who looked."""
    shown = done(place, "reveal", "ayse")
    assert re.search(r"on file +old@shop\.example", shown), shown
    assert re.search(rf"the writer's +{dossiers.WRITER}", shown), shown
    assert act(place, "reveal", "ayse", "--json").json["account"] == "old@shop.example"
    assert len(re.findall(r"ayse \(console\) +address\.revealed", place.quick("audit", CASE).out)) == 2


def test_a_case_is_frozen_and_lifted_by_two_people(place: Place) -> None:
    """Whoever froze does not lift."""
    assert f"{CASE}: ayse froze the case. The case is now frozen." in done(place, "freeze", "ayse")
    shown = place.quick("case", CASE).out
    assert re.search(r"^frozen +the account, by case R-7F3K2M$", shown, re.M)
    assert re.search(r"^approve \(lifts the freeze\)  ", shown, re.M)
    assert "somebody else has to" in refused(place, "approve", "ayse")
    assert "marc lifted the freeze" in done(place, "approve", "marc")


def test_what_a_review_reads_is_never_shown_again(place: Place) -> None:
    """The names and dates that were typed are for the comparison, not for lists."""
    done(place, "review_documents", "ayse", *ACCEPTED)
    said = place.quick("case", CASE).out + place.quick("audit", CASE).out
    assert "DURAND ET FILS" not in said


def test_a_refusal_needs_a_reason(place: Place) -> None:
    """It ends the case and is mailed at once: without one nothing happens, and the reasons are listed."""
    for given in ((), ("--reason", " ")):
        said = act(place, "refuse", "ayse", *given)
        assert said.status == 2
        assert "not_the_owner" in said.err
        assert "your own words" in said.err
    assert "refused" not in place.quick("audit", CASE).out
    assert "is now refused" in done(place, "refuse", "ayse", "--reason", "suspicious")


@pytest.mark.parametrize(
    ("reason", "said", "letters"),
    [
        ("suspicious", "No letter goes out.", 0),
        ("not_a_recovery", "No letter goes out.", 0),
        ("no_account", "A letter tells the customer, without the reason.", 1),
        ("He called, all is well", "A letter tells the customer, without the reason.", 1),
    ],
)
def test_a_refusal_says_whether_a_letter_goes_out(place: Place, reason: str, said: str, letters: int) -> None:
    """As it is done; `act --help` says it before."""
    before = refusals(place)
    assert said in done(place, "refuse", "ayse", "--reason", reason).splitlines()
    assert refusals(place) - before == letters
    told = " ".join(place.quick("act", "--help").out.split())
    assert "none goes out for not_a_recovery and suspicious." in told


def refusals(place: Place) -> int:
    """How many letters of refusal wait in the store."""

    async def count() -> int:
        store = await TinyStore.open(place.data / "desk.json", read_only=True)
        try:
            return sum(letter.kind == "refused" for letter in await store.find(Letter))
        finally:
            await store.close()

    return asyncio.run(count())


def test_a_code_beside_another_action_is_a_note_like_any_word(place: Place) -> None:
    """What somebody typed is on the trail, whatever it looks like."""
    done(place, "claim", "ayse", "--reason", "suspicious")
    assert re.search(r"case\.noted +suspicious$", place.quick("audit", CASE).out, re.M)
