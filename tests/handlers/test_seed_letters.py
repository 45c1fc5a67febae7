"""What the five services' own pages want their customers told, read in the letters that go out."""

from __future__ import annotations

import re

import pytest

from handlers.languages import LANGUAGES
from handlers.model.outbox import LetterKind
from handlers.vault import Secret
from tests.builders import PORTAL, SERVICES, make_account, shipped_service
from tests.handlers.letterbox import TOKEN, Page, make_facts, part, text_of, written

FIVE = sorted(file.stem for file in SERVICES.glob("*.toml"))


def told(service: str, language: str = "fr", kind: LetterKind = "changed") -> str:
    """The text of the service's letter after a reset, its blanks and line ends made plain spaces."""
    facts = make_facts(kind, language, service=shipped_service(service), account=make_account(service=service))
    return " ".join(text_of(facts).split())


def stand_in_order(text: str, *marks: str) -> bool:
    """Whether each mark is in the text, after the one before."""
    at = 0
    for mark in marks:
        at = text.find(mark, at) + len(mark)
        if at < len(mark):
            return False
    return True


# Exact subjects


def test_OC_5_the_code_letter_has_the_exact_subject() -> None:
    """Letter by letter, the plain space before the colon and the final full stop included."""
    mail = written(make_facts("code", "fr", service=shipped_service("opcommerce")))
    assert str(mail["Subject"]) == "L'Opcommerce : votre code de connexion temporaire."


def test_OC_15_the_reset_letter_has_the_exact_subject() -> None:
    """Letter by letter, as customers know to look for it."""
    mail = written(make_facts("reset", "fr", service=shipped_service("opcommerce")))
    assert str(mail["Subject"]) == "L'Opcommerce : demande de renouvellement de votre mot de passe."


def test_OC_16_the_letters_button_leads_to_the_page_for_the_new_password() -> None:
    """One link, and it is the one."""
    html = part(written(make_facts("reset", "fr", service=shipped_service("opcommerce"))), "html")
    assert f"{PORTAL}/reset/{TOKEN}" in Page(html).links


# After a reset


def test_SF_1_the_customer_is_told_that_a_key_works_once() -> None:
    """The desk hands out no keys; it keeps customers from trying theirs again."""
    assert "clé d’activation ne peut servir qu’une seule fois" in told("shopfactory")


def test_SF_2_the_customer_registers_again_with_existing_credentials() -> None:
    """By the name the menu gives it, never with the key."""
    said = told("shopfactory")
    wanted = (
        "choisissez « Activer ShopFactory avec un identifiant et un mot de passe existants » dans le menu de gestion"
    )
    assert wanted in said


def test_SF_5_a_hosted_customer_is_told_to_change_the_hosting_password_too() -> None:
    """It is a password of its own; whoever is hosted elsewhere reads that the rest is not for them."""
    said = told("shopfactory")
    assert "Si ShopFactory n’héberge pas votre boutique, vous avez terminé." in said
    assert "Sinon, changez ensuite aussi le mot de passe d’hébergement" in said


def test_SF_13_registering_again_is_the_first_step() -> None:
    """Before anything that needs a registered software."""
    assert "1. Réenregistrez votre logiciel ShopFactory avec votre nouveau mot de passe" in told("shopfactory")


def test_SF_14_the_stored_password_is_replaced_step_by_step() -> None:
    """Menu, account, wizard without a change, save, publish again: in the order of the page."""
    assert stand_in_order(
        told("shopfactory"),
        "menu ShopFactory Cloud",
        "« Modifier le compte ShopFactory Cloud pour cette boutique »",
        "votre identifiant et votre nouveau mot de passe",
        "OK",
        "Central, « Méthodes de paiement acceptées »",
        "sans rien changer",
        "« Suivant » jusqu’à « Terminer »",
        "Enregistrez, puis publiez à nouveau",
    )


def test_SF_15_the_letter_says_what_the_new_password_is_for_and_what_not() -> None:
    """Registration, payment methods, orders; not hosting."""
    assert stand_in_order(
        told("shopfactory"),
        "vaut pour votre compte Total Care : enregistrement, méthodes de paiement, gestion des commandes en ligne.",
        "Il ne change pas votre mot de passe d’hébergement.",
    )


def test_SF_16_the_hosting_password_has_a_page_of_its_own() -> None:
    """The letter names it, and where to sign in for it."""
    said = told("shopfactory")
    assert "ouvrez la page « Changer le mot de passe d’hébergement »" in said
    assert f"{PORTAL}/sign-in/shopfactory" in said


