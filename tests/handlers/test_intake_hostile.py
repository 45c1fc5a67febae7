"""Mails that mean harm: they learn nothing, stop nothing, fill nothing."""

from __future__ import annotations

import pytest

from handlers import decide, intake
from handlers.model.account import Account
from handlers.model.audit import AuditEntry
from handlers.model.case import Case, Received
from handlers.model.mail import Automatic, Claims
from handlers.model.outbox import CardRefresh, Letter
from handlers.post.addressing import answer_address, message_id
from tests.builders import AYSE, DeskUnderTest, make_account, make_mail

STRANGER = "nobody@mail.example"


async def cases(house: DeskUnderTest) -> list[Case]:
    """Every case there is."""
    return await house.desk.store.find(Case)


async def letters(house: DeskUnderTest, kind: str) -> list[Letter]:
    """Every letter of the kind."""
    return [one for one in await house.desk.store.find(Letter) if one.kind == kind]


@pytest.mark.parametrize("named", ["durand42", "nosuch"])
async def test_an_acknowledgement_names_no_case(house: DeskUnderTest, named: str) -> None:
    """Whether a mail went on with a case or opened one tells whether an account exists, so nothing tells it (T15)."""
    await house.keep(make_account(id="A-2", login="other", address="other@mail.example"))
    await intake.receive(house.desk, make_mail(from_address=STRANGER, claims=Claims(logins=("other",))))
    mail = make_mail(
        from_address=STRANGER, mail_from="p2@evil.example", message_id="2@x", claims=Claims(logins=(named,))
    )
    await intake.receive(house.desk, mail)
    service = house.desk.service("shopfactory")
    acknowledgements = await letters(house, "acknowledgement")
    assert len(acknowledgements) == 2
    for letter in acknowledgements:
        assert answer_address(house.desk, service, letter) == "support@shopfactory.example"
        id = message_id(house.desk, service, letter)
        assert all(case.id[2:].lower() not in id for case in await cases(house))


@pytest.mark.parametrize(
    "path", ['"no\\body"@mail.example', '"nobody"@mail.example', "<@a.example:nobody@mail.example>"]
)
async def test_one_mailbox_is_one_mailbox_however_it_is_spelled(house: DeskUnderTest, path: str) -> None:
    """Quoted and escaped spellings of a return path get no second acknowledgement (T16)."""
    await intake.receive(house.desk, make_mail(from_address=STRANGER))
    await intake.receive(house.desk, make_mail(from_address="x@y.example", mail_from=path, message_id="2@x"))
    assert [one.to for one in await letters(house, "acknowledgement")] == [STRANGER]


async def test_the_desk_does_not_write_to_itself(house: DeskUnderTest) -> None:
    """A return path that is a mailbox of ours is not answered (T17)."""
    await intake.receive(house.desk, make_mail(mail_from="support@esp.example"))
    assert await letters(house, "acknowledgement") == []


async def test_mails_without_a_readable_sender_share_no_case(house: DeskUnderTest) -> None:
    """Nobody is put into a stranger's case for want of an address."""
    first = await intake.receive(house.desk, make_mail(from_address="", mail_from="", claims=Claims()))
    second = await intake.receive(
        house.desk, make_mail(from_address="", mail_from="", message_id="2@x", claims=Claims())
    )
    assert first != second


@pytest.mark.parametrize("forged", [Claims(not_owner=True), Claims(logins=("zzz99q",)), Claims()])
async def test_mails_in_a_customers_name_take_nothing_from_her(house: DeskUnderTest, forged: Claims) -> None:
    """Neither one nor a hundred: staff can still send her the link, and read what she wrote (T31)."""
    await intake.receive(house.desk, make_mail())
    for number in range(60):
        await intake.receive(house.desk, make_mail(message_id=f"{number}@evil", claims=forged, text="x" * 2000))
    id = await intake.receive(house.desk, make_mail(message_id="own@x", text="my own words"))
    case = await decide.act(house.desk, id or "", "send_link", AYSE, None)
    assert case.state == "issued"
    assert case.text.startswith("my own words")
    assert case.text.endswith(make_mail().text)
    assert len(case.history) < 60


@pytest.mark.parametrize("path", ["nobody+1@mail.example", "no.body@mail.example", "N.obody+x.y@mail.example"])
async def test_tags_and_dots_make_no_other_mailbox(house: DeskUnderTest, path: str) -> None:
    """One person is acknowledged once a day (T16)."""
    await intake.receive(house.desk, make_mail(from_address=STRANGER))
    await intake.receive(house.desk, make_mail(from_address="x@y.example", mail_from=path, message_id="2@x"))
    assert len(await letters(house, "acknowledgement")) == 1


