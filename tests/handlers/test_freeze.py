""" "It was not me": what one click in a letter stops, and which letters have such a link."""

from __future__ import annotations

import asyncio
import re
from datetime import timedelta
from typing import get_args

import pytest
from msgspec.structs import replace

from handlers import audit, codes, freeze, grants, links, outbox, requests, signed
from handlers.model.case import Case
from handlers.model.errors import Refused, SignInNeeded, Spent
from handlers.model.grant import Grant
from handlers.model.outbox import Alert, LetterKind, PortalRequest
from handlers.model.second_factor import SecondFactor
from handlers.model.session import Device
from handlers.registered_address import addresses
from handlers.signing_in import devices, sessions
from tests.builders import (
    ADDRESS,
    AYSE,
    GOOD_PASSWORD,
    NOW,
    PROVEN,
    DeskUnderTest,
    make_account,
    make_case,
)
from tests.handlers.changing import (
    CASE,
    CEM,
    NEW,
    account_of,
    act,
    case_of,
    change,
    changed,
    due,
    letters,
    make_host_account,
    stop_token,
    told,
    waiting,
)
from tests.handlers.letterbox import text_of
from tests.handlers.samples import facts_of


async def test_one_click_freezes_case_and_account_and_kills_what_is_out(house: DeskUnderTest) -> None:
    """Grants die, staff are alerted, the address on file is told; the trail has it all (O2.13)."""
    await house.keep(make_case(*PROVEN))
    await act(house, "send_link", AYSE)
    [letter] = await letters(house, "reset")
    token = house.desk.vault.open("letter", letter.sealed).value
    view = await freeze.stop(house.desk, stop_token(house))
    case, account = await case_of(house), await account_of(house)
    assert (view.frozen, case.state, case.frozen_by, account.frozen) == (True, "frozen", "customer", CASE)
    for use in (links.look(house.desk, token), links.redeem(house.desk, token, GOOD_PASSWORD)):
        with pytest.raises(Spent, match="frozen"):
            await use
    assert await told(house, "frozen") == [ADDRESS]
    assert [(one.kind, one.case) for one in await house.desk.store.find(Alert)] == [("frozen", CASE)]
    assert await audit.faults(house.desk.store, house.desk.vault) == []


async def test_pressing_it_often_or_all_at_once_is_pressing_it_once(house: DeskUnderTest) -> None:
    """One step, one letter, one alert."""
    await house.keep(make_case(*PROVEN))
    await asyncio.gather(*(freeze.stop(house.desk, stop_token(house)) for _ in range(5)))
    assert [step.event for step in (await case_of(house)).history] == ["case.frozen"]
    assert len(await letters(house, "frozen")) == 1


async def test_looking_changes_nothing(house: DeskUnderTest) -> None:
    """Programs follow links in mails (T9)."""
    await house.keep(make_case(*PROVEN))
    for _ in range(3):
        assert not (await freeze.look(house.desk, stop_token(house))).frozen
    assert (await case_of(house)).state == "new"
    assert (await account_of(house)).frozen == ""


@pytest.mark.parametrize("state", ["redeemed", "refused", "cancelled", "expired", "undelivered", "waiting"])
async def test_a_case_in_any_state_can_be_frozen(house: DeskUnderTest, state: str) -> None:
    """Also one that is over: that is when a thief has won."""
    await house.keep(make_case(*PROVEN, state=state))
    assert (await freeze.stop(house.desk, stop_token(house))).frozen
    assert (await case_of(house)).state == "frozen"


async def test_a_letter_about_an_account_opens_a_case_once(house: DeskUnderTest) -> None:
    """A notice without a case has a stop link too."""
    await freeze.stop(house.desk, stop_token(house, "A-DURAND"))
    await freeze.stop(house.desk, stop_token(house, "A-DURAND"))
    [case] = await house.desk.store.find(Case)
    assert (case.state, case.account, case.frozen_by) == ("frozen", "A-DURAND", "customer")
    assert (await account_of(house)).frozen == case.id


@pytest.mark.parametrize(("days", "error"), [(30, ""), (31, "expired")])
async def test_a_stop_link_works_for_thirty_days(house: DeskUnderTest, days: int, error: str) -> None:
    """Long enough for a holiday."""
    await house.keep(make_case(*PROVEN))
    token = stop_token(house)
    house.clock.advance(days=days)
    if error:
        with pytest.raises(Spent, match=error):
            await freeze.stop(house.desk, token)
    else:
        assert (await freeze.stop(house.desk, token)).frozen


