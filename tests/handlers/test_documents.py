"""Documents: asked for, sent over several mails and on the portal, judged, and destroyed."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import msgspec
import pytest

from handlers import decide, intake
from handlers.model.account import AccountKind
from handlers.model.audit import AuditEntry
from handlers.model.case import Case
from handlers.model.errors import Limited, Refused, Spent, Stale
from handlers.model.mail import Claims
from handlers.model.outbox import Alert, Letter
from handlers.model.paper import Tidings, Verdict
from handlers.paperwork import documents
from tests.builders import AYSE, BORIS, STRANGER, DeskUnderTest, make_account
from tests.handlers.dossiers import (
    ACCEPTED,
    CASE,
    CLUB,
    SHOP,
    WRITER,
    asked,
    asked_case,
    dossier,
    file,
    mail_with,
    page,
    pdf,
    photo,
    pieces_of,
    the_case,
    the_papers,
)

NEW = "marie@nouvelle.example"


async def tidings(house: DeskUnderTest) -> list[Tidings]:
    """What the letters about documents tell, oldest first."""
    letters = [one for one in await house.desk.store.find(Letter) if one.kind == "documents"]
    letters.sort(key=lambda one: one.written_at)
    return [msgspec.json.decode(one.detail, type=Tidings) for one in letters]


async def events(house: DeskUnderTest) -> list[str]:
    """What happened to the case."""
    return [step.event for step in (await the_case(house)).history]


async def uploaded(house: DeskUnderTest) -> Case:
    """A case whose whole dossier came over the page."""
    await asked(house)
    await documents.upload(house.desk, page(house), dossier(), NEW)
    return await the_case(house)


async def judge(house: DeskUnderTest, *verdicts: Verdict) -> Case:
    """Staff's review, a minute later."""
    house.clock.advance(minutes=1)
    return await decide.act(
        house.desk, CASE, "review_documents", AYSE, None, decide.Answers(verdicts=verdicts or ACCEPTED)
    )


async def test_O2_5_whoever_lost_the_address_is_asked_to_prove_it(house: DeskUnderTest) -> None:
    """The writer gets the list for this kind of account, the address on file learns of it, and the case waits."""
    case = await asked(house)
    letters = {one.kind: one for one in await house.desk.store.find(Letter)}
    assert (case.state, case.deadline) == ("waiting", house.desk.now() + timedelta(days=30))
    assert (letters["documents"].to, letters["recovery_asked"].to) == (WRITER, SHOP.address)
    assert not letters["documents"].sealed
    (told,) = await tidings(house)
    assert [one.piece for one in told.missing] == ["kbis", "identity", "letter"]
    assert told.address


async def test_O2_8_an_association_is_asked_for_its_own_list(house: DeskUnderTest) -> None:
    """Each kind of account has one of its own."""
    await house.keep(CLUB, asked_case(account="A-CLUB"))
    await decide.act(house.desk, CASE, "request_documents", AYSE, None)
    (told,) = await tidings(house)
    assert [one.piece for one in told.missing] == ["statutes", "identity", "letter"]


async def test_O2_20_documents_come_over_the_page_and_lie_encrypted(house: DeskUnderTest) -> None:
    """All there: the case is staff's to review; on disk there is no byte of them in the clear."""
    files = dossier()
    await asked(house)
    view = await documents.upload(house.desk, page(house), files, NEW)
    case = await the_case(house)
    assert (case.state, case.papers, case.new_address, case.deadline) == ("review", 3, NEW, None)
    assert view.is_complete
    assert view.new_address != NEW
    for paper, sent in zip(await the_papers(house), files, strict=True):
        kept = next(one for one in files if one.piece == paper.piece)
        assert await house.desk.blobs.get(paper.blob, paper.sealed_key) == kept.content
        assert (paper.scan, paper.declared, paper.source) == ("not_scanned", True, "portal")
        assert sent.content[:64] not in repr(paper).encode()


async def test_O2_18_documents_come_over_several_mails(house: DeskUnderTest) -> None:
    """After each one the customer reads exactly what came and what is still missing."""
    await asked(house)
    house.clock.advance(hours=1)
    mail, contents = mail_with(("Kbis.pdf", pdf(2)), message_id="1@x", claims=Claims(new_address=NEW))
    assert await intake.receive(house.desk, mail, contents) == CASE
    house.clock.advance(hours=1)
    told = (await tidings(house))[-1]
    assert ([one.piece for one in told.files], [one.piece for one in told.missing]) == (
        ["kbis"],
        ["identity", "letter"],
    )
    house.clock.advance(hours=1)
    mail, contents = mail_with(("CNI.jpg", photo(1)), ("IMG_2.jpg", photo(90)), message_id="2@x")
    await intake.receive(house.desk, mail, contents)
    told = (await tidings(house))[-1]
    assert (told.missing, told.address) == ((), False)
    assert pieces_of(await the_papers(house)) == ["identity", "kbis", "letter"]
    assert (await the_case(house)).state == "review"


