"""Closing an account, and coming back in time."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import pytest
from msgspec.structs import replace

from handlers import decide
from handlers.closing import closures
from handlers.closing.closures import Consents
from handlers.model.account import Account
from handlers.model.audit import AuditEntry
from handlers.model.case import Case
from handlers.model.closing import Purge
from handlers.model.errors import Invalid, Limited, Refused, SignInNeeded, Spent, Unknown, WrongPassword
from handlers.model.grant import Grant
from handlers.model.service import Closure
from handlers.rules.closing import may_reopen, reopens_until
from handlers.signing_in import sessions
from tests.builders import AYSE, GOOD_PASSWORD, NOW, DeskUnderTest, make_account, make_case, make_grant
from tests.handlers.closing import BOTH, RUNNING, arda, keep_arda, letters, signed_in

DAY30 = NOW + timedelta(days=30)


async def closed(house: DeskUnderTest) -> Account:
    """Arda's account, closed now."""
    token = await signed_in(house, await keep_arda(house))
    await closures.close(house.desk, token, GOOD_PASSWORD, BOTH)
    return await arda(house)


async def offered(house: DeskUnderTest) -> str:
    """The raw token of the link that staff send to a closed account's address."""
    await house.keep(about_arda())
    case = await decide.act(house.desk, "R-ARDA01", "reactivate_account", AYSE, None)
    letter = next(one for one in await letters(house, "reactivation") if one.grant == case.grant)
    assert letter.to == "arda.yilmaz@mail.example"
    return house.desk.vault.open("letter", letter.sealed).value


def about_arda(**changes: object) -> Case:
    """The owner's own mail about the closed account."""
    fields = {"id": "R-ARDA01", "service": "connectprof", "account": "A-ARDA", "asked": "reactivate_account"}
    address = {"requester": "arda.yilmaz@mail.example", "requester_key": "arda.yilmaz@mail.example"}
    case = make_case("address_on_file", "account_closed", "sender_unproven", **fields | address | {"source": "portal"})
    return replace(case, **changes)


async def test_CP_19_integrations_are_closed_before_the_account(house: DeskUnderTest) -> None:
    """They are named beforehand; then none runs any more."""
    token = await signed_in(house, await keep_arda(house))
    assert (await closures.look(house.desk, token)).integrations == RUNNING
    view = await closures.close(house.desk, token, GOOD_PASSWORD, BOTH)
    account = await arda(house)
    assert (account.integrations, account.closed_integrations, view.integrations) == ((), RUNNING, RUNNING)
    assert account.closed_at == NOW


@pytest.mark.parametrize(
    "consents", [Consents(), Consents(warnings=True), Consents(deletion=True)], ids=["none", "warnings", "deletion"]
)
async def test_CP_23_closing_takes_two_consents(house: DeskUnderTest, consents: Consents) -> None:
    """One of them alone closes nothing."""
    token = await signed_in(house, await keep_arda(house))
    with pytest.raises(Invalid):
        await closures.close(house.desk, token, GOOD_PASSWORD, consents)
    assert (await arda(house)).closed_at is None


async def test_closing_asks_for_the_password_once_more(house: DeskUnderTest) -> None:
    """An open browser is not enough, and no place to guess."""
    token = await signed_in(house, await keep_arda(house))
    with pytest.raises(WrongPassword):
        await closures.close(house.desk, token, "not this one 7!", BOTH)
    tries = [closures.close(house.desk, token, f"nor this one {one}!", BOTH) for one in range(20)]
    assert Limited in {type(done) for done in await asyncio.gather(*tries, return_exceptions=True)}
    assert (await arda(house)).closed_at is None


async def test_closing_ends_sessions_and_what_was_issued(house: DeskUnderTest) -> None:
    """Nobody stays in, and no link from before opens the account."""
    account = await keep_arda(house)
    token, other = await signed_in(house, account), await signed_in(house, account)
    await house.keep(about_arda(state="issued", grant="G-1"), make_grant(account="A-ARDA", case="R-ARDA01"))
    await closures.close(house.desk, token, GOOD_PASSWORD, BOTH)
    for one in (token, other):
        with pytest.raises(SignInNeeded):
            await sessions.require(house.desk.store, house.desk, one)
    grant = await house.desk.store.get(Grant, "G-1")
    assert grant
    assert grant.state == "replaced"


