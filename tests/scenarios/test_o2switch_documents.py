"""o2switch's page when the record is out of date: documents, two people who agree, 72 hours, and a way back in."""

from __future__ import annotations

from base64 import b64encode
from pathlib import Path

import pytest
from playwright.async_api import Browser

from demo.slack import AYSE, MARC, VISITOR
from tests.handlers.papers import image
from tests.scenarios.host import (
    ACCEPTED,
    ALICE,
    IDENTITY,
    JULIE,
    KBIS,
    LETTER,
    NEW,
    THOMAS,
    approve,
    asked,
    confirm,
    done,
    listed,
    propose,
    review,
    send,
    sign_in,
    trail,
    upload,
    whole,
)
from tests.scenarios.people import Customer
from tests.scenarios.shop import channel, says
from tests.scenarios.town import Scenario, in_one_loop
from tests.waiting import until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180), pytest.mark.xdist_group("scenarios-4"), in_one_loop]

TORN = image("JPEG", (1200, 900), color="blue")[:9000]
WORD = b"PK\x03\x04" + b"word" * 5000
MISSING = "Ce qui manque encore"
USELESS = "Ce que nous n’avons pas pu utiliser"
PRESIDENTS = [
    "Les statuts de l’association. Ils doivent mentionner le président actuel. "
    "Datant de 365\u00a0jours au plus à la date de réception.",
    "Une copie d’une pièce d’identité (carte d’identité ou passeport). Au nom du président actuel de l’association. "
    "Recto et verso. Avec votre déclaration sur l’honneur que la copie est valide.",
    "Une lettre. Au nom du président actuel de l’association. Manuscrite et signée. Elle indique que vous "
    "demandez le changement de l’adresse e-mail et que vous demandez la régénération des accès.",
]
WISH = [
    "Une lettre. Manuscrite et signée. Elle indique que vous souhaitez récupérer le compte.",
    "L’adresse e-mail qui doit remplacer l’adresse enregistrée.",
]
WHOLE = "Nous avons tout ce que nous avions demandé"


async def test_O2_18_after_each_mail_the_company_reads_exactly_what_is_missing(
    scenario: Scenario, customer: Customer
) -> None:
    """O2.7: three pieces, over two mails with a file of the wrong kind and a torn one, and the page for the last."""
    case, letter = await asked(scenario, THOMAS, THOMAS.new)
    assert listed(letter, "Merci de nous envoyer") == [KBIS, IDENTITY, LETTER]
    first = await send(scenario, THOMAS, letter, THOMAS.files["kbis"], ("lettre.docx", WORD))
    assert listed(first, "Ce que nous avons reçu") == ["Un extrait du registre du commerce (Kbis)"]
    assert "Nous ne pouvons pas ouvrir ce type de fichier" in listed(first, USELESS)[0]
    assert listed(first, MISSING) == [IDENTITY, LETTER]
    second = await send(scenario, THOMAS, first, ("carte-identite.jpg", TORN), THOMAS.files["letter"])
    assert "Le fichier ne s’ouvre pas" in listed(second, USELESS)[0]
    assert listed(second, MISSING) == [IDENTITY]
    identity = {"identity": THOMAS.files["identity"]}
    await customer.open(second.leads_to("documents"))
    await customer.reads("Pas encore reçu. Au nom de la personne indiquée dans le compte")
    await upload(customer, identity, declared=False)
    await customer.reads("Rien n’a encore été envoyé")
    await upload(customer, identity)
    await customer.reads(WHOLE)
    await scenario.card(lambda card: card.case == case and "review_documents" in card.buttons, "a button to review")


async def test_O2_7_a_company_is_back_in_after_documents_and_72_hours(
    scenario: Scenario, customer: Customer, elsewhere: Customer, chromium: Browser
) -> None:
    """O2.9: reviewed, proposed by one, confirmed, approved by two others, and not a minute before its time."""
    case = await whole(scenario, THOMAS)
    await review(chromium, scenario, ACCEPTED["company"])
    await says(scenario, case, "All the documents that were asked for were accepted.")
    await propose(chromium, scenario)
    await confirm(scenario, customer, THOMAS)
    await says(scenario, case, "the new address was confirmed")
    await scenario.click(case, "approve", AYSE.id)
    await approve(scenario, case)
    await scenario.pass_time(hours=71, minutes=59)
    assert "address.changed" not in await scenario.events(THOMAS.login)
    await scenario.pass_time(minutes=1)
    await says(scenario, case, "changed the registered address")
    link = await scenario.letter(lambda one: one.to == THOMAS.new and bool(one.leads_to("reset")), "a link")
    await customer.open(link.link)
    await customer.fill("Réinitialiser le mot de passe", password=NEW, again=NEW)
    await customer.reads("Gardez votre fiche client à jour", "Ne partagez pas les accès", "Un accès cPanel suffit")
    await sign_in(scenario, customer, THOMAS.new, NEW)
    await customer.reads(THOMAS.new)
    await sign_in(scenario, elsewhere, THOMAS.old, NEW)
    await elsewhere.reads("mot de passe est incorrect")
    steps = await trail(scenario, case)
    decided = [step for step in steps if step[0] in ("action.proposed", "action.denied", "action.approved")]
    assert decided == [
        ("action.proposed", AYSE.id),
        ("action.denied", AYSE.id),
        ("action.approved", MARC.id),
        ("action.approved", VISITOR.id),
    ]