async def test_O2_18_what_comes_unasked_is_kept_and_nothing_is_told(house: DeskUnderTest) -> None:
    """Before staff asked, an answer that listed what is missing would tell what kind of account there is (T15)."""
    await house.keep(SHOP)
    mail, contents = mail_with(("scan1.jpg", photo(1)), claims=Claims(logins=("durand42",)))
    id = await intake.receive(house.desk, mail, contents)
    assert id
    (told,) = await tidings(house)
    assert (told.asked, told.missing, told.until, len(told.files)) == (False, (), None, 1)
    assert len(await the_papers(house, id)) == 1


async def test_documents_of_nobody_we_know_are_kept_too(house: DeskUnderTest) -> None:
    """The account may become known later; the letter reads the same."""
    mail, contents = mail_with(("scan1.jpg", photo(1)), claims=Claims(logins=("nobody",)))
    id = await intake.receive(house.desk, mail, contents)
    assert id
    (told,) = await tidings(house)
    assert (told.asked, told.missing) == (False, ())
    assert [one.account for one in await the_papers(house, id)] == [""]


async def test_the_same_mail_again_keeps_nothing_twice(house: DeskUnderTest) -> None:
    """A mailer that repeats itself costs no files."""
    await asked(house)
    mail, contents = mail_with(("Kbis.pdf", pdf(2)))
    await intake.receive(house.desk, mail, contents)
    await intake.receive(house.desk, mail, contents)
    assert len(await the_papers(house)) == len(await house.desk.blobs.ids()) == 1


async def test_the_same_file_again_is_one_paper(house: DeskUnderTest) -> None:
    """Sent by mail and then on the page, or twice at once, it is kept once."""
    await asked(house)
    same = pdf(2)
    uploads = [documents.upload(house.desk, page(house), [file("kbis", same)], "") for _ in range(3)]
    await asyncio.gather(*uploads)
    assert len(await the_papers(house)) == len(await house.desk.blobs.ids()) == 1


async def test_two_uploads_at_once_are_both_kept(house: DeskUnderTest) -> None:
    """Two telephones of one family lose nothing."""
    await asked(house)
    one = documents.upload(house.desk, page(house), [file("kbis", pdf(2)), file("identity", photo(1))], NEW)
    other = documents.upload(house.desk, page(house), [file("letter", photo(90))], "")
    await asyncio.gather(one, other)
    case = await the_case(house)
    assert (case.papers, case.state) == (3, "review")


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "empty"),
        (b"MZ\x90" + b"x" * 20_000, "wrong_type"),
        (b"%PDF-1.7 and nothing more", "unreadable"),
        (b"\xff\xd8\xff" + b"\0" * 20_000, "unreadable"),
        (b"PK\x03\x04" + b"\0" * 20_000, "wrong_type"),
        (pdf(21), "too_many_pages"),
        (b"%PDF-" + b"\0" * (10 * 1024 * 1024), "too_large"),
    ],
)
async def test_hostile_files_are_not_kept(house: DeskUnderTest, content: bytes, problem: str) -> None:
    """Judged by content in a process apart, whatever they are called; the customer reads why (T33)."""
    await asked(house)
    view = await documents.upload(house.desk, page(house), [file("kbis", content, "Kbis.pdf")], "")
    assert [(one.piece, one.problem) for one in view.filed] == [("kbis", problem)]
    assert await the_papers(house) == []
    assert await house.desk.blobs.ids() == set()


@pytest.mark.parametrize(
    ("address", "faults"),
    [
        ("", {"": "nothing"}),
        ("not an address", {"address": "not_an_address"}),
        ("a@x.example, b@x.example", {"address": "not_an_address"}),
    ],
)
async def test_O2_19_the_new_address_is_one_address(house: DeskUnderTest, address: str, faults: dict[str, str]) -> None:
    """What cannot be taken is said beside its field, and nothing of such a form is kept (T6)."""
    await asked(house)
    with pytest.raises(documents.BadUpload) as refused:
        await documents.upload(house.desk, page(house), [], address)
    assert refused.value.faults == faults
    assert (await the_case(house)).new_address == ""


