"""The files of a dossier: destroyed with the decision, swept after a crash, recognised when they come again."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from handlers import decide, intake
from handlers.closing import erasure
from handlers.files.inspection import Allowance, Inspected, Inspector
from handlers.files.pages import Limits
from handlers.model.audit import AuditEntry
from handlers.model.case import Way
from handlers.model.closing import Reminder
from handlers.model.errors import Unavailable
from handlers.model.paper import Keeping, Paper, Verdict
from handlers.paperwork import documents, papers
from tests.builders import AYSE, DeskUnderTest
from tests.handlers.dossiers import (
    ACCEPTED,
    CASE,
    asked,
    destroy_due,
    dossier,
    file,
    lying,
    mail_with,
    page,
    pdf,
    photo,
    the_case,
    the_papers,
)

DOUBT = decide.Answers(verdicts=(ACCEPTED[0], Verdict(piece="identity", outcome="doubtful"), ACCEPTED[2]))


class Counting(Inspector):
    """Opens files, counts them, and takes so many seconds more off their allowance for each."""

    def __init__(self, takes: float = 0.0) -> None:
        super().__init__()
        self.files, self.takes = 0, takes

    async def inspect(self, content: bytes, source: Way = "portal", allowance: Allowance | None = None) -> Inspected:
        seen = await super().inspect(content, source, allowance)
        self.files += 1
        if allowance:
            allowance.left -= self.takes
        return seen


async def received(house: DeskUnderTest) -> None:
    """A whole dossier lies with the desk."""
    await asked(house)
    await documents.upload(house.desk, page(house), dossier(), "marie@nouvelle.example")


async def require_gone(house: DeskUnderTest) -> None:
    """Nothing of the three files is left but that they were there, and the trail says so."""
    kept = await the_papers(house)
    assert await lying(house) == set()
    assert [(one.blob, one.sealed_key, one.name) for one in kept] == [("", "", "")] * 3
    assert all(one.destroyed_at == house.desk.now() and len(one.fingerprint) == 64 for one in kept)
    entries = [one for one in await house.desk.store.find(AuditEntry) if one.event == "documents.destroyed"]
    assert [(one.case, one.detail) for one in entries] == [(CASE, "3 files")]


async def test_O2_20_a_refusal_destroys_the_documents(house: DeskUnderTest) -> None:
    """Proven on disk and on the trail; only fingerprints and verdicts stay (T36)."""
    await received(house)
    await destroy_due(house)
    assert len(await lying(house)) == 3
    await decide.act(house.desk, CASE, "review_documents", AYSE, None, DOUBT)
    await destroy_due(house)
    await require_gone(house)


async def test_O2_20_accepted_documents_stay_until_the_change_is_made(house: DeskUnderTest) -> None:
    """The approvers may have to look; a case that is over has no more use for them."""
    await received(house)
    await decide.act(house.desk, CASE, "review_documents", AYSE, None, decide.Answers(verdicts=ACCEPTED))
    await destroy_due(house)
    assert len(await lying(house)) == 3
    await decide.act(house.desk, CASE, "refuse", AYSE, None, decide.Answers(reason="other"))
    await destroy_due(house)
    await require_gone(house)


async def test_who_comes_back_after_a_lapse_sends_everything_again(house: DeskUnderTest) -> None:
    """What was destroyed is no part of the dossier, and the same file is taken anew."""
    await asked(house)
    await documents.upload(house.desk, page(house), [file("kbis", pdf())], "")
    house.clock.advance(days=30)
    for reminder in await house.desk.store.claim(Reminder, "reminders", house.desk.now(), papers.SETTLING, 9):
        await erasure.look_again(house.desk, reminder)
    await destroy_due(house)
    view = await documents.upload(house.desk, page(house), [file("kbis", pdf())], "")
    assert [one.state for one in view.pieces] == ["received", "missing", "missing"]
    assert len(await lying(house)) == 1
    await destroy_due(house)
    assert len(await lying(house)) == 1


async def test_what_comes_while_the_rest_is_destroyed_stays(house: DeskUnderTest) -> None:
    """It has a time of its own; nothing points to a file that is gone."""
    await received(house)
    house.clock.advance(days=90)
    (due,) = await house.desk.store.find(Keeping)
    late = documents.upload(house.desk, page(house), [file("letter", pdf(3))], "")
    await asyncio.gather(papers.destroy(house.desk, due), late)
    await destroy_due(house)
    assert {one.blob for one in await the_papers(house) if one.blob} == await lying(house)


async def test_strangers_cannot_fill_the_disk(house: DeskUnderTest) -> None:
    """Of files that nobody asked for, a sender's sixth mail of the day brings none; the answer says so (T33)."""
    for number in range(7):
        mail, contents = mail_with((f"{number}.pdf", pdf(1, 200 - number)), message_id=f"{number}@x")
        await intake.receive(house.desk, mail, contents)
    assert len(await house.desk.store.find(Paper)) == len(await lying(house)) == 5


