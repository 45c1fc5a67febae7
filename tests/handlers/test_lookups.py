"""What staff see: masked, bounded, on the trail."""

from __future__ import annotations

from datetime import timedelta

import pytest

from handlers import decide, lookups
from handlers.model.audit import AuditEntry
from handlers.model.errors import Refused
from tests.builders import ADDRESS, AYSE, NOW, PROVEN, STRANGER, DeskUnderTest, make_account, make_case


@pytest.mark.parametrize("text", ["durand42", "DURAND42", ADDRESS, "R-7F3K2M", "r-7f3k2m"])
async def test_accounts_are_found_by_login_address_or_case_and_shown_masked(house: DeskUnderTest, text: str) -> None:
    """And the look-up is on the trail, without what was looked for."""
    await house.keep(make_case())
    found = await lookups.find(house.desk, text, AYSE)
    assert [(one.login, one.cases) for one in found] == [("durand42", ("R-7F3K2M",))]
    assert ADDRESS not in repr(found)
    entry = (await house.desk.store.find(AuditEntry))[-1]
    assert (entry.event, entry.by, entry.detail) == ("lookup.made", AYSE.id, "1 found")


async def test_a_stranger_finds_nothing_and_is_on_the_trail(house: DeskUnderTest) -> None:
    """Looking needs a role, too."""
    with pytest.raises(Refused):
        await lookups.find(house.desk, "durand42", STRANGER)
    assert [one.event for one in await house.desk.store.find(AuditEntry)] == ["action.denied"]


async def test_a_card_offers_what_the_click_would_allow(house: DeskUnderTest) -> None:
    """The same rule draws the button and guards the click, whoever holds the case."""
    await house.keep(make_case(*PROVEN))
    for act in ("claim", "send_link"):
        view = await lookups.card(house.desk, "R-7F3K2M")
        assert view is not None
        offered = {"claim", "send_link", "refuse", "freeze", "reveal", "choose_intent"}
        assert {one.action for one in view.permits if one.allowed} == offered
        assert ADDRESS not in repr(view.address + view.requester)
        await decide.act(house.desk, "R-7F3K2M", "claim" if act == "claim" else "send_link", AYSE, view.case.version)


async def test_the_queue_has_what_waits_oldest_first(house: DeskUnderTest) -> None:
    """Cases that are over are not in it."""
    await house.keep(make_account(id="A-2", login="two", address="two@mail.example"))
    await house.keep(make_case(id="R-NEWER2", opened_at=NOW + timedelta(hours=1)))
    await house.keep(make_case(id="R-ENDED2", state="redeemed"), make_case(id="R-OLDER2"))
    assert [case.id for case in await lookups.queue(house.desk)] == ["R-OLDER2", "R-NEWER2"]


async def test_a_trail_can_be_asked_by_case_or_by_login(house: DeskUnderTest) -> None:
    """Both give the same entries for the only case of an account."""
    await house.keep(make_case(*PROVEN))
    await decide.act(house.desk, "R-7F3K2M", "claim", AYSE, 1)
    assert await lookups.trail(house.desk, "R-7F3K2M") == await lookups.trail(house.desk, "durand42")
    assert await lookups.trail(house.desk, "nobody") == []
