"""How requests become cases."""

from __future__ import annotations

import pytest

from handlers import decide, intake
from handlers.addressing import answer_address, bounce_address, message_id, reply_address
from handlers.model.account import Account
from handlers.model.audit import AuditEntry
from handlers.model.case import Case, Received
from handlers.model.errors import Refused
from handlers.model.mail import Automatic, Claims
from handlers.model.outbox import CardRefresh, Letter
from tests.builders import AYSE, DeskUnderTest, make_account, make_mail

STRANGER = "nobody@mail.example"


async def cases(house: DeskUnderTest) -> list[Case]:
    """Every case there is."""
    return await house.desk.store.find(Case)


async def letters(house: DeskUnderTest, kind: str) -> list[Letter]:
    """Every letter of the kind."""
    return [one for one in await house.desk.store.find(Letter) if one.kind == kind]


async def test_the_same_mail_three_times_makes_one_case(house: DeskUnderTest) -> None:
    """Intake is idempotent by Message-ID."""
    ids = {await intake.receive(house.desk, make_mail()) for _ in range(3)}
    assert ids == {case.id for case in await cases(house)}
    assert len(ids) == 1
    assert len(await letters(house, "acknowledgement")) == 1


async def test_known_and_unknown_senders_get_the_same_acknowledgement(house: DeskUnderTest) -> None:
    """Nothing in the letter depends on whether there is an account (T15)."""
    await intake.receive(house.desk, make_mail())
    await intake.receive(house.desk, make_mail(from_address=STRANGER, message_id="2@mail.example"))
    known, unknown = await letters(house, "acknowledgement")
    assert {known.to, unknown.to} == {"marie.durand@mail.example", STRANGER}
    assert (known.kind, known.service, known.language, known.sealed) == (
        unknown.kind,
        unknown.service,
        unknown.language,
        unknown.sealed,
    )


async def test_a_sender_is_acknowledged_once_a_day(house: DeskUnderTest) -> None:
    """A loop of two machines ends here, whatever the headers say (T17)."""
    for number in range(3):
        await intake.receive(house.desk, make_mail(message_id=f"{number}@mail.example"))
    assert len(await letters(house, "acknowledgement")) == 1
    house.clock.advance(days=1)
    await intake.receive(house.desk, make_mail(message_id="9@mail.example"))
    assert len(await letters(house, "acknowledgement")) == 2


async def test_a_machine_is_neither_answered_nor_given_a_case(house: DeskUnderTest) -> None:
    """RFC 3834."""
    mail = make_mail(automatic=Automatic(kind="auto_reply", why="Auto-Submitted"))
    assert await intake.receive(house.desk, mail) is None
    assert await cases(house) == []
    assert await house.desk.store.find(Letter) == []
    assert [one.event for one in await house.desk.store.find(AuditEntry)] == ["mail.ignored"]


async def test_a_second_mail_of_the_writer_continues_the_case(house: DeskUnderTest) -> None:
    """One recovery at a time; what was added can be read, and what was missing is found."""
    first = await intake.receive(house.desk, make_mail(claims=Claims(), text="help"))
    second = await intake.receive(house.desk, make_mail(message_id="2@mail.example", text="my login is durand42"))
    assert first == second
    case = (await cases(house))[0]
    assert case.text.startswith("my login is durand42")
    assert "login_known" in {one.kind for one in case.evidence}


async def test_a_reply_finds_its_case_by_the_keyed_address(house: DeskUnderTest) -> None:
    """A guessed tag finds nothing; the real one, from the same sender, does."""
    id = await intake.receive(house.desk, make_mail(from_address=STRANGER, claims=Claims()))
    assert id
    ours = reply_address(house.desk, house.desk.service("shopfactory"), id)
    reply = make_mail(from_address=STRANGER, message_id="2@x.example", recipients=(ours,), claims=Claims())
    assert await intake.receive(house.desk, reply) == id


async def test_a_reply_from_somebody_else_opens_a_case_of_its_own(house: DeskUnderTest) -> None:
    """Whoever got hold of the address does not get into the case (T19)."""
    id = await intake.receive(house.desk, make_mail(from_address=STRANGER, claims=Claims()))
    assert id
    ours = reply_address(house.desk, house.desk.service("shopfactory"), id)
    other = make_mail(from_address="eve@evil.example", message_id="2@x.example", recipients=(ours,), claims=Claims())
    assert await intake.receive(house.desk, other) != id


