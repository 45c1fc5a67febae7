"""A change of the registered address, from proposal to the end of the days in which it can be undone."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from handlers import audit, decide, limits, links
from handlers.model.account import FormerAddress
from handlers.model.case import Case
from handlers.model.errors import Refused, Spent
from handlers.model.outbox import Alert, Letter
from handlers.model.staff import CUSTOMER, DESK
from handlers.registered_address import addresses
from tests.builders import ADDRESS, AYSE, NOW, PROVEN, DeskUnderTest, make_account, make_case
from tests.handlers.changing import (
    CASE,
    CEM,
    DIDIER,
    NEW,
    account_of,
    act,
    agree,
    case_of,
    change,
    changed,
    confirm,
    due,
    letters,
    make_host_account,
    make_host_case,
    proposed,
    told,
    waiting,
)


async def test_O2_9_nothing_changes_before_two_others_approved(house: DeskUnderTest) -> None:
    """T30: a proposal and one approval are not enough; the proposer's own does not count."""
    await proposed(house)
    await confirm(house)
    with pytest.raises(Refused, match="Nobody approves their own case"):
        await act(house, "approve", AYSE.__class__(id=AYSE.id, name="Ayşe", roles=CEM.roles))
    await act(house, "approve", CEM)
    with pytest.raises(Refused, match="You have approved this already"):
        await act(house, "approve", CEM)
    assert (await change(house)).state == "proposed"
    house.clock.advance(days=30)
    await due(house)
    assert (await account_of(house)).address == ADDRESS


async def test_O2_8_the_change_gives_the_address_new_access(house: DeskUnderTest) -> None:
    """O2.8: after the wait the address is changed, and the link that regenerates access goes there."""
    await changed(house)
    account, case = await account_of(house), await case_of(house)
    assert (account.address, account.address_key) == (NEW, NEW)
    assert account.former_addresses == (FormerAddress(address=ADDRESS, until=NOW + timedelta(hours=72)),)
    assert (case.state, case.proposal, case.deadline) == ("issued", None, None)
    assert await told(house, "reset") == [NEW]
    assert await audit.faults(house.desk.store, house.desk.vault) == []


@pytest.mark.parametrize("first", ["confirm", "agree"])
async def test_confirmation_and_approvals_come_in_any_order(house: DeskUnderTest, first: str) -> None:
    """With both, the wait begins; with one, nothing does."""
    await proposed(house)
    await (confirm(house) if first == "confirm" else agree(house))
    assert (await change(house)).state == "proposed"
    house.clock.advance(hours=5)
    await (agree(house) if first == "confirm" else confirm(house))
    found, case = await change(house), await case_of(house)
    assert (found.state, found.due) == ("waiting", NOW + timedelta(hours=77))
    assert (case.state, case.deadline) == ("pending", found.due)


async def test_a_change_that_fell_due_while_the_desk_was_down_is_made_once(house: DeskUnderTest) -> None:
    """It happens when the desk is back; the days for undoing it are counted from then; nothing happens twice."""
    found = await waiting(house)
    house.clock.advance(hours=100)
    await asyncio.gather(*(addresses.fall_due(house.desk, found) for _ in range(4)))
    assert (await account_of(house)).credentials == 1
    assert (await change(house)).due == NOW + timedelta(hours=100 + 168)
    assert len(await letters(house, "address_registered")) == 1


async def test_O2_13_every_known_address_is_told_at_start_decision_and_end(house: DeskUnderTest) -> None:
    """T30: on file, in the profile, replaced within 90 days; each once, and never the new one."""
    former = (
        FormerAddress(address="lately@mail.example", until=NOW - timedelta(days=89)),
        FormerAddress(address="before@mail.example", until=NOW - timedelta(days=90)),
        FormerAddress(address=NEW.upper(), until=NOW - timedelta(days=1)),
        FormerAddress(address=ADDRESS.title(), until=NOW - timedelta(days=1)),
    )
    account = make_host_account(former_addresses=former, profile_address="profile@mail.example")
    known = ["lately@mail.example", ADDRESS, "profile@mail.example"]
    await proposed(house, account)
    assert await told(house, "address_asked") == known
    assert await told(house, "confirm_address") == [NEW]
    await confirm(house)
    await agree(house)
    assert await told(house, "address_agreed") == known
    house.clock.advance(hours=72)
    await due(house)
    assert await told(house, "address_changed") == known[1:]  # the third is older than 90 days by now
    assert await told(house, "address_registered") == [NEW]


async def test_SF_9_until_the_change_is_made_links_go_to_the_old_address(house: DeskUnderTest) -> None:
    """SF.9: a new address that is only confirmed gets no access."""
    await waiting(house)
    other = make_case("address_on_file", id="R-OTHER1", service="o2switch")
    await house.keep(other)
    await act(house, "send_link", AYSE, other.id)
    assert await told(house, "reset") == [ADDRESS]


async def test_O2_19_an_address_of_another_account_is_refused_for_staff_alone(house: DeskUnderTest) -> None:
    """T6, rule 5: the words stay inside, and nobody is written to."""
    await house.keep(make_host_account(id="A-OTHER", login="other", address=NEW))
    with pytest.raises(Refused, match="belongs to another account"):
        await proposed(house)
    assert await house.desk.store.find(Letter) == []


async def test_O2_19_an_address_that_another_account_got_meanwhile_is_refused(house: DeskUnderTest) -> None:
    """Looked at again when it falls due; of two changes to one address, the first is made and the second stops."""
    await waiting(house)
    await house.keep(
        make_host_account(id="A-OTHER", login="other", address="paul@mail.example"),
        make_host_case(id="R-OTHER1", account="A-OTHER"),
    )
    await act(house, "change_address", AYSE, "R-OTHER1")
    await confirm(house, "R-OTHER1")
    await agree(house, "R-OTHER1")
    house.clock.advance(hours=72)
    await due(house)
    states = sorted([(await change(house)).state, (await change(house, "R-OTHER1")).state])
    assert states == ["changed", "stopped"]
    owners = [await account_of(house), await account_of(house, "A-OTHER")]
    assert [one.address for one in owners].count(NEW) == 1