async def test_O2_20_documents_are_shown_once_to_one_person(
    scenario: Scenario, elsewhere: Customer, chromium: Browser
) -> None:
    """T36: the page says for whom it is, shows everything, and nothing a second time; the trail has who looked."""
    case = await whole(scenario, ALICE)
    async with channel(chromium, scenario.house.slack) as page:
        await page.get_by_role("button", name="Review documents…").click()
        address = str(await page.get_by_role("link", name="Open the documents").get_attribute("href"))
    await elsewhere.open(address)
    await elsewhere.reads("This ticket is for Ayşe Demir and works once")
    await elsewhere.press("Show the documents now")
    await elsewhere.reads("Chorale du Vercors", ALICE.new, "Both sides, front and back.", "statuts-chorale.pdf")
    assert await elsewhere.page.locator("main img").count() == 4
    await elsewhere.open(address)
    await elsewhere.titled("Nothing is shown here any more")
    assert await elsewhere.page.locator("img").count() == 0
    assert ("document.viewed", AYSE.id) in await trail(scenario, case)
    assert address.rpartition("/")[2] not in str(await scenario.house.slack.messages())


async def test_O2_20_documents_leave_nothing_behind(scenario: Scenario, chromium: Browser, tmp_path: Path) -> None:
    """T36: what was mailed lies encrypted, and after the decision no file has it or its name; the trail says so."""
    case = await whole(scenario, THOMAS)
    assert len(list((tmp_path / "data" / "documents").rglob("*"))) >= 3
    await scenario.pass_time(seconds=0)
    assert lying(tmp_path, marks()) == []
    await review(chromium, scenario, ACCEPTED["company"]._replace(outcomes=["Doubtful"] * 3))
    await says(scenario, case, "there is a doubt about the documents")
    await done(scenario, case, "documents.destroyed")
    await scenario.pass_time(minutes=3)
    assert not list((tmp_path / "data" / "documents").iterdir())
    names = [name.encode() for name, _ in THOMAS.files.values()]
    await until(lambda: lying(tmp_path, names) == [])  # the old files go once the new one is on disk
    assert lying(tmp_path, marks()) == []
    shown = str(await scenario.house.slack.messages())
    assert not [name for name, _ in THOMAS.files.values() if name in shown]


def marks() -> list[bytes]:
    """A piece out of the middle of each document, as it is and as mail programs write it."""
    plain = [content[30_000:30_600] for _, content in THOMAS.files.values()]
    mailed = [b64encode(content[30_000:30_036]) for _, content in THOMAS.files.values()]
    return [*plain, *mailed]


def lying(folder: Path, marks: list[bytes]) -> list[str]:
    """The desk's files in which one of these can be read."""
    files = [path for path in (folder / "data").rglob("*") if path.is_file()]
    return [path.name for path in files if any(mark in path.read_bytes() for mark in marks)]


async def test_O2_8_an_association_gets_new_access_through_its_president(
    scenario: Scenario, customer: Customer, chromium: Browser
) -> None:
    """Recent statutes, both sides of the card, the president's letter; new access goes to the new address alone."""
    case, letter = await asked(scenario, ALICE, ALICE.new)
    assert listed(letter, "Merci de nous envoyer") == PRESIDENTS
    await send(scenario, ALICE, letter, *ALICE.files.values())
    await review(chromium, scenario, ACCEPTED["association"])
    await propose(chromium, scenario)
    await confirm(scenario, customer, ALICE)
    await says(scenario, case, "the new address was confirmed")
    await approve(scenario, case)
    await scenario.pass_time(hours=72)
    link = await scenario.letter(lambda one: bool(one.leads_to("reset")), "new access")
    assert link.recipients == (ALICE.new,)
    assert ALICE.old not in [one.to for one in scenario.house.inbox.letters if one.link]


async def test_O2_6_an_individual_says_the_new_address_on_the_page(
    scenario: Scenario, customer: Customer, chromium: Browser
) -> None:
    """Identity with its declaration, a handwritten wish, and the address that shall replace the contact's."""
    case, letter = await asked(scenario, JULIE)
    assert listed(letter, "Merci de nous envoyer") == [IDENTITY, *WISH]
    await customer.open(letter.leads_to("documents"))
    await upload(customer, JULIE.files)
    assert WHOLE not in await customer.text()
    await upload(customer, {}, JULIE.new)
    await customer.reads(WHOLE)
    await review(chromium, scenario, ACCEPTED["individual"])
    await propose(chromium, scenario)
    await confirm(scenario, customer, JULIE)
    await says(scenario, case, "the new address was confirmed")
    await approve(scenario, case)
    await scenario.pass_time(hours=72)
    await says(scenario, case, "changed the registered address")
    await scenario.letter(lambda one: one.to == JULIE.new and bool(one.leads_to("reset")), "new access")
