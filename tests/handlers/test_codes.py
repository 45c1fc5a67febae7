"""One-time codes: tries counted first, one use, resends, and the link they become."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from handlers import codes, decide, links
from handlers.model.case import Case
from handlers.model.errors import Limited, Spent, WrongCode
from handlers.model.grant import Grant
from handlers.model.outbox import Letter
from tests.builders import AYSE, GOOD_PASSWORD, NOW, DeskUnderTest, make_account, make_case

CASE = "R-7F3K2M"


@pytest.fixture
async def coded(house: DeskUnderTest) -> tuple[DeskUnderTest, str, str]:
    """A case at L'Opcommerce to which a code was sent: the desk, the page's token, the digits."""
    await house.keep(
        make_account(id="A-PETIT", service="opcommerce", login="petit", address="paul.petit@mail.example"),
        make_case("address_on_file", service="opcommerce", account="A-PETIT"),
    )
    await decide.act(house.desk, CASE, "send_code", AYSE, 1)
    token, digits = await last_code(house)
    return house, token, digits


async def last_code(house: DeskUnderTest) -> tuple[str, str]:
    """Token and digits of the newest letter with a code."""
    letters = [one for one in await house.desk.store.find(Letter) if one.kind == "code"]
    newest = max(letters, key=lambda one: one.written_at)
    token, digits = house.desk.vault.open("letter", newest.sealed).value.split(" ")
    return token, digits


def wrong(digits: str) -> str:
    """Another code of the same length."""
    return f"{(int(digits) + 1) % 10 ** len(digits):0{len(digits)}}"


async def test_OC_6_a_right_code_becomes_a_link_of_the_same_life(coded: tuple[DeskUnderTest, str, str]) -> None:
    """Six digits, and ten minutes (OC.9, OC.11); the link sets the password and ends the case."""
    house, token, digits = coded
    assert len(digits) == 6
    house.clock.advance(minutes=4)
    link = await codes.verify(house.desk, token, digits)
    assert (await links.look(house.desk, link.value)).expires_at == NOW + timedelta(minutes=10)
    await links.redeem(house.desk, link.value, GOOD_PASSWORD)
    case = await house.desk.store.get(Case, CASE)
    assert case is not None
    assert case.state == "redeemed"


async def test_a_code_works_once_also_for_many_at_once(coded: tuple[DeskUnderTest, str, str]) -> None:
    """One of the callers gets the link (T11)."""
    house, token, digits = coded
    tries = [codes.verify(house.desk, token, digits) for _ in range(4)]
    results = await asyncio.gather(*tries, return_exceptions=True)
    assert sorted(type(one).__name__ for one in results) == ["Secret", "Spent", "Spent", "Spent"]


async def test_wrong_codes_are_counted_and_the_fifth_kills_the_code(coded: tuple[DeskUnderTest, str, str]) -> None:
    """Each answer says how many tries are left; afterwards the right code is worth nothing."""
    house, token, digits = coded
    for left in (4, 3, 2, 1):
        with pytest.raises(WrongCode) as answer:
            await codes.verify(house.desk, token, wrong(digits))
        assert answer.value.left == left
    with pytest.raises(Spent, match="too many tries"):
        await codes.verify(house.desk, token, wrong(digits))
    with pytest.raises(Spent, match="too many tries"):
        await codes.verify(house.desk, token, digits)


async def test_parallel_guesses_get_no_more_tries_than_one_after_another(coded: tuple[DeskUnderTest, str, str]) -> None:
    """The try is counted before the comparison (T10): of 50 at once, five are compared."""
    house, token, digits = coded
    tries = [codes.verify(house.desk, token, wrong(digits)) for _ in range(50)]
    results = await asyncio.gather(*tries, return_exceptions=True)
    assert sum(isinstance(one, WrongCode) for one in results) <= 4
    assert all(isinstance(one, WrongCode | Spent) for one in results)


async def test_OC_21_a_resent_code_replaces_the_old_one(coded: tuple[DeskUnderTest, str, str]) -> None:
    """The page stays the same, the old digits are dead, the life begins anew (OC.10, OC.21)."""
    house, token, digits = coded
    house.clock.advance(minutes=5)
    await codes.resend(house.desk, token)
    same, new = await last_code(house)
    assert same == token
    if new != digits:
        with pytest.raises(WrongCode):
            await codes.verify(house.desk, token, digits)
    house.clock.advance(minutes=9)
    await codes.verify(house.desk, token, new)


async def test_OC_21_resends_have_a_pause_and_an_end(coded: tuple[DeskUnderTest, str, str]) -> None:
    """Not within a minute, and three times at most."""
    house, token, _ = coded
    with pytest.raises(Limited) as soon:
        await codes.resend(house.desk, token)
    assert soon.value.retry_after == 60
    for _ in range(3):
        house.clock.advance(seconds=61)
        await codes.resend(house.desk, token)
    house.clock.advance(seconds=61)
    with pytest.raises(Limited):
        await codes.resend(house.desk, token)


async def test_the_store_holds_only_a_keyed_digest_of_the_code(coded: tuple[DeskUnderTest, str, str]) -> None:
    """Without the desk's key nobody can try the million codes against the store."""
    house, _, digits = coded
    grant = (await house.desk.store.find(Grant))[0]
    assert digits not in repr(grant)
    assert house.desk.vault.matches("code digits", f"{grant.id} {digits}", grant.code)