async def test_the_notice_names_the_moment_until_which_it_can_be_undone(house: DeskUnderTest) -> None:
    """To the second, in UTC; the deletion waits for that moment."""
    account = await closed(house)
    purge = await house.desk.store.get(Purge, "A-ARDA")
    assert [one.detail for one in await letters(house, "closed")] == [DAY30.isoformat()]
    assert account.reopens_until == DAY30
    assert purge
    assert purge.due == DAY30
    assert [one.event for one in await house.desk.store.find(AuditEntry, account="A-ARDA")] == ["account.closed"]


async def test_an_account_is_not_closed_where_the_service_does_not_say_so(house: DeskUnderTest) -> None:
    """No section in the service file, no page."""
    account = make_account()
    token = await signed_in(house, account)
    with pytest.raises(Unknown):
        await closures.look(house.desk, token)
    with pytest.raises(Unknown):
        await closures.close(house.desk, token, GOOD_PASSWORD, BOTH)


async def test_CP_20_signing_in_within_the_days_of_grace_reopens_but_not_the_integrations(
    house: DeskUnderTest,
) -> None:
    """The account is as it was, its deletion is off, and no integration runs."""
    account = await closed(house)
    house.clock.advance(days=29, hours=23)
    token = await signed_in(house, account, "closed")
    await closures.reopen_signing_in(house.desk, token, "")
    account = await arda(house)
    assert (account.closed_at, account.integrations, account.closed_integrations) == (None, (), RUNNING)
    assert await house.desk.store.get(Purge, "A-ARDA") is None
    assert len(await letters(house, "reactivated")) == 1


async def test_CP_25_a_sign_in_is_told_before_it_reopens_the_account(house: DeskUnderTest) -> None:
    """Looking says until when and what stays off, and changes nothing."""
    account = await closed(house)
    token = await signed_in(house, account, "closed")
    view = await closures.look_signing_in(house.desk, token)
    assert (view.until, view.integrations) == (DAY30, RUNNING)
    assert await arda(house) == account


@pytest.mark.parametrize(
    ("at", "until"),
    [
        ("2026-03-20T01:30", "2026-04-19T01:30"),  # summer time begins in between in Paris
        ("2026-10-10T01:30", "2026-11-09T01:30"),  # and ends
        ("2027-01-31T23:59", "2027-03-02T23:59"),  # February has 28 days
        ("2028-01-31T00:00", "2028-03-01T00:00"),  # and 29
    ],
)
def test_CP_26_thirty_days_are_720_hours_in_every_zone_and_month(at: str, until: str) -> None:
    """UTC, so that no change of clocks and no short month moves the moment that was promised."""
    closed_at = datetime.fromisoformat(f"{at}+00:00")
    end = reopens_until(Closure(grace_days=30), closed_at)
    assert end == datetime.fromisoformat(f"{until}+00:00")
    account = make_account(closed_at=closed_at, reopens_until=end)
    assert may_reopen(account, end - timedelta(microseconds=1))
    assert not may_reopen(account, end)


async def test_a_link_reopens_the_account_once_and_says_so(house: DeskUnderTest) -> None:
    """Looking changes nothing; using it settles the case, sends a notice, and leaves nothing to use."""
    account = await closed(house)
    link = await offered(house)
    assert (await closures.look_back(house.desk, link)).integrations == RUNNING
    assert await arda(house) == account
    await closures.reopen(house.desk, link)
    case = await house.desk.store.get(Case, "R-ARDA01")
    assert case
    assert case.state == "redeemed"
    assert (await arda(house)).closed_at is None
    assert len(await letters(house, "reactivated")) == 1
    with pytest.raises(Spent, match="used"):
        await closures.reopen(house.desk, link)


async def test_a_link_never_outlives_the_days_of_grace(house: DeskUnderTest) -> None:
    """Sent ten minutes before the end, it ends with them."""
    await closed(house)
    house.clock.now = DAY30 - timedelta(minutes=10)
    await offered(house)
    grants = await house.desk.store.find(Grant, account="A-ARDA")
    assert [one.expires_at for one in grants] == [DAY30]


async def test_staff_cannot_offer_to_reopen_what_is_about_to_be_deleted(house: DeskUnderTest) -> None:
    """The card says why."""
    await closed(house)
    house.clock.now = DAY30
    await house.keep(about_arda())
    with pytest.raises(Refused, match="are over"):
        await decide.act(house.desk, "R-ARDA01", "reactivate_account", AYSE, None)


async def test_a_frozen_account_is_not_reopened_by_a_link(house: DeskUnderTest) -> None:
    """Somebody said that it was not them."""
    account = await closed(house)
    link = await offered(house)
    await house.keep(replace(account, frozen="R-ARDA01"))
    with pytest.raises(Spent):
        await closures.reopen(house.desk, link)