@pytest.mark.parametrize("new", [ADDRESS, ADDRESS.upper(), ""])
async def test_an_address_that_is_no_other_is_refused(house: DeskUnderTest, new: str) -> None:
    """There is nothing to change."""
    with pytest.raises(Refused):
        await proposed(house, case=make_host_case(new_address=new))


async def test_one_change_of_an_account_at_a_time(house: DeskUnderTest) -> None:
    """Another one has to wait until this one is over, the days in which it can be undone included."""
    await changed(house)
    await house.keep(make_host_case(id="R-OTHER1", new_address="third@mail.example"))
    with pytest.raises(Refused, match="can still be undone"):
        await act(house, "change_address", AYSE, "R-OTHER1")
    house.clock.advance(hours=168)
    await due(house)
    assert (await act(house, "change_address", AYSE, "R-OTHER1")).state == "pending"


async def test_SF_4_the_registered_address_follows_the_profile_and_nothing_else(house: DeskUnderTest) -> None:
    """SF.3, SF.4: whatever the mail names, the profile's address is the one; a reset runs only afterwards."""
    account = make_account(profile_address="profile@mail.example")
    await house.keep(account, make_case(*PROVEN, new_address="thief@evil.example"))
    with pytest.raises(Refused, match="has to follow it first"):
        await act(house, "send_link", AYSE)
    await act(house, "change_address", AYSE)
    assert (await change(house)).new == "profile@mail.example"
    assert await told(house, "address_asked") == [ADDRESS]
    await confirm(house)
    await act(house, "approve", CEM)
    house.clock.advance(hours=24)
    await due(house)
    assert (await account_of(house)).address == "profile@mail.example"
    assert await told(house, "reset") == ["profile@mail.example"]


async def test_SF_3_the_desk_alone_sends_no_link_while_the_addresses_differ(house: DeskUnderTest) -> None:
    """SF.3: also when the request is complete; staff see why."""
    await house.keep(make_account(profile_address="profile@mail.example"), make_case(*PROVEN))
    with pytest.raises(Refused, match="address in the profile is another one"):
        await act(house, "send_link", AYSE)
    await house.keep(make_account(profile_address=ADDRESS.upper()))
    assert (await act(house, "send_link", AYSE)).state == "issued"


async def test_of_two_approvers_at_once_each_counts_once(house: DeskUnderTest) -> None:
    """T11: on the same card one is told to look again; together they never make more than two."""
    case = await proposed(house)
    await confirm(house)
    clicks = [decide.act(house.desk, CASE, "approve", by, case.version + 1) for by in (CEM, DIDIER, CEM, DIDIER)]
    results = await asyncio.gather(*clicks, return_exceptions=True)
    assert sum(isinstance(one, Case) for one in results) == 1
    assert (await change(house)).state == "proposed"
    clicks = [decide.act(house.desk, CASE, "approve", by, None) for by in (CEM, DIDIER, CEM, DIDIER)]
    await asyncio.gather(*clicks, return_exceptions=True)
    proposal = (await case_of(house)).proposal
    assert proposal
    assert sorted(one.by for one in proposal.approvals) == [CEM.id, DIDIER.id]
    assert (await change(house)).state == "waiting"


async def test_everything_issued_before_dies_with_the_change(house: DeskUnderTest) -> None:
    """Links, codes and sessions belong to the old number."""
    await waiting(house)
    await house.keep(make_case("address_on_file", id="R-OTHER1", service="o2switch"))
    house.clock.advance(hours=71, minutes=45)
    await act(house, "send_link", AYSE, "R-OTHER1")
    [letter] = await letters(house, "reset")
    house.clock.advance(minutes=15)
    await due(house)
    with pytest.raises(Spent, match="replaced"):
        await links.look(house.desk, house.desk.vault.open("letter", letter.sealed).value)
    assert (await account_of(house)).credentials == 1


async def test_a_change_is_final_after_its_days_of_grace(house: DeskUnderTest) -> None:
    """To the minute, also when the case has long been over."""
    await changed(house)
    house.clock.advance(hours=168, minutes=-1)
    assert await due(house) == 0
    house.clock.advance(minutes=1)
    await due(house)
    assert ((await change(house)).state, (await change(house)).due) == ("final", None)
    assert "address.final" in [step.event for step in (await case_of(house)).history]


async def test_T31_strangers_use_up_no_link_that_a_change_of_address_leads_to(house: DeskUnderTest) -> None:
    """Nor the customer's own allowance, for what is asked while signed in or sent again (T31)."""
    await waiting(house)
    house.clock.advance(hours=72)
    async with house.desk.store.transaction() as tx:
        for _ in range(limits.ALONE_PER_ACCOUNT.most):
            await limits.take(tx, house.desk, limits.of_grants(DESK), "A-DURAND")
        await limits.take(tx, house.desk, limits.of_grants(CUSTOMER), "A-DURAND")
    await due(house)
    case = await case_of(house)
    assert ((await account_of(house)).address, case.state, case.history[-1].event) == (NEW, "issued", "link.issued")
    assert await told(house, "reset") == [NEW]


async def test_staff_are_told_that_an_approval_is_wanted(house: DeskUnderTest) -> None:
    """The second pair of eyes has to know."""
    await proposed(house)
    assert [one.kind for one in await house.desk.store.find(Alert)] == ["approval_wanted"]
