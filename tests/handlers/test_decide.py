"""What staff decide: rights, versions, double clicks, refusals."""

from __future__ import annotations

import asyncio

import pytest

from handlers import decide
from handlers.model.audit import AuditEntry
from handlers.model.case import Case, Reason
from handlers.model.errors import Limited, Refused, Stale, Unknown
from handlers.model.outbox import CardRefresh, Letter
from handlers.post import endings
from tests.builders import AYSE, BORIS, PROVEN, STRANGER, DeskUnderTest, make_case
from tests.handlers.letterbox import make_letter

CASE = "R-7F3K2M"


async def events(house: DeskUnderTest) -> list[str]:
    """The trail's events, in order."""
    return [entry.event for entry in await house.desk.store.find(AuditEntry)]


async def test_a_stranger_is_refused_and_the_attempt_is_on_the_trail(house: DeskUnderTest) -> None:
    """Nobody may do anything by default, and trying is seen."""
    await house.keep(make_case(*PROVEN))
    with pytest.raises(Refused, match="not on the list"):
        await decide.act(house.desk, CASE, "send_link", STRANGER, 1)
    entries = await house.desk.store.find(AuditEntry)
    assert [(one.event, one.by, one.case) for one in entries] == [("action.denied", STRANGER.id, CASE)]
    assert await house.desk.store.find(Letter) == []


async def test_a_second_click_on_the_same_card_is_answered_not_done(house: DeskUnderTest) -> None:
    """A double click sends one link, and says who did it."""
    await house.keep(make_case(*PROVEN))
    await decide.act(house.desk, CASE, "send_link", AYSE, 1)
    house.clock.advance(seconds=2)
    with pytest.raises(Stale, match="You sent a reset link 2 s ago"):
        await decide.act(house.desk, CASE, "send_link", AYSE, 1)
    assert len(await house.desk.store.find(Letter)) == 1


async def test_of_two_people_who_click_at_once_one_acts(house: DeskUnderTest) -> None:
    """The other is told what happened (T11)."""
    await house.keep(make_case(*PROVEN))
    clicks = [decide.act(house.desk, CASE, "send_link", by, 1) for by in (AYSE, BORIS, AYSE, BORIS)]
    results = await asyncio.gather(*clicks, return_exceptions=True)
    assert sorted(type(one).__name__ for one in results) == ["Case", "Stale", "Stale", "Stale"]
    assert len(await house.desk.store.find(Letter)) == 1


async def test_a_claim_keeps_the_others_off_until_they_take_over(house: DeskUnderTest) -> None:
    """One person works on a case; taking over is a deliberate act."""
    await house.keep(make_case(*PROVEN))
    case = await decide.act(house.desk, CASE, "claim", AYSE, 1)
    with pytest.raises(Refused, match="Ayşe has claimed"):
        await decide.act(house.desk, CASE, "send_link", BORIS, case.version)
    case = await decide.act(house.desk, CASE, "claim", BORIS, case.version)
    case = await decide.act(house.desk, CASE, "send_link", BORIS, case.version)
    assert (case.state, case.claimed_name) == ("issued", "Boris")


@pytest.mark.parametrize(
    ("reason", "told"),
    [("insufficient_evidence", True), ("other", True), ("suspicious", False), ("not_a_recovery", False)],
)
async def test_a_refusal_keeps_its_reason_inside(house: DeskUnderTest, reason: Reason, told: bool) -> None:
    """The customer gets a neutral letter, or nothing where there is nobody to tell; the trail has the reason."""
    await house.keep(make_case(*PROVEN))
    case = await decide.act(house.desk, CASE, "refuse", AYSE, 1, decide.Answers(reason=reason))
    letters = await house.desk.store.find(Letter)
    assert (case.state, case.reason) == ("refused", reason)
    assert [one.kind for one in letters] == (["refused"] if told else [])
    assert all(reason not in repr(letter) for letter in letters)
    assert (await house.desk.store.find(AuditEntry))[-1].detail == reason


async def test_a_refusal_kills_what_was_issued(house: DeskUnderTest) -> None:
    """A link that is out is worth nothing once staff refused the case."""
    await house.keep(make_case(*PROVEN))
    case = await decide.act(house.desk, CASE, "send_link", AYSE, 1)
    await decide.act(house.desk, CASE, "refuse", AYSE, case.version, decide.Answers(reason="suspicious"))
    assert "case.refused" in await events(house)
    case = await decide_state(house)
    with pytest.raises(Refused, match="over"):
        await decide.act(house.desk, CASE, "send_link", AYSE, case.version)


async def decide_state(house: DeskUnderTest) -> Case:
    """The case as it is now."""
    case = await house.desk.store.get(Case, CASE)
    assert case is not None
    return case


async def test_a_click_beyond_the_limit_is_on_the_trail(house: DeskUnderTest) -> None:
    """Every attempt that is turned down is."""
    await house.keep(make_case(*PROVEN))
    for _ in range(10):
        await decide.act(house.desk, CASE, "send_link", AYSE, None)
    with pytest.raises(Limited):
        await decide.act(house.desk, CASE, "send_link", AYSE, None)
    assert (await events(house))[-1] == "action.denied"


async def test_a_letter_that_fails_after_the_end_is_told_without_moving_the_case(house: DeskUnderTest) -> None:
    """Staff see that the notice of a changed password did not arrive; the case stays what it became."""
    await house.keep(make_case(*PROVEN, state="redeemed"))
    letter = make_letter("changed")
    async with house.desk.store.transaction() as tx:
        await endings.undelivered(tx, house.desk, letter, "550 no such user")
    case = await decide_state(house)
    assert (case.state, case.history[-1].event) == ("redeemed", "letter.failed")


async def test_a_note_is_kept_with_the_action(house: DeskUnderTest) -> None:
    """Why staff acted stands on the history before what they did."""
    await house.keep(make_case(*PROVEN))
    case = await decide.act(
        house.desk, CASE, "send_link", AYSE, None, decide.Answers(note="called back on the known number")
    )
    assert [step.event for step in case.history] == ["case.noted", "link.issued"]
    assert case.history[0].detail == "called back on the known number"


async def test_every_change_asks_for_the_card_of_the_newest_version(house: DeskUnderTest) -> None:
    """Several changes before a delivery are one refresh."""
    await house.keep(make_case(*PROVEN))
    await decide.act(house.desk, CASE, "claim", AYSE, 1)
    case = await decide.act(house.desk, CASE, "send_link", AYSE, 2)
    assert [(one.id, one.version) for one in await house.desk.store.find(CardRefresh)] == [(CASE, case.version)]


async def test_an_unknown_case_is_said_to_be_unknown(house: DeskUnderTest) -> None:
    """A card from another desk does nothing."""
    with pytest.raises(Unknown, match="R-NOSUCH"):
        await decide.act(house.desk, "R-NOSUCH", "claim", AYSE, 1)
