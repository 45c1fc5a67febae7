"""How requests become cases."""

from __future__ import annotations

import pytest

from handlers import decide, intake
from handlers.model.audit import AuditEntry
from handlers.model.case import Case
from handlers.model.errors import Refused
from handlers.model.mail import Automatic, Claims
from handlers.model.outbox import Letter
from handlers.post.addressing import message_id, reply_address
from tests.builders import AYSE, DeskUnderTest, make_mail

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


async def test_O2_11_a_webmaster_is_not_sent_the_owners_link(house: DeskUnderTest) -> None:
    """Who writes from elsewhere and says the account is a client's gets no remedy (O2.11)."""
    claims = Claims(logins=("durand42",), addresses=("marie.durand@mail.example",), not_owner=True)
    id = await intake.receive(house.desk, make_mail(from_address=STRANGER, claims=claims))
    with pytest.raises(Refused, match="somebody else"):
        await decide.act(house.desk, id or "", "send_link", AYSE, None)


async def test_a_login_put_right_takes_the_wrong_one_off_the_card(house: DeskUnderTest) -> None:
    """Known and unknown do not stand beside each other."""
    await intake.receive(house.desk, make_mail(claims=Claims(logins=("durnad",))))
    id = await intake.receive(house.desk, make_mail(message_id="2@x"))
    case = await house.desk.store.get(Case, id or "")
    assert case is not None
    kinds = {one.kind for one in case.evidence}
    assert "login_known" in kinds
    assert "login_unknown" not in kinds


async def test_a_mail_to_two_services_goes_to_the_one_it_speaks_of(house: DeskUnderTest) -> None:
    """The first recipient is only the last resort."""
    both = ("support@shopfactory.example", "support@o2switch.example")
    id = await intake.receive(house.desk, make_mail(recipients=both, claims=Claims(service="o2switch")))
    case = await house.desk.store.get(Case, id or "")
    assert case is not None
    assert case.service == "o2switch"
