"""Dialogs: what they ask, what they carry, and how answers are read, field by field."""

from __future__ import annotations

from contextlib import suppress
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import modals
from bot.modals import address, refusal, review
from bot.modals.parts import Mistakes
from handlers.decide import Answers
from handlers.lookups import CardView
from handlers.model.paper import Verdict
from handlers.model.service import ChangeAddress, Piece, PieceName
from handlers.rules.evidence_words import EVIDENCE
from handlers.vault import Secret
from tests import builders
from tests.bot.builders import HOSTILE, make_case, make_paper, make_view
from tests.bot.reading import strings
from tests.builders import ADDRESS

PIECES: dict[PieceName, Piece] = {
    "identity": Piece(matches="name", both_sides=True, declaration=True),
    "kbis": Piece(max_age_days=92, matches="company"),
    "statutes": Piece(matches="association", states=("president",)),
    "letter": Piece(handwritten=True, signed=True, states=("reason", "new_address")),
}
DIALOGS = [modals.DIALOGS[name] for name in modals.DIALOGS]


def make_review(**changes: Any) -> CardView:
    """A dossier of all four documents, all there, unless a test says otherwise."""
    papers = tuple(make_paper(id=f"P-{piece}", piece=piece) for piece in PIECES)
    return make_view(make_case(state="review", papers=4, version=4), **{"pieces": PIECES, "papers": papers} | changes)


def fields(view: dict[str, Any]) -> list[str]:
    return [block["block_id"] for block in view["blocks"] if block["type"] == "input"]


def submitted(drawn: dict[str, Any], **answers: str) -> dict[str, Any]:
    """The dialog as Slack sends it back: every field, filled in or not."""
    values = {}
    for block in (one for one in drawn["blocks"] if one["type"] == "input"):
        id, kind = block["block_id"], block["element"]["type"]
        said = answers.get(id.replace(":", "_"))
        field = {"datepicker": "selected_date", "plain_text_input": "value"}.get(kind, "selected_option")
        value = {"value": said} if field == "selected_option" and said is not None else said
        values[id] = {id: {"type": kind, field: value}}
    return {"state": {"values": values}}


WHOLE = {
    "outcome_identity": "accepted", "name_identity": " Marie  DURAND ",
    "outcome_kbis": "accepted", "name_kbis": "Durand SARL", "dated_kbis": "2026-10-01",
    "outcome_statutes": "accepted", "name_statutes": "Les Amis", "president_statutes": "Zoé Petit",
    "outcome_letter": "accepted", "address_letter": "yes",
}  # fmt: skip


@pytest.mark.parametrize("dialog", DIALOGS)
@pytest.mark.parametrize("link", [False, True])
def test_a_dialog_carries_case_and_version_and_no_authority(dialog: modals.Dialog, link: bool) -> None:
    """Who may do it is asked anew when it comes back (THREATS T23)."""
    view = make_review(address_rules=ChangeAddress(), new_address="n•••@e••••.example")
    drawn = review.draw(view, Secret("https://desk.example/staff/documents/x")) if link else dialog.draw(view)
    assert drawn["private_metadata"] == "R-7F3K2M:4"
    assert drawn["callback_id"] in modals.DIALOGS
    assert len(drawn["title"]["text"]) <= 24
    assert len(drawn["blocks"]) <= 100
    assert len({block["block_id"] for block in drawn["blocks"] if "block_id" in block}) >= 1
    assert ADDRESS not in str(drawn)


def test_the_refusal_of_a_webmaster_says_that_a_kind_letter_goes_out() -> None:
    """What the customer will hear is known before the choice (O2.11)."""
    options = refusal.draw(make_view())["blocks"][0]["element"]["options"]
    [said] = [one["text"]["text"] for one in options if one["value"] == "not_the_owner"]
    assert "kind letter" in said
    assert max(len(one["text"]["text"]) for one in options) <= 75


def test_a_change_of_address_says_what_it_sets_going() -> None:
    """From where to where, masked; confirmation, approvals, wait and undo as the service has them."""
    rules = ChangeAddress(approvals=2, confirm_hours=24, wait_hours=72, undo_hours=168)
    said = "\n".join(strings(address.draw(make_view(new_address="n•••@e••••.example", address_rules=rules))))
    for part in (
        "`m•••@m••••.example` *to* `n•••@e••••.example`",
        "confirmed within 24 hours",
        "2 different other people have to approve",
        "object for 3 days",
        "undone for 7 days",
        "*Show addresses* on the card",
    ):
        assert part in said
    assert EVIDENCE["new_address_doubtful"] not in said


def test_a_look_alike_is_warned_of_before_the_yes() -> None:
    """One letter apart is how accounts are stolen."""
    case = builders.make_case("new_address_doubtful")
    said = "\n".join(strings(address.draw(make_view(case, new_address="n•••@e••••.example"))))
    assert "⚠️ *The new address is easily taken for the one on file" in said


def test_a_change_of_address_wants_a_yes() -> None:
    """An empty box proposes nothing."""
    box = {"type": "checkboxes", "selected_options": [{"value": "yes"}]}
    assert address.read({"state": {"values": {"sure": {"sure": box}}}}) == Answers()
    with pytest.raises(Mistakes) as error:
        address.read({"state": {"values": {"sure": {"sure": box | {"selected_options": []}}}}})
    assert list(error.value.fields) == [address.SURE]


