"""What a mail proves of its sender, and what the desk does with one that is not from the domain it names (T1, T16)."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from handlers import decide, intake
from handlers.decide import Answers
from handlers.model.account import Account
from handlers.model.case import Action, Case
from handlers.model.errors import Refused
from handlers.model.mail import Attachment, Claims, Grade, Origin
from handlers.model.outbox import Letter
from handlers.post.addressing import reply_address
from handlers.rules.permits import NOT_BELIEVED, TRUSTING, allowed
from tests.builders import ADDRESS, AYSE, DeskUnderTest, make_mail

PROVEN = Origin(spf="pass", dkim="pass", dmarc="pass", aligned=True, grade="proven", domain="mail.example")
FAILED = Origin(spf="fail", dkim="none", dmarc="fail", aligned=False, grade="failed", domain="mail.example")


async def case_of(house: DeskUnderTest, id: str | None) -> Case:
    """The case as the store has it."""
    case = await house.desk.store.get(Case, id or "")
    assert case is not None
    return case


async def letters(house: DeskUnderTest) -> list[str]:
    """The kinds of all letters written."""
    return sorted(letter.kind for letter in await house.desk.store.find(Letter))


async def spoofed(house: DeskUnderTest, **changes: Any) -> Case:
    """The case of a mail from the address on file whose domain says that it is none of its mails."""
    return await case_of(house, await intake.receive(house.desk, make_mail(origin=FAILED, message_id="9@x", **changes)))


@pytest.mark.parametrize("action", TRUSTING)
async def test_a_spoofed_mail_offers_no_action_that_trusts_its_sender(house: DeskUnderTest, action: Action) -> None:
    """Though the address is the registered one; and the reason is the first thing staff read (T1)."""
    case = await spoofed(house)
    account = await house.desk.store.get(Account, case.account or "")
    permit = allowed(action, case, account, house.desk.service("shopfactory"), AYSE)
    assert (permit.allowed, permit.why) == (False, NOT_BELIEVED)


async def test_a_spoofed_mail_can_be_looked_at_refused_and_is_never_answered(house: DeskUnderTest) -> None:
    """No letter goes to an address whose owner never wrote, not even a refusal (T16)."""
    case = await spoofed(house)
    assert {one.kind for one in case.evidence} == {"login_known", "sender_failed"}
    with pytest.raises(Refused):
        await decide.act(house.desk, case.id, "send_link", AYSE, None)
    ended = await decide.act(house.desk, case.id, "refuse", AYSE, None, Answers(reason="insufficient_evidence"))
    assert ended.state == "refused"
    assert await letters(house) == []


async def test_what_is_forged_in_a_name_never_joins_its_owners_case(house: DeskUnderTest) -> None:
    """Neither by the address alone nor by the case's own reply address; and the owner's mails stay her own (T19)."""
    own = await intake.receive(house.desk, make_mail(origin=PROVEN))
    before = await case_of(house, own)
    to = reply_address(house.desk, house.desk.service("shopfactory"), before.id)
    forged = [
        await intake.receive(
            house.desk, make_mail(origin=FAILED, message_id="8@x", text="Send it to eve@evil.example")
        ),
        await intake.receive(house.desk, make_mail(origin=FAILED, message_id="7@x", recipients=(to,))),
    ]
    after = await case_of(house, own)
    assert own not in forged[:1]
    assert (after.evidence, after.origin, after.new_address) == (before.evidence, PROVEN, "")
    assert await intake.receive(house.desk, make_mail(origin=PROVEN, message_id="6@x")) == own


async def test_files_of_a_spoofed_mail_are_not_opened(house: DeskUnderTest) -> None:
    """Nobody's documents come from nobody (T33)."""
    paper = Attachment(name="kbis.pdf", type="application/pdf", bytes=9, sha256="0" * 64, verdict="plausible")
    mail = make_mail(origin=FAILED, attachments=(paper,), recipients=("support@o2switch.example",))
    assert intake.wanted(house.desk, mail) == ()


@pytest.mark.parametrize(
    ("grade", "spf", "aligned", "answered"),
    [
        ("proven", "pass", True, True),
        ("partial", "pass", True, True),
        ("unproven", "none", False, True),
        ("unknown", "temperror", False, True),
        ("unproven", "fail", False, False),
        ("failed", "pass", False, False),
    ],
)
async def test_only_who_may_have_written_is_acknowledged(
    house: DeskUnderTest, grade: Grade, spf: Any, aligned: bool, answered: bool
) -> None:
    """A person whose domain proves nothing is answered; a return path that disowns the mail is not (T16)."""
    origin = Origin(spf=spf, dkim="none", dmarc="none", aligned=aligned, grade=grade)
    await intake.receive(house.desk, make_mail(from_address=ADDRESS, origin=origin))
    assert ("acknowledgement" in await letters(house)) == answered


def with_grade(grade: Grade) -> Origin:
    """What a mail of that grade proves, in short."""
    return Origin(spf="temperror", dkim="none", dmarc="temperror", aligned=False, grade=grade, domain="mail.example")


@pytest.mark.parametrize("grade", ["unproven", "unknown"])
async def test_what_is_not_proven_changes_nothing_in_a_case_that_was(house: DeskUnderTest, grade: Grade) -> None:
    """A forger can often choose that nothing is proven: then it is a request of its own, and only that (T1, T31)."""
    own = await intake.receive(house.desk, make_mail(origin=PROVEN))
    before = await case_of(house, own)
    claims = Claims(logins=("durand42",), new_address="thief@evil.example")
    other = make_mail(origin=with_grade(grade), message_id="8@x", claims=claims, text="thief@evil.example")
    apart = await intake.receive(house.desk, other)
    assert apart != own
    assert await case_of(house, own) == before
    assert await intake.receive(house.desk, make_mail(origin=with_grade(grade), message_id="7@x")) == apart


@pytest.mark.parametrize("spf", ["fail", "none", "pass"])
async def test_a_mail_that_does_not_say_who_wrote_it_is_nobodys(house: DeskUnderTest, spf: Any) -> None:
    """Two senders or none: the return path proves nothing, joins no case, brings no file and is not answered (T6)."""
    own = await intake.receive(house.desk, make_mail(origin=PROVEN))
    before = await case_of(house, own)
    origin = Origin(spf=spf, dkim="none", dmarc="permerror", aligned=False, grade="unproven")
    paper = Attachment(name="kbis.pdf", type="application/pdf", bytes=9, sha256="0" * 64, verdict="plausible")
    mail = make_mail(origin=origin, from_address="", mail_from=ADDRESS, message_id="8@x", attachments=(paper,))
    assert intake.wanted(house.desk, msgspec.structs.replace(mail, recipients=("support@o2switch.example",))) == ()
    assert await intake.receive(house.desk, mail) != own
    assert await case_of(house, own) == before
    assert await letters(house) == ["acknowledgement"]
