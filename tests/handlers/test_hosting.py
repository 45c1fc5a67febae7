"""The second password for the second realm, and the steps that follow (SF.13 to SF.19, SF.24)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from handlers import checklists, hosting, overview, passwords
from handlers.configuration.services import Services
from handlers.model.account import Account
from handlers.model.audit import AuditEntry
from handlers.model.checklist import Checklist
from handlers.model.errors import SignInNeeded, Unknown, WeakPassword, WrongPassword
from handlers.model.service import Hosting, Wording
from handlers.signing_in import sessions
from tests.builders import GOOD_PASSWORD, DeskUnderTest, open_desk, shipped_service
from tests.handlers.signing import enter, kinds_mailed, make_customer

HOSTING = "a quite different sentence 3"
NEW = "my own memorable sentence 4"


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[DeskUnderTest]:
    """ShopFactory's desk with hosting, and a customer who is hosted."""
    shipped = shipped_service("shopfactory")
    steps = Wording(after_care={"fr": ("Publiez.",), "en": ("Publish.",), "tr": ("Yayınlayın.",)})
    service = msgspec.structs.replace(
        shipped,
        hosting=Hosting(name={"fr": "hébergement Total Care", "en": "Total Care hosting"}),
        letters=shipped.letters | {"hosting_changed": steps},
    )
    async with open_desk(tmp_path) as five:
        house = DeskUnderTest(replace(five.desk, services=Services({"shopfactory": service})), five.clock)
        await make_customer(house, hosted=True)
        yield house


async def signed_in(house: DeskUnderTest, password: str = GOOD_PASSWORD) -> str:
    """The cookie of a complete sign-in."""
    return (await enter(house.desk, password=password)).session.value


async def account_of(house: DeskUnderTest) -> Account:
    account = await house.desk.store.get(Account, "A-DURAND")
    assert account
    return account


async def test_SF_15_each_password_leaves_the_other_alone(shop: DeskUnderTest) -> None:
    """The account's changes nothing of the hosting's, and the other way round; nobody is signed out by the second."""
    token = await signed_in(shop)
    before = await account_of(shop)
    await hosting.change(shop.desk, token, HOSTING, GOOD_PASSWORD)
    between = await account_of(shop)
    assert (between.password_hash, between.credentials) == (before.password_hash, before.credentials)
    await sessions.require(shop.desk.store, shop.desk, token)
    await passwords.change(shop.desk, token, GOOD_PASSWORD, NEW)
    assert (await account_of(shop)).hosting_hash == between.hosting_hash


async def test_SF_16_it_is_a_second_credential(shop: DeskUnderTest) -> None:
    """Kept apart, and it does not sign in here."""
    await hosting.change(shop.desk, await signed_in(shop), HOSTING, GOOD_PASSWORD)
    assert await passwords.is_right((await account_of(shop)).hosting_hash, HOSTING)
    assert not await passwords.is_right((await account_of(shop)).password_hash, HOSTING)


async def test_SF_17_it_takes_a_sign_in_with_the_new_account_password(shop: DeskUnderTest) -> None:
    """A session from before the account's password changed opens nothing."""
    old, other = await signed_in(shop), await signed_in(shop)
    await passwords.change(shop.desk, other, GOOD_PASSWORD, NEW)
    for token in (old, "", "shopfactory.nothing"):
        with pytest.raises(SignInNeeded):
            await hosting.change(shop.desk, token, HOSTING, GOOD_PASSWORD)
    await hosting.change(shop.desk, await signed_in(shop, NEW), HOSTING, NEW)


async def test_SF_18_no_mail_is_needed_to_change_it(shop: DeskUnderTest) -> None:
    """Only a notice goes out, and the trail has its entry."""
    await hosting.change(shop.desk, await signed_in(shop), HOSTING, GOOD_PASSWORD)
    assert await kinds_mailed(shop.desk) == ["hosting_changed"]
    assert "account.hosting_changed" in [one.event for one in await shop.desk.store.find(AuditEntry)]


