"""Account information: asked for at the address on file, given, and then the case goes on by itself."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from handlers import decide, information, intake, requests, signed
from handlers.closing import erasure
from handlers.information import BadInformation
from handlers.model.case import Case
from handlers.model.closing import Reminder
from handlers.model.errors import Refused, Spent, WrongPassword
from handlers.model.mail import Claims, InboundMail
from handlers.model.outbox import CardRefresh, PortalRequest
from handlers.paperwork import dossiers
from handlers.rules.address_changes import moved
from handlers.rules.information import SETTLES, as_it_was
from tests.builders import AYSE, GOOD_PASSWORD, NOW, DeskUnderTest, make_mail
from tests.handlers.closing import arda, keep_arda, letters, signed_in

ADDRESS = "arda.yilmaz@mail.example"
MISSING = {"country": "", "city": ""}


def mail(**changes: object) -> InboundMail:
    """Arda writes from the address on file."""
    fields = {"from_address": ADDRESS, "recipients": ("support@connectprof.example",), "claims": Claims()}
    return make_mail(**fields | changes)


async def asked(house: DeskUnderTest, **changes: object) -> Case:
    """The case that waits for country, city and birthday."""
    await keep_arda(house, **MISSING)
    return await case_of(house, await intake.receive(house.desk, mail(**changes)))


async def case_of(house: DeskUnderTest, id: str | None) -> Case:
    case = await house.desk.store.get(Case, id or "")
    assert case
    return case


def token(house: DeskUnderTest, case: Case) -> str:
    """The last part of the address in the letter."""
    return signed.token(house.desk.vault, "information", case.id, house.clock.now)


async def test_CP_1_a_case_waits_for_what_is_missing_and_says_so(house: DeskUnderTest) -> None:
    """Thirty days; its step names the particulars, its card is drawn anew."""
    case = await asked(house)
    assert (case.state, case.deadline) == ("waiting", NOW + timedelta(days=30))
    assert [(step.event, step.detail) for step in case.history] == [
        ("case.opened", ""),
        ("information.asked", "country, city and date of birth"),
    ]
    refresh = await house.desk.store.get(CardRefresh, case.id)
    assert refresh
    assert refresh.version == case.version


async def test_CP_2_the_letter_goes_to_the_address_on_file_and_says_why(house: DeskUnderTest) -> None:
    """Whoever wrote; the words are tested with the letters."""
    await keep_arda(house, **MISSING)
    claims = Claims(logins=("arda.yilmaz.77",))
    await intake.receive(house.desk, mail(from_address="somebody@else.example", claims=claims))
    found = await letters(house, "information")
    assert [(one.to, one.detail, one.language) for one in found] == [(ADDRESS, "country city born", "tr")]


async def test_CP_1_staff_cannot_act_before_the_details_are_there(house: DeskUnderTest) -> None:
    """The card says what the customer was asked for."""
    case = await asked(house)
    with pytest.raises(Refused, match="country, city and date of birth"):
        await decide.act(house.desk, case.id, "send_link", AYSE, None)


async def test_CP_1_the_case_goes_on_by_itself_over_two_submissions(house: DeskUnderTest) -> None:
    """What is left is asked again; then staff can act, and nobody had to write."""
    case = await asked(house)
    link = token(house, case)
    assert (await information.look(house.desk, link)).missing == ("country", "city", "born")
    left = await information.give(house.desk, link, {"country": "Türkiye", "city": "", "born": " "})
    assert (left.missing, (await case_of(house, case.id)).state) == (("city", "born"), "waiting")
    done = await information.give(house.desk, link, {"city": "İzmir", "born": "29.02.1980"})
    case = await case_of(house, case.id)
    assert (done.missing, case.state, case.deadline) == ((), "new", None)
    assert [step.detail for step in case.history if step.event == "information.given"] == [
        "country; still missing: city and date of birth",
        "city and date of birth",
    ]
    assert (await arda(house)).born == date(1980, 2, 29)
    await decide.act(house.desk, case.id, "send_link", AYSE, None)


async def test_a_claimed_case_goes_back_to_who_claimed_it(house: DeskUnderTest) -> None:
    """It does not look new again."""
    case = await asked(house)
    await decide.act(house.desk, case.id, "claim", AYSE, None)
    await information.give(house.desk, token(house, case), {"country": "TR", "city": "İzmir", "born": "1980-02-29"})
    assert (await case_of(house, case.id)).state == "claimed"


async def test_nothing_that_is_known_is_overwritten(house: DeskUnderTest) -> None:
    """Checked where it is kept, not only on the page."""
    case = await asked(house)
    await information.give(house.desk, token(house, case), {"city": "İzmir", "name": "Eve", "phone": "000000"})
    account = await arda(house)
    assert (account.city, account.name, account.phone) == ("İzmir", "Arda Yılmaz", "+90 232 000 00 00")


async def test_T12_a_letter_to_an_address_that_is_not_on_file_any_more_takes_nothing(house: DeskUnderTest) -> None:
    """T12, T30: the particulars are what documents are compared with, and the old mailbox may be a thief's."""
    case = await asked(house)
    link, account = token(house, case), await arda(house)
    house.clock.advance(hours=1, milliseconds=700)
    await house.keep(moved(account, "arda@new.example", house.clock()))
    with pytest.raises(Spent, match="replaced"):
        await information.look(house.desk, link)
    with pytest.raises(Spent, match="replaced"):
        await information.give(house.desk, link, {"city": "İzmir"})
    await information.give(house.desk, token(house, case), {"city": "İzmir"})


