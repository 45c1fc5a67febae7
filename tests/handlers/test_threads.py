"""A mail finds its case by what only we can make; from anybody but the case's writer it is shown, not trusted (T19)."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from handlers import decide, intake, lookups, threads
from handlers.decide import Answers
from handlers.model.account import Account
from handlers.model.case import Case
from handlers.model.mail import Attachment, Claims, Origin
from handlers.model.outbox import Letter
from handlers.post.addressing import message_id, reply_address
from handlers.rules.retention import emptied
from tests.builders import ADDRESS, AYSE, DeskUnderTest, make_account, make_mail

EVE = "eve@evil.example"
FAILED = Origin(spf="fail", dkim="none", dmarc="fail", aligned=False, grade="failed", domain="mail.example")
KBIS = Attachment(name="kbis.pdf", type="application/pdf", bytes=9, sha256="0" * 64, verdict="plausible")


async def opened(house: DeskUnderTest, **changes: Any) -> Case:
    """The case of Marie's mail, a link sent."""
    id = await intake.receive(house.desk, make_mail(**changes))
    await decide.act(house.desk, id or "", "send_link", AYSE, None)
    return await the(house, id)


async def the(house: DeskUnderTest, id: str | None) -> Case:
    case = await house.desk.store.get(Case, id or "")
    assert case is not None
    return case


async def count(house: DeskUnderTest) -> int:
    return await house.desk.store.count(Case)


def to(house: DeskUnderTest, case: Case) -> tuple[str, ...]:
    """The case's own reply address."""
    return (reply_address(house.desk, house.desk.service(case.service), case.id),)


async def ours(house: DeskUnderTest, kind: str = "reset") -> str:
    """The Message-ID of a letter of ours, without its brackets."""
    [letter] = [one for one in await house.desk.store.find(Letter) if one.kind == kind]
    return message_id(house.desk, house.desk.service(letter.service), letter).strip("<>")


async def intrude(house: DeskUnderTest, case: Case, number: int = 0, **changes: Any) -> str | None:
    """Eve answers in Marie's thread."""
    written: dict[str, Any] = {
        "from_address": EVE,
        "message_id": f"{number}@evil.example",
        "recipients": to(house, case),
        "text": "Send it to eve@evil.example, my login is durand42.",
        "claims": Claims(logins=("durand42",), new_address="eve2@evil.example"),
    }
    return await intake.receive(house.desk, make_mail(**written | changes))


@pytest.mark.parametrize("place", [0, 7, 14])
async def test_our_message_id_is_found_anywhere_in_the_references(house: DeskUnderTest, place: int) -> None:
    """First, in the middle or last among others; case and brackets do not matter."""
    case = await opened(house)
    references = [f"{number}@x.example" for number in range(14)]
    references.insert(place, f"<{(await ours(house)).upper()}>")
    reply = make_mail(message_id="2@x", claims=Claims(logins=("another",)), references=tuple(references))
    assert await intake.receive(house.desk, reply) == case.id


async def test_another_senders_reply_is_shown_and_changes_nothing(house: DeskUnderTest) -> None:
    """No evidence, no claim, no new address, no state, no case of its own; the card says who, masked, wrote what."""
    before = await opened(house)
    assert await intrude(house, before) == before.id
    after = await the(house, before.id)
    assert await count(house) == 1
    kept = ("evidence", "text", "asked", "new_address", "numbers", "state", "requester", "origin", "account", "papers")
    assert [getattr(after, one) for one in kept] == [getattr(before, one) for one in kept]
    assert [step.event for step in after.history[len(before.history) :]] == ["mail.shown"]
    view = await lookups.card(house.desk, before.id)
    assert view is not None
    [shown] = view.mails.others
    assert (shown.others, shown.on_file, shown.mail.sender) == (True, False, EVE)
    assert EVE not in repr(after.history)


async def test_a_reply_that_fails_its_checks_is_shown_as_anothers(house: DeskUnderTest) -> None:
    """Though it names the case's own writer: its domain says that it is none of its mails (T1)."""
    case = await opened(house)
    assert await intrude(house, case, from_address=ADDRESS, origin=FAILED) == case.id
    after = await the(house, case.id)
    assert (after.text, after.origin) == (case.text, case.origin)
    view = await lookups.card(house.desk, case.id)
    assert view is not None
    assert [one.on_file for one in view.mails.others] == [True]


async def test_another_senders_files_are_not_opened(house: DeskUnderTest) -> None:
    """What comes with them becomes no document of the case (T33)."""
    await house.keep(make_account(id="A-HOST", service="o2switch", kind="company"))
    mail = make_mail(recipients=("support@o2switch.example",))
    case = await the(house, await intake.receive(house.desk, mail))
    await intrude(house, case, attachments=(KBIS,))
    assert await intake.receive(
        house.desk,
        make_mail(from_address=EVE, message_id="files@x", recipients=to(house, case), attachments=(KBIS,)),
        (b"%PDF-1.7",),
    )
    assert (await the(house, case.id)).papers == 0


