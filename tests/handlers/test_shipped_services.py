"""The five services that ship: what the seeds state of them, a test for each rule that a service file can keep."""

from __future__ import annotations

import pytest

from handlers.configuration.services import Services, load
from handlers.model.service import Piece
from tests.tools.tree import ROOT

FIVE = ("connectprof", "esp", "o2switch", "opcommerce", "shopfactory")


@pytest.fixture(scope="module")
def shipped() -> Services:
    """The five services of the seeds, whatever an operator put beside them."""
    loaded = load(ROOT / "services")
    return Services({id: loaded[id] for id in FIVE})


def test_services_come_in_the_order_of_their_ids() -> None:
    """However the folder lists them."""
    ids = list(load(ROOT / "services"))
    assert ids == sorted(ids)
    assert set(FIVE) <= set(ids)


def test_a_service_is_found_by_its_mailbox_in_any_capitals(shipped: Services) -> None:
    """A mail to Support@ESP.example reaches ESP; any other address reaches nobody."""
    found = shipped.by_mailbox("Support@ESP.example")
    assert found is not None
    assert found.id == "esp"
    assert shipped.by_mailbox("support@other.example") is None
    assert shipped.by_mailbox("not an address") is None


def test_SF_11_links_live_thirty_minutes(shipped: Services) -> None:
    """The reset must be done within 30 minutes."""
    assert shipped["shopfactory"].offer.link_minutes == 30


def test_OC_20_links_live_thirty_minutes_where_no_life_is_stated(shipped: Services) -> None:
    """The page names a life for the code only; the link gets a fair one."""
    assert shipped["opcommerce"].offer.link_minutes == 30


def test_SF_8_login_and_address_are_asked_for(shipped: Services) -> None:
    """Both the identifier and the registered address."""
    assert shipped["shopfactory"].identify.require == ("login", "address")


def test_ESP_4_the_address_alone_is_asked_for(shipped: Services) -> None:
    """The customers of a merchant's site have no other name there; the other services ask no more either."""
    assert {service.identify.require for id, service in shipped.items() if id != "shopfactory"} == {("address",)}


def test_SF_20_the_service_is_known_by_its_other_names(shipped: Services) -> None:
    """ShopFactory, ShopFactory Cloud and Total Care are one account."""
    service = shipped["shopfactory"]
    assert {"ShopFactory", "ShopFactory Cloud", "Total Care"} <= {service.name, *service.aliases}


def test_OC_4_codes_have_six_digits(shipped: Services) -> None:
    """As the page shows one."""
    assert shipped["opcommerce"].offer.code_digits == 6


def test_OC_9_codes_live_ten_minutes(shipped: Services) -> None:
    """As the page states."""
    assert shipped["opcommerce"].offer.code_minutes == 10


def test_OC_12_thirteen_characters_are_required(shipped: Services) -> None:
    """The one rule that is enforced."""
    assert shipped["opcommerce"].password.min_length == 13


def test_OC_22_classes_are_advised_and_not_required(shipped: Services) -> None:
    """“For more safety” is advice."""
    policy = shipped["opcommerce"].password
    assert (policy.require, policy.advise) == ((), ("upper", "lower", "digit", "symbol"))


def test_CP_15_passwords_have_eight_to_twenty_characters(shipped: Services) -> None:
    """The one service with a maximum under 64."""
    policy = shipped["connectprof"].password
    assert (policy.min_length, policy.max_length) == (8, 20)


def test_CP_16_all_four_classes_are_required(shipped: Services) -> None:
    """Capital, small letter, digit, special character."""
    assert shipped["connectprof"].password.require == ("upper", "lower", "digit", "symbol")


def test_CP_17_passwords_are_renewed_every_ninety_days(shipped: Services) -> None:
    """Its page gives the number."""
    assert shipped["connectprof"].password.max_age_days == 90


def test_OC_12_a_new_password_is_asked_for_occasionally(shipped: Services) -> None:
    """Once a year; three services never ask for one."""
    assert shipped["opcommerce"].password.max_age_days == 365
    assert sorted(id for id, one in shipped.items() if not one.password.max_age_days) == [
        "esp",
        "o2switch",
        "shopfactory",
    ]


