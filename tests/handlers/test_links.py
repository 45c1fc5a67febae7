"""Reset links, from the click to the new password."""

from __future__ import annotations

import asyncio
from collections import Counter

import pytest

from handlers import decide, links, passwords
from handlers.desk import Desk
from handlers.model.account import Account
from handlers.model.case import Case
from handlers.model.errors import Limited, Spent, WeakPassword
from handlers.model.grant import Grant
from handlers.model.outbox import Letter
from tests.builders import AYSE, GOOD_PASSWORD, PROVEN, DeskUnderTest, make_case


async def send(house: DeskUnderTest, case_id: str = "R-7F3K2M") -> str:
    """Click `send_link`; returns the raw token as the customer gets it."""
    if await house.desk.store.get(Case, case_id) is None:
        await house.keep(make_case(*PROVEN, id=case_id))
    case = await decide.act(house.desk, case_id, "send_link", AYSE, None)
    return await token_of(house.desk, case)


async def token_of(desk: Desk, case: Case) -> str:
    """What the letter of the case's grant carries."""
    letters = await desk.store.find(Letter, case=case.id)
    return next(desk.vault.open("letter", one.sealed).value for one in letters if one.grant == case.grant)


async def test_SF_9_a_link_goes_to_the_address_on_file_and_to_no_other(house: DeskUnderTest) -> None:
    """The letter's address is the account's, not the requester's."""
    await house.keep(make_case(*PROVEN, requester="someone@else.example"))
    await decide.act(house.desk, "R-7F3K2M", "send_link", AYSE, 1)
    assert [one.to for one in await house.desk.store.find(Letter)] == ["marie.durand@mail.example"]


async def test_looking_at_a_link_changes_nothing(house: DeskUnderTest) -> None:
    """However often it is opened, the store stays as it was."""
    token = await send(house)
    before = await house.desk.store.find(Grant), await house.desk.store.find(Case)
    for _ in range(10):
        assert (await links.look(house.desk, token)).login == "durand42"
    assert (await house.desk.store.find(Grant), await house.desk.store.find(Case)) == before


async def test_a_weak_password_says_why_and_keeps_the_link(house: DeskUnderTest) -> None:
    """The customer tries again with the same link."""
    token = await send(house)
    with pytest.raises(WeakPassword) as refused:
        await links.redeem(house.desk, token, "short")
    assert "too_short" in {fault.code for fault in refused.value.faults}
    done = await links.redeem(house.desk, token, GOOD_PASSWORD)
    assert (done.service.id, done.language) == ("shopfactory", "fr")


async def test_a_hundred_weak_passwords_fill_nothing(house: DeskUnderTest) -> None:
    """The first shows on the case; the others write nothing."""
    token = await send(house)
    for _ in range(100):
        with pytest.raises(WeakPassword):
            await links.redeem(house.desk, token, "short")
    case = await house.desk.store.get(Case, "R-7F3K2M")
    assert case is not None
    assert [step.event for step in case.history] == ["link.issued", "link.opened"]


async def test_a_good_password_changes_the_account_and_ends_the_case(house: DeskUnderTest) -> None:
    """The hash is argon2id, the credentials' number is raised, the notice goes to the address on file."""
    token = await send(house)
    await links.redeem(house.desk, token, GOOD_PASSWORD)
    account = await house.desk.store.get(Account, "A-DURAND")
    case = await house.desk.store.get(Case, "R-7F3K2M")
    assert account is not None
    assert account.password_hash.startswith("$argon2id$")
    assert account.credentials == 1
    assert case is not None
    assert case.state == "redeemed"
    notice = [one for one in await house.desk.store.find(Letter) if one.kind == "changed"]
    assert [one.to for one in notice] == ["marie.durand@mail.example"]


async def test_a_link_works_once(house: DeskUnderTest) -> None:
    """The second use says that it was used."""
    token = await send(house)
    await links.redeem(house.desk, token, GOOD_PASSWORD)
    with pytest.raises(Spent, match="used"):
        await links.redeem(house.desk, token, GOOD_PASSWORD + "2")


async def test_of_two_who_use_a_link_at_once_one_wins(house: DeskUnderTest) -> None:
    """The conditional write lets one caller through (T11)."""
    token = await send(house)
    tries = (links.redeem(house.desk, token, f"{GOOD_PASSWORD}{number}") for number in range(5))
    results = await asyncio.gather(*tries, return_exceptions=True)
    assert sorted(type(one).__name__ for one in results) == ["Redeemed", "Spent", "Spent", "Spent", "Spent"]
    account = await house.desk.store.get(Account, "A-DURAND")
    assert account is not None
    assert account.credentials == 1


async def test_a_link_used_by_hundreds_at_once_keeps_nobody_waiting(house: DeskUnderTest) -> None:
    """T31: hashing is slow and shared by all; an account's link takes up a few places of it, and stays."""
    await links.redeem(house.desk, await send(house), GOOD_PASSWORD)
    token = await send(house, "R-2")
    crowd = [links.redeem(house.desk, token, GOOD_PASSWORD) for _ in range(100)]
    answers = Counter(type(one) for one in await asyncio.gather(*crowd, return_exceptions=True))
    assert answers == {WeakPassword: passwords.MOST_OF_ONE, Limited: 100 - passwords.MOST_OF_ONE}
    await links.redeem(house.desk, token, "another horse, battery or staple 8?")


async def test_a_newer_link_kills_the_older(house: DeskUnderTest) -> None:
    """Only the last one works (T12)."""
    older = await send(house)
    newer = await send(house)
    with pytest.raises(Spent, match="replaced"):
        await links.look(house.desk, older)
    assert (await links.look(house.desk, newer)).language == "fr"


async def test_a_link_for_another_case_of_the_account_tells_the_first_case(house: DeskUnderTest) -> None:
    """Staff see on the first card that what they sent no longer works."""
    await send(house, "R-FIRST2")
    await send(house, "R-SECND2")
    first = await house.desk.store.get(Case, "R-FIRST2")
    assert first is not None
    assert (first.state, first.history[-1].event) == ("expired", "grant.replaced")


async def test_a_link_dies_when_the_credentials_change_otherwise(house: DeskUnderTest) -> None:
    """A grant belongs to the credentials it was issued for."""
    token = await send(house)
    account = await house.desk.store.get(Account, "A-DURAND")
    assert account is not None
    await house.keep(
        type(account)(**{field: getattr(account, field) for field in account.__struct_fields__} | {"credentials": 5})
    )
    with pytest.raises(Spent, match="replaced"):
        await links.look(house.desk, token)


async def test_a_guessed_or_foreign_token_is_unknown(house: DeskUnderTest) -> None:
    """What we did not issue, or issued as a code's address, opens no link (T13)."""
    with pytest.raises(Spent, match="unknown"):
        await links.look(house.desk, "A" * 43)


async def test_an_account_is_not_flooded_with_links(house: DeskUnderTest) -> None:
    """Ten links or codes a day reach a mailbox, not more (T16); the next day there are more."""
    for _ in range(10):
        await send(house)
    with pytest.raises(Limited):
        await send(house)
    house.clock.advance(hours=24)
    await send(house)


async def test_the_store_never_holds_the_raw_token(house: DeskUnderTest) -> None:
    """Neither grant, letter, case nor trail has it in the clear."""
    token = await send(house)
    await house.desk.store.close()
    folder = house.desk.store.path.parent  # type: ignore[attr-defined]  # the TinyDB store knows where it lies
    assert all(token.encode() not in file.read_bytes() for file in folder.iterdir() if file.is_file())
