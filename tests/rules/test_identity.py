"""Which account a request is about, and what speaks for and against it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, get_args

import pytest

from handlers.model.account import Account
from handlers.model.evidence import EvidenceKind
from handlers.model.mail import Grade
from handlers.rules.identity import ADDED, LASTING, OF_ADDRESS, Asked, match, merged, rematched, still_on_file, warned
from tests.builders import NOW, PROVEN, make_account, make_case

DURAND = make_account()
PETIT = make_account(id="A-PETIT", login="petit", address="paul.petit@mail.example")
MARIE, PAUL, EVE = DURAND.address_key, PETIT.address_key, "eve@evil.example"
AGREE = "login_known address_on_file login_and_address_agree"


def ask(sender: str, **changes: Any) -> Asked:
    """A mail from `sender`."""
    return Asked(source="mail", sender=sender, **changes)


@pytest.mark.parametrize(
    ("asked", "by_login", "by_address", "account", "kinds"),
    [
        (ask(MARIE, logins=("durand42",)), [DURAND], [DURAND], DURAND, AGREE),
        (ask(MARIE), [], [DURAND], DURAND, "address_on_file"),
        (ask(EVE, logins=("durand42",)), [DURAND], [], DURAND, "login_known address_not_on_file"),
        (
            ask(EVE, logins=("durand42",), addresses=(MARIE,)), [DURAND], [DURAND], DURAND,
            "login_known address_named login_and_address_agree",
        ),
        (
            ask(PAUL, logins=("durand42",)), [DURAND], [PETIT], DURAND,
            "login_known address_not_on_file login_and_address_disagree",
        ),
        (ask(MARIE, logins=("durnd",)), [], [DURAND], DURAND, "login_unknown address_on_file"),
        (ask(EVE), [], [], None, "address_not_on_file"),
        (ask(MARIE), [], [DURAND, PETIT], None, "several_accounts"),
        (ask(MARIE, logins=("durand42", "petit")), [DURAND, PETIT], [DURAND], None, "several_accounts"),
        (ask(MARIE, not_owner=True), [], [DURAND], DURAND, "address_on_file not_the_owner"),
        (ask(MARIE, reply_elsewhere=True), [], [DURAND], DURAND, "address_on_file reply_elsewhere"),
        (
            ask("marie.durant@mail.example", logins=("durand42",)), [DURAND], [], DURAND,
            "login_known address_not_on_file sender_lookalike",
        ),
        (ask(MARIE, tricks=("address_in_name",)), [], [DURAND], DURAND, "address_on_file address_in_name"),
    ],
)  # fmt: skip
def test_the_table_of_matches(
    asked: Asked, by_login: list[Account], by_address: list[Account], account: Account | None, kinds: str
) -> None:
    """The account and the kinds of evidence are those of the table; a mail's sender is never called proven."""
    found = match(asked, by_login, by_address, NOW)
    assert found.account == account
    assert [one.kind for one in found.evidence] == [*kinds.split(), "sender_unproven"]


@pytest.mark.parametrize(
    ("grade", "kinds"),
    [
        ("proven", f"{AGREE} sender_proven"),
        ("partial", f"{AGREE} sender_partial"),
        ("unproven", "login_known address_claimed login_and_address_agree sender_unproven"),
        ("unknown", "login_known address_claimed login_and_address_agree sender_unchecked"),
        ("failed", "login_known sender_failed"),
    ],
)
def test_an_address_counts_for_as_much_as_the_mail_proves_of_it(grade: Grade, kinds: str) -> None:
    """From the address on file: proven, claimed, or somebody else's; the account it is about is found all the same."""
    found = match(ask(MARIE, logins=("durand42",), grade=grade), [DURAND], [DURAND], NOW)
    assert found.account == DURAND
    assert " ".join(one.kind for one in found.evidence) == kinds