async def test_a_reply_finds_its_case_by_our_message_id(house: DeskUnderTest) -> None:
    """Anywhere among the references; only ids that we made count."""
    id = await intake.receive(house.desk, make_mail())
    assert id
    await decide.act(house.desk, id, "send_link", AYSE, None)
    letter = (await letters(house, "reset"))[0]
    ours = message_id(house.desk, house.desk.service("shopfactory"), letter).strip("<>")
    claims = Claims(logins=("somebody-else",))
    reply = make_mail(message_id="2@x.example", claims=claims, references=("x@y.example", ours))
    assert await intake.receive(house.desk, reply) == id


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
    assert len(case.history) < 60


async def test_a_webmaster_is_not_sent_the_owners_link(house: DeskUnderTest) -> None:
    """Who writes from elsewhere and says the account is a client's gets no remedy (O2.11)."""
    claims = Claims(logins=("durand42",), addresses=("marie.durand@mail.example",), not_owner=True)
    id = await intake.receive(house.desk, make_mail(from_address=STRANGER, claims=claims))
    with pytest.raises(Refused, match="somebody else"):
        await decide.act(house.desk, id or "", "send_link", AYSE, None)


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


async def test_a_bounce_of_our_letter_shows_on_its_case(house: DeskUnderTest) -> None:
    """By the keyed return path; a bounce to the mailbox itself says nothing about any case."""
    id = await intake.receive(house.desk, make_mail())
    assert id
    await decide.act(house.desk, id, "send_link", AYSE, None)
    back = bounce_address(house.desk, house.desk.service("shopfactory"), id)
    automatic = Automatic(kind="bounce", why="null return path")
    forged = make_mail(message_id="2@x.example", mail_from="", automatic=automatic)
    assert await intake.receive(house.desk, forged) is None
    true = make_mail(message_id="3@x.example", mail_from="", automatic=automatic, recipients=(back,))
    assert await intake.receive(house.desk, true) == id
    assert (await cases(house))[0].state == "undelivered"


async def test_bounces_of_one_letter_fill_no_history(house: DeskUnderTest) -> None:
    """Whoever knows the return path says it once; also after the end, without moving the case."""
    id = await intake.receive(house.desk, make_mail())
    assert id
    await decide.act(house.desk, id, "refuse", AYSE, None, "other")
    back = bounce_address(house.desk, house.desk.service("shopfactory"), id)
    automatic = Automatic(kind="bounce", why="null return path")
    for number in range(20):
        bounce = make_mail(message_id=f"b{number}@x", mail_from="", automatic=automatic, recipients=(back,))
        await intake.receive(house.desk, bounce)
    case = await house.desk.store.get(Case, id)
    assert case is not None
    assert case.state == "refused"
    assert [step.event for step in case.history][-2:] == ["case.refused", "letter.bounced"]


async def test_a_stranger_is_answered_in_the_strangers_language(house: DeskUnderTest) -> None:
    """Not in the account's, which would tell that there is one (T15)."""
    await house.keep(make_account(id="A-TR", login="emre", address="emre@mail.example", language="tr"))
    id = await intake.receive(house.desk, make_mail(from_address=STRANGER, claims=Claims(logins=("emre",))))
    case = await house.desk.store.get(Case, id or "")
    assert case is not None
    assert case.language == "fr"


async def test_a_login_put_right_takes_the_wrong_one_off_the_card(house: DeskUnderTest) -> None:
    """Known and unknown do not stand beside each other."""
    await intake.receive(house.desk, make_mail(claims=Claims(logins=("durnad",))))
    id = await intake.receive(house.desk, make_mail(message_id="2@x"))
    case = await house.desk.store.get(Case, id or "")
    assert case is not None
    kinds = {one.kind for one in case.evidence}
    assert "login_known" in kinds
    assert "login_unknown" not in kinds


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


async def test_a_mail_to_two_services_goes_to_the_one_it_speaks_of(house: DeskUnderTest) -> None:
    """The first recipient is only the last resort."""
    both = ("support@shopfactory.example", "support@o2switch.example")
    id = await intake.receive(house.desk, make_mail(recipients=both, claims=Claims(service="o2switch")))
    case = await house.desk.store.get(Case, id or "")
    assert case is not None
    assert case.service == "o2switch"


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