@pytest.mark.parametrize("token", ["", "x", "r7f3k2m-b4c5d-" + "a" * 20, "\u0661" * 40, "a" * 5000])
async def test_a_token_that_is_not_ours_stops_nothing(house: DeskUnderTest, token: str) -> None:
    """Nobody freezes somebody else's account."""
    await house.keep(make_case(*PROVEN))
    with pytest.raises(Spent, match="unknown"):
        await freeze.stop(house.desk, token)
    other = signed.token(house.desk.vault, "case", CASE, NOW)
    with pytest.raises(Spent, match="unknown"):
        await freeze.stop(house.desk, other)


@pytest.mark.parametrize("subject", [CASE, "A-DURAND"])
async def test_T31_an_old_stop_link_is_spent_once_somebody_has_looked(house: DeskUnderTest, subject: str) -> None:
    """Whoever has one old letter does not turn the account off for a month; a later letter stops it again (T31)."""
    await house.keep(make_case(*PROVEN))
    old = stop_token(house, subject)
    house.clock.advance(minutes=1)
    await freeze.stop(house.desk, old)
    house.clock.advance(hours=1)
    [case] = [one for one in await house.desk.store.find(Case) if one.state == "frozen"]
    await act(house, "approve", CEM, case.id)
    house.clock.advance(minutes=1)
    for use in (freeze.look, freeze.stop):
        with pytest.raises(Spent, match="looked into"):
            await use(house.desk, old)
    assert (await account_of(house)).frozen == ""
    assert (await freeze.stop(house.desk, stop_token(house, subject))).frozen


async def test_T28_a_freeze_takes_away_what_a_thief_left(house: DeskUnderTest) -> None:
    """No browser is known any more, a begun factor is forgotten, one switched on lately stands on the card (T28)."""
    await house.keep(make_case(*PROVEN))
    account = await account_of(house)
    thiefs = SecondFactor(id=account.id, method="totp", begun_by="S-THIEF", begun_at=NOW)
    async with house.desk.store.transaction() as tx:
        await devices.remember(tx, house.desk, account, "")
        tx.put(thiefs)
    await freeze.stop(house.desk, stop_token(house))
    assert await house.desk.store.count(Device) == await house.desk.store.count(SecondFactor) == 0
    house.clock.advance(minutes=1)
    await act(house, "approve", CEM)
    assert "stopped_by_owner" in [one.kind for one in (await case_of(house)).evidence]
    await house.keep(replace(thiefs, active_since=NOW))
    house.clock.advance(days=29)
    await freeze.stop(house.desk, stop_token(house))
    assert "factor_added" in [one.kind for one in (await case_of(house)).evidence]


async def test_T30_a_pending_change_of_address_is_stopped(house: DeskUnderTest) -> None:
    """T30: whoever holds the old address has the last word for as long as the wait lasts."""
    await waiting(house)
    house.clock.advance(hours=71, minutes=59)
    await freeze.stop(house.desk, stop_token(house))
    assert ((await change(house)).state, (await case_of(house)).state) == ("stopped", "frozen")
    house.clock.advance(days=30)
    await due(house)
    assert (await account_of(house)).address == ADDRESS


@pytest.mark.parametrize(("hours", "address"), [(167, ADDRESS), (168, NEW)])
async def test_T30_a_change_is_undone_within_its_days_of_grace(house: DeskUnderTest, hours: int, address: str) -> None:
    """T30: the old address comes back, credentials rise, and the letter about the freeze goes there."""
    found = await changed(house)
    assert found.due
    house.clock.now = found.due - timedelta(hours=168 - hours)
    before = await account_of(house)
    await freeze.stop(house.desk, stop_token(house))
    account = await account_of(house)
    assert (account.address, bool(account.frozen)) == (address, True)
    assert account.credentials > before.credentials
    assert await told(house, "frozen") == [address]
    if hours == 167:
        assert account.former_addresses == ()
        assert (await change(house)).state == "undone"
        assert "address.undone" in [step.event for step in (await case_of(house)).history]


async def test_O2_19_an_old_address_that_is_another_accounts_by_now_is_not_put_back(house: DeskUnderTest) -> None:
    """The account is frozen all the same, and the case says why."""
    await changed(house)
    await house.keep(make_host_account(id="A-OTHER", login="other", address=ADDRESS))
    await freeze.stop(house.desk, stop_token(house))
    account = await account_of(house)
    assert (account.address, account.frozen) == (NEW, CASE)
    assert (await change(house)).state == "final"


