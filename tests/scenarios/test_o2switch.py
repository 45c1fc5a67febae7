"""o2switch's page for those whose record is up to date, for webmasters, and for what is never done by mail."""

from __future__ import annotations

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from demo.house import sample
from demo.slack import AYSE
from handlers.model.account import Account
from tests.scenarios.host import ALICE, CHANGED, NEW, OLD, THOMAS, asks, mail, sign_in
from tests.scenarios.people import Customer
from tests.scenarios.shop import channel
from tests.scenarios.town import Scenario, in_one_loop

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180), pytest.mark.xdist_group("scenarios-4"), in_one_loop]

RESET = "o2switch\u00a0: réinitialisation de votre mot de passe"
WEAK = "court 1"
HARMLESS = ("claim", "refuse", "freeze", "reveal", "show_mail", "choose_intent", "request_documents")
TO_THE_RECORD = ("send_link", "send_code")
"""What can only ever reach the address in the record."""

DELETES = (
    "Bonjour,\n\nmerci de supprimer définitivement mon site et mon compte OX-31442 dès aujourd’hui.\n\nThomas Leroy\n"
)


@pytest_asyncio.fixture(loop_scope="module")
async def hoster(scenario: Scenario) -> Scenario:
    """A host on which Thomas has an account and a password, and Alice too."""
    for owner in (THOMAS, ALICE):
        await scenario.add_with_password(OLD, **owner.record)
    return scenario


async def test_O2_1_who_is_signed_in_changes_the_password(
    hoster: Scenario, customer: Customer, elsewhere: Customer
) -> None:
    """O2.12: the old one and a complex new one; other devices are out, the owner is told, and one signs out."""
    await sign_in(hoster, elsewhere, THOMAS.old, OLD)
    await sign_in(hoster, customer, THOMAS.old, OLD)
    await customer.page.get_by_role("link", name="Changer le mot de passe").click()
    await customer.reads("Au moins 12 caractères", "Conseil", "une majuscule", "un chiffre", "un caractère spécial")
    await customer.fill("Changer le mot de passe", old=OLD, password=WEAK, again=WEAK)
    await customer.reads("trop court")
    await customer.fill("Changer le mot de passe", old="Un tout autre 7!", password=NEW, again=NEW)
    await customer.reads("Ce n’est pas votre mot de passe actuel")
    await customer.fill("Changer le mot de passe", old=OLD, password=NEW, again=NEW)
    await customer.reads("Votre mot de passe a été changé. Vous êtes déconnecté partout ailleurs.")
    notice = await hoster.opens(THOMAS.old, CHANGED)
    assert notice.leads_to("stop")
    await elsewhere.open(f"{hoster.house.portal}/account")
    assert await elsewhere.page.get_by_text(THOMAS.old).count() == 0
    await customer.press("Se déconnecter")
    await customer.reads("Vous êtes déconnecté")
    await sign_in(hoster, customer, THOMAS.old, NEW)
    await customer.reads(THOMAS.login)


async def test_O2_3_with_a_record_up_to_date_the_form_sends_the_link(hoster: Scenario, customer: Customer) -> None:
    """The address in the record is all that is asked; nobody has to click, and a stranger's is answered the same."""
    said = []
    for address in (THOMAS.old, "personne@nulle-part.example"):
        await customer.open(f"{hoster.house.portal}/lost/o2switch")
        await customer.fill("Envoyer", address=address)
        said.append(await customer.text())
    assert said[0] == said[1]
    await hoster.pass_time(seconds=5)
    letter = await hoster.opens(THOMAS.old, RESET)
    assert [one.to for one in hoster.house.inbox.letters] == [THOMAS.old]
    await customer.open(letter.link)
    await customer.reads("Conseil")
    await customer.fill("Réinitialiser le mot de passe", password=NEW, again=NEW)
    await customer.reads(
        "Déconnectez-vous de votre interface client", "surtout l’adresse e-mail et le numéro de téléphone"
    )
    await sign_in(hoster, customer, THOMAS.old, NEW)
    await customer.reads(THOMAS.login)


