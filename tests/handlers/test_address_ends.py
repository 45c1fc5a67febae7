"""A change of the registered address: how it is confirmed, and what ends it before its time."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from handlers import decide, links, passwords
from handlers.model.case import Case
from handlers.model.errors import Limited, Spent, WrongCode
from handlers.model.grant import Grant
from handlers.registered_address import addresses
from handlers.rules.addresses import canonical
from tests.builders import ADDRESS, AYSE, GOOD_PASSWORD, NOW, PROVEN, DeskUnderTest, make_account, make_case
from tests.handlers.changing import (
    CASE,
    CEM,
    NEW,
    account_of,
    act,
    agree,
    case_of,
    change,
    confirm,
    due,
    letters,
    mailed,
    make_host_account,
    proposed,
    waiting,
)


async def test_SF_4_a_profile_that_changed_meanwhile_stops_the_change(house: DeskUnderTest) -> None:
    """SF.4: the address to follow is the one that stands in the profile when it is done."""
    await house.keep(make_account(profile_address="profile@mail.example"), make_case(*PROVEN))
    await act(house, "change_address", AYSE)
    await confirm(house)
    await act(house, "approve", CEM)
    await house.keep(make_account(profile_address="later@mail.example"))
    house.clock.advance(hours=24)
    await due(house)
    assert ((await change(house)).state, (await account_of(house)).address) == ("stopped", ADDRESS)


async def test_a_new_password_stops_a_pending_change(house: DeskUnderTest) -> None:
    """T30: whoever proves to be the owner meanwhile is the owner; the case says so and is staff's again."""
    await waiting(house)
    await house.keep(make_case("address_on_file", id="R-OTHER1", service="o2switch", state="claimed"))
    await act(house, "send_link", AYSE, "R-OTHER1")
    [letter] = await letters(house, "reset")
    await links.redeem(house.desk, house.desk.vault.open("letter", letter.sealed).value, GOOD_PASSWORD)
    found, case = await change(house), await case_of(house)
    assert (found.state, found.due, case.state, case.proposal) == ("stopped", None, "expired", None)
    assert case.history[-1].event == "address.stopped"
    house.clock.advance(days=30)
    await due(house)
    assert (await account_of(house)).address == ADDRESS


async def test_any_other_change_of_credentials_is_seen_when_it_falls_due(house: DeskUnderTest) -> None:
    """Also one that told nobody, and an address that was imported meanwhile."""
    await waiting(house)
    await house.keep(make_host_account(credentials=1))
    house.clock.advance(hours=72)
    await due(house)
    assert ((await change(house)).state, (await account_of(house)).address) == ("stopped", ADDRESS)


async def test_refusing_the_case_ends_the_change(house: DeskUnderTest) -> None:
    """And kills what would have confirmed it."""
    await proposed(house)
    token, digits = await mailed(house)
    await decide.act(house.desk, CASE, "refuse", AYSE, None)
    assert ((await change(house)).state, (await case_of(house)).state) == ("stopped", "refused")
    with pytest.raises(Spent):
        await addresses.confirm(house.desk, token, digits)


async def test_a_change_that_nobody_confirms_runs_out_to_the_minute(house: DeskUnderTest) -> None:
    """After `confirm_hours`; the case is staff's again, and the code is worth nothing."""
    await proposed(house)
    token, digits = await mailed(house)
    await agree(house)
    house.clock.advance(hours=24, minutes=-1)
    assert await due(house) == 0
    assert (await addresses.look(house.desk, token)).digits == 6
    house.clock.advance(minutes=1)
    with pytest.raises(Spent, match="expired"):
        await addresses.confirm(house.desk, token, digits)
    await due(house)
    case = await case_of(house)
    assert ((await change(house)).state, case.state, case.history[-1].event) == (
        "refused",
        "expired",
        "address.expired",
    )


async def test_T5_the_letter_to_the_new_address_can_do_nothing_but_confirm(house: DeskUnderTest) -> None:
    """T5, T6: one scalar address as it was parsed; the token opens neither a link's page nor a code's."""
    await proposed(house)
    token, _ = await mailed(house)
    with pytest.raises(Spent):
        await links.look(house.desk, token)
    [letter] = await letters(house, "confirm_address")
    assert (letter.to, letter.detail) == (NEW, "")
    before = await account_of(house)
    await confirm(house)
    assert await account_of(house) == before


async def test_five_wrong_codes_end_the_change(house: DeskUnderTest) -> None:
    """Tries are counted before they are compared, and leave the owner's own tries alone (T10)."""
    await proposed(house)
    token, digits = await mailed(house)
    wrong = f"{(int(digits) + 1) % 10**6:06}"
    for left in (4, 3, 2, 1):
        with pytest.raises(WrongCode, match=f"{left} tries left"):
            await addresses.confirm(house.desk, token, wrong)
    with pytest.raises(Spent, match="too many tries"):
        await addresses.confirm(house.desk, token, wrong)
    assert ((await change(house)).state, (await case_of(house)).state) == ("refused", "expired")
    with pytest.raises(Spent):
        await addresses.confirm(house.desk, token, digits)


async def test_a_code_that_is_sent_again_replaces_the_first_and_prolongs_nothing(house: DeskUnderTest) -> None:
    """After a pause, three times at most."""
    await proposed(house)
    token, first = await mailed(house)
    with pytest.raises(Limited):
        await addresses.resend(house.desk, token)
    house.clock.advance(minutes=2)
    await addresses.resend(house.desk, token)
    again, second = await mailed(house)
    assert again == token
    if first != second:
        with pytest.raises(WrongCode):
            await addresses.confirm(house.desk, token, first)
    assert (await addresses.look(house.desk, token)).expires_at == NOW + timedelta(hours=24)
    await addresses.confirm(house.desk, token, second)


async def test_the_confirmation_works_once_also_for_many_at_once(house: DeskUnderTest) -> None:
    """One of the callers confirms (T11)."""
    await proposed(house)
    token, digits = await mailed(house)
    tries = [addresses.confirm(house.desk, token, digits) for _ in range(4)]
    results = await asyncio.gather(*tries, return_exceptions=True)
    assert sorted(type(one).__name__ for one in results) == ["Confirmed", "Spent", "Spent", "Spent"]
    assert [step.event for step in (await case_of(house)).history].count("address.confirmed") == 1


async def test_no_card_trail_or_grant_holds_a_code(house: DeskUnderTest) -> None:
    """Rule 2: the digits are nowhere but sealed in the letter."""
    await proposed(house)
    token, digits = await mailed(house)
    kept = [*await house.desk.store.find(Grant), *await house.desk.store.find(Case)]
    assert all(token not in repr(one) and digits not in repr(getattr(one, "code", "")) for one in kept)
    assert canonical(NEW) == NEW


async def test_changing_the_password_directly_stops_it_too(house: DeskUnderTest) -> None:
    """Whatever sets a password goes through one function."""
    await proposed(house)
    hashed = await passwords.hashed(GOOD_PASSWORD)
    async with house.desk.store.transaction() as tx:
        await passwords.set(tx, house.desk, await account_of(house), hashed, await case_of(house))
    assert (await change(house)).state == "stopped"
