"""A company whose mailbox is gone proves itself with documents, up to the 72 hours, and the old address stops it."""

from __future__ import annotations

from typing import Any

from demo.drawn import File, company, with_files
from demo.house import sample
from demo.letters import Letter
from demo.slack import AYSE, MARC, NORA, ticked
from demo.story import Step, Story, require, shows

OLD = "thomas.leroy@leroy-conseil.example"
NEW = "thomas.leroy@nouvelle-adresse.example"
FILES = company("Leroy Conseil SAS", "Leroy Thomas", NEW)
WORD = ("lettre.docx", b"PK\x03\x04" + b"word" * 5000)
CAME = "vos documents"


async def asked(story: Story) -> None:
    """Staff ask whoever wrote for a company's three documents (O2.7); the address on file is told, and can stop it."""
    story.expected |= {OLD, NEW}
    card = await story.write(sample("09"))
    require("send_link" not in card.buttons, "no way to send a link to a stranger", card.buttons)
    story.case = card.case
    await story.click(story.case, "request_documents", AYSE.id)
    letter = await _letter(story, "les documents dont nous avons besoin")
    for words in ("(Kbis)", "92\u00a0jours au plus", "déclaration sur l’honneur", "Manuscrite et signée"):
        require(words in letter.text, f"a list that says {words!r}", letter.text)
    told = await story.letter(lambda one: one.to == OLD, f"a notice for {OLD}")
    require(bool(told.leads_to("stop")), "a way to stop it", told.text)


async def sent(story: Story) -> None:
    """After each mail the letter says what came, what could not be used, and exactly what is missing (O2.18)."""
    first = await _letter(story, "les documents dont nous avons besoin")
    await _answer(story, first, FILES["kbis"], WORD)
    one = await _letter(story, CAME)
    missing = one.text.partition("Ce qui manque encore")[2]
    require("Nous ne pouvons pas ouvrir ce type de fichier" in one.text, "why the letter was not taken", one.text)
    require("(Kbis)" not in missing and "identité" in missing and "lettre" in missing, "the two others", missing)
    shows(await story.browser.open(one.leads_to("documents")), 200, "Pas encore reçu", "10 Mo")
    await _answer(story, one, FILES["identity"], FILES["letter"])
    whole = await story.letter(lambda two: two.to == NEW and "Il ne manque rien" in two.text, "nothing missing")
    require("Ce qui manque encore" not in whole.text, "no more list", whole.text)


async def viewed(story: Story) -> None:
    """Documents are shown once, on one page, to one person whose name is on the trail; never in Slack (O2.20)."""
    link = (await story.bot("act", story.case, "review_documents", "--by", "Marc Petit")).split()[0]
    page = await story.browser.open(link)
    shows(await story.browser.submit(page), 200, "Shown once to Marc Petit", "kbis.pdf", "Leroy Conseil SAS")
    shows(await story.browser.open(link), 410)
    trail = [(entry["event"], entry["name"]) for entry in await story.trail(story.case)]
    require(("document.viewed", "Marc Petit") in trail, "who looked", trail)
    shown = str(await story.house.slack.messages())
    require(
        link.rpartition("/")[2] not in shown and "'files'" not in shown, "no link and no file in Slack", shown[-400:]
    )


async def reviewed(story: Story) -> None:
    """The reviewer types what stands on the papers, and the desk compares it with the record (O2.9)."""
    dated = (await _letter(story, CAME)).at.date().isoformat()
    await story.click(story.case, "review_documents", AYSE.id)
    await story.house.slack.submit(_verdicts(dated), AYSE.id)
    await _says(story, "All the documents that were asked for were accepted.")


async def proposed(story: Story) -> None:
    """Only then can a change be proposed; the new address gets a code that can do nothing but confirm."""
    await story.click(story.case, "change_address", AYSE.id)
    await story.house.slack.submit(ticked("sure", "yes"), AYSE.id)
    letter = await story.letter(lambda one: one.to == NEW and bool(one.leads_to("address")), f"a code for {NEW}")
    page = await story.browser.open(letter.link)
    shows(await story.browser.submit(page, code=letter.digits), 200, "cette adresse est confirmée")
    await _says(story, "the new address was confirmed")


async def approved(story: Story) -> None:
    """Two colleagues agree, never the proposer; then the old address has 72 hours (O2.9)."""
    await story.click(story.case, "approve", AYSE.id)
    await story.click(story.case, "approve", MARC.id)
    await _says(story, "1 of 2 approvals")
    await story.click(story.case, "approve", NORA.id)
    await _says(story, "agreed, not done yet")
    trail = [(entry["event"], entry["by"]) for entry in await story.trail(story.case)]
    for one in (("action.denied", AYSE.id), ("action.approved", MARC.id), ("action.approved", NORA.id)):
        require(one in trail, f"{one} on the trail", trail)


async def stopped(story: Story) -> None:
    """The old address was read after all: one button freezes everything, and nothing has changed."""
    told = await story.letter(lambda one: one.to == OLD and "va changer" in one.subject, "when it will change")
    page = await story.browser.open(told.leads_to("stop"))
    shows(await story.browser.submit(page), 200, "Tout est arrêté")
    await story.turns(story.case, "Frozen")
    trail = [entry["event"] for entry in await story.trail(story.case)]
    require("address.stopped" in trail and "address.changed" not in trail, "a change that was stopped", trail)
    links = story.house.inbox.of(lambda one: bool(one.leads_to("reset")) and one.to in (OLD, NEW))
    require(not links, "no reset link", [letter.to for letter in links])


async def _letter(story: Story, subject: str) -> Letter:
    return await story.letter(lambda one: one.to == NEW and one.subject.endswith(subject), f"{subject!r} for {NEW}")


async def _answer(story: Story, letter: Letter, *files: File) -> None:
    """Reply as a mail program does, with files."""
    headers = (
        f"Message-ID: <{len(files)}.{files[0][0]}@nouvelle-adresse.example>\nFrom: Thomas Leroy <{NEW}>\n"
        f"To: {letter.mail['Reply-To']}\nSubject: Re: documents\nIn-Reply-To: {letter.message_id}\n"
        "MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\nVoici.\n"
    )
    await story.house.send(with_files(headers.encode(), *files))


async def _says(story: Story, words: str) -> None:
    await story.card(lambda card: card.case == story.case and words in card.text, f"a card that says {words!r}")


def _verdicts(dated: str) -> dict[str, Any]:
    """The review dialog, filled in: everything is as it should be."""
    names = {"kbis": "LEROY CONSEIL SAS", "identity": "LEROY Thomas"}
    chosen = {"outcome:kbis": "accepted", "outcome:identity": "accepted", "outcome:letter": "accepted"}
    chosen["address:letter"] = "yes"
    fields: dict[str, dict[str, Any]] = {
        **{id: {"type": "radio_buttons", "selected_option": {"value": value}} for id, value in chosen.items()},
        **{f"name:{piece}": {"type": "plain_text_input", "value": name} for piece, name in names.items()},
        "dated:kbis": {"type": "datepicker", "selected_date": dated},
    }
    return {id: {id: field} for id, field in fields.items()}


STEPS: tuple[Step, ...] = (asked, sent, viewed, reviewed, proposed, approved, stopped)
