"""A freeze is lifted by somebody else than whoever did it: what goes on then, what stays dead, and who is told."""

from __future__ import annotations

import pytest

from handlers import freeze, links, signed
from handlers.model.errors import Refused, Spent
from handlers.model.outbox import Letter
from handlers.model.staff import Staff
from tests.builders import ADDRESS, AYSE, PROVEN, DeskUnderTest, make_case
from tests.handlers.changing import CASE, CEM, account_of, act, case_of, change, letters, proposed, stop_token, told

APPROVER = Staff(id=AYSE.id, name=AYSE.name, roles=CEM.roles)


async def test_staff_freeze_with_the_same_effect_and_do_not_lift_it_themselves(house: DeskUnderTest) -> None:
    """Four eyes: whoever froze does not lift (T30)."""
    await house.keep(make_case(*PROVEN))
    await act(house, "freeze", APPROVER)
    assert ((await case_of(house)).frozen_by, (await account_of(house)).frozen) == (AYSE.id, CASE)
    with pytest.raises(Refused, match="Whoever froze a case does not lift it"):
        await act(house, "approve", APPROVER)
    with pytest.raises(Refused, match="frozen"):
        await act(house, "freeze", CEM)
    case = await act(house, "approve", CEM)
    assert (case.state, case.frozen_by, (await account_of(house)).frozen) == ("new", "", "")


async def test_lifting_gives_the_case_back_and_keeps_what_is_known(house: DeskUnderTest) -> None:
    """Evidence stays, that it was stopped too; what was issued stays dead, and staff can go on."""
    await house.keep(make_case(*PROVEN))
    await act(house, "claim", AYSE)
    await act(house, "send_link", AYSE)
    [letter] = await letters(house, "reset")
    await freeze.stop(house.desk, stop_token(house))
    case = await act(house, "approve", CEM)
    assert (case.state, case.claimed_by) == ("claimed", AYSE.id)
    assert [one.kind for one in case.evidence] == [*PROVEN, "stopped_by_owner"]
    assert await told(house, "lifted") == [ADDRESS]  # as the letter about the freeze promised
    with pytest.raises(Spent, match="replaced"):
        await links.look(house.desk, house.desk.vault.open("letter", letter.sealed).value)
    assert (await act(house, "send_link", AYSE)).state == "issued"


async def test_the_letter_about_the_lifted_freeze_can_freeze_again(house: DeskUnderTest) -> None:
    """Whoever was talked into lifting it: the owner's link was written in the same second, and is alive."""
    await house.keep(make_case(*PROVEN))
    await act(house, "freeze", AYSE)
    house.clock.advance(hours=1, milliseconds=700)
    await act(house, "approve", CEM)
    [letter] = await letters(house, "lifted")
    view = await freeze.stop(house.desk, signed.token(house.desk.vault, "stop", CASE, letter.written_at))
    assert (view.frozen, (await account_of(house)).frozen) == (True, CASE)


async def test_an_account_that_two_cases_froze_stays_frozen_until_both_are_lifted(house: DeskUnderTest) -> None:
    """One person's all-clear is not the other's."""
    await house.keep(make_case(*PROVEN), make_case(*PROVEN, id="R-OTHER1"))
    await act(house, "freeze", AYSE)
    await act(house, "freeze", AYSE, "R-OTHER1")
    await act(house, "approve", CEM)
    assert (await account_of(house)).frozen == "R-OTHER1"
    assert await told(house, "lifted") == []
    await act(house, "approve", CEM, "R-OTHER1")
    assert (await account_of(house)).frozen == ""


async def test_a_case_without_an_account_can_be_frozen_and_lifted(house: DeskUnderTest) -> None:
    """Staff stop a suspicious request whoever it is about."""
    await house.keep(make_case(account=None))
    assert (await act(house, "freeze", AYSE)).state == "frozen"
    assert await house.desk.store.find(Letter) == []
    assert (await act(house, "approve", CEM)).state == "new"


async def test_a_frozen_case_that_asked_for_an_approval_asks_no_more(house: DeskUnderTest) -> None:
    """What was proposed is gone: it has to be proposed again."""
    await proposed(house)
    await freeze.stop(house.desk, stop_token(house))
    case = await act(house, "approve", CEM)
    assert (case.state, case.proposal) == ("new", None)
    assert (await change(house)).state == "stopped"