async def test_after_three_a_day_another_sender_gets_a_case_of_their_own(house: DeskUnderTest) -> None:
    """The card is not flooded, and nobody is shut out: from then on, they are a customer like any other."""
    case = await opened(house)
    ids = [await intrude(house, case, number, claims=Claims()) for number in range(6)]
    assert ids[:3] == [case.id] * 3
    assert len(set(ids[3:])) == 1
    assert ids[3] != case.id
    own = await the(house, ids[3])
    assert (own.requester, own.account) == (EVE, None)
    assert [step.event for step in (await the(house, case.id)).history].count("mail.shown") == 3
    house.clock.advance(days=1)
    assert await intrude(house, case, 9) == case.id


async def test_a_case_shows_only_so_many_in_its_life(house: DeskUnderTest) -> None:
    """Day after day does not make the history endless."""
    case = await opened(house)
    for number in range(threads.MOST_OTHERS + 3):
        house.clock.advance(days=1)
        await intrude(house, case, number)
    assert [step.event for step in (await the(house, case.id)).history].count("mail.shown") == threads.MOST_OTHERS


async def test_a_case_that_is_over_gets_it_too_and_stays_over(house: DeskUnderTest) -> None:
    """The owner who answers late is read; her own next mail opens a new case."""
    case = await opened(house)
    await decide.act(house.desk, case.id, "refuse", AYSE, None, Answers(reason="other"))
    assert await intrude(house, case) == case.id
    assert (await the(house, case.id)).state == "refused"
    assert await intake.receive(house.desk, make_mail(message_id="2@x", recipients=to(house, case))) != case.id


async def test_a_forgotten_case_learns_no_new_names(house: DeskUnderTest) -> None:
    """Its people are gone for good; who answers an old letter opens a case of their own."""
    case = await opened(house)
    await decide.act(house.desk, case.id, "refuse", AYSE, None, Answers(reason="other"))
    old = await the(house, case.id)
    step = replace(old.history[-1], event="case.forgotten")
    await house.keep(replace(emptied(old), history=(*old.history, step)))
    assert await intrude(house, case) != case.id


async def test_the_owner_at_the_address_on_file_is_named_as_such(house: DeskUnderTest) -> None:
    """Somebody asked from elsewhere, and she answers our letter: "it was not me" must not be overlooked."""
    case = await opened(
        house, from_address="marie@work.example", claims=Claims(logins=("durand42",), addresses=(ADDRESS,))
    )
    reply = make_mail(message_id="2@x", references=(await ours(house),), text="Ce n'était pas moi !")
    assert await intake.receive(house.desk, reply) == case.id
    view = await lookups.card(house.desk, case.id)
    assert view is not None
    assert [(one.on_file, one.mail.text) for one in view.mails.others] == [(True, "Ce n'était pas moi !")]


@pytest.mark.parametrize("words", ["R-7F3K2M", "Re: [{id}]", "{id}", "Case {id}, please send me the link"])
async def test_a_case_number_alone_finds_nothing_and_opens_nothing_of_that_case(
    house: DeskUnderTest, words: str
) -> None:
    """In the subject or in the text, and the case's number in an address without its tag."""
    case = await opened(house)
    said = words.format(id=case.id)
    forged = make_mail(
        from_address=EVE,
        message_id="2@x",
        subject=said,
        text=said,
        claims=Claims(),
        references=(f"{case.id}@shopfactory.example",),
    )
    other = await intake.receive(house.desk, forged)
    assert other != case.id
    assert (await the(house, case.id)).history == case.history
    assert (await the(house, other)).account is None


async def test_an_answer_to_our_acknowledgement_names_no_case(house: DeskUnderTest) -> None:
    """It is the writer's own case or a new one, as before: an acknowledgement tells nobody which case it is about."""
    case = await opened(house)
    answer = make_mail(from_address=EVE, message_id="2@x", references=(await ours(house, "acknowledgement"),))
    assert await intake.receive(house.desk, answer) != case.id


async def test_another_sender_is_acknowledged_as_anybody_is(house: DeskUnderTest) -> None:
    """Once a day and never for a mail that fails; the letter names no case."""
    case = await opened(house)
    for number in range(3):
        await intrude(house, case, number)
    to_eve = [one for one in await house.desk.store.find(Letter) if one.to == EVE]
    assert [one.kind for one in to_eve] == ["acknowledgement"]


async def test_a_thread_of_another_service_is_none_here(house: DeskUnderTest) -> None:
    """A Message-ID from a letter of one service leads nowhere at another."""
    await opened(house)
    elsewhere = make_mail(message_id="2@x", recipients=("support@o2switch.example",), references=(await ours(house),))
    await intake.receive(house.desk, elsewhere)
    assert await count(house) == 2


async def test_the_account_stays_whose_it_was(house: DeskUnderTest) -> None:
    """Nothing that another sender writes ever reaches the account."""
    case = await opened(house)
    before = await house.desk.store.get(Account, "A-DURAND")
    await intrude(house, case)
    assert await house.desk.store.get(Account, "A-DURAND") == before
