"""Changes of address: the tables of look-alikes, of who is told, and of why one is not made."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.model.account import FormerAddress
from handlers.model.address_change import AddressChange
from handlers.model.case import Approval, Proposal
from handlers.model.service import ChangeAddress
from handlers.rules.address_changes import known_addresses, moved, moved_back, now_on_file, why_not, with_new_address
from handlers.rules.addresses import look_alike
from tests.builders import ADDRESS, AYSE, NOW, make_account, make_case

NEW = "marie@neuf.example"
POLICY = ChangeAddress()


@pytest.mark.parametrize(
    ("new", "old"),
    [
        ("marie@gmail.example", "marie@gmial.example"),
        ("marie@mail.example", "marie@mails.example"),
        ("other@mail.exampel", "marie@mail.example"),
        ("marle@mail.example", "marie@mail.example"),
        ("mariie@mail.example", "marie@mail.example"),
        ("mraie@mail.example", "marie@mail.example"),
        ("marie@rnail.example", "marie@mail.example"),
        ("thief@vvebshop.example", "marie@webshop.example"),
        ("thief@sh0p.example", "marie@shop.example"),
        ("pau1@mail.example", "paul@mail.example"),
        ("m\u0430rie@mail.example", "marie@mail.example"),
        ("m\u03b1ri\u0435@mail.example", "marie@mail.example"),
        ("m\u0131rie@mail.example", "mirie@mail.example"),
        ("marié@mail.example", "marie@mail.example"),
        ("thief@xn--shp-ted.example", "marie@shop.example"),
        ("thief@sh\u043ep.example", "marie@shop.example"),
        ("MARLE@MAIL.example", "marie@mail.example"),
    ],
)
def test_T5_an_address_that_can_be_taken_for_the_one_on_file_is_doubtful(new: str, old: str) -> None:
    """T5: one slip of a finger apart, or the same to the eye; in either direction."""
    assert look_alike(new, old)
    assert look_alike(old, new)


@pytest.mark.parametrize(
    ("new", "old"),
    [
        ("marie@neuf.example", "marie@mail.example"),
        ("paul@mail.example", "marie@mail.example"),
        ("marie.durand@mail.example", "marie@mail.example"),
        ("marie@mail.example", "marie@mail.example"),
        ("MARIE@mail.example", "marie@mail.example"),
        ("m@a.example", "q@bcd.example"),
        ("nonsense", "marie@mail.example"),
        ("", "marie@mail.example"),
    ],
)
def test_another_address_or_the_same_one_is_not_doubtful(new: str, old: str) -> None:
    """Most customers simply have a new mailbox."""
    assert not look_alike(new, old)


@given(st.text(max_size=40), st.text(max_size=40))
def test_hostile_text_is_compared_without_failing_and_both_ways_alike(one: str, other: str) -> None:
    """Whatever somebody wrote."""
    assert look_alike(one, other) == look_alike(other, one)
    assert not look_alike(one, one)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, (ADDRESS,)),
        ({"profile_address": "p@mail.example"}, ("p@mail.example", ADDRESS)),
        ({"profile_address": ADDRESS.upper()}, (ADDRESS,)),
        ({"profile_address": NEW.upper()}, (ADDRESS,)),
        ({"former": ("f@mail.example", 89)}, ("f@mail.example", ADDRESS)),
        ({"former": ("f@mail.example", 90)}, (ADDRESS,)),
        ({"former": (NEW, 1)}, (ADDRESS,)),
        ({"address": NEW}, ()),
    ],
)
def test_who_is_told(changes: dict[str, Any], expected: tuple[str, ...]) -> None:
    """Every address we know, each once, those replaced within 90 days too, never the new one (T30)."""
    former = changes.pop("former", None)
    if former:
        address, days = former
        changes["former_addresses"] = (FormerAddress(address=address, until=NOW - timedelta(days=days)),)
    assert known_addresses(make_account(**changes), NEW, NOW) == expected


def make_change(**changes: Any) -> AddressChange:
    """A change that was confirmed and agreed to."""
    fields: dict[str, Any] = {
        "id": "R-7F3K2M",
        "queue": "address_changes",
        "due": NOW,
        "state": "waiting",
        "account": "A-DURAND",
        "service": "shopfactory",
        "old": ADDRESS,
        "new": NEW,
        "new_key": NEW,
        "credentials": 0,
        "approvals_needed": 2,
        "proposed_at": NOW,
        "confirmed_at": NOW,
        "agreed_at": NOW,
    }
    return AddressChange(**fields | changes)


def make_proposal(*approvers: str) -> Proposal:
    """What was proposed, approved by these."""
    approvals = tuple(Approval(by=one, name=one, at=NOW) for one in approvers)
    return Proposal(action="change_address", by=AYSE.id, name=AYSE.name, at=NOW, approvals=approvals)


AGREED = {"state": "pending", "proposal": make_proposal("U1", "U2")}


@pytest.mark.parametrize(
    ("change", "case", "account", "policy", "taken", "why"),
    [
        ({}, {}, {}, POLICY, False, ""),
        ({}, {}, {"frozen": "R-1"}, POLICY, False, "frozen"),
        ({}, {}, {"closed_at": NOW}, POLICY, False, "closed"),
        ({}, {}, {}, None, False, "no longer offers"),
        ({}, {"state": "issued"}, {}, POLICY, False, "does not wait"),
        ({}, {"state": "refused"}, {}, POLICY, False, "does not wait"),
        ({}, {"proposal": None}, {}, POLICY, False, "does not wait"),
        ({}, {}, {"credentials": 1}, POLICY, False, "changed meanwhile"),
        ({}, {}, {"address": "imported@mail.example"}, POLICY, False, "another one by now"),
        ({"confirmed_at": None}, {}, {}, POLICY, False, "not confirmed"),
        ({}, {"proposal": make_proposal("U1")}, {}, POLICY, False, "not enough"),
        ({}, {"proposal": make_proposal("U1", "U1")}, {}, POLICY, False, "not enough"),
        ({"approvals_needed": 0}, {"proposal": make_proposal()}, {}, POLICY, False, ""),
        ({}, {}, {}, ChangeAddress(follows="profile"), False, "profile has another"),
        ({}, {}, {"profile_address": NEW.upper()}, ChangeAddress(follows="profile"), False, ""),
        ({}, {}, {}, POLICY, True, "belongs to another account"),
    ],
)
def test_O2_9_a_change_whose_wait_is_over_is_made_only_if_everything_still_holds(
    change: dict[str, Any],
    case: dict[str, Any],
    account: dict[str, Any],
    policy: ChangeAddress | None,
    taken: bool,
    why: str,
) -> None:
    """O2.9, T30: the slightest doubt, no change."""
    said = why_not(make_change(**change), make_case(**AGREED | case), make_account(**account), policy, taken)
    assert (why in said) if why else said == ""


def test_a_moved_account_remembers_where_it_was_for_ninety_days() -> None:
    """Credentials rise by one, both ways."""
    old = FormerAddress(address="old@mail.example", until=NOW - timedelta(days=91))
    account = moved(make_account(former_addresses=(old,)), NEW, NOW)
    assert (account.address, account.address_key, account.credentials) == (NEW, NEW, 1)
    assert account.former_addresses == (FormerAddress(address=ADDRESS, until=NOW),)
    later = NOW + timedelta(days=1)
    back = moved_back(account, ADDRESS, later)
    assert (account.address_changed_at, back.address_changed_at) == (NOW, later)
    assert (back.address, back.former_addresses, back.credentials) == (ADDRESS, (), 2)


@pytest.mark.parametrize(("requester", "kind"), [(NEW, "address_on_file"), ("paul@mail.example", "address_named")])
def test_a_case_whose_change_was_made_comes_from_the_address_on_file(requester: str, kind: str) -> None:
    """Staff can send another link when the first ran out, without one more mail."""
    case = make_case("documents_accepted", "address_not_on_file", requester=requester, requester_key=requester)
    known = now_on_file(case, make_change(), NOW)
    assert [one.kind for one in known.evidence] == ["documents_accepted", kind]


def _named(new: str, at: datetime = NOW, *, fixed: bool = False, **changes: Any) -> tuple[str, list[str]]:
    case = with_new_address(make_case(*changes.pop("evidence", ()), **changes), make_account(), new, at, fixed=fixed)
    return case.new_address, [one.kind for one in case.evidence]


def test_the_newest_mail_says_what_the_new_address_is() -> None:
    """And a doubt goes with the address that gave rise to it."""
    assert _named(NEW) == (NEW, [])
    assert _named("maria.durand@mail.example") == ("maria.durand@mail.example", ["new_address_doubtful"])
    assert _named(NEW, new_address="maria.durand@mail.example", evidence=("new_address_doubtful",)) == (NEW, [])


@pytest.mark.parametrize(
    "changes", [{"evidence": ("documents_accepted",)}, {"proposal": make_proposal(), "evidence": ()}]
)
def test_O2_19_an_address_that_was_examined_is_not_exchanged_by_a_later_mail(changes: dict[str, Any]) -> None:
    """O2.19: the address that the documents state, or that was proposed, is the one."""
    address, evidence = _named("thief@evil.example", new_address=NEW, **changes)
    assert address == NEW
    assert evidence[-1] == "new_address_disputed"


def test_T6_nothing_overwrites_an_address_that_is_fixed() -> None:
    """The attempt speaks against whoever made it; the first address may still come, and the same one is no attempt."""
    assert _named("thief@evil.example", new_address=NEW, fixed=True) == (NEW, ["new_address_disputed"])
    assert _named(NEW.upper(), new_address=NEW, fixed=True) == (NEW, [])
    assert _named(NEW, fixed=True) == (NEW, [])