async def test_a_second_mail_does_not_fetch_a_card_that_waits(house: DeskUnderTest) -> None:
    """Writing twice passes no limit (T16)."""
    await house.keep(*(make_account(id=f"A-{n}", login=f"user{n}", address=f"u{n}@mail.example") for n in range(11)))
    for number in range(10):
        claims = Claims(logins=(f"user{number}",))
        await intake.receive(house.desk, make_mail(from_address=STRANGER, message_id=f"{number}@x", claims=claims))
    late = Claims(logins=("user10",))
    id = await intake.receive(house.desk, make_mail(from_address=STRANGER, message_id="late@x", claims=late))
    waiting = await house.desk.store.get(CardRefresh, id or "")
    again = make_mail(from_address=STRANGER, message_id="again@x", claims=late)
    assert await intake.receive(house.desk, again) == id
    after = await house.desk.store.get(CardRefresh, id or "")
    assert waiting is not None
    assert after is not None
    assert waiting.due
    assert after.due == waiting.due > house.clock.now


async def test_a_stranger_is_answered_in_the_strangers_language(house: DeskUnderTest) -> None:
    """Not in the account's, which would tell that there is one (T15)."""
    await house.keep(make_account(id="A-TR", login="emre", address="emre@mail.example", language="tr"))
    id = await intake.receive(house.desk, make_mail(from_address=STRANGER, claims=Claims(logins=("emre",))))
    case = await house.desk.store.get(Case, id or "")
    assert case is not None
    assert case.language == "fr"


async def test_a_sender_cannot_flood_the_channel(house: DeskUnderTest) -> None:
    """Ten cases a day have their card at once; the others are kept, and their cards wait (T16)."""
    await house.keep(*(make_account(id=f"A-{n}", login=f"user{n}", address=f"u{n}@mail.example") for n in range(12)))
    for number in range(12):
        claims = Claims(logins=(f"user{number}",))
        await intake.receive(house.desk, make_mail(from_address=STRANGER, message_id=f"{number}@x", claims=claims))
    waiting = [one for one in await house.desk.store.find(CardRefresh) if one.due and one.due > house.clock.now]
    assert (len(await cases(house)), len(waiting)) == (12, 2)


async def test_a_flood_in_a_customers_name_does_not_hide_her_own_mail(house: DeskUnderTest) -> None:
    """Her case about her own account has its card at once, whatever others sent in her name (T31)."""
    await house.keep(*(make_account(id=f"A-{n}", login=f"user{n}", address=f"u{n}@mail.example") for n in range(12)))
    for number in range(12):
        claims = Claims(logins=(f"user{number}",))
        await intake.receive(house.desk, make_mail(message_id=f"{number}@x", claims=claims))
    id = await intake.receive(house.desk, make_mail(message_id="own@x"))
    card = await house.desk.store.get(CardRefresh, id or "")
    assert card is not None
    assert card.due == house.clock.now


async def test_machines_leave_no_more_than_a_note_an_hour(house: DeskUnderTest) -> None:
    """However many vacation notices come, store and trail do not grow (T17)."""
    automatic = Automatic(kind="auto_reply", why="Auto-Submitted")
    for number in range(30):
        await intake.receive(house.desk, make_mail(message_id=f"{number}@x", automatic=automatic))
    assert len(await house.desk.store.find(AuditEntry)) == 1
    assert await house.desk.store.find(Received) == []


async def test_a_look_alike_address_is_not_the_one_on_file(house: DeskUnderTest) -> None:
    """A dotless ı makes another mailbox (T5)."""
    await house.keep(make_account(id="A-MIKE", login="mike", address="mike@mail.example"))
    id = await intake.receive(house.desk, make_mail(from_address="mıke@mail.example", claims=Claims(logins=("mike",))))
    case = await house.desk.store.get(Case, id or "")
    account = await house.desk.store.get(Account, "A-MIKE")
    assert case is not None
    assert account is not None
    assert case.account == account.id
    assert "address_on_file" not in {one.kind for one in case.evidence}


async def test_the_same_message_id_from_two_senders_is_two_mails(house: DeskUnderTest) -> None:
    """Broken mailers repeat their ids, and nobody can make another's mail look already seen."""
    first = await intake.receive(house.desk, make_mail(from_address="eve@evil.example", claims=Claims()))
    second = await intake.receive(house.desk, make_mail())
    assert first != second
