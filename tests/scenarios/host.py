"""A host's customers who have lost their mailbox, and what they, the staff and the desk do until they are back in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from email.message import EmailMessage
from itertools import takewhile
from typing import NamedTuple

from playwright.async_api import Browser, Page

from demo.cards import Card
from demo.drawn import File, by_hand, card, kbis, scan, with_files
from demo.letters import Letter
from demo.slack import AYSE, MARC, VISITOR
from handlers.model.audit import AuditEntry
from tests.scenarios.people import Customer
from tests.scenarios.shop import channel, says
from tests.scenarios.town import Scenario
from tests.waiting import once

SUPPORT = "support@o2switch.example"
OLD = "Trois loutres sur la rive 8!"
NEW = "Sept hiboux dans la grange 5?"
WANTED = "o2switch\u00a0: les documents dont nous avons besoin"
REFUSED = "o2switch\u00a0: à propos de votre demande"
ASKED = "o2switch\u00a0: une demande d’accès à votre compte"
CHANGED = "o2switch\u00a0: votre mot de passe a été modifié"
CAME = "o2switch\u00a0: vos documents"
KBIS = (
    "Un extrait du registre du commerce (Kbis). Au nom de l’entreprise indiquée dans le compte. "
    "Datant de 92\u00a0jours au plus à la date de réception."
)
IDENTITY = (
    "Une copie d’une pièce d’identité (carte d’identité ou passeport). Au nom de la personne indiquée dans le compte. "
    "Avec votre déclaration sur l’honneur que la copie est valide."
)
LETTER = (
    "Une lettre. Manuscrite et signée. Elle indique ce qui s’est passé et l’adresse e-mail qui doit remplacer "
    "l’adresse enregistrée."
)


class Owner(NamedTuple):
    """Whose account it is: the record, the address that shall replace the one in it, and the documents at home."""

    record: dict[str, str]
    new: str
    files: dict[str, File]

    @property
    def login(self) -> str:
        """The login in the record."""
        return self.record["login"]

    @property
    def old(self) -> str:
        """The address in the record."""
        return self.record["address"]


JULIE = Owner(
    {
        "service": "o2switch", "login": "OX-10771", "address": "julie.perrin@ancien-fai.example",
        "kind": "individual", "name": "Julie Perrin", "language": "fr",
    },
    "julie.perrin@nouvelle-adresse.example",
    {
        "identity": ("carte-identite-perrin.jpg", card("PERRIN JULIE")),
        "letter": ("lettre-perrin.jpg", by_hand("Je souhaite recuperer mon compte OX-10771.", "Julie Perrin")),
    },
)  # fmt: skip
THOMAS = Owner(
    {
        "service": "o2switch", "login": "OX-31442", "address": "thomas.leroy@leroy-conseil.example",
        "kind": "company", "name": "Thomas Leroy", "company": "Leroy Conseil SAS", "language": "fr",
    },
    "thomas.leroy@nouvelle-adresse.example",
    {
        "kbis": ("kbis-leroy-conseil.pdf", kbis("LEROY CONSEIL SAS", "2027-01-15")),
        "identity": ("carte-identite-leroy.jpg", card("LEROY THOMAS")),
        "letter": ("lettre-leroy.jpg", by_hand("Notre domaine a expire.", "thomas.leroy@nouvelle-adresse.example")),
    },
)  # fmt: skip
ALICE = Owner(
    {
        "service": "o2switch", "login": "OX-20815", "address": "alice.moreau@chorale-vercors.example",
        "kind": "association", "name": "Alice Moreau", "company": "Chorale du Vercors", "language": "fr",
    },
    "chorale.vercors@nouvelle-adresse.example",
    {
        "statutes": ("statuts-chorale.pdf", scan(["STATUTS", "CHORALE DU VERCORS"], ["PRESIDENTE", "ALICE MOREAU"])),
        "identity": ("carte-recto-verso.jpg", card("MOREAU ALICE")),
        "letter": ("lettre-moreau.jpg", by_hand("Merci de changer l'adresse", "et de regenerer les acces.")),
    },
)  # fmt: skip


def mail(sender: str, subject: str, text: str, *files: File, to: str = SUPPORT, answers: Letter | None = None) -> bytes:
    """A customer's mail, with files, and as the answer to a letter where it is one."""
    message = EmailMessage()
    message["From"], message["Subject"] = sender, subject
    message["To"] = str(answers.mail["Reply-To"]) if answers else to
    message["Message-ID"] = f"<{abs(hash((sender, subject, text, files)))}@mail.example>"
    if answers:
        message["In-Reply-To"] = answers.message_id
    message.set_content(text)
    return with_files(message.as_bytes(), *files)