async def test_O2_6_a_copy_comes_with_its_declaration_on_honour(house: DeskUnderTest) -> None:
    """Without the tick nothing is kept."""
    await asked(house)
    undeclared = msgspec.structs.replace(file("identity", photo(1)), declared=False)
    with pytest.raises(documents.BadUpload) as refused:
        await documents.upload(house.desk, page(house), [undeclared], "")
    assert refused.value.faults == {"identity": "undeclared"}
    assert await the_papers(house) == []


async def test_uploads_are_counted(house: DeskUnderTest) -> None:
    """Whoever holds the page's address cannot keep the desk busy for ever (T33)."""
    await asked(house)
    for _ in range(20):
        await documents.upload(house.desk, page(house), [file("kbis", b"nothing")], "")
    with pytest.raises(Limited):
        await documents.upload(house.desk, page(house), [file("kbis", pdf())], "")


async def test_the_page_needs_its_signature_and_staffs_question(house: DeskUnderTest) -> None:
    """A page for a case that was not asked shows no list: it would tell a stranger what there is (T15)."""
    await house.keep(SHOP, asked_case())
    for token in (page(house), page(house)[:-1] + "a", "nonsense"):
        with pytest.raises(Spent):
            await documents.look(house.desk, token)
    await decide.act(house.desk, CASE, "request_documents", AYSE, None)
    assert (await documents.look(house.desk, page(house))).is_open


async def test_the_same_document_for_another_account_is_an_alarm(house: DeskUnderTest) -> None:
    """Both cases have it as evidence against them, and staff are told at once (T22)."""
    await uploaded(house)
    borrowed = next(one for one in dossier() if one.piece == "kbis")
    other = make_account(id="A-OTHER", service="o2switch", login="other", kind="company", address="o@other.example")
    await house.keep(other, asked_case(id="R-OTHER1", account="A-OTHER", requester="x@x.example", requester_key="x"))
    await decide.act(house.desk, "R-OTHER1", "request_documents", BORIS, None)
    await documents.upload(house.desk, page(house, "R-OTHER1"), [borrowed], "")
    for id in (CASE, "R-OTHER1"):
        assert "document_reused" in [one.kind for one in (await the_case(house, id)).evidence]
    assert {one.case for one in await house.desk.store.find(Alert)} == {CASE, "R-OTHER1"}


async def test_O2_9_an_accepted_dossier_makes_the_change_possible(house: DeskUnderTest) -> None:
    """The case is the reviewer's, and what comes later is not taken any more (O2.19)."""
    await uploaded(house)
    with pytest.raises(Refused):
        await decide.act(house.desk, CASE, "change_address", AYSE, None)
    case = await judge(house)
    assert (case.state, case.claimed_by, case.papers) == ("claimed", AYSE.id, 0)
    assert {one.outcome for one in await the_papers(house)} == {"accepted"}
    with pytest.raises(Spent):
        await documents.upload(house.desk, page(house), [file("letter", photo(7))], "thief@mail.example")
    assert (await decide.act(house.desk, CASE, "change_address", AYSE, None)).state == "pending"


async def test_O2_18_what_can_be_mended_is_asked_for_again(house: DeskUnderTest) -> None:
    """The letter lists exactly those pieces and why, and accepted ones are not asked for."""
    await uploaded(house)
    unreadable = Verdict(piece="identity", outcome="unreadable")
    case = await judge(house, ACCEPTED[0], unreadable, ACCEPTED[2])
    told = (await tidings(house))[-1]
    assert case.state == "waiting"
    assert [(one.piece, one.found) for one in told.missing] == [("identity", "unreadable")]
    await documents.upload(house.desk, page(house), [file("identity", photo(33))], "")
    assert (await the_case(house)).state == "review"
    assert (await judge(house)).state == "claimed"


async def test_O2_9_a_doubt_ends_the_request_without_a_word_why(house: DeskUnderTest) -> None:
    """Outside one neutral sentence, inside the full reason (T21)."""
    await uploaded(house)
    case = await judge(house, ACCEPTED[0], Verdict(piece="identity", outcome="doubtful"), ACCEPTED[2])
    assert (case.state, case.reason) == ("refused", "documents_in_doubt")
    (letter,) = [one for one in await house.desk.store.find(Letter) if one.kind == "refused"]
    assert (letter.to, letter.detail) == (WRITER, "")
    assert "documents_in_doubt" in [one.detail for one in await house.desk.store.find(AuditEntry)]