async def test_a_mistake_keeps_nothing_and_an_empty_form_says_what_is_needed(house: DeskUnderTest) -> None:
    """All at once, field by field."""
    case = await asked(house)
    with pytest.raises(BadInformation) as wrong:
        await information.give(house.desk, token(house, case), {"city": "İzmir", "born": "2031-01-01"})
    assert [(one.field, one.code) for one in wrong.value.blunders] == [("born", "no_date")]
    with pytest.raises(BadInformation) as empty:
        await information.give(house.desk, token(house, case), {})
    assert {one.code for one in empty.value.blunders} == {"missing"}
    assert (await arda(house)).city == ""


async def test_a_stranger_cannot_fill_the_mailbox_with_questions(house: DeskUnderTest) -> None:
    """One letter a day, however many mails name the login; every case waits all the same (T16)."""
    await keep_arda(house, **MISSING)
    for number in range(5):
        sender = f"somebody{number}@else.example"
        claims = Claims(logins=("arda.yilmaz.77",))
        await intake.receive(house.desk, mail(from_address=sender, message_id=f"{number}@x", claims=claims))
    assert len(await letters(house, "information")) == 1
    assert {case.state for case in await house.desk.store.find(Case)} == {"waiting"}


async def test_the_owner_is_not_asked_for_a_stranger_who_says_so(house: DeskUnderTest) -> None:
    """A mail about somebody else's account is staff's business alone."""
    await keep_arda(house, **MISSING)
    claims = Claims(logins=("arda.yilmaz.77",), not_owner=True)
    case = await case_of(
        house, await intake.receive(house.desk, mail(from_address="web@master.example", claims=claims))
    )
    assert (case.state, await letters(house, "information")) == ("new", [])


async def test_a_request_on_the_portal_is_not_held_up(house: DeskUnderTest) -> None:
    """It names no problem that a person would have to understand; the desk answers it as ever."""
    await keep_arda(house, **MISSING)
    await requests.ask(house.desk, "connectprof", "", ADDRESS, "tr")
    house.clock.advance(seconds=5)
    for request in await house.desk.store.find(PortalRequest):
        await requests.answer(house.desk, request)
    (case,) = await house.desk.store.find(Case)
    assert case.state == "new"
    await decide.act(house.desk, case.id, "send_link", AYSE, None)


async def test_a_case_that_waited_too_long_lapses_and_a_new_mail_takes_it_up(house: DeskUnderTest) -> None:
    """Checked at use as well: in the last minute the page works, then it does not, whether or not the timer ran."""
    case = await asked(house)
    link = token(house, case)
    house.clock.now = NOW + timedelta(days=30)
    with pytest.raises(Spent, match="expired"):
        await information.give(house.desk, link, {"city": "İzmir"})
    reminder = await house.desk.store.get(Reminder, case.id)
    assert reminder
    assert reminder.due == house.clock.now
    await erasure.look_again(house.desk, reminder)
    case = await case_of(house, case.id)
    assert (case.state, case.history[-1].event) == ("expired", "case.lapsed")
    case = await case_of(house, await intake.receive(house.desk, mail(message_id="2@mail.example")))
    assert (case.state, case.deadline) == ("waiting", house.clock.now + timedelta(days=30))


async def test_a_case_that_is_over_takes_nothing(house: DeskUnderTest) -> None:
    """Nor one that is frozen."""
    case = await asked(house)
    await decide.act(house.desk, case.id, "refuse", AYSE, None)
    with pytest.raises(Spent, match="over"):
        await information.give(house.desk, token(house, case), {"city": "İzmir"})


async def test_T37_a_changed_name_speaks_against_open_cases_and_settles_in_a_month(house: DeskUnderTest) -> None:
    """Whoever renames an account to fit their papers finds them held against the name from before (T28, T37)."""
    case, owner = await asked(house), await arda(house)
    session = await signed_in(house, owner)
    for typed in ("", "not his"):
        with pytest.raises(WrongPassword):
            await information.save(house.desk, session, {"name": "Mallory"}, typed)
    await information.save(house.desk, session, {"name": "Mallory"}, GOOD_PASSWORD)
    assert "name_changed" in [one.kind for one in (await case_of(house, case.id)).evidence]
    dossier = await dossiers.load(house.desk.store, house.desk, await case_of(house, case.id))
    assert dossier.account
    assert dossier.account.name == owner.name != "Mallory"
    renamed = await arda(house)
    assert as_it_was(renamed, house.clock.now + SETTLES - timedelta(seconds=1)).name == owner.name
    assert as_it_was(renamed, house.clock.now + SETTLES).name == "Mallory"


async def test_CP_8_what_a_customer_saves_lets_waiting_cases_go_on(house: DeskUnderTest) -> None:
    """The owner is told at the address on file; what is required cannot be blanked."""
    case = await asked(house)
    session = await signed_in(house, await arda(house))
    await information.save(
        house.desk, session, {"country": "Türkiye", "city": "İzmir", "born": "1980-02-29"}, GOOD_PASSWORD
    )
    assert (await case_of(house, case.id)).state == "new"
    assert [one.to for one in await letters(house, "profile")] == [ADDRESS]
    with pytest.raises(BadInformation):
        await information.save(house.desk, session, {"city": " "}, GOOD_PASSWORD)
    await information.save(house.desk, session, {"city": "İzmir"}, GOOD_PASSWORD)
    assert len(await letters(house, "profile")) == 1