def asks(owner: Owner, sender: str = "", new: str = "") -> bytes:
    """The first mail: from an address nobody knows, naming the account and, where it is said, the new address."""
    wish = f" Ma nouvelle adresse est {new}." if new else ""
    text = (
        "Bonjour,\n\nl’adresse e-mail de ma fiche client n’existe plus, je souhaite la remplacer et récupérer l’accès "
        f"à mon compte. Mon identifiant est {owner.login}.{wish}\n\n{owner.record['name']}\n"
    )
    return mail(sender or owner.new, "Adresse e-mail de contact perdue", text)


class Read(NamedTuple):
    """What a reviewer fills in, field after field as they stand in the dialog: choices, dates, names, one yes or no."""

    outcomes: Sequence[str] = ("Accepted: readable",) * 3
    dates: Sequence[str] = ()
    names: Sequence[str] = ()
    address: str = "Yes, letter by letter"


ACCEPTED = {
    "individual": Read(outcomes=("Accepted: readable",) * 2, names=("PERRIN Julie",)),
    "company": Read(dates=("2027-01-15",), names=("LEROY CONSEIL SAS", "Leroy Thomas")),
    "association": Read(
        dates=("2026-09-01",),
        names=("Chorale du Vercors", "Alice MOREAU", "MOREAU Alice", "Alice Moreau"),
    ),
}
"""What a reviewer reads from each kind's documents when all is well."""


async def asked(scenario: Scenario, owner: Owner, new: str = "", sender: str = "") -> tuple[str, Letter]:
    """A mail, a card, a click on "Ask for documents"; the case, and the letter that lists them."""
    await scenario.add_with_password(OLD, **owner.record)
    case = (await scenario.write(asks(owner, sender, new))).case
    await scenario.click(case, "request_documents", AYSE.id)
    return case, await scenario.opens(sender or owner.new, WANTED)


def listed(letter: Letter, title: str) -> list[str]:
    """The numbered lines of a letter under that title."""
    after = letter.text.partition(f"{title}\u00a0:")[2].strip().splitlines()
    return [line.partition(". ")[2] for line in takewhile(lambda line: line[:1].isdigit(), after)]


async def trail(scenario: Scenario, case: str) -> list[tuple[str, str]]:
    """What was done with a case, by whom, oldest first."""
    return [(one.event, one.by) for one in await scenario.house.desk.store.find(AuditEntry, case=case)]


async def done(scenario: Scenario, case: str, event: str) -> None:
    """Wait until that is on the trail of the case, whoever did it; raises TimeoutError when it does not come."""

    async def look() -> bool:
        return event in [what for what, _ in await trail(scenario, case)]

    await once(look, 10)


async def sign_in(scenario: Scenario, customer: Customer, address: str, password: str) -> None:
    """Address, then password."""
    await customer.open(f"{scenario.house.portal}/sign-in/o2switch")
    await customer.fill("Poursuivre", name=address)
    await customer.fill("Se connecter", password=password)


async def send(scenario: Scenario, owner: Owner, answers: Letter, *files: File, sender: str = "") -> Letter:
    """Documents as an answer by mail, and the letter that says what came of it."""
    await scenario.house.send(mail(sender or owner.new, f"Re: {answers.subject}", "Voici.", *files, answers=answers))
    return await scenario.opens(sender or owner.new, CAME)