def test_a_proven_mail_outdoes_a_claim_and_no_claim_outdoes_it() -> None:
    """What the newest mail proves of its domain is said of the newest; what was proven of the address stays."""
    claimed = match(ask(MARIE, grade="unproven"), [], [DURAND], NOW).evidence
    proven = match(ask(MARIE, grade="proven"), [], [DURAND], NOW).evidence
    assert [one.kind for one in merged(claimed, proven)] == ["address_on_file", "sender_proven"]
    assert {one.kind for one in merged(proven, claimed)} == {"address_on_file", "address_claimed", "sender_unproven"}


def test_a_password_changed_lately_speaks_against_the_request() -> None:
    """Two recoveries within a day want a second look."""
    changed = make_account(password_changed_at=NOW - timedelta(hours=23))
    assert "recently_changed" in {one.kind for one in match(ask(MARIE), [], [changed], NOW).evidence}
    assert "recently_changed" not in {one.kind for one in match(ask(MARIE), [], [changed], NOW + timedelta(2)).evidence}


def test_better_evidence_makes_worse_void_and_never_the_other_way_round() -> None:
    """A login put right takes the wrong one off; a wrong one that follows takes nothing off (T31)."""
    wrong = match(ask(MARIE, logins=("durnd",)), [], [DURAND], NOW).evidence
    right = match(ask(MARIE, logins=("durand42",)), [DURAND], [DURAND], NOW).evidence
    assert "login_unknown" not in {one.kind for one in merged(wrong, right)}
    assert {"login_known", "login_unknown"} <= {one.kind for one in merged(right, wrong)}


def test_what_only_the_newest_request_says_ends_with_the_next() -> None:
    """Not the owner, which takes actions away: said once, not for ever (T31)."""
    once = match(ask(MARIE, not_owner=True), [], [DURAND], NOW).evidence
    then = match(ask(MARIE), [], [DURAND], NOW).evidence
    assert "not_the_owner" not in {one.kind for one in merged(once, then)}


@pytest.mark.parametrize("kind", LASTING)
def test_what_any_mail_does_to_pass_for_anothers_stays_said(kind: Any) -> None:
    """Its words stay in the case as well; once, also by a mail about nobody, which says nothing else of the case."""
    tricks = () if kind == "reply_elsewhere" else (kind,)
    forged = match(ask(MARIE, reply_elsewhere=not tricks, tricks=tricks, not_owner=True), [], [DURAND], NOW).evidence
    honest = match(ask(MARIE), [], [DURAND], NOW).evidence
    assert kind in {one.kind for one in merged(forged, honest)}
    assert [one.kind for one in warned(honest, forged)] == [*(one.kind for one in honest), kind]
    assert warned(forged, forged) == forged


def test_a_request_that_is_matched_anew_keeps_nothing_of_what_it_said_before() -> None:
    """Only what became known on another way stays: each kind of evidence is one of both."""
    everything = make_case(*get_args(EvidenceKind)).evidence
    found = match(ask(EVE, logins=("durand42",), grade="proven"), [DURAND], [], NOW).evidence
    kept = [one.kind for one in rematched(everything, found)]
    assert sorted(kept) == sorted([*ADDED, "login_known", "address_not_on_file", "sender_proven"])


@pytest.mark.parametrize("kind", OF_ADDRESS)
def test_T1_what_was_said_of_another_address_counts_no_more(kind: EvidenceKind) -> None:
    """The card says why it is gone; what was said of the present one, or before any change, stays."""
    known = make_case("login_known", kind).evidence
    assert still_on_file(known, None) == known
    assert still_on_file(known, NOW) == known
    after = still_on_file(known, NOW + timedelta(seconds=1))
    assert [one.kind for one in after] == ["login_known", "address_moved"]


def test_what_is_said_of_the_present_address_makes_its_change_no_matter() -> None:
    """Her next mail, from the new address, or the case that changed it: nothing about it is against her."""
    later = NOW + timedelta(hours=1)
    before = still_on_file(make_case(*PROVEN).evidence, later)
    now = match(ask(MARIE), [], [DURAND], later).evidence
    assert "address_moved" not in {one.kind for one in still_on_file(merged(before, now), later)}
    assert "address_moved" not in {one.kind for one in still_on_file((*make_case(*PROVEN).evidence, *now), later)}
