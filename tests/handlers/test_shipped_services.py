"""The five services that ship: what the seeds state of them, a test for each rule a service file can keep."""

from __future__ import annotations

import pytest

from handlers.model.service import Piece
from handlers.services import Services, load
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


def test_sf_11_shopfactory_links_live_thirty_minutes(shipped: Services) -> None:
    """SF.11: the reset must be done within 30 minutes."""
    assert shipped["shopfactory"].offer.link_minutes == 30


def test_sf_8_shopfactory_asks_for_login_and_address(shipped: Services) -> None:
    """SF.8: both the identifier and the registered address."""
    assert shipped["shopfactory"].identify.require == ("login", "address")
    assert {service.identify.require for id, service in shipped.items() if id != "shopfactory"} == {("address",)}


def test_sf_20_shopfactory_is_known_by_its_other_names(shipped: Services) -> None:
    """SF.20: ShopFactory, ShopFactory Cloud and Total Care are one account."""
    assert {"ShopFactory", "ShopFactory Cloud", "Total Care"} <= {
        shipped["shopfactory"].name,
        *shipped["shopfactory"].aliases,
    }


def test_sf_24_shopfactory_sends_the_hosting_steps_after_a_reset(shipped: Services) -> None:
    """SF.13-19, SF.24: register, update the shop, then the hosting password, then publish, in this order."""
    text = "\n".join(shipped["shopfactory"].after_care("reset", "fr"))
    marks = ["Réenregistrez", "Modifier le compte", "Terminer", "hébergement", "Changez le mot de passe", "sur le Net"]
    places = [text.index(mark) for mark in marks]
    assert places == sorted(places)
    assert "http://" not in text  # SF.22


def test_oc_5_and_15_opcommerce_subjects_are_exact(shipped: Services) -> None:
    """OC.5, OC.15: the subjects to the letter, plain spaces and final dots included."""
    service = shipped["opcommerce"]
    assert service.subject("code", "fr") == "L'Opcommerce : votre code de connexion temporaire."
    assert service.subject("reset", "fr") == "L'Opcommerce : demande de renouvellement de votre mot de passe."


def test_oc_4_and_9_opcommerce_codes_have_six_digits_for_ten_minutes(shipped: Services) -> None:
    """OC.4, OC.9: six digits, valid for 10 minutes."""
    assert (shipped["opcommerce"].offer.code_digits, shipped["opcommerce"].offer.code_minutes) == (6, 10)


def test_oc_12_and_22_opcommerce_requires_length_and_advises_classes(shipped: Services) -> None:
    """OC.12, OC.22: 13 characters at least; classes are advice."""
    policy = shipped["opcommerce"].password
    assert (policy.min_length, policy.require) == (13, ())
    assert policy.advise == ("upper", "lower", "digit", "symbol")


def test_cp_15_to_17_connectprof_password_rules(shipped: Services) -> None:
    """CP.15-17: 8 to 20 characters, all four classes, renewed every 90 days."""
    policy = shipped["connectprof"].password
    assert (policy.min_length, policy.max_length, policy.max_age_days) == (8, 20, 90)
    assert policy.require == ("upper", "lower", "digit", "symbol")


def test_cp_20_connectprof_accounts_come_back_within_thirty_days(shipped: Services) -> None:
    """CP.20, CP.21: closed accounts can be reactivated for 30 days."""
    assert shipped["connectprof"].closure.grace_days == 30


def test_cp_4_and_11_connectprof_has_two_methods_asked_every_time(shipped: Services) -> None:
    """CP.4, CP.11: an app or mail, asked at every sign-in."""
    assert shipped["connectprof"].second_factor.methods == ("totp", "mail")
    assert shipped["connectprof"].sign_in.code_on == ("every_sign_in",)


def test_o2_7_a_company_proves_itself_with_three_pieces(shipped: Services) -> None:
    """O2.7: Kbis of less than 3 months, identity with declaration, handwritten letter with the new address."""
    pieces = shipped["o2switch"].documents["company"]
    assert pieces["kbis"] == Piece(max_age_days=92, matches="company")
    assert pieces["identity"] == Piece(declaration=True, matches="name")
    assert pieces["letter"] == Piece(handwritten=True, signed=True, states=("reason", "new_address"))


def test_o2_6_and_8_each_kind_of_account_has_its_own_checklist(shipped: Services) -> None:
    """O2.6, O2.8: individuals need no Kbis, associations need statutes and both sides of the president's card."""
    documents = shipped["o2switch"].documents
    assert set(documents["individual"]) == {"identity", "letter"}
    assert set(documents["association"]) == {"statutes", "identity", "letter"}
    assert documents["association"]["identity"].both_sides


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
