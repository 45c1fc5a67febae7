"""The desk's numbers and the end of its trail."""

from __future__ import annotations

from datetime import timedelta

import pytest

from handlers import cases, decide, figures, lookups
from handlers.model.audit import AuditEntry
from handlers.model.errors import Refused, Stale
from handlers.model.staff import CUSTOMER, Staff
from tests.builders import ADDRESS, AYSE, NOW, PROVEN, STRANGER, DeskUnderTest, make_account, make_case

ADMIN = Staff(id="U0ADA", name="Ada", roles=frozenset({"admin"}))
CASE = "R-7F3K2M"
NEW = "marie@neuf.example"


async def step(house: DeskUnderTest, event: str, case: str = CASE) -> None:
    """Something happens to the case."""
    async with house.desk.store.transaction() as tx:
        await cases.record(tx, house.desk, await cases.load(tx, case), event, CUSTOMER)


async def events(house: DeskUnderTest) -> list[str]:
    """The trail's events, in order."""
    return [entry.event for entry in await house.desk.store.find(AuditEntry)]


async def test_the_numbers_count_what_is_open_and_what_happened_today(house: DeskUnderTest) -> None:
    """By state, the oldest first; the day begins at midnight, UTC, at each service."""
    await house.keep(
        make_case(),
        make_case(id="R-OLDER2", state="claimed", opened_at=NOW - timedelta(days=2)),
        make_case(id="R-OTHER2", service="esp", state="claimed"),
        make_case(id="R-ENDED2", state="redeemed"),
    )
    await step(house, "case.opened")
    house.clock.advance(days=1)
    for event in ("case.opened", "case.opened", "password.changed", "case.refused", "case.continued"):
        await step(house, event)
    await step(house, "second_factor.reset", "R-OTHER2")
    found = await figures.figures(house.desk, AYSE)
    assert found.open == {"new": 1, "claimed": 2}
    assert found.oldest is not None
    assert found.oldest.id == "R-OLDER2"
    assert found.today == (
        figures.Day(service="esp", opened=0, helped=1, refused=0),
        figures.Day(service="shopfactory", opened=2, helped=1, refused=1),
    )


async def test_an_empty_desk_has_numbers_too(house: DeskUnderTest) -> None:
    """Nothing is open, and nothing happened."""
    assert await figures.figures(house.desk, AYSE) == figures.Figures(open={}, oldest=None, today=())


async def test_numbers_and_trail_are_for_staff(house: DeskUnderTest) -> None:
    """The trail for admins alone; every attempt is on it."""
    with pytest.raises(Refused, match="not on the list of staff"):
        await figures.figures(house.desk, STRANGER)
    with pytest.raises(Refused, match="DESK_STAFF_ADMINS"):
        await figures.lately(house.desk, AYSE)
    assert await events(house) == ["action.denied", "action.denied"]


async def test_the_trail_is_read_from_its_end(house: DeskUnderTest) -> None:
    """The newest first, so many at once; of a case or login, too; looking is an entry itself."""
    await house.keep(make_case(), make_case(id="R-OTHER2", account=None))
    for _ in range(figures.LATELY):
        await step(house, "case.continued")
    await step(house, "case.noted", "R-OTHER2")
    last = await figures.lately(house.desk, ADMIN)
    assert [one.event for one in last] == ["case.noted"] + ["case.continued"] * (figures.LATELY - 1)
    assert [one.case for one in await figures.lately(house.desk, ADMIN, "r-other2")] == ["R-OTHER2"]
    assert {one.case for one in await figures.lately(house.desk, ADMIN, "DURAND42")} == {CASE}
    assert (await events(house))[-3:] == ["lookup.made"] * 3


async def test_addresses_are_revealed_whole_and_looking_is_on_the_trail_first(house: DeskUnderTest) -> None:
    """For one person who may (FEATURES 36)."""
    await house.keep(make_case(service="o2switch", new_address=NEW, requester="web@agence.example"))
    shown = await lookups.revealed(house.desk, CASE, AYSE, 1)
    assert (shown.account, shown.requester, shown.new_address) == (ADDRESS, "web@agence.example", NEW)
    assert await events(house) == ["address.revealed"]
    with pytest.raises(Refused):
        await lookups.revealed(house.desk, CASE, STRANGER, 1)
    with pytest.raises(Stale):
        await lookups.revealed(house.desk, CASE, AYSE, 7)
    assert (await events(house))[1:] == ["action.denied", "action.denied"]


async def test_where_policy_follows_the_profile_its_address_is_the_new_one(house: DeskUnderTest) -> None:
    """Whatever the mail said (SF.4)."""
    await house.keep(make_account(profile_address=NEW), make_case(new_address="else@where.example"))
    assert (await lookups.revealed(house.desk, CASE, AYSE, 1)).new_address == NEW
    view = await lookups.card(house.desk, CASE)
    assert view is not None
    assert view.new_address == "m•••@n••••.example"


async def test_a_dialogue_is_refused_before_it_is_filled_in(house: DeskUnderTest) -> None:
    """With the words of the click, which it stands for, and nothing is changed."""
    await house.keep(make_case(*PROVEN))
    await decide.may(house.desk, CASE, "refuse", AYSE, 1)
    with pytest.raises(Stale):
        await decide.may(house.desk, CASE, "refuse", AYSE, 2)
    with pytest.raises(Refused):
        await decide.may(house.desk, CASE, "refuse", STRANGER, 1)
    assert await events(house) == ["action.denied", "action.denied"]
    assert (await cases.load(house.desk.store, CASE)).version == 1
