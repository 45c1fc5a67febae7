"""What staff may do: the table of cases is the test."""

from __future__ import annotations

from typing import Any

import pytest

from handlers.model.case import Action
from handlers.model.evidence import EvidenceKind
from handlers.model.staff import Staff
from handlers.rules.permits import allowed, concerning, remedies
from tests.builders import ADDRESS, AYSE, BORIS, PROVEN, STRANGER, make_account, make_case, shipped_service

BOTH: tuple[EvidenceKind, ...] = ("login_known", "address_on_file")
TAKEN = {"claimed_by": BORIS.id, "claimed_name": BORIS.name, "state": "claimed"}


@pytest.mark.parametrize(
    ("action", "evidence", "changes", "staff", "why"),
    [
        ("send_link", PROVEN, {}, AYSE, ""),
        ("send_link", PROVEN, {}, STRANGER, "not on the list of agents"),
        ("send_link", PROVEN, {}, Staff(id="U1", name="A", roles=frozenset({"admin"})), "not on the list of agents"),
        ("send_link", ("login_known", "address_named"), {}, AYSE, ""),
        (
            "send_link",
            ("login_known", "address_not_on_file"),
            {},
            AYSE,
            "neither written from the address on file nor named it.",
        ),
        ("send_link", ("address_on_file",), {}, AYSE, "The customer has not named a login that we know."),
        ("send_link", (), {}, AYSE, "we know. The customer has neither written"),
        ("send_link", ("login_known", "address_named", "not_the_owner"), {}, AYSE, "belongs to somebody else"),
        ("send_link", (*BOTH, "not_the_owner"), {}, AYSE, ""),
        ("send_link", PROVEN, TAKEN, AYSE, "Boris has claimed this case"),
        ("send_link", PROVEN, TAKEN, BORIS, ""),
        ("send_link", PROVEN, {"state": "redeemed"}, AYSE, "This case is over"),
        ("send_link", PROVEN, {"state": "refused"}, AYSE, "This case is over"),
        ("send_link", PROVEN, {"state": "expired"}, AYSE, ""),
        ("send_code", PROVEN, {}, AYSE, "ShopFactory does not offer this"),
        ("change_address", PROVEN, {}, AYSE, "There is no address in the customer's profile to follow"),
        ("claim", (), {}, AYSE, ""),
        ("claim", (), TAKEN, AYSE, ""),
        ("claim", (), TAKEN, BORIS, "You have claimed this case already"),
        ("claim", (), {}, STRANGER, "not on the list of agents"),
        ("refuse", (), {}, AYSE, ""),
        ("refuse", (), {"state": "redeemed"}, AYSE, "This case is over"),
        ("refuse", (), TAKEN, AYSE, "Boris has claimed this case"),
    ],
)
def test_the_table_of_permits(
    action: Action, evidence: tuple[EvidenceKind, ...], changes: dict[str, Any], staff: Staff, why: str
) -> None:
    """Each action is allowed or refused with the reason that the table gives."""
    permit = allowed(action, make_case(*evidence, **changes), make_account(), shipped_service(), staff)
    assert permit.allowed == (not why)
    assert why in permit.why


@pytest.mark.parametrize(
    ("profile", "evidence", "offered", "why"),
    [
        ("marie@profile.example", PROVEN, True, "has to follow it first"),
        ("marie@profile.example", ("login_known", "address_not_on_file"), True, "has to follow it first"),
        ("", ("login_known", "address_not_on_file"), False, "neither written from the address on file nor named it."),
        ("", PROVEN, False, ""),
        (ADDRESS.upper(), PROVEN, False, ""),
    ],
)
def test_SF_3_an_address_that_has_to_follow_the_profile_is_offered_first(
    profile: str, evidence: tuple[EvidenceKind, ...], offered: bool, why: str
) -> None:
    """What staff can mend is what the card says, whether or not the mail names an address."""
    case, account, service = make_case(*evidence), make_account(profile_address=profile), shipped_service()
    assert ("change_address" in concerning(case, account, service)) == offered
    permit = allowed("send_link", case, account, service, AYSE)
    assert permit.allowed == (not why)
    assert why in permit.why
    assert allowed("change_address", case, account, service, AYSE).allowed == offered


def test_without_an_account_nothing_can_be_sent() -> None:
    """A remedy needs somebody to remedy."""
    permit = allowed("send_link", make_case(*PROVEN, account=None), None, shipped_service(), AYSE)
    assert permit.why == "No single account matches this request."


def test_the_remedy_that_fits_the_request_comes_first() -> None:
    """Who asks for a code is offered a code; anything else follows the service's own order."""
    opcommerce = shipped_service("opcommerce")
    assert remedies(opcommerce, "access_code") == ("send_code", "send_link")
    assert remedies(opcommerce, "password_reset") == ("send_link", "send_code")
    assert remedies(shipped_service("shopfactory"), "access_code") == ("send_link",)
