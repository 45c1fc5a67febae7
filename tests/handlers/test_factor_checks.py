"""The second factor at sign-in: asked for every time, each code once, guesses counted."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from handlers import limits, links
from handlers.factors import factor_checks, second_factor
from handlers.model.case import Case
from handlers.model.errors import Limited, SignInNeeded
from handlers.model.staff import DESK
from handlers.signing_in import sessions
from tests.builders import DeskUnderTest, make_case
from tests.handlers.factored import (
    account_of,
    begun,
    code,
    events,
    factor_asked,
    mailed,
    open_customers_desk,
    proves,
    session,
    signed_in,
    switched_on,
    told,
    wrong,
)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[DeskUnderTest]:
    """Marie Durand at ConnectProf, without a second factor."""
    async with open_customers_desk(tmp_path) as house:
        yield house


@pytest.mark.parametrize("late", [0, 29, 30, 59])
async def test_CP_11_every_sign_in_asks_for_the_code_and_takes_it_for_two_steps(
    house: DeskUnderTest, late: float
) -> None:
    """Its own step and the one after it: clocks differ, and people type slowly."""
    app, _ = await switched_on(house)
    house.clock.advance(minutes=5)
    typed = code(house, app)
    house.clock.advance(seconds=late)
    assert await proves(house, typed)


@pytest.mark.parametrize("late", [60, 90])
async def test_CP_11_an_expired_code_opens_nothing(house: DeskUnderTest, late: float) -> None:
    """And a wrong one neither: the sign-in goes on waiting."""
    app, _ = await switched_on(house)
    house.clock.advance(minutes=5)
    typed = code(house, app)
    house.clock.advance(seconds=late)
    token = await factor_asked(house)
    assert await factor_checks.prove(house.desk, token, "", typed) is None
    with pytest.raises(SignInNeeded) as needed:
        await sessions.require(house.desk.store, house.desk, token)
    assert needed.value.stage == "factor"


async def test_CP_11_a_known_browser_is_asked_too(house: DeskUnderTest) -> None:
    """At every sign-in, whatever proved the browser before."""
    app, _ = await switched_on(house)
    house.clock.advance(minutes=1)
    onward = await factor_checks.prove(house.desk, await factor_asked(house), "", code(house, app))
    assert onward
    assert onward.stage == "open"
    assert await factor_asked(house)


async def test_a_code_is_never_taken_twice(house: DeskUnderTest) -> None:
    """Nor one of an older step (RFC 6238, 5.2); not even the one that switched the factor on."""
    app, _ = await switched_on(house)
    assert not await proves(house, code(house, app))
    house.clock.advance(seconds=60)
    newest = code(house, app)
    assert await proves(house, newest)
    assert not await proves(house, newest)
    assert not await proves(house, code(house, app, seconds=-30))
    house.clock.advance(seconds=30)
    assert await proves(house, code(house, app))


async def test_of_two_who_type_one_code_at_once_one_gets_in(house: DeskUnderTest) -> None:
    """Comparing and using up are one step (T11)."""
    app, _ = await switched_on(house)
    house.clock.advance(minutes=1)
    tokens = [await factor_asked(house) for _ in range(4)]
    typed = code(house, app)
    results = await asyncio.gather(*(factor_checks.prove(house.desk, token, "", typed) for token in tokens))
    assert sum(one is not None for one in results) == 1


async def test_of_two_who_type_one_recovery_code_at_once_one_gets_in(house: DeskUnderTest) -> None:
    """Each of the ten works once (T11)."""
    _, done = await switched_on(house)
    tokens = [await factor_asked(house) for _ in range(4)]
    tries = (factor_checks.prove(house.desk, token, "", done.codes[0].value) for token in tokens)
    results = await asyncio.gather(*tries)
    assert sum(one is not None for one in results) == 1


async def test_a_recovery_code_gets_in_once_and_says_how_many_are_left(house: DeskUnderTest) -> None:
    """In the same field, as people write it; the trail and a letter say so."""
    _, done = await switched_on(house)
    used = done.codes[3].value
    house.clock.advance(seconds=1)
    assert len({one.value for one in done.codes}) == 10
    assert await proves(house, f" {used[:5].lower()}-{used[5:].lower()} ")
    assert not await proves(house, used)
    assert (await told(house))[-1] == "recovery_used 9"
    entries = await events(house, "account.recovery_code_used")
    assert [one.detail for one in entries] == ["9 left"]


async def test_guesses_have_an_end_and_the_owner_a_way_back(house: DeskUnderTest) -> None:
    """Ten in ten minutes, counted before they are compared (T10); later the right code works again."""
    app, _ = await switched_on(house)
    house.clock.advance(minutes=5)
    token, typed = await factor_asked(house), wrong(code(house, app))
    results = await asyncio.gather(
        *(factor_checks.prove(house.desk, token, "", typed) for _ in range(30)), return_exceptions=True
    )
    assert [type(one).__name__ for one in results].count("NoneType") == 10
    assert all(one is None or isinstance(one, Limited) for one in results)
    with pytest.raises(Limited):
        await factor_checks.prove(house.desk, token, "", code(house, app))
    house.clock.advance(minutes=10)
    assert await proves(house, code(house, app))


async def test_a_day_of_guessing_has_an_end_too(house: DeskUnderTest) -> None:
    """A hundred a day: of a million codes, three of which are right at a time."""
    app, _ = await switched_on(house)
    for _ in range(10):
        house.clock.advance(minutes=10)
        token = await factor_asked(house)
        for _ in range(10):
            await factor_checks.prove(house.desk, token, "", "nothing")
    house.clock.advance(minutes=10)
    with pytest.raises(Limited) as limited:
        await factor_checks.prove(house.desk, await factor_asked(house), "", code(house, app))
    assert limited.value.retry_after <= timedelta(days=1).total_seconds()


async def test_T10_tries_of_a_stolen_password_end_with_it(house: DeskUnderTest) -> None:
    """The owner sets another password and is in at once, whatever the thief used up (T10)."""
    app, _ = await switched_on(house)
    house.clock.advance(minutes=5)
    await use_up(house, *factor_checks.TRIES)
    with pytest.raises(Limited):
        await proves(house, code(house, app))
    account = await account_of(house)
    await house.keep(replace(account, credentials=account.credentials + 1))
    assert await proves(house, code(house, app))


async def test_T27_one_new_password_after_the_other_buys_no_tries_without_end(house: DeskUnderTest) -> None:
    """Whoever reads the mailbox can have as many as they like; the day's tries have an end all the same (T27)."""
    app, _ = await switched_on(house)
    async with house.desk.store.transaction() as tx:
        for _ in range(factor_checks.TRIES_IN_ALL.most):
            await limits.take(tx, house.desk, factor_checks.TRIES_IN_ALL, "A-DURAND")
    account = await account_of(house)
    await house.keep(replace(account, credentials=account.credentials + 1))
    with pytest.raises(Limited, match="300"):
        await proves(house, code(house, app))


