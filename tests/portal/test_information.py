"""Account information on the portal: only what is missing, and only to whoever got the letter or is signed in."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import pytest

from handlers.model.account import Account
from handlers.model.case import Case
from tests.builders import GOOD_PASSWORD, make_case
from tests.portal.closing import asked, customer, keep, page, shipped, signed_in
from tests.portal.conftest import Client, House, fill, get
from tests.portal.test_closing import enter

KNOWN = {"company": "Durand SARL", "country": "France", "city": "Lyon"}


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    """The five services' desk, with an empty store."""
    async with shipped(tmp_path) as house:
        yield house


async def test_CP_1_the_page_asks_for_what_is_missing_and_then_the_case_goes_on(client: Client, house: House) -> None:
    """Over two visits; the second asks for the rest alone."""
    path = page(house, "information", await asked(house, **KNOWN)) + "?lang=en"
    first = await fill(client, path, phone="+33 4 00 00 00 00")
    assert first.status == 200
    assert 'name="born"' in first.text
    assert 'name="phone"' not in first.text
    second = await fill(client, path, born="1980-02-29")
    assert "nothing is missing any more" in second.text
    case = await house.desk.store.get(Case, "R-7F3K2M")
    account = await house.desk.store.get(Account, "A-DURAND")
    assert case
    assert account
    assert (case.state, account.born) == ("new", date(1980, 2, 29))


async def test_what_is_known_is_neither_shown_nor_overwritten(client: Client, house: House) -> None:
    """Not its value, not its field; and a form that was tampered with changes nothing of it."""
    path = page(house, "information", await asked(house, **KNOWN)) + "?lang=en"
    text = (await get(client, path)).text
    assert not any(one in text for one in ("Durand", "France", "Lyon", 'name="city"', 'name="name"'))
    await fill(client, path, born="1980-02-29", city="Paris", name="Eve")
    account = await house.desk.store.get(Account, "A-DURAND")
    assert account
    assert (account.city, account.name, account.born) == ("Lyon", "Marie Durand", date(1980, 2, 29))


async def test_the_page_of_a_request_is_no_key_to_its_information(client: Client, house: House) -> None:
    """Who follows a request may be a stranger who was asked for documents: that address opens no other page."""
    case = await asked(house)
    token = page(house, "case", case).rpartition("/")[2]
    assert (await get(client, f"/information/{token}")).status == 410
    assert (await get(client, f"/case/{token}")).status == 200


async def test_CP_6_a_customer_sees_and_saves_the_seven_fields(client: Client, house: House) -> None:
    """CP.8: one button; the address stands there with the way to change it."""
    await enter(client, await signed_in(house, await customer(house, **KNOWN)))
    text = (await get(client, "/account/information?lang=en")).text
    for said in ("E-mail address", "Name and surname", "Trade name", "Country", "City", "Date of birth", "Telephone"):
        assert said in text
    assert "/account/address" in text
    assert "Save Changes" in text
    typed = {"name": "Marie Durand", **KNOWN, "city": "Nice", "born": "1980-02-29", "phone": "+33 4 00 00 00 00"}
    done = await fill(client, "/account/information?lang=en", password=GOOD_PASSWORD, **typed)
    account = await house.desk.store.get(Account, "A-DURAND")
    assert done.status == 303
    assert account
    assert account.city == "Nice"
    assert "is saved" in (await get(client, done.location)).text


async def test_a_mistake_keeps_what_was_typed(client: Client, house: House) -> None:
    """Escaped, in its field, with what would be right beside it."""
    await enter(client, await signed_in(house, await customer(house, **KNOWN)))
    typed = {"name": '"><b>', **KNOWN, "born": "2031-01-01", "phone": "+33 4 00 00 00 00"}
    answer = await fill(client, "/account/information?lang=en", password=GOOD_PASSWORD, **typed)
    assert answer.status == 422
    assert "a real day in the past" in answer.text
    account = await house.desk.store.get(Account, "A-DURAND")
    assert account
    assert account.name == "Marie Durand"


async def test_a_request_is_followed_and_cancelled(client: Client, house: House) -> None:
    """In the customer's words, nothing of the account; looking changes nothing, the button ends it."""
    case = make_case(service="shopfactory", state="issued", grant="G-1", language="", requester="eve@mail.example")
    await keep(house, case, await customer(house))
    path = page(house, "case", case) + "?lang=en"
    text = (await get(client, path)).text
    assert "a new password" in text
    assert "22 November 2026 at 14:05 (UTC)" in text
    assert not any(one in text for one in ("durand", "Marie", "eve@", "R-7F3K2M"))
    assert await house.desk.store.get(Case, case.id) == case
    assert "This request is cancelled" in (await fill(client, path)).text
    over = await get(client, path)
    assert "This request is cancelled" in over.text
    assert "<form" not in over.text
