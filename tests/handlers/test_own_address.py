"""A customer who is signed in asks for another address."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace

from handlers import passwords, requests
from handlers.model.account import Account
from handlers.model.audit import AuditEntry
from handlers.model.case import Case
from handlers.model.errors import Invalid, Limited, Refused, SignInNeeded, WrongPassword
from handlers.model.outbox import PortalRequest
from handlers.registered_address import own_address
from handlers.signing_in import sessions
from tests.builders import ADDRESS, AYSE, GOOD_PASSWORD, NOW, DeskUnderTest, make_account
from tests.handlers.changing import (
    CEM,
    NEW,
    account_of,
    act,
    change,
    confirm,
    due,
    letters,
    make_host_account,
    told,
)


async def signed_in(house: DeskUnderTest, account: Account) -> str:
    """The cookie of a complete sign-in to the account, whose password is `GOOD_PASSWORD`."""
    account = replace(account, password_hash=await passwords.hashed(GOOD_PASSWORD))
    await house.keep(account)
    async with house.desk.store.transaction() as tx:
        session, onward = await sessions.begin(tx, house.desk, account, language="fr", browser="")
        tx.put(replace(session, stage="open"))
    return onward.session.value


async def the_case(house: DeskUnderTest) -> Case:
    [case] = await house.desk.store.find(Case)
    return case


async def test_O2_13_a_signed_in_customer_changes_the_address_without_staff(house: DeskUnderTest) -> None:
    """T30: nobody approves, but confirmation, notices and the wait are the same; no reset link is needed."""
    token = await signed_in(house, make_host_account())
    await own_address.ask(house.desk, token, f" {NEW} ", GOOD_PASSWORD)
    case = await the_case(house)
    assert (case.state, case.source, case.asked, case.new_address) == ("pending", "portal", "address_change", NEW)
    assert (await told(house, "address_asked"), await told(house, "confirm_address")) == ([ADDRESS], [NEW])
    await confirm(house, case.id)
    assert (await change(house, case.id)).due == NOW + timedelta(hours=72)
    house.clock.advance(hours=72)
    await due(house)
    assert ((await account_of(house)).address, (await the_case(house)).state) == (NEW, "redeemed")
    assert await letters(house, "reset") == []
    with pytest.raises(SignInNeeded):
        await own_address.look(house.desk, token)


async def test_the_page_shows_masked_addresses_and_what_is_under_way(house: DeskUnderTest) -> None:
    """Somebody may look over the customer's shoulder."""
    token = await signed_in(house, make_host_account())
    view = await own_address.look(house.desk, token)
    assert (view.address, view.under_way, view.follows) == ("m•••@m••••.example", "", False)
    await own_address.ask(house.desk, token, NEW, GOOD_PASSWORD)
    assert (await own_address.look(house.desk, token)).under_way == "m•••@n••••.example"
    with pytest.raises(Refused, match="under way"):
        await own_address.ask(house.desk, token, "third@mail.example", GOOD_PASSWORD)


@pytest.mark.parametrize(
    "typed", ["", ADDRESS, ADDRESS.upper(), f"{NEW},b@evil.example", f"{NEW}\r\nCc: b@evil.example"]
)
async def test_T6_what_cannot_be_the_new_address_is_not_taken(house: DeskUnderTest, typed: str) -> None:
    """T6: exactly one address, and another one than now."""
    token = await signed_in(house, make_host_account())
    with pytest.raises(Invalid):
        await own_address.ask(house.desk, token, typed, GOOD_PASSWORD)
    assert await house.desk.store.find(Case) == []


async def test_T16_a_customer_cannot_flood_a_stranger_with_confirmations(house: DeskUnderTest) -> None:
    """T16: a changed password ends the change of address and makes room for the next, five times a day."""
    token, password = await signed_in(house, make_host_account()), GOOD_PASSWORD
    for number in range(5):
        await own_address.ask(house.desk, token, "victim@stranger.example", password)
        house.clock.advance(minutes=13)
        old, password = password, f"{GOOD_PASSWORD}{number}"
        token = (await passwords.change(house.desk, token, old, password)).session.value
    with pytest.raises(Limited, match="today"):
        await own_address.ask(house.desk, token, "another@stranger.example", password)
    assert len(await letters(house, "confirm_address")) == 5