async def test_T30_stopping_and_falling_due_at_the_same_moment_end_the_same(house: DeskUnderTest) -> None:
    """T30: whichever comes first, the old address stays, and the account is frozen."""
    found = await waiting(house)
    house.clock.advance(hours=72)
    await asyncio.gather(
        addresses.fall_due(house.desk, found),
        freeze.stop(house.desk, stop_token(house)),
        addresses.fall_due(house.desk, found),
    )
    account = await account_of(house)
    assert (account.address, account.frozen) == (ADDRESS, CASE)
    assert (await change(house)).state in ("stopped", "undone")


async def test_sessions_end_and_no_new_one_begins(house: DeskUnderTest) -> None:
    """Whoever is in the account is out of it."""
    await house.keep(make_case(*PROVEN))
    async with house.desk.store.transaction() as tx:
        account = await account_of(house)
        session, onward = await sessions.begin(tx, house.desk, account, language="fr", browser="")
    await sessions.at(house.desk.store, house.desk, onward.session.value, session.stage)
    await freeze.stop(house.desk, stop_token(house))
    with pytest.raises(SignInNeeded):
        await sessions.at(house.desk.store, house.desk, onward.session.value, session.stage)


async def test_codes_are_refused_while_frozen(house: DeskUnderTest) -> None:
    """Checked at use, in the one place where grants are found."""
    await house.keep(make_account(id="A-DURAND", service="opcommerce"))
    await house.keep(make_case("address_on_file", service="opcommerce"))
    await act(house, "send_code", AYSE)
    [letter] = await letters(house, "code")
    token, digits = house.desk.vault.open("letter", letter.sealed).value.split(" ")
    await act(house, "freeze", AYSE)
    for use in (
        codes.look(house.desk, token),
        codes.verify(house.desk, token, digits),
        codes.resend(house.desk, token),
    ):
        with pytest.raises(Spent, match="frozen"):
            await use


async def test_a_request_on_the_portal_sends_nothing_for_a_frozen_account(house: DeskUnderTest) -> None:
    """The desk alone opens no new way in; the same request would get a link otherwise."""
    await house.keep(make_case(*PROVEN))
    await freeze.stop(house.desk, stop_token(house))
    request = PortalRequest(
        id="P-1", queue="requests", due=NOW, service="shopfactory", login="durand42", address=ADDRESS, language="fr"
    )
    await house.keep(request)
    await requests.answer(house.desk, request)
    assert await letters(house, "reset", "code") == []


async def test_other_cases_of_the_account_cannot_be_acted_on(house: DeskUnderTest) -> None:
    """They say which case froze the account."""
    await house.keep(make_case(*PROVEN), make_case(*PROVEN, id="R-OTHER1"))
    await freeze.stop(house.desk, stop_token(house))
    with pytest.raises(Refused, match=f"frozen by case {CASE}"):
        await act(house, "send_link", AYSE, "R-OTHER1")


async def test_a_frozen_account_is_the_reason_before_any_other_but_use(house: DeskUnderTest) -> None:
    """Its page then says why."""
    await house.keep(make_case(*PROVEN))
    await act(house, "send_link", AYSE)
    case = await case_of(house)
    grant = await house.desk.store.get(Grant, case.grant or "")
    assert grant
    assert grants.why_dead(grant, make_account(frozen=CASE), NOW) == "frozen"


NO_STOP: tuple[LetterKind, ...] = ("confirm_address", "frozen", "purged")
"""To somebody who may not be the owner, about a freeze, and about an account that is no more."""


@pytest.mark.parametrize("kind", sorted(set(get_args(LetterKind)) - {*outbox.ANYBODYS, *NO_STOP}))
def test_every_letter_to_an_address_on_file_has_the_stop_link(kind: LetterKind) -> None:
    """Whoever reads it and did not ask for it is one click away from stopping it (T30)."""
    link = r"\nhttps://recovery\.shop\.example/stop/[ar][0-9a-z]{4,16}-[0-9a-f]{9}-[a-z2-7]{20}\n"
    assert re.search(link, text_of(facts_of(kind, "en")))


@pytest.mark.parametrize("kind", [*outbox.ANYBODYS, "confirm_address"])
def test_nobody_else_gets_one(kind: LetterKind) -> None:
    """A stranger who writes in somebody's name, or names an address, freezes nobody's account."""
    assert "/stop/" not in text_of(facts_of(kind, "en"))
