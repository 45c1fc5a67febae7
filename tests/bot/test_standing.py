"""What a card says of everything that takes its time: information, documents, approvals, changes, closing, freezing."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, get_args

import pytest
from hypothesis import given, settings

from bot import cards, words
from handlers.lookups import CardView
from handlers.model.address_change import AddressChange, ChangeState
from handlers.model.case import Action, Approval, Case, Proposal, State
from handlers.model.grant import GrantKind
from handlers.model.mail import FileVerdict, Grade, Intent
from handlers.model.outbox import AlertKind
from handlers.model.paper import Outcome, Scan
from handlers.model.service import ChangeAddress, Particular, Piece, PieceName, Statement, Subject
from handlers.rules import information
from handlers.rules.evidence_words import EVIDENCE
from handlers.rules.permits import RULES, Permit
from handlers.rules.states import is_over
from tests import builders
from tests.bot.builders import HOSTILE, make_case, make_paper, make_step, make_view
from tests.bot.reading import PLAIN, buttons, shown, strings
from tests.builders import ADDRESS, NOW, make_grant

STATES: tuple[State, ...] = get_args(State)
PIECES: dict[PieceName, Piece] = {"identity": Piece(), "kbis": Piece(max_age_days=92), "letter": Piece(signed=True)}
NEW = "new.home@elsewhere.example"
BOTH = tuple(Approval(by=f"U{name}", name=name, at=NOW) for name in ("Marc Petit", "Zoé"))


def make_change(**changes: Any) -> AddressChange:
    fields: dict[str, Any] = {
        "id": "R-7F3K2M",
        "queue": "address_changes",
        "due": NOW + timedelta(hours=72),
        "account": "A-DURAND",
        "service": "shopfactory",
        "old": ADDRESS,
        "new": NEW,
        "new_key": NEW,
        "credentials": 0,
        "approvals_needed": 2,
        "proposed_at": NOW,
    }
    return AddressChange(**fields | changes)


def make_proposed(approvals: tuple[Approval, ...] = (), **changes: Any) -> CardView:
    proposal = Proposal(action="change_address", by="U01AYSE", name="Ayşe Demir", at=NOW, approvals=approvals)
    case = make_case(state="pending", asked="address_change", proposal=proposal)
    rules = ChangeAddress(confirm_hours=24, wait_hours=72)
    fields = {"approvals_needed": 2, "address_rules": rules, "new_address": "n•••@e••••.example"}
    return make_view(case, **fields | changes)


def said(view: CardView) -> str:
    return shown(cards.card(view, PLAIN))


def test_a_case_that_waits_says_for_what_and_until_when() -> None:
    """Staff see at a glance whose turn it is."""
    case = make_case(state="waiting", deadline=NOW + timedelta(hours=2))
    told = said(make_view(case, waits_for=("name", "born", "phone")))
    assert "⏳ *Waiting:* the customer has to send something, until 16:05 UTC." in told
    assert "*The customer has yet to give:* name, date of birth and phone number" in told


def test_documents_that_are_missing_are_named_once_they_were_asked_for() -> None:
    """Not before: most customers never need any."""
    asked = make_case(state="waiting", history=(make_step("documents.requested"),))
    assert "*Still to come:* identity document, register extract (Kbis) and signed letter" in said(
        make_view(asked, pieces=PIECES)
    )
    assert "Still to come" not in said(make_view(make_case(), pieces=PIECES))


def test_every_document_says_what_it_is_what_was_found_and_that_nobody_scanned_it() -> None:
    """Facts about a file, never what is in it."""
    papers = (
        make_paper(piece="identity"),
        make_paper(id="P-2", piece="kbis", outcome="accepted", dated=date(2026, 10, 1), scan="clean"),
        make_paper(id="P-3", outcome="unreadable", destroyed_at=NOW),
    )
    told = said(make_view(make_case(state="review", papers=1), papers=papers, pieces=PIECES))
    assert (
        "📄 *Identity document:* `carte.pdf` · PDF, 2 pages, 340 KB · *not scanned* for viruses · *to be judged*"
        in told
    )
    assert "*Register extract (Kbis):* `carte.pdf`" in told
    assert "scanned, nothing found · accepted, dated 1 Oct 2026" in told
    assert "*Document, nobody has said which:*" in told
    assert "unreadable; destroyed 14:05 UTC" in told
    assert "*Still to come:* signed letter" in told


def test_a_proposal_names_who_proposed_what_and_who_agreed() -> None:
    """The second pair of eyes knows whom to ask."""
    assert "👥 *Ayşe Demir proposed the change of address*, 14:05 UTC. 0 of 2 approvals; nobody approves" in said(
        make_proposed()
    )
    assert "1 of 2 approvals: Marc Petit." in said(make_proposed(BOTH[:1]))
    assert "2 of 2 approvals: Marc Petit and Zoé." in said(make_proposed(BOTH))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"due": NOW + timedelta(hours=24)}, "is *not confirmed yet*; it can be until 23 Nov 14:05 UTC."),
        ({"confirmed_at": NOW}, "the new address was confirmed 14:05 UTC."),
        ({"state": "waiting", "confirmed_at": NOW}, "the old one can object until 25 Nov 14:05 UTC."),
        ({"state": "changed", "confirmed_at": NOW, "changed_at": NOW}, "can be undone until 25 Nov 14:05 UTC."),
        ({"state": "stopped"}, "*Change of address stopped:*"),
        ({"state": "undone", "confirmed_at": NOW, "changed_at": NOW}, "*Change of address undone:*"),
    ],
)
def test_a_change_of_address_tells_where_it_stands(change: dict[str, Any], told: str) -> None:
    """From where to where, masked, and until when it can be stopped or undone."""
    card = said(make_proposed(change=make_change(**change)))
    assert told in card
    assert "`m•••@m••••.example` → `n•••@e••••.example`" in card
    assert NEW not in card
    assert ADDRESS not in card


def test_a_frozen_case_names_who_froze_it_and_what_lifts_it() -> None:
    """And its button lifts, it approves nothing else."""
    steps = (make_step("case.frozen", "Ayşe Demir", by="U01AYSE"),)
    case = make_case(state="frozen", frozen_by="U01AYSE", history=steps)
    message = cards.card(make_view(case, permits=(Permit(action="approve", allowed=True),)), PLAIN)
    assert "🧊 *Frozen:* Ayşe Demir stopped it because the owner says that it was not them;" in shown(message)
    [lift] = buttons(message)
    assert (lift["action_id"], lift["text"]["text"], lift.get("style")) == ("approve", "Lift the freeze", None)


def test_a_closed_account_says_until_when_and_a_frozen_one_by_which_case() -> None:
    """What stands in the way is seen before a button is missed."""
    told = said(make_view(closed_until=NOW + timedelta(days=30), frozen_with="R-OTHER1"))
    assert "closed, deleted 22 Dec 14:05 UTC" in told
    assert "frozen by case `R-OTHER1`" in told


@pytest.mark.parametrize(("kind", "told"), words.DONE.items())
def test_a_case_that_is_done_says_what_was_done(kind: GrantKind, told: str) -> None:
    """Not every customer wanted a password."""
    view = make_view(make_case(state="redeemed", grant="G-1"), grant=make_grant(kind=kind, state="redeemed"))
    assert f"✅ *Done:* {told}." in said(view)


def test_an_approval_says_what_is_approved_and_what_follows() -> None:
    """Nobody agrees to they know not what (FEATURES 28)."""
    view = make_proposed(permits=(Permit(action="approve", allowed=True),))
    [approve] = buttons(cards.card(view, PLAIN))
    asked = approve["confirm"]["text"]["text"]
    assert approve["text"]["text"] == "Approve the new address"
    for part in ("n•••@e••••.example", "m•••@m••••.example", "3 days"):
        assert part in asked


@pytest.mark.parametrize("action", ["send_link", "send_code", "send_temporary_password", "reactivate_account"])
def test_what_is_mailed_says_to_whom_and_that_it_stays(action: Action) -> None:
    """Before the click, masked."""
    [button] = buttons(cards.card(make_view(permits=(Permit(action=action, allowed=True),)), PLAIN))
    assert "m•••@m••••.example" in button["confirm"]["text"]["text"]
    assert "cannot be taken back" in button["confirm"]["text"]["text"]


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("proposed", [None, "change_address", "reset_second_factor"])
def test_with_every_button_a_card_urges_one_and_keeps_slacks_limits(state: State, proposed: Action | None) -> None:
    """Worst of all cases: everything permitted at once."""
    proposal = proposed and Proposal(action=proposed, by="U1", name="Ayşe", at=NOW, approvals=BOTH)
    permits = tuple(Permit(action=action, allowed=True) for action in RULES)
    message = cards.card(make_view(make_case(state=state, proposal=proposal), permits=permits), PLAIN)
    drawn = buttons(message)
    reading, pressed = {"freeze", "reveal", "show_mail"}, set(RULES) - {"choose_intent"}
    assert {one["action_id"] for one in drawn} == (reading if is_over(state) else pressed)
    assert [one["action_id"] for one in drawn][-3:] == ["freeze", "reveal", "show_mail"]
    assert sum(one.get("style") == "primary" for one in drawn) <= 1
    assert [one["action_id"] for one in drawn if one.get("style") == "danger"] == [
        one for one in ("refuse", "freeze") if one in {button["action_id"] for button in drawn}
    ]
    for block in (one for one in message.blocks if one["type"] == "actions"):
        assert len(block["elements"]) <= 25
        assert len({one["action_id"] for one in block["elements"]}) == len(block["elements"])
    for one in drawn:
        assert one["value"] == "R-7F3K2M:1"
        assert len(one["accessibility_label"]) <= 75
        assert len(one.get("confirm", {}).get("text", {}).get("text", "")) <= 300
    assert sum(map(len, strings(message.blocks))) <= 10_000


def test_all_closed_lists_of_the_cards_have_their_words() -> None:
    """A new state or kind needs its words before it reaches a card."""
    tables: tuple[tuple[dict[Any, Any], Any], ...] = (
        (words.CHANGES, ChangeState),
        (words.PIECES, PieceName),
        (words.SUBJECTS, Subject),
        (words.SCANS, Scan),
        (words.OUTCOMES, Outcome),
        (words.VERDICTS, Outcome),
        (words.STATEMENTS, Statement),
        (information.WORDS, Particular),
        (words.FILE_VERDICTS, FileVerdict),
        (words.GRADES, Grade),
        (words.ASKED, Intent),
        (words.GRANTS, GrantKind),
        (words.DONE, GrantKind),
        (words.MAILED, GrantKind),
        (words.ALERTS, AlertKind),
    )
    for table, kinds in tables:
        assert set(table) == set(get_args(kinds))


@settings(max_examples=60, deadline=None)
@given(HOSTILE, HOSTILE)
def test_no_name_of_a_file_or_a_person_breaks_a_card(name: str, wrote: str) -> None:
    """The fullest card, hostile throughout: within the limits, no mention, no link, nothing invisible (T26)."""
    evidence = builders.make_case(*EVIDENCE).evidence
    approvals = tuple(Approval(by=str(number), name=name, at=NOW) for number in range(5))
    proposal = Proposal(action="change_address", by="U1", name=name, at=NOW, approvals=approvals)
    steps = tuple(make_step("action.approved", name, detail=wrote) for _ in range(60))
    papers = tuple(make_paper(id=f"P-{number}", name=name, type=name) for number in range(40))
    full: dict[str, Any] = {"text": wrote, "subject": wrote, "claimed_name": name, "evidence": evidence}
    case: Case = make_case(state="pending", proposal=proposal, history=steps, deadline=NOW, **full)
    view = make_proposed(
        papers=papers,
        pieces=PIECES,
        change=make_change(new=wrote, old=name),
        waits_for=get_args(Particular),
        account_name=name,
        login=wrote,
        failure=wrote,
        grant=make_grant(),
        permits=tuple(Permit(action=action, allowed=True, why=wrote) for action in RULES),
    )
    message = cards.card(_with(view, case), PLAIN)
    texts = list(strings(message.blocks))
    assert sum(map(len, texts)) <= 10_000
    assert len(message.blocks) <= 40
    for one in texts:
        assert "<" not in one.replace("<!date^", "")
        assert "http" not in one.lower()
        assert "\u202e" not in one
    assert "victim+tag@" not in str(message.blocks)


def _with(view: CardView, case: Case) -> CardView:
    return CardView(**{name: getattr(view, name) for name in view.__struct_fields__} | {"case": case})


def test_a_paper_says_nothing_of_its_content() -> None:
    """Its fingerprint, key and place are nobody's business in Slack."""
    paper = make_paper(fingerprint="f" * 64, blob="blob-of-secret", sealed_key="key-of-secret")
    told = said(make_view(make_case(state="review"), papers=(paper,)))
    assert "f" * 64 not in told
    assert "of-secret" not in told