def test_CP_29_no_two_services_need_share_a_password_policy(shipped: Services) -> None:
    """Eight to twenty here and thirteen there: policy is a profile of each service."""
    assert shipped["connectprof"].password.max_length < 64 <= shipped["opcommerce"].password.max_length
    assert shipped["connectprof"].password.min_length < shipped["opcommerce"].password.min_length


def test_CP_20_accounts_come_back_within_thirty_days(shipped: Services) -> None:
    """Closed accounts can be reactivated for 30 days."""
    closure = shipped["connectprof"].closure
    assert closure is not None
    assert closure.grace_days == 30


def test_CP_5_there_are_two_methods_of_a_second_factor(shipped: Services) -> None:
    """An app, or mail."""
    assert shipped["connectprof"].second_factor.methods == ("totp", "mail")


def test_OC_7_a_code_is_asked_now_and_then_and_on_a_new_device(shipped: Services) -> None:
    """Not at every sign-in."""
    assert shipped["opcommerce"].sign_in.code_on == ("new_device", "every_30_days")


def test_O2_6_an_individual_proves_itself_without_a_kbis(shipped: Services) -> None:
    """Identity with declaration, handwritten letter."""
    assert set(shipped["o2switch"].documents["individual"]) == {"identity", "letter"}


def test_O2_7_a_company_proves_itself_with_three_pieces(shipped: Services) -> None:
    """Kbis of less than 3 months, identity with declaration, handwritten letter with the new address."""
    pieces = shipped["o2switch"].documents["company"]
    assert pieces["kbis"] == Piece(max_age_days=92, matches="company")
    assert pieces["identity"] == Piece(declaration=True, matches="name")
    assert pieces["letter"] == Piece(handwritten=True, signed=True, states=("reason", "new_address"))


def test_O2_8_an_association_proves_itself_through_its_president(shipped: Services) -> None:
    """Statutes, both sides of the president's card, the president's letter."""
    pieces = shipped["o2switch"].documents["association"]
    assert set(pieces) == {"statutes", "identity", "letter"}
    assert pieces["identity"].both_sides
    assert (pieces["identity"].matches, pieces["letter"].matches) == ("president", "president")


def test_O2_16_recent_statutes_are_of_the_last_year(shipped: Services) -> None:
    """The page gives no number."""
    assert shipped["o2switch"].documents["association"]["statutes"].max_age_days == 365


def test_O2_9_two_people_decide_about_a_new_address(shipped: Services) -> None:
    """The slightest doubt of either is enough for no change, and the owner has days to object."""
    change = shipped["o2switch"].change_address
    assert change is not None
    assert (change.approvals, change.wait_hours) == (2, 72)


def test_passwords_of_64_characters_are_taken_unless_a_seed_says_otherwise(shipped: Services) -> None:
    """Only ConnectProf, whose page says 20, cuts shorter than 64."""
    assert [id for id, service in shipped.items() if service.password.max_length < 64] == ["connectprof"]


def test_every_service_speaks_three_languages_about_a_reset(shipped: Services) -> None:
    """Subject and after-care of a reset exist in French, English and Turkish, step for step."""
    for service in shipped.values():
        steps = [service.after_care("reset", language) for language in ("fr", "en", "tr")]
        assert len({len(lines) for lines in steps}) == 1
        assert steps[0]
        assert all(service.subject("reset", language) for language in ("fr", "en", "tr"))


def test_french_after_care_keeps_no_break_spaces(shipped: Services) -> None:
    """No plain space before a high sign, or a mail client would wrap the line there."""
    for service in shipped.values():
        for line in service.after_care("reset", "fr"):
            assert not any(f" {sign}" in line for sign in ":;!?»"), line


def test_an_unknown_language_or_letter_has_no_own_words(shipped: Services) -> None:
    """The desk's own wording is used then."""
    assert shipped["esp"].subject("refused", "fr") is None
    assert shipped["esp"].subject("reset", "de") is None
    assert shipped["esp"].after_care("reset", "de") == ()