def test_a_review_asks_only_what_each_document_needs() -> None:
    """The date where age counts, the name where it has to match, the address where the letter states it."""
    assert fields(review.draw(make_review())) == [
        "outcome:identity", "name:identity",
        "outcome:kbis", "dated:kbis", "name:kbis",
        "outcome:statutes", "name:statutes", "president:statutes",
        "outcome:letter", "address:letter",
    ]  # fmt: skip
    said = "\n".join(strings(review.draw(make_review())))
    assert "at most 92 days old when it came" in said
    assert "handwritten; signed; stating the reason, the new address" in said
    assert "*not scanned*" in said


def test_a_file_nobody_could_name_can_be_given_to_each_document() -> None:
    """By its shortened, harmless name; without such files nothing is asked."""
    loose = make_paper(id="P-LOOSE", name="<!channel>\u202egnp.exe " + "x" * 200)
    drawn = review.draw(make_review(papers=(loose,)))
    [option] = next(one for one in drawn["blocks"] if one.get("block_id") == "paper:kbis")["element"]["options"]
    assert option["value"] == "P-LOOSE"
    assert len(option["text"]["text"]) <= 75
    assert "\u202e" not in option["text"]["text"]
    answers = WHOLE | {"paper_kbis": "P-LOOSE"}
    found = {one.piece: one.paper for one in review.read(submitted(drawn, **answers)).verdicts}
    assert found == {"identity": "", "kbis": "P-LOOSE", "statutes": "", "letter": ""}


def test_a_document_that_did_not_come_is_marked_so_beforehand() -> None:
    """The reviewer need not say of each what is plain."""
    drawn = review.draw(make_review(papers=(make_paper(piece="identity"),)))
    initial = {
        one["block_id"]: one["element"].get("initial_option", {}).get("value")
        for one in drawn["blocks"]
        if one.get("block_id", "").startswith("outcome:")
    }
    assert initial == {
        "outcome:identity": None,
        "outcome:kbis": "incomplete",
        "outcome:statutes": "incomplete",
        "outcome:letter": "incomplete",
    }


def test_every_verdict_is_read_with_what_was_read_from_the_document() -> None:
    """One call for all: the dossier is judged as a whole."""
    answers = review.read(submitted(review.draw(make_review()), **WHOLE))
    assert answers == Answers(
        verdicts=(
            Verdict(piece="identity", name_read="Marie  DURAND"),
            Verdict(piece="kbis", name_read="Durand SARL", dated=date(2026, 10, 1)),
            Verdict(piece="statutes", name_read="Les Amis", president_read="Zoé Petit"),
            Verdict(piece="letter", address_matches=True),
        )
    )


def test_what_is_missing_is_said_at_its_field() -> None:
    """Nothing of the rest has to be typed again."""
    answers = {"outcome_identity": "accepted", "outcome_kbis": "accepted", "outcome_statutes": "accepted"}
    with pytest.raises(Mistakes) as error:
        review.read(submitted(review.draw(make_review()), **answers))
    assert list(error.value.fields) == [
        "name:identity", "dated:kbis", "name:kbis", "name:statutes", "president:statutes", "outcome:letter",
    ]  # fmt: skip


def test_a_fault_needs_nothing_more_than_itself() -> None:
    """Who cannot read a document cannot type its date."""
    faults = dict.fromkeys((f"outcome_{piece}" for piece in PIECES), "unreadable")
    assert [one.outcome for one in review.read(submitted(review.draw(make_review()), **faults)).verdicts] == [
        "unreadable"
    ] * 4


def test_the_link_to_the_documents_is_there_only_when_it_was_asked_for() -> None:
    """It is one person's, and lives a few minutes."""
    assert "https://" not in str(review.draw(make_review()))
    drawn = review.draw(make_review(), Secret("https://desk.example/staff/documents/x"))
    [said] = [one["text"]["text"] for one in drawn["blocks"] if one.get("block_id") == "link"]
    assert "<https://desk.example/staff/documents/x|Open the documents>: once, within 5 minutes" in said
    [row] = [one for one in drawn["blocks"] if one["type"] == "actions"]
    assert [one["value"] for one in row["elements"]] == ["R-7F3K2M:4"]


@settings(max_examples=40, deadline=None)
@given(HOSTILE, HOSTILE)
def test_no_name_breaks_a_review(name: str, login: str) -> None:
    """A file's name is a customer's words (THREATS T26)."""
    papers = (*(make_paper(id=f"P-{number}", name=name) for number in range(120)), make_paper(piece="kbis", name=name))
    drawn = review.draw(make_review(papers=papers, login=login, service_name=login))
    for one in strings(drawn):
        assert len(one) <= 3000
        assert "<" not in one
        assert "\u202e" not in one
    for block in (one for one in drawn["blocks"] if one["type"] == "input"):
        assert len(block["element"].get("options", [])) <= 100


SHAPES = st.recursive(
    st.none() | st.booleans() | st.text(max_size=20) | st.sampled_from(["outcome:kbis", "accepted", "9999-99-99"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["values", "state", "reason", "sure", "outcome:kbis", "dated:kbis", "selected_option", "value"]
            )
            | st.text(max_size=8),
            inner,
            max_size=4,
        )
    ),
    max_leaves=20,
)


@pytest.mark.parametrize("dialog", DIALOGS)
@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(["state", "x"]), SHAPES))
def test_no_forged_submission_crashes_the_reader(dialog: modals.Dialog, view: dict[str, Any]) -> None:
    """Whatever it is, it is read or refused, and an error finds a field to stand at."""
    assert dialog.field(view)
    with suppress(Mistakes):
        assert isinstance(dialog.read(view), Answers)