async def use_up(house: DeskUnderTest, *used: limits.Limit) -> None:
    """Somebody who knows the password tries until no more is possible."""
    subject = limits.of_credentials(await account_of(house))
    async with house.desk.store.transaction() as tx:
        for limit in used:
            while await limits.within(tx, house.desk, limit, subject):
                pass


async def test_a_recovery_code_stands_in_for_a_code_by_mail(house: DeskUnderTest) -> None:
    """At the stage that waits for the mail; any other account's has no such way."""
    token = await session(house)
    await begun(house, token, "mail")
    done = await second_factor.activate(house.desk, token, "", await mailed(house))
    assert done
    waiting = await signed_in(house)
    assert waiting.stage == "code"
    onward = await factor_checks.prove(house.desk, waiting.session.value, "", done.codes[0].value)
    assert onward
    assert onward.stage == "open"


async def test_CP_27_a_new_password_by_link_does_not_pass_the_second_factor(house: DeskUnderTest) -> None:
    """The sign-in after it asks for the code all the same."""
    app, _ = await switched_on(house)
    house.clock.advance(minutes=1)
    await house.keep(make_case(service="connectprof", requester="x@y.example", state="claimed"))
    async with house.desk.store.transaction() as tx:
        case = await tx.get(Case, "R-7F3K2M")
        assert case
        await links.issue(tx, house.desk, case, await account_of(house), DESK)
    await links.redeem(house.desk, await mailed(house, "reset"), "Newer-Battery-7!")
    waiting = await signed_in(house, "Newer-Battery-7!")
    assert waiting.stage == "factor"
    assert await factor_checks.prove(house.desk, waiting.session.value, "", code(house, app))
