"""How requests become cases."""

from __future__ import annotations

import pytest

from handlers import decide, intake
from handlers.addressing import bounce_address, message_id, reply_address
from handlers.model.account import Account
from handlers.model.audit import AuditEntry
from handlers.model.case import Case
from handlers.model.errors import Invalid, Limited
from handlers.model.mail import Automatic, Claims
from handlers.model.outbox import Letter, PortalRequest
from tests.builders import AYSE, DeskUnderTest, make_account, make_mail

STRANGER = "nobody@mail.example"


async def cases(house: DeskUnderTest) -> list[Case]:
    """Every case there is."""
    return await house.desk.store.find(Case)


async def letters(house: DeskUnderTest, kind: str) -> list[Letter]:
    """Every letter of the kind."""
    return [one for one in await house.desk.store.find(Letter) if one.kind == kind]


async def answered(house: DeskUnderTest) -> None:
    """Work off the portal's requests, as the timers do."""
    for request in await house.desk.store.find(PortalRequest):
        await intake.answer(house.desk, request)


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
    id = await intake.receive(house.desk, make_mail(from_address=STRANGER, claims=Claims()))
    letter = (await letters(house, "acknowledgement"))[0]
    ours = message_id(house.desk, house.desk.service("shopfactory"), letter).strip("<>")
    reply = make_mail(
        from_address=STRANGER, message_id="2@x.example", claims=Claims(), references=("x@y.example", ours)
    )
    assert await intake.receive(house.desk, reply) == id


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


async def test_a_sender_cannot_flood_the_channel(house: DeskUnderTest) -> None:
    """Ten cases a day; what comes after is on the trail only."""
    await house.keep(*(make_account(id=f"A-{n}", login=f"user{n}", address=f"u{n}@mail.example") for n in range(12)))
    for number in range(12):
        claims = Claims(logins=(f"user{number}",))
        await intake.receive(house.desk, make_mail(from_address=STRANGER, message_id=f"{number}@x", claims=claims))
    assert len(await cases(house)) == 10
    ignored = [one for one in await house.desk.store.find(AuditEntry) if one.event == "mail.ignored"]
    assert len(ignored) == 2


async def test_the_portal_sends_the_link_by_itself_where_policy_lets_it(house: DeskUnderTest) -> None:
    """ShopFactory: identifier and registered address both match (SF.8), the link goes to the registered one (SF.9)."""
    await intake.ask(house.desk, "shopfactory", "Durand42", "Marie.Durand@mail.example", "fr")
    await answered(house)
    case = (await cases(house))[0]
    assert (case.state, case.source, case.history[-1].by) == ("issued", "portal", "desk")
    assert [one.to for one in await letters(house, "reset")] == ["marie.durand@mail.example"]


@pytest.mark.parametrize(("login", "address"), [("durand42", STRANGER), ("nobody", "marie.durand@mail.example")])
async def test_half_right_is_wrong_on_the_portal(house: DeskUnderTest, login: str, address: str) -> None:
    """Right login with a wrong address, or the reverse, opens nothing and says nothing (SF.21)."""
    await intake.ask(house.desk, "shopfactory", login, address, "fr")
    await answered(house)
    assert await cases(house) == []
    assert await house.desk.store.find(Letter) == []


async def test_the_portal_refuses_several_addresses_in_one(house: DeskUnderTest) -> None:
    """Exactly one address (T6)."""
    with pytest.raises(Invalid):
        await intake.ask(house.desk, "shopfactory", "durand42", "marie.durand@mail.example,eve@evil.example", "fr")


async def test_the_portal_limits_known_and_unknown_alike(house: DeskUnderTest) -> None:
    """Five a day, told before anything is looked up (T15, T16)."""
    for address in ("marie.durand@mail.example", STRANGER):
        for _ in range(5):
            await intake.ask(house.desk, "shopfactory", "durand42", address, "fr")
        with pytest.raises(Limited):
            await intake.ask(house.desk, "shopfactory", "durand42", address, "fr")


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


async def test_strangers_on_the_portal_use_up_nothing_of_what_staff_may_send(house: DeskUnderTest) -> None:
    """An account cannot be locked out of recovery by asking for it (T16)."""
    for day in range(3):
        for _ in range(5):
            await intake.ask(house.desk, "shopfactory", "durand42", "marie.durand@mail.example", "fr")
            await answered(house)
        house.clock.advance(hours=7 + day)
        house.clock.advance(hours=17 - day)
    id = await intake.receive(house.desk, make_mail())
    case = await decide.act(house.desk, id or "", "send_link", AYSE, None)
    assert case.history[-1].by == AYSE.id