async def test_O2_16_a_late_review_makes_no_document_old(house: DeskUnderTest) -> None:
    """A Kbis that was 92 days old when it came is accepted three weeks later."""
    await uploaded(house)
    house.clock.advance(days=21)
    just = (house.desk.now() - timedelta(days=21 + 92)).date()
    case = await judge(house, msgspec.structs.replace(ACCEPTED[0], dated=just), *ACCEPTED[1:])
    assert case.state == "claimed"


async def test_O2_16_one_day_more_is_too_old(house: DeskUnderTest) -> None:
    """Counted at receipt, whatever the reviewer thought."""
    await uploaded(house)
    old = (house.desk.now() - timedelta(days=93)).date()
    case = await judge(house, msgspec.structs.replace(ACCEPTED[0], dated=old), *ACCEPTED[1:])
    assert case.state == "waiting"
    assert [(one.piece, one.found) for one in (await tidings(house))[-1].missing] == [("kbis", "too_old")]


async def test_O2_17_a_record_in_another_name_ends_the_request(house: DeskUnderTest) -> None:
    """The person whom the record names left: somebody else's card is not the record's (O2.7)."""
    await uploaded(house)
    other = Verdict(piece="identity", name_read="Jean Dupont")
    assert (await judge(house, ACCEPTED[0], other, ACCEPTED[2])).state == "refused"


async def test_a_review_with_gaps_changes_nothing(house: DeskUnderTest) -> None:
    """Staff read what they still have to say."""
    await uploaded(house)
    with pytest.raises(Refused, match="date"):
        await judge(house, msgspec.structs.replace(ACCEPTED[0], dated=None), *ACCEPTED[1:])
    assert (await the_case(house)).state == "review"


async def test_of_two_reviews_at_once_one_counts(house: DeskUnderTest) -> None:
    """The other reviewer is told what happened; no verdict is overwritten."""
    case = await uploaded(house)
    doubt = decide.Answers(verdicts=(ACCEPTED[0], Verdict(piece="identity", outcome="doubtful"), ACCEPTED[2]))
    good = decide.Answers(verdicts=ACCEPTED)
    results = await asyncio.gather(
        decide.act(house.desk, CASE, "review_documents", AYSE, case.version, good),
        decide.act(house.desk, CASE, "review_documents", BORIS, case.version, doubt),
        return_exceptions=True,
    )
    assert sorted(isinstance(one, Stale) for one in results) == [False, True]
    assert (await events(house)).count("documents.reviewed") == 1


async def test_a_review_does_not_judge_what_came_meanwhile(house: DeskUnderTest) -> None:
    """A file that came after the reviewer opened the dialogue makes it stale."""
    case = await uploaded(house)
    await documents.upload(house.desk, page(house), [file("letter", photo(5))], "")
    with pytest.raises(Stale):
        await decide.act(house.desk, CASE, "review_documents", AYSE, case.version, decide.Answers(verdicts=ACCEPTED))


async def test_nobody_without_rights_reviews(house: DeskUnderTest) -> None:
    """And trying is on the trail (T23)."""
    await uploaded(house)
    with pytest.raises(Refused):
        await decide.act(house.desk, CASE, "review_documents", STRANGER, None, decide.Answers(verdicts=ACCEPTED))
    assert (await house.desk.store.find(AuditEntry))[-1].event == "action.denied"


async def test_T15_before_staff_asked_an_answer_names_a_file_the_same_way_for_every_account(
    house: DeskUnderTest,
) -> None:
    """T15: what a stranger reads does not depend on whether there is an account, or of which kind."""
    kinds: tuple[AccountKind, ...] = ("individual", "company", "association")
    await house.keep(
        *(make_account(id=f"A-{n}", service="o2switch", kind=n, login=f"l{n}", address=f"{n}@x.example") for n in kinds)
    )
    said, sender = [], ""
    for login in (*(f"l{kind}" for kind in kinds), "nobody99"):
        for place, name in enumerate(("kbis.pdf", "statuts.pdf", "scan.pdf", "passport.pdf", "lettre.pdf")):
            claims, sender = Claims(logins=(login,)), f"eve.{login}@brigand.example"
            mail, contents = mail_with(
                (name, pdf(1, 200 - place)), from_address=sender, claims=claims, message_id=f"{login}{place}@x"
            )
            await intake.receive(house.desk, mail, contents)
            house.clock.advance(seconds=1)
        written = [one for one in await house.desk.store.find(Letter) if (one.kind, one.to) == ("documents", sender)]
        said.append([one.detail for one in sorted(written, key=lambda one: one.written_at)])
    assert len(said[0]) == 5
    assert said == [said[-1]] * 4