def test_SF_17_the_account_comes_first_and_hosting_second() -> None:
    """The hosting page wants the new password of the account."""
    assert stand_in_order(
        told("shopfactory"),
        "Réenregistrez",
        "mot de passe d’hébergement",
        "connectez-vous avec votre identifiant Total Care et votre nouveau mot de passe",
    )


def test_SF_18_the_new_hosting_password_is_typed_and_confirmed_there() -> None:
    """Without a letter in between."""
    wanted = (
        "Sur cette page, saisissez un nouveau mot de passe d’hébergement et cliquez sur « Changer le mot de passe "
        "d’hébergement »"
    )
    assert wanted in told("shopfactory")


def test_SF_19_publishing_with_the_new_hosting_password_is_the_last_step() -> None:
    """Publish, configuration, password, OK, publish."""
    assert stand_in_order(
        told("shopfactory"),
        "« Changer le mot de passe d’hébergement »",
        "Publier, « Publier votre site sur le Net », puis Configuration",
        "nouveau mot de passe d’hébergement",
        "cliquez sur OK et publiez",
    )


def test_SF_24_the_letter_warns_that_publishing_fails_with_the_old_password() -> None:
    """Whoever is hosted and stops after the first password would find out too late."""
    assert "la publication se fera avec l’ancien mot de passe et échouera" in told("shopfactory")


@pytest.mark.parametrize("kind", ["reset", "code", "changed", "hosting_changed"])
@pytest.mark.parametrize("service", FIVE)
def test_SF_22_no_letter_leads_to_plain_http(service: str, kind: LetterKind) -> None:
    """The page has one such step; the letters of every service lead to the desk's own portal alone, in any language."""
    for language in LANGUAGES:
        said = told(service, language, kind)
        assert "http://" not in said
        found = re.findall(r"https?://\S+", said)
        assert found
        assert all(page.startswith(f"{PORTAL}/") for page in found)


@pytest.mark.parametrize("kind", ["changed", "temporary_password"])
@pytest.mark.parametrize("language", ["fr", "en", "tr"])
def test_SF_23_a_letter_leads_to_a_sign_in_in_its_own_language(kind: LetterKind, language: str) -> None:
    """A French customer's browser may well prefer English."""
    facts = make_facts(kind, language, service=shipped_service("shopfactory"), secret=Secret("zF724aKuE"))
    assert f"{PORTAL}/sign-in/shopfactory?lang={language}\n" in text_of(facts)


def test_SF_23_the_steps_are_told_in_the_customers_language() -> None:
    """Where the page sends French readers to an English form."""
    assert "Register your ShopFactory software again" in told("shopfactory", "en")
    assert "yeni şifrenizle yeniden kaydedin" in told("shopfactory", "tr")


def test_ESP_11_the_customer_is_told_where_the_password_is_changed_later() -> None:
    """By the names of the site: the account, then the tab."""
    assert stand_in_order(told("esp"), "« Mon compte »", "« Web Site Access »")


def test_CP_3_the_customer_is_told_the_way_through_the_panel() -> None:
    """As the panel names it."""
    assert "“Settings > Edit My Account”" in told("connectprof", "en")


def test_CP_17_the_customer_is_told_of_the_renewal() -> None:
    """In the panel's two languages."""
    assert "Renew your password every 90 days" in told("connectprof", "en")
    assert "Panele yeni şifrenizle giriş yapın." in told("connectprof", "tr")
    assert "Şifrenizi 90 günde bir" in told("connectprof", "tr")


def test_CP_27_the_customer_is_told_that_the_password_alone_does_not_let_them_in() -> None:
    """Whoever lost the second factor must ask for more than a password."""
    assert "the panel still asks for its code: the password alone does not let you in" in told("connectprof", "en")


def test_OC_19_the_customer_is_told_to_sign_in_again() -> None:
    """The reset signs nobody in."""
    assert "Reconnectez-vous au portail avec votre nouveau mot de passe." in told("opcommerce")


def test_O2_10_the_customer_is_told_not_to_share_access() -> None:
    """It is what proves whose the domains are."""
    assert stand_in_order(told("o2switch"), "Ne partagez pas les accès de votre compte client", "prouve")


def test_O2_11_the_customer_is_told_what_is_enough_for_a_webmaster() -> None:
    """Technical access only."""
    assert "Un accès cPanel suffit à votre webmaster." in told("o2switch")


def test_O2_12_the_customer_is_told_to_sign_out() -> None:
    """When done."""
    assert "Déconnectez-vous de votre interface client lorsque vous avez terminé." in told("o2switch")


def test_O2_13_the_customer_is_told_to_keep_the_record_up_to_date() -> None:
    """Address and telephone above all: the next recovery rests on them."""
    wanted = "Gardez votre fiche client à jour, surtout l’adresse e-mail et le numéro de téléphone"
    assert wanted in told("o2switch")
