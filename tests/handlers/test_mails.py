"""What came in by mail is kept whole, sealed, bounded, and forgotten with its case."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from handlers import decide, intake, lookups, mails
from handlers.closing import erasure
from handlers.decide import Answers
from handlers.model.audit import AuditEntry
from handlers.model.case import Case
from handlers.model.closing import Reminder
from handlers.model.errors import Refused
from handlers.model.example import Example
from handlers.model.kept_mail import Mail, Written
from handlers.model.mail import Attachment, Automatic, Claims, Origin
from handlers.model.staff import Staff
from handlers.rules.retention import KEPT
from tests.builders import AYSE, STRANGER, DeskUnderTest, make_mail, open_desk
from tests.handlers.closing import on_disk
from tests.handlers.dossiers import pdf

WHOLE = "J'ai oublié mon mot de passe.\n\n> Le lundi, vous avez écrit :\n> bonjour\nMarie Durand, 06 12 34 56 78"


async def received(house: DeskUnderTest, **changes: Any) -> str:
    written = {"text": "J'ai oublié mon mot de passe.", "whole": WHOLE, "hidden_lines": 3}
    id = await intake.receive(house.desk, make_mail(**written | changes))
    assert id
    return id


async def glance(house: DeskUnderTest, id: str) -> mails.Glance:
    view = await lookups.card(house.desk, id)
    assert view is not None
    return view.mails


async def test_a_mail_is_kept_whole_and_shown_to_whoever_asks_by_name(house: DeskUnderTest) -> None:
    """Nothing is lost: what the card leaves out is one click away, and the trail says who clicked."""
    id = await received(house)
    assert await glance(house, id) == mails.Glance(count=1, hidden_lines=3)
    [shown] = await lookups.whole_mails(house.desk, id, AYSE, None)
    assert (shown.mail.whole, shown.others, shown.at) == (WHOLE, False, house.clock.now)
    read = [(one.event, one.by) for one in await house.desk.store.find(AuditEntry) if one.event == "mail.read"]
    assert read == [("mail.read", AYSE.id)]


async def test_a_mail_without_its_whole_text_shows_what_there_is(house: DeskUnderTest) -> None:
    """Older readers did not say it."""
    id = await received(house, whole="")
    [shown] = await lookups.whole_mails(house.desk, id, AYSE, None)
    assert shown.mail.whole == "J'ai oublié mon mot de passe."


@pytest.mark.parametrize("roles", [{"admin"}, set()])
async def test_only_agents_and_approvers_read_mails(house: DeskUnderTest, roles: Any) -> None:
    """As with full addresses; who may not is on the trail."""
    id = await received(house)
    with pytest.raises(Refused):
        await lookups.whole_mails(house.desk, id, Staff(id=STRANGER.id, name="Eve", roles=frozenset(roles)), None)
    assert [one.event for one in await house.desk.store.find(AuditEntry)][-1] == "action.denied"


async def test_an_approver_reads_the_mails_of_a_frozen_case(house: DeskUnderTest) -> None:
    """It has to be known what was written before a freeze is lifted; reading changes nothing."""
    id = await received(house)
    await decide.act(house.desk, id, "freeze", AYSE, None)
    before = await house.desk.store.get(Case, id)
    approver = Staff(id="U0NORA", name="Nora", roles=frozenset({"approver"}))
    assert len(await lookups.whole_mails(house.desk, id, approver, None)) == 1
    assert await house.desk.store.get(Case, id) == before


async def test_mails_lie_sealed(tmp_path: Path) -> None:
    """Whoever has the store and not the keys reads nothing of what the card leaves out."""
    async with open_desk(tmp_path) as house:
        await received(house, attachments=(make_file("geheim.exe", "dangerous"),))
    stored = on_disk(tmp_path).decode(errors="replace")
    assert "oublié" in stored
    assert "06 12 34" not in stored
    assert "geheim" not in stored


async def test_a_mail_whose_key_is_gone_breaks_no_card(tmp_path: Path) -> None:
    """The card still says all the rest."""
    async with open_desk(tmp_path) as house:
        await received(house)
    async with open_desk(tmp_path, keys=(b"another key of 32 bytes, or more",)) as house:
        [case] = await house.desk.store.find(Case)
        assert (await glance(house, case.id)).count == 1
        [shown] = await lookups.whole_mails(house.desk, case.id, AYSE, None)
        assert shown.mail.whole == mails.UNREADABLE


async def test_a_mail_whose_key_is_gone_is_not_written_over(tmp_path: Path) -> None:
    """Whoever finds the old key reads it again, whatever was found out of its sender meanwhile."""
    proven = Origin(spf="pass", dkim="pass", dmarc="pass", aligned=True, grade="proven")
    async with open_desk(tmp_path) as house:
        await received(house)
        before = await house.desk.store.find(Mail)
    async with open_desk(tmp_path, keys=(b"another key of 32 bytes, or more",)) as house:
        [case] = await house.desk.store.find(Case)
        async with house.desk.store.transaction() as tx:
            await mails.correct(tx, house.desk, case, proven)
        assert await house.desk.store.find(Mail) == before


async def test_a_case_keeps_its_newest_twenty_mails(house: DeskUnderTest) -> None:
    """Whoever writes without end does not fill the disk."""
    for number in range(mails.MOST + 5):
        await received(house, message_id=f"{number}@x", subject=f"mail {number}")
    [case] = await house.desk.store.find(Case)
    shown = await lookups.whole_mails(house.desk, case.id, AYSE, None)
    assert [one.mail.subject for one in shown] == [f"mail {number}" for number in range(24, 4, -1)]


async def test_a_mail_without_end_is_cut(house: DeskUnderTest) -> None:
    """20,000 characters of it, and as many names and files as anybody reads."""
    files = tuple(make_file(f"{number}.exe", "dangerous") for number in range(100))
    id = await received(house, whole="x" * 50_000, text="x" * 50_000, subject="y" * 900, attachments=files)
    [shown] = await lookups.whole_mails(house.desk, id, AYSE, None)
    written = shown.mail
    assert (len(written.whole), len(written.text), len(written.subject)) == (20_000, 4000, 200)
    assert (len(written.attachments), len(written.left_out)) == (30, 30)


@pytest.mark.parametrize("end", ["forgotten", "purged"])
async def test_mails_and_examples_go_with_their_case(house: DeskUnderTest, end: str) -> None:
    """A year after its end, or with the account."""
    id = await received(house)
    await decide.act(house.desk, id, "choose_intent", AYSE, None, Answers(intent="access_code"))
    await decide.act(house.desk, id, "refuse", AYSE, None, Answers(reason="other"))
    assert await house.desk.store.count(Mail) == await house.desk.store.count(Example) == 1
    if end == "forgotten":
        house.clock.now += KEPT
        reminder = await house.desk.store.get(Reminder, id)
        assert reminder
        await erasure.look_again(house.desk, reminder)
    else:
        async with house.desk.store.transaction() as tx:
            await erasure.drop_mails(tx, id)
    assert await house.desk.store.count(Mail) == await house.desk.store.count(Example) == 0


def make_file(name: str, verdict: Any = "plausible", why: str = "", kind: str = "application/pdf") -> Attachment:
    return Attachment(name=name, type=kind, bytes=12_000, sha256="0" * 64, verdict=verdict, why=why)


async def test_files_that_were_not_taken_say_why(house: DeskUnderTest) -> None:
    """What the reader found in them, what they are, or that no documents are asked for here; logos are left alone."""
    logo = Attachment(name="logo.png", type="image/png", bytes=900, sha256="0" * 64, verdict="plausible")
    files = (
        make_file("invoice.exe", "dangerous", "a Windows program"),
        make_file("kbis.pdf", "mismatch"),
        make_file("notes.docx", "unknown", kind="application/zip"),
        make_file("carte.pdf"),
        logo,
    )
    said = await glance(house, await received(house, attachments=files))
    assert [(one.name, one.why) for one in said.left_out] == [
        ("invoice.exe", "a Windows program"),
        ("kbis.pdf", "it is not what it says it is"),
        ("notes.docx", "of no kind that is taken as a document"),
        ("carte.pdf", "not read: no documents are taken here now"),
    ]


async def test_files_that_became_documents_are_not_named_as_left_out(house: DeskUnderTest) -> None:
    """And one that cannot be opened says so."""
    good = Attachment(name="kbis.pdf", type="application/pdf", bytes=len(pdf()), sha256="0" * 64, verdict="plausible")
    torn = Attachment(name="cni.pdf", type="application/pdf", bytes=9, sha256="1" * 64, verdict="plausible")
    mail = make_mail(recipients=("support@o2switch.example",), attachments=(good, torn), claims=Claims())
    id = await intake.receive(house.desk, mail, (pdf(), b"%PDF-1.7\n"))
    said = await glance(house, id or "")
    assert [(one.name, one.why) for one in said.left_out] == [("cni.pdf", "it cannot be opened")]


@pytest.mark.parametrize(
    ("text", "whole", "hidden"),
    [
        ("Hello\nthere", "Hello\nthere\n-- \nMarie", ["-- ", "Marie"]),
        ("one", "> one\none", ["> one"]),
        ("a  b", "a b\nc", ["c"]),
        ("nothing of it", "written\nanew", []),
        ("", "all\nof it", []),
        ("same\nsame", "same\nsame\nsame", ["same"]),
    ],
)
def test_lines_that_a_card_leaves_out_are_told_from_the_others(text: str, whole: str, hidden: list[str]) -> None:
    """Where the reader wrote the text anew, no line is marked rather than a wrong one."""
    lines = list(mails.marked(Written(sender="a@b.example", text=text, whole=whole)))
    assert [line for line, _ in lines] == whole.splitlines()
    assert [line for line, marked in lines if marked] == hidden


async def test_a_bounce_is_kept_as_what_it_is(house: DeskUnderTest) -> None:
    """Staff can read what the server said; a card quotes no machine."""
    id = await received(house)
    async with house.desk.store.transaction() as tx:
        case = await tx.get(Case, id)
        assert case
        report = make_mail(automatic=Automatic(kind="bounce", why="a delivery report"), whole="550 no such user")
        await mails.keep(tx, house.desk, case, report, others=True)
    assert (await glance(house, id)).others == ()
    newest, _ = await lookups.whole_mails(house.desk, id, AYSE, None)
    assert newest.mail.whole == "550 no such user"
