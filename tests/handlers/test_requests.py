"""Requests from the portal's form."""

from __future__ import annotations

import pytest

from handlers import decide, intake, links, requests
from handlers.model.case import Case
from handlers.model.errors import Invalid, Limited, Spent
from handlers.model.outbox import Letter, PortalRequest
from tests.builders import ADDRESS, AYSE, DeskUnderTest, make_mail
from tests.handlers.test_links import send, token_of

STRANGER = "nobody@mail.example"


async def links_sent(house: DeskUnderTest) -> list[Letter]:
    """The letters that carry a link."""
    return [one for one in await house.desk.store.find(Letter) if one.kind == "reset"]


async def ask(house: DeskUnderTest) -> None:
    """Marie Durand fills in ShopFactory's form, and the desk works it off."""
    await requests.ask(house.desk, "shopfactory", "durand42", ADDRESS, "fr")
    await answered(house)


async def answered(house: DeskUnderTest) -> None:
    """Work off the portal's requests, as the timers do."""
    for request in await house.desk.store.find(PortalRequest):
        await requests.answer(house.desk, request)


async def test_SF_9_the_portal_sends_the_link_by_itself_to_the_registered_address(house: DeskUnderTest) -> None:
    """ShopFactory: identifier and registered address both match (SF.8), the link goes to the registered one (SF.9)."""
    await requests.ask(house.desk, "shopfactory", "Durand42", "Marie.Durand@mail.example", "fr")
    await answered(house)
    case = (await house.desk.store.find(Case))[0]
    assert (case.state, case.source, case.history[-1].by) == ("issued", "portal", "desk")
    assert [one.to for one in await links_sent(house)] == [ADDRESS]


@pytest.mark.parametrize(("login", "address"), [("durand42", STRANGER), ("nobody", ADDRESS)])
async def test_SF_21_half_right_is_wrong_on_the_portal(house: DeskUnderTest, login: str, address: str) -> None:
    """Right login with a wrong address, or the reverse, opens nothing and says nothing (SF.21)."""
    await requests.ask(house.desk, "shopfactory", login, address, "fr")
    await answered(house)
    assert await house.desk.store.find(Case) == []
    assert await house.desk.store.find(Letter) == []


async def test_the_portal_refuses_several_addresses_in_one(house: DeskUnderTest) -> None:
    """Exactly one address (T6)."""
    with pytest.raises(Invalid):
        await requests.ask(house.desk, "shopfactory", "durand42", "marie.durand@mail.example,eve@evil.example", "fr")


@pytest.mark.parametrize("address", [ADDRESS, STRANGER])
async def test_asking_again_and_again_is_answered_the_same(house: DeskUnderTest, address: str) -> None:
    """Known or unknown, first or thirtieth time: nobody learns who asked, and nobody is shut out (T15, T31)."""
    for _ in range(30):
        await requests.ask(house.desk, "shopfactory", "durand42", address, "fr")
    await answered(house)
    assert len(await links_sent(house)) == (address == ADDRESS)


async def test_so_many_requests_may_wait_and_no_more(house: DeskUnderTest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A flood fills no store; the form says to try again in some seconds."""
    monkeypatch.setattr(requests, "MOST_WAITING", 3)
    for number in range(3):
        await requests.ask(house.desk, "shopfactory", "durand42", f"user{number}@mail.example", "fr")
    with pytest.raises(Limited):
        await requests.ask(house.desk, "shopfactory", "durand42", STRANGER, "fr")
    await answered(house)
    await requests.ask(house.desk, "shopfactory", "durand42", STRANGER, "fr")


async def test_an_account_gets_five_letters_an_hour_at_most(house: DeskUnderTest) -> None:
    """Whoever asks in its name floods no mailbox (T16)."""
    for _ in range(9):
        await ask(house)
        house.clock.advance(minutes=6)
    assert len(await links_sent(house)) == 5


async def test_strangers_on_the_portal_use_up_nothing_of_what_staff_may_send(house: DeskUnderTest) -> None:
    """An account cannot be locked out of recovery by asking for it (T16)."""
    for day in range(3):
        for _ in range(5):
            await requests.ask(house.desk, "shopfactory", "durand42", ADDRESS, "fr")
            await answered(house)
        house.clock.advance(hours=7 + day)
        house.clock.advance(hours=17 - day)
    id = await intake.receive(house.desk, make_mail())
    case = await decide.act(house.desk, id or "", "send_link", AYSE, None)
    assert case.history[-1].by == AYSE.id


async def test_a_stranger_who_asks_does_not_kill_what_staff_sent(house: DeskUnderTest) -> None:
    """The customer's living link stays alive (T31)."""
    token = await send(house)
    house.clock.advance(minutes=10)
    await ask(house)
    assert (await links.look(house.desk, token)).login == "durand42"


async def test_a_second_request_replaces_the_desks_own_link_only_after_some_minutes(house: DeskUnderTest) -> None:
    """Who clicks twice gets one letter; who lost the letter gets another later."""
    await ask(house)
    first = await token_of(house.desk, (await house.desk.store.find(Case))[0])
    await ask(house)
    assert len(await links_sent(house)) == 1
    house.clock.advance(minutes=6)
    await ask(house)
    assert len(await links_sent(house)) == 2
    with pytest.raises(Spent, match="replaced"):
        await links.look(house.desk, first)


async def test_a_case_notes_only_so_many_requests(house: DeskUnderTest) -> None:
    """Whoever asks every day for months does not fill the store."""
    for _ in range(60):
        await ask(house)
        house.clock.advance(hours=5)
    case = (await house.desk.store.find(Case))[0]
    assert sum(step.event == "case.continued" for step in case.history) == 50


async def test_requests_are_answered_at_no_telling_moment(house: DeskUnderTest) -> None:
    """The work that a known account makes cannot be seen right behind the answer (T15)."""
    for number in range(20):
        await requests.ask(house.desk, "shopfactory", f"user{number}", f"user{number}@mail.example", "fr")
    waits = {one.due - house.clock.now for one in await house.desk.store.find(PortalRequest) if one.due}
    assert len(waits) > 10
    assert max(waits) <= requests.LATEST
