"""Following a request, and taking it back."""

from __future__ import annotations

from datetime import timedelta
from typing import get_args

import pytest

from handlers import decide, following, links, signed
from handlers.model.case import Case, State
from handlers.model.errors import Spent
from handlers.model.grant import Grant
from handlers.rules.following import STANDINGS, may_cancel, standing
from tests.builders import AYSE, PROVEN, DeskUnderTest, make_case, make_grant
from tests.handlers.test_links import send


def token(house: DeskUnderTest, case: str = "R-7F3K2M") -> str:
    return signed.token(house.desk.vault, "case", case, house.clock.now)


async def test_a_cancelled_request_takes_its_link_with_it(house: DeskUnderTest) -> None:
    """The link says so, staff see who did it, and nothing of the account has changed."""
    link = await send(house)
    view = await following.cancel(house.desk, token(house))
    assert (view.standing, view.may_cancel) == ("cancelled", False)
    with pytest.raises(Spent, match="withdrawn"):
        await links.look(house.desk, link)
    case = await house.desk.store.get(Case, "R-7F3K2M")
    assert case
    assert (case.history[-1].event, case.history[-1].by) == ("case.cancelled", "customer")


async def test_cancelling_touches_no_other_request(house: DeskUnderTest) -> None:
    """A stranger's own request is all that a stranger can take back."""
    await house.keep(make_case(*PROVEN), make_case(id="R-0THER1", state="issued", grant="G-9"))
    await house.keep(make_grant(id="G-9", case="R-0THER1"))
    await following.cancel(house.desk, token(house))
    other = await house.desk.store.get(Grant, "G-9")
    assert other
    assert other.state == "issued"


async def test_cancelling_twice_or_too_late_changes_nothing(house: DeskUnderTest) -> None:
    """A request that is over stays as it ended."""
    await house.keep(make_case(*PROVEN))
    await decide.act(house.desk, "R-7F3K2M", "refuse", AYSE, None)
    before = await house.desk.store.get(Case, "R-7F3K2M")
    assert (await following.cancel(house.desk, token(house))).standing == "refused"
    assert await house.desk.store.get(Case, "R-7F3K2M") == before


async def test_the_page_of_a_request_ends_after_ninety_days(house: DeskUnderTest) -> None:
    """And was never a key to anything else."""
    await house.keep(make_case(*PROVEN))
    link = token(house)
    house.clock.advance(days=91)
    with pytest.raises(Spent, match="expired"):
        await following.look(house.desk, link)
    with pytest.raises(Spent, match="unknown"):
        await following.look(house.desk, link[:-1] + ("a" if link[-1] != "a" else "b"))


def test_every_state_has_words_for_its_customer() -> None:
    """And only an open one, that nobody froze, can be taken back."""
    assert set(STANDINGS) == set(get_args(State))
    assert {state for state in get_args(State) if not may_cancel(make_case(state=state))} == {
        "redeemed",
        "refused",
        "cancelled",
        "frozen",
    }
    assert standing(make_case(state="waiting", deadline=make_case().opened_at + timedelta(days=1))) == "documents"