async def whole(scenario: Scenario, owner: Owner, new: str = "", sender: str = "") -> str:
    """Asked for, and all of it sent in one mail; returns the case, which waits for its reviewer."""
    case, letter = await asked(scenario, owner, new or owner.new, sender)
    await send(scenario, owner, letter, *owner.files.values(), sender=sender)
    await scenario.card(lambda card: card.case == case and "review_documents" in card.buttons, "a button to review")
    return case


async def upload(customer: Customer, files: Mapping[str, File], address: str = "", *, declared: bool = True) -> None:
    """Choose files on the upload page, each for its piece, declare on honour, and send."""
    for piece, (name, content) in files.items():
        chosen = {"name": name, "mimeType": "application/octet-stream", "buffer": content}
        await customer.page.set_input_files(f"#{piece}", chosen)  # type: ignore[arg-type]
        if declared and await customer.page.locator(f"#declared_{piece}").count():
            await customer.page.check(f"#declared_{piece}")
    await customer.fill("Envoyer", **({"address": address} if address else {}))


async def review(chromium: Browser, scenario: Scenario, read: Read) -> str:
    """Ayşe opens the dialog, says what she read, and submits; returns the one-time address of the documents."""
    async with channel(chromium, scenario.house.slack) as page:
        await page.get_by_role("button", name="Review documents…").last.click()
        link = await page.get_by_role("link", name="Open the documents").get_attribute("href")
        await fill_in(page, read)
        await page.get_by_role("button", name="Give the verdicts").click()
        await page.get_by_role("button", name="Give the verdicts").wait_for(state="detached")
    return str(link)


async def fill_in(page: Page, read: Read) -> None:
    """One verdict a document, and what stands on it."""
    for place, outcome in enumerate(read.outcomes):
        await page.get_by_label(outcome).nth(place).check()
    for place, day in enumerate(read.dates):
        await page.locator("input[type=date]").nth(place).fill(day)
    for place, name in enumerate(read.names):
        await page.locator(".modal input.bk-plain-input:not([type=date])").nth(place).fill(name)
    await page.get_by_label(read.address, exact=True).check()


async def propose(chromium: Browser, scenario: Scenario) -> None:
    """Ayşe reads what a change of address sets going, and proposes it."""
    async with channel(chromium, scenario.house.slack) as page:
        await page.get_by_role("button", name="Change address…").click()
        await page.get_by_label("This is what the customer asked for").check()
        await page.get_by_role("button", name="Propose the change").click()
        await page.get_by_text("0 of 2 approvals").first.wait_for()


async def confirm(scenario: Scenario, customer: Customer, owner: Owner) -> None:
    """The code that only the new mailbox has."""
    letter = await scenario.letter(lambda one: one.to == owner.new and bool(one.leads_to("address")), "a code")
    await customer.open(letter.link)
    await customer.fill("Confirmer l’adresse", code=letter.digits)
    await customer.titled("Merci, cette adresse est confirmée")


async def approve(scenario: Scenario, case: str) -> Card:
    """Two others agree, and the wait begins."""
    await scenario.click(case, "approve", MARC.id)
    await says(scenario, case, "1 of 2 approvals")
    await scenario.click(case, "approve", VISITOR.id)
    return await says(scenario, case, "agreed, not done yet")


async def waiting(chromium: Browser, scenario: Scenario, customer: Customer, owner: Owner, read: Read) -> str:
    """Documents, review, proposal, confirmation, two approvals; returns the case, whose wait has begun."""
    case = await whole(scenario, owner)
    await review(chromium, scenario, read)
    await says(scenario, case, "All the documents that were asked for were accepted.")
    await propose(chromium, scenario)
    await confirm(scenario, customer, owner)
    await says(scenario, case, "the new address was confirmed")
    await approve(scenario, case)
    return case