async def test_O2_19_another_customers_address_looks_the_same_and_can_only_run_out(house: DeskUnderTest) -> None:
    """Rule 5: the asker learns nothing, its owner is not bothered, and staff see why."""
    await house.keep(make_host_account(id="A-OTHER", login="other", address=NEW))
    token = await signed_in(house, make_host_account())
    await own_address.ask(house.desk, token, NEW, GOOD_PASSWORD)
    assert (await own_address.look(house.desk, token)).under_way == "m•••@n••••.example"
    assert await letters(house, "confirm_address") == []
    denied = [one.detail for one in await house.desk.store.find(AuditEntry) if one.event == "action.denied"]
    assert denied == ["change_address: The new address belongs to another account."]
    house.clock.advance(hours=24)
    await due(house)
    assert (await the_case(house)).state == "expired"
    assert (await account_of(house)).address == ADDRESS


async def test_SF_4_only_the_profiles_address_can_be_asked_for(house: DeskUnderTest) -> None:
    """SF.4: whatever is typed."""
    token = await signed_in(house, make_account(profile_address="profile@mail.example"))
    assert (await own_address.look(house.desk, token)).profile == "p•••@m••••.example"
    await own_address.ask(house.desk, token, "thief@evil.example", GOOD_PASSWORD)
    assert (await the_case(house)).new_address == "profile@mail.example"


async def test_SF_4_with_nothing_to_follow_there_is_nothing_to_ask(house: DeskUnderTest) -> None:
    """SF.4: no address in the profile, or the same."""
    token = await signed_in(house, make_account(profile_address=ADDRESS.upper()))
    assert (await own_address.look(house.desk, token)).profile == ""
    with pytest.raises(Invalid):
        await own_address.ask(house.desk, token, NEW, GOOD_PASSWORD)


async def test_a_service_that_changes_no_addresses_says_so(house: DeskUnderTest) -> None:
    """Policy is asked before anything else."""
    token = await signed_in(house, make_account(service="opcommerce"))
    for use in (own_address.look(house.desk, token), own_address.ask(house.desk, token, NEW, GOOD_PASSWORD)):
        with pytest.raises(Refused, match="does not offer this"):
            await use


async def test_T28_a_stolen_cookie_takes_no_account_along(house: DeskUnderTest) -> None:
    """Without the password nothing is asked for, nobody is told, and no case says that it was typed (T27, T28)."""
    token = await signed_in(house, make_host_account())
    for typed in ("", "not hers"):
        with pytest.raises(WrongPassword):
            await own_address.ask(house.desk, token, "thief@evil.example", typed)
    assert not await house.desk.store.find(Case)
    assert not await told(house, "address_asked")


async def test_staff_cannot_approve_what_needs_no_approval(house: DeskUnderTest) -> None:
    """And so cannot shorten anything either."""
    await own_address.ask(house.desk, await signed_in(house, make_host_account()), NEW, GOOD_PASSWORD)
    with pytest.raises(Refused, match="needs no approval"):
        await act(house, "approve", CEM, (await the_case(house)).id)
    case = await act(house, "refuse", AYSE, (await the_case(house)).id)
    assert (await change(house, case.id)).state == "stopped"


async def test_a_customer_who_waits_for_a_new_address_can_still_reset_the_password(house: DeskUnderTest) -> None:
    """A request on the portal is a case of its own, and not swallowed by the one that waits."""
    account = make_account(profile_address="")
    await own_address.ask(house.desk, await signed_in(house, make_host_account()), NEW, GOOD_PASSWORD)
    request = PortalRequest(
        id="P-1", queue="requests", due=NOW, service="o2switch", login="", address=account.address, language="fr"
    )
    await house.keep(request)
    await requests.answer(house.desk, request)
    assert sorted(one.state for one in await house.desk.store.find(Case)) == ["new", "pending"]


async def test_a_look_alike_speaks_against_it_on_the_card(house: DeskUnderTest) -> None:
    """T5: `mari.durand@…` for `marie.durand@…`."""
    await own_address.ask(
        house.desk, await signed_in(house, make_host_account()), ADDRESS.replace("marie", "mari"), GOOD_PASSWORD
    )
    kinds = {one.kind: one.weight for one in (await the_case(house)).evidence}
    assert kinds == {"password_known": "for", "new_address_doubtful": "against"}