async def test_T33_files_over_the_limit_are_not_even_opened(house: DeskUnderTest) -> None:
    """T33: opening is what costs; the sixth mail of a stranger costs nothing."""
    opened = Counting()
    desk = replace(house.desk, inspector=opened)
    for number in range(8):
        mail, contents = mail_with((f"{number}.pdf", pdf(1, 200 - number)), message_id=f"{number}@x")
        await intake.receive(desk, mail, contents)
    assert opened.files == 5


async def test_T33_the_files_of_one_submission_share_their_time(house: DeskUnderTest) -> None:
    """T33: ten files that are each just quick enough hold the desk up as long as the allowance says, not ten times."""
    opened = Counting(takes=15.0)
    desk = replace(house.desk, inspector=opened)
    came = await papers.prepare(desk, [file(None, photo(at)) for at in range(10)], "mail")
    assert [one.problem for one in came] == [None] * 2 + ["too_long"] * 8
    assert opened.files == 2


async def test_one_file_that_takes_too_long_is_the_last_that_is_opened(house: DeskUnderTest) -> None:
    """A mail of ten such files holds the desk up as long as one (T33)."""
    hasty = replace(house.desk, inspector=Inspector(Limits(waiting=0.001)))
    came = await papers.prepare(hasty, [file("kbis", pdf(2)), file("letter", pdf(1))], "mail")
    assert [one.problem for one in came] == ["too_long", "too_long"]


async def test_destroying_again_changes_nothing(house: DeskUnderTest) -> None:
    """A crash after the files were gone and before the commit: done again, it ends the same."""
    await received(house)
    await papers.discard(house.desk, [one.blob for one in await the_papers(house)])
    await decide.act(house.desk, CASE, "review_documents", AYSE, None, DOUBT)
    work = await house.desk.store.find(Keeping)
    for keeping in (*work, *work):
        await papers.destroy(house.desk, keeping)
    await require_gone(house)


async def test_what_a_crash_left_is_swept(house: DeskUnderTest) -> None:
    """A file without a record goes after an hour, when nobody can be about to make one; the others stay."""
    await received(house)
    orphan = await house.desk.blobs.put(b"nobody's")
    assert await papers.sweep(house.desk) == 0
    house.clock.advance(hours=1)
    assert await papers.sweep(house.desk) == 1
    assert orphan.id not in await lying(house)
    assert len(await lying(house)) == 3


async def test_a_fingerprint_survives_a_rotation_of_the_keys(house: DeskUnderTest) -> None:
    """The same file is one paper, whichever key was the first when it came (T22)."""
    await received(house)
    house.desk.vault.__init__((bytes(32), bytes(range(32))))  # type: ignore[misc]  # what a restart with a new key does
    await documents.upload(house.desk, page(house), [one for one in dossier() if one.piece == "kbis"], "")
    assert len(await the_papers(house)) == 3


async def test_a_mail_brings_ten_files_at_most(house: DeskUnderTest) -> None:
    """And a case holds twenty mailed ones; what is beyond is named in the answer, not kept (T33)."""
    await asked(house)
    for number in range(4):
        files = [(f"{number}{at}.pdf", pdf(1, 250 - 12 * number - at)) for at in range(12)]
        mail, _ = mail_with(*files, message_id=f"{number}@x")
        places = intake.wanted(house.desk, mail)
        assert len(places) == 10
        await intake.receive(house.desk, mail, [files[place][1] for place in places])
    assert len(await the_papers(house)) == len(await lying(house)) == papers.MOST_MAILED
    assert [one.problem for one in (await documents.upload(house.desk, page(house), dossier(), "")).filed] == [None] * 3


async def test_a_signatures_logo_is_no_document(house: DeskUnderTest) -> None:
    """Small pictures and what mail programs attach are left alone."""
    await asked(house)
    mail, _ = mail_with(("logo.jpg", b"\xff\xd8\xff" + b"x" * 100))
    assert intake.wanted(house.desk, mail) == ()
    await intake.receive(house.desk, mail)
    assert await the_papers(house) == []


async def test_a_disk_that_fails_keeps_the_mail_waiting(house: DeskUnderTest) -> None:
    """Nothing is half kept: the mail stays in the spool and is taken in later."""
    await asked(house)
    folder = house.desk.blobs._folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.write_bytes(b"in the way")
    mail, contents = mail_with(("Kbis.pdf", pdf()))
    with pytest.raises(Unavailable):
        await intake.receive(house.desk, mail, contents)
    assert "documents.received" not in [step.event for step in (await the_case(house)).history]
    folder.unlink()
    assert await intake.receive(house.desk, mail, contents) == CASE
    assert len(await the_papers(house)) == 1
