"""ShopFactory's page, played through real doors: two keys to one link, two passwords, and steps in their order."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser

from tests.scenarios.people import Customer
from tests.scenarios.shop import (
    ACCOUNT,
    HOSTING,
    MARIE,
    NEW,
    ask_for_link,
    choose_password,
    follow,
    reset,
    sign_in,
    stands_in_order,
)
from tests.scenarios.town import Scenario, in_one_loop

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180), pytest.mark.xdist_group("scenarios-3"), in_one_loop]

ACCOUNT_STEPS = (
    "Réenregistrez votre logiciel",
    "Modifier le compte ShopFactory Cloud pour cette boutique",
    "Méthodes de paiement acceptées",
    "Il ne change pas votre mot de passe d’hébergement",
    "changez ensuite aussi le mot de passe d’hébergement",
    "saisissez un nouveau mot de passe d’hébergement",
    "Publiez enfin à nouveau votre boutique",
)


async def test_SF_6_the_way_in_is_beside_the_sign_in(scenario: Scenario, customer: Customer) -> None:
    """SF.6, SF.8, SF.10: what was typed is kept, the second key is asked for, and the junk folder is named."""
    await scenario.add(**ACCOUNT)
    await customer.open(f"{scenario.house.portal}/sign-in/shopfactory")
    await customer.fill("Poursuivre", name="durand42")
    await customer.press("Mot de passe oublié")
    assert await customer.page.locator("[name=login]").input_value() == "durand42"
    await customer.press("Continuer")
    await customer.reads("Saisissez votre adresse e-mail.")
    await customer.fill("Envoyer", address=MARIE)
    await customer.reads("courriers indésirables", "30 minutes")
    await scenario.pass_time(seconds=5)
    letter = await scenario.mailed_link(MARIE)
    assert letter.recipients == (MARIE,)


async def test_SF_23_french_is_kept_from_the_form_to_the_last_page(scenario: Scenario, chromium: Browser) -> None:
    """Though the browser asks for English, and the account says nothing of a language."""
    await scenario.add(**{**ACCOUNT, "language": ""})
    context = await chromium.new_context(locale="en-GB", java_script_enabled=False)
    customer = Customer(await context.new_page())
    await customer.open(f"{scenario.house.portal}/lost/shopfactory?lang=fr")
    await customer.fill("Envoyer", login="durand42", address=MARIE)
    await customer.reads("nous enverrons un e-mail")
    await scenario.pass_time(seconds=5)
    letter = await scenario.mailed_link(MARIE)
    assert " ".join(letter.subject.split()) == "ShopFactory : réinitialisation de votre mot de passe"
    await customer.open(letter.link)
    await choose_password(customer)
    await customer.reads("Réenregistrez votre logiciel")
    await follow(customer, "Se connecter")
    await customer.fill("Poursuivre", name="durand42")
    await customer.fill("Se connecter", password=NEW)
    await customer.reads("Votre compte")
    notice = await scenario.letter(lambda one: "Réenregistrez" in one.text, "the notice in French")
    assert notice.to == MARIE
    await context.close()


async def test_SF_11_the_link_works_for_thirty_minutes_and_not_longer(scenario: Scenario, customer: Customer) -> None:
    """To the minute: open after 29, closed after 30."""
    await scenario.add(**ACCOUNT)
    await ask_for_link(scenario, customer)
    letter = await scenario.mailed_link(MARIE)
    assert "30 minutes" in letter.text
    await scenario.pass_time(minutes=29)
    await customer.open(letter.link)
    await customer.reads("nouveau mot de passe")
    await scenario.pass_time(minutes=1)
    await choose_password(customer)
    await customer.titled("Ce lien n’est plus valable")


async def test_SF_12_after_thirty_minutes_the_whole_form_is_filled_in_again(
    scenario: Scenario, customer: Customer
) -> None:
    """One click leads to it; it is empty; the new link works and the old one stays dead."""
    await scenario.add(**ACCOUNT)
    await ask_for_link(scenario, customer)
    old = (await scenario.mailed_link(MARIE)).link
    await scenario.pass_time(minutes=31)
    await customer.open(old)
    await customer.titled("Ce lien n’est plus valable")
    await follow(customer, "Demander un nouvel e-mail")
    assert [await customer.page.locator(f"[name={key}]").input_value() for key in ("login", "address")] == ["", ""]
    await customer.fill("Envoyer", login="durand42", address=MARIE)
    await scenario.pass_time(seconds=5)
    again = await scenario.letter(lambda one: bool(one.link) and one.link != old, "another link")
    await customer.open(old)
    await customer.titled("Il existe un e-mail plus récent")
    await customer.open(again.link)
    await choose_password(customer)
    await customer.titled("Votre mot de passe est mis à jour")


async def test_SF_24_a_hosted_customer_is_told_of_the_second_password_at_once(
    scenario: Scenario, customer: Customer
) -> None:
    """SF.1, SF.2, SF.5, SF.13-16: on the page and in the letter, step by step and in the order of the help page."""
    await scenario.add(**ACCOUNT)
    await reset(scenario, customer)
    said = await customer.text()
    assert "Votre mot de passe d’hébergement vient ensuite : il n’a pas changé." in " ".join(said.split())
    assert stands_in_order(said, *ACCOUNT_STEPS)
    assert "Votre clé d’activation ne peut servir qu’une seule fois." in said
    notice = await scenario.letter(lambda one: one.to == MARIE and "Réenregistrez" in one.text, "the notice")
    assert stands_in_order(notice.text, f"{scenario.house.portal}/sign-in/shopfactory", *ACCOUNT_STEPS)


async def test_SF_17_the_hosting_password_wants_the_new_password_of_the_account(
    scenario: Scenario, customer: Customer
) -> None:
    """A sign-in from before the reset opens nothing any more, nor does the old password; the new one does."""
    await scenario.add(**ACCOUNT)
    await reset(scenario, customer)
    await sign_in(scenario, customer)
    hosting = f"{scenario.house.portal}/account/hosting"
    await customer.open(hosting)
    await customer.titled("Changer le mot de passe d’hébergement")
    await scenario.pass_time(minutes=6)
    await _reset_elsewhere(scenario, customer)
    await customer.open(hosting)
    await customer.titled("Se connecter")
    await sign_in(scenario, customer, NEW)
    await customer.reads("L’identifiant, l’adresse ou le mot de passe est incorrect.")
    await sign_in(scenario, customer, f"{NEW} encore")
    await follow(customer, "Changer le mot de passe d’hébergement")
    await customer.titled("Changer le mot de passe d’hébergement")


async def _reset_elsewhere(scenario: Scenario, customer: Customer) -> None:
    first = (await scenario.mailed_link(MARIE)).link
    await ask_for_link(scenario, customer)
    again = await scenario.letter(lambda one: bool(one.link) and one.link != first, "another link")
    await customer.open(again.link)
    await choose_password(customer, f"{NEW} encore")


async def test_SF_19_after_the_hosting_password_the_shop_is_published_again(
    scenario: Scenario, customer: Customer
) -> None:
    """SF.18: it is typed and confirmed without a mail; what remains is on the page and is mailed too."""
    await scenario.add(**ACCOUNT)
    await reset(scenario, customer)
    await sign_in(scenario, customer)
    await follow(customer, "Changer le mot de passe d’hébergement")
    await customer.fill("Changer le mot de passe d’hébergement", old=NEW, password=HOSTING, again=HOSTING)
    await customer.reads("Votre mot de passe d’hébergement a été changé")
    await scenario.letter(lambda one: "Réenregistrez" in one.text, "the notice about the account's password")
    notice = await scenario.letter(lambda one: "hébergement" in one.subject, "the notice about the hosting password")
    publish = ("Publier votre site sur le Net", "Configuration", "Publiez à nouveau votre boutique")
    assert not notice.link
    assert not notice.digits
    assert stands_in_order(notice.text, *publish)
    await follow(customer, "Ce qu’il reste à faire")
    assert stands_in_order(await customer.text(), *ACCOUNT_STEPS, *publish[1:])
    assert len(scenario.letters(MARIE)) == 3


async def test_SF_14_the_steps_are_ticked_off_in_their_order(scenario: Scenario, customer: Customer) -> None:
    """SF.13: only the next one has a button, and a later one that is sent all the same is not taken."""
    await scenario.add(**ACCOUNT)
    await reset(scenario, customer)
    await sign_in(scenario, customer)
    await follow(customer, "Ce qu’il reste à faire")
    for step in (1, 2):
        assert await customer.page.get_by_role("main").get_by_role("button").all_inner_texts() == [
            f"Étape {step} terminée"
        ]
        await _send_step(customer, step + 1)
        await customer.press(f"Étape {step} terminée")
    await customer.reads("Étapes terminées : 2 sur 6")
    for step in range(3, 7):
        await customer.press(f"Étape {step} terminée")
    await customer.reads("Tout est terminé.")


async def _send_step(customer: Customer, step: int) -> None:
    """What the page has no button for."""
    token = await customer.page.locator("main [name=token]").first.input_value()
    typed: dict[str, str | float | bool] = {"token": token, "kind": "reset", "step": str(step)}
    answer = await customer.page.request.post(customer.page.url, form=typed)
    assert answer.ok
    await customer.page.reload()