async def test_O2_2_staff_read_which_of_the_two_ways_a_request_takes(hoster: Scenario) -> None:
    """Up to date: a link. Not up to date: documents, and only they make a change of address possible."""
    text = "Bonjour,\n\nj’ai perdu mon mot de passe, merci de m’envoyer de nouveaux accès.\n\nThomas Leroy\n"
    known = await hoster.write(mail(THOMAS.old, "Nouveaux accès", text))
    assert "send_link" in known.buttons
    lost = await hoster.write(asks(ALICE, new=ALICE.new))
    assert "request_documents" in lost.buttons
    assert "change_address" not in lost.buttons
    assert "The documents have to be accepted first." in lost.text


@pytest.mark.parametrize("sender", [THOMAS.old, "t.leroy@ailleurs.example"])
async def test_O2_4_new_access_goes_to_the_address_in_the_record(hoster: Scenario, sender: str) -> None:
    """O2.15: whoever writes, whatever the mail asks; it names another address in vain."""
    text = (
        "Bonjour,\n\nle lien ne marche pas, merci d’envoyer de nouveaux accès pour mon compte "
        f"{THOMAS.old}, à t.leroy@ailleurs.example si possible.\n\nThomas Leroy\n"
    )
    card = await hoster.write(mail(sender, "Nouveaux accès", text))
    await hoster.click(card.case, "send_link", AYSE.id)
    letter = await hoster.opens(THOMAS.old, RESET)
    assert letter.recipients == (THOMAS.old,)
    assert not [one for one in hoster.house.inbox.letters if one.link and one.to != THOMAS.old]


async def test_O2_11_a_webmaster_is_sent_to_cpanel_in_a_friendly_way(hoster: Scenario, chromium: Browser) -> None:
    """O2.10: no button gives anything out; the refusal says what is enough, and the owner's account stays as it is."""
    agency = "contact@agence-pixel.example"
    card = await hoster.write(sample("04"))
    assert not {"send_link", "send_code", "request_documents"} & set(card.buttons)
    assert "The writer says that the account belongs to somebody else." in card.text
    async with channel(chromium, hoster.house.slack) as page:
        await page.get_by_role("button", name="Refuse…").click()
        await page.get_by_label("The writer is not the owner").check()
        await page.get_by_role("button", name="Refuse the request").click()
    await hoster.turns(card.case, "Refused")
    letter = await hoster.letter(lambda one: one.to == agency and not one.is_acknowledgement, "a refusal")
    assert "un accès cPanel suffit" in letter.text
    assert "L’espace client concerne l’administratif et prouve à qui appartient le compte" in letter.text
    assert not [word for word in (ALICE.login, ALICE.old, "Moreau") if word in letter.text]
    assert hoster.letters(ALICE.old) == []


@pytest.mark.parametrize("sender", [THOMAS.old, THOMAS.new])
async def test_O2_14_a_site_is_never_deleted_by_mail(hoster: Scenario, sender: str) -> None:
    """O2.15: no button deletes or closes anything, whoever seems to write; what would be sent goes to the record."""
    before = await record(hoster)
    card = await hoster.write(mail(sender, "Suppression du site", DELETES))
    assert card.text.startswith("Closing the account")
    assert set(card.buttons) <= {*HARMLESS, *(TO_THE_RECORD if sender == THOMAS.old else ())}
    await hoster.pass_time(days=60)
    assert await record(hoster) == before
    assert all(one.is_acknowledgement and one.to == sender for one in hoster.house.inbox.letters)
    assert "Who wrote it there is not proven." in card.text
    assert "case.opened" in await hoster.events(THOMAS.login)


async def record(scenario: Scenario) -> Account:
    """Thomas's record as it is now."""
    return next(one for one in await scenario.house.desk.store.find(Account) if one.login == THOMAS.login)