async def test_the_service_rules_hold_for_the_second_password(shop: DeskUnderTest) -> None:
    """And a weak one changes nothing."""
    token = await signed_in(shop)
    with pytest.raises(WeakPassword):
        await hosting.change(shop.desk, token, "durand", GOOD_PASSWORD)
    assert (await account_of(shop)).hosting_hash == ""


async def test_customers_who_are_not_hosted_have_no_such_page(shop: DeskUnderTest) -> None:
    """Neither to look at nor to send."""
    await make_customer(shop, id="A-2", login="second", address="second@mail.example")
    token = (await enter(shop.desk, name="second")).session.value
    with pytest.raises(Unknown):
        await hosting.look(shop.desk, token)
    with pytest.raises(Unknown):
        await hosting.change(shop.desk, token, HOSTING, GOOD_PASSWORD)
    assert not (await overview.look(shop.desk, token)).hosted


async def test_T28_a_stolen_cookie_opens_no_second_realm(shop: DeskUnderTest) -> None:
    """Whoever is signed in types the account's password once more (T28)."""
    token = await signed_in(shop)
    for typed in ("", "not hers"):
        with pytest.raises(WrongPassword):
            await hosting.change(shop.desk, token, HOSTING, typed)
    assert (await account_of(shop)).hosting_hash == ""


async def test_SF_19_the_change_leaves_steps_to_tick_off(shop: DeskUnderTest) -> None:
    """Those of the hosting, after those of the account."""
    token = (await passwords.change(shop.desk, await signed_in(shop), GOOD_PASSWORD, NEW)).session.value
    shop.clock.advance(seconds=1)
    await hosting.change(shop.desk, token, HOSTING, NEW)
    lists = (await checklists.look(shop.desk, token)).lists
    assert [one.kind for one in lists] == ["reset", "hosting_changed"]


async def test_SF_13_the_steps_come_in_their_order(shop: DeskUnderTest) -> None:
    """Registering again comes first; a later step cannot be ticked before it, and a tick sent twice counts once."""
    token = (await passwords.change(shop.desk, await signed_in(shop), GOOD_PASSWORD, NEW)).session.value

    async def done() -> int:
        return (await checklists.look(shop.desk, token)).lists[0].done

    for step, expected in [(2, 0), (1, 1), (1, 1), (3, 1), (2, 2), (0, 2), (-1, 2), (99, 2)]:
        await checklists.tick(shop.desk, token, "reset", step)
        assert await done() == expected
    await checklists.tick(shop.desk, token, "nothing", 1)


async def test_SF_24_the_steps_can_be_taken_up_another_day(shop: DeskUnderTest) -> None:
    """They are kept beyond the session, in the reader's language; and forgotten half a year later."""
    token = (await passwords.change(shop.desk, await signed_in(shop), GOOD_PASSWORD, NEW)).session.value
    await checklists.tick(shop.desk, token, "reset", 1)
    shop.clock.advance(days=3)
    token = await signed_in(shop, NEW)
    (again,) = (await checklists.look(shop.desk, token, "en")).lists
    assert again.done == 1
    assert again.steps[0].startswith("Register")
    assert (await overview.look(shop.desk, token)).steps_left == len(again.steps) - 1
    (kept,) = await shop.desk.store.find(Checklist)
    assert kept.due == kept.begun_at + timedelta(days=180)


async def test_a_new_change_begins_the_list_anew(shop: DeskUnderTest) -> None:
    """What was done for the last password has to be done for this one."""
    token = (await passwords.change(shop.desk, await signed_in(shop), GOOD_PASSWORD, NEW)).session.value
    await checklists.tick(shop.desk, token, "reset", 1)
    token = (await passwords.change(shop.desk, token, NEW, "yet another sentence 5")).session.value
    assert [one.done for one in (await checklists.look(shop.desk, token)).lists] == [0]
