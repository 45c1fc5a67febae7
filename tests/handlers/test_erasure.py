"""What is nobody's account any more is forgotten as well."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from handlers import audit, cases, decide
from handlers.closing import erasure
from handlers.model.case import Case
from handlers.model.closing import Reminder, Sweep
from handlers.model.outbox import Letter
from handlers.post import endings
from handlers.rules.retention import DEAD_LETTERS, KEPT
from tests.builders import AYSE, NOW, PROVEN, DeskUnderTest, make_case, open_desk
from tests.handlers.closing import on_disk, sweep_of
from tests.handlers.letterbox import make_letter


async def over(house: DeskUnderTest, **changes: Any) -> Case:
    """A case that staff have refused."""
    written: dict[str, Any] = {"text": "MEIN GEHEIMNIS", "subject": "lost", "new_address": "new@mail.example"}
    async with house.desk.store.transaction() as tx:
        await cases.record(tx, house.desk, make_case(*PROVEN, **written | changes), "case.opened", AYSE)
    return await decide.act(house.desk, "R-7F3K2M", "refuse", AYSE, None)


async def look_again(house: DeskUnderTest) -> Case:
    reminder = await house.desk.store.get(Reminder, "R-7F3K2M")
    assert reminder
    await erasure.look_again(house.desk, reminder)
    case = await house.desk.store.get(Case, "R-7F3K2M")
    assert case
    return case


async def test_a_year_after_its_end_nothing_personal_is_left_of_a_case(house: DeskUnderTest) -> None:
    """Not a day before; the trail still holds."""
    await over(house)
    house.clock.now = NOW + KEPT - timedelta(seconds=1)
    assert (await look_again(house)).text == "MEIN GEHEIMNIS"
    house.clock.now = NOW + KEPT
    case = await look_again(house)
    assert (case.text, case.subject, case.requester, case.requester_key, case.new_address) == ("",) * 5
    assert (case.state, case.reason, case.history[-1].event) == ("refused", "other", "case.forgotten")
    assert await house.desk.store.find(Letter, case=case.id) == []
    assert await house.desk.store.find(Reminder) == []
    assert await audit.faults(house.desk.store, house.desk.vault) == []


async def test_a_case_nobody_came_back_to_ends_with_that(house: DeskUnderTest) -> None:
    """Nothing is left to come back with, so that it does not stay in the queue for ever."""
    async with house.desk.store.transaction() as tx:
        await cases.record(tx, house.desk, make_case(*PROVEN, state="issued"), "link.expired", AYSE, to="expired")
    house.clock.now = NOW + KEPT
    assert (await look_again(house)).state == "cancelled"


async def test_a_case_that_goes_on_is_not_forgotten(house: DeskUnderTest) -> None:
    """A reminder from before finds it at work again."""
    async with house.desk.store.transaction() as tx:
        case = await cases.record(
            tx, house.desk, make_case(*PROVEN, state="issued"), "link.expired", AYSE, to="expired"
        )
        house.clock.now = NOW + timedelta(days=300)
        await cases.record(tx, house.desk, case, "case.claimed", AYSE, to="claimed")
    house.clock.now = NOW + KEPT
    assert (await look_again(house)).requester


@pytest.mark.parametrize(("days", "kept"), [(29, True), (30, False)])
async def test_a_dead_letter_goes_after_a_month(house: DeskUnderTest, days: int, kept: bool) -> None:
    """It tells staff why it did not arrive; then it only holds an address."""
    await house.keep(make_case(*PROVEN, state="issued"), make_letter("refused", grant=""))
    (letter,) = await house.desk.store.find(Letter)
    await endings.bury(house.desk, letter, "no such mailbox")
    house.clock.now = NOW + timedelta(days=days)
    due = await house.desk.store.claim(Reminder, "dead_letters", house.clock.now, timedelta(minutes=1))
    for reminder in due:
        await erasure.bury_for_good(house.desk, reminder)
    assert bool(await house.desk.store.find(Letter)) is kept
    assert timedelta(days=30) == DEAD_LETTERS


async def test_what_was_forgotten_leaves_the_disk_within_a_day(tmp_path: Path) -> None:
    """Neither journal nor snapshot nor a copy kept aside has it any more."""
    async with open_desk(tmp_path) as house:
        await over(house)
        assert b"MEIN GEHEIMNIS" in on_disk(tmp_path)
        house.clock.now = NOW + KEPT
        await look_again(house)
        (planned,) = await house.desk.store.find(Sweep)
        assert planned.due == house.clock.now + timedelta(days=1)
        work = await sweep_of(house)
        assert work
        await erasure.sweep(house.desk, work)
        assert b"MEIN GEHEIMNIS" not in on_disk(tmp_path)
