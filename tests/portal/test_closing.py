"""The pages on which an account is closed and reopened, as a browser without JavaScript sees them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from handlers.model.account import Account
from handlers.model.service import Closure
from tests.builders import GOOD_PASSWORD
from tests.portal.closing import RUNNING, closed, customer, link_back, shipped, signed_in
from tests.portal.conftest import Client, House, fill, get

CLOSE = "/account/close?lang=en"


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    """The five services' desk, with an empty store."""
    async with shipped(tmp_path) as house:
        yield house


async def enter(client: Client, token: str) -> None:
    """The browser has the cookie of a sign-in."""
    client.session.cookie_jar.update_cookies({"session": token})


async def now(house: House) -> Account:
    account = await house.desk.store.get(Account, "A-DURAND")
    assert account
    return account


async def test_CP_21_the_page_says_in_order_what_happens(client: Client, house: House) -> None:
    """CP.19 to CP.22: integrations by name, thirty days, what is gone, whom to write to; only then the boxes."""
    await enter(client, await signed_in(house, await customer(house)))
    text = (await get(client, CLOSE)).text
    said = [
        *RUNNING,
        "sign in again within 30 days",
        "product, order and integration data are deleted for good",
        "out of reach, even on request",
        "contact the support team within these 30 days",
        "I have carefully read and approve the above warnings",
        "Delete my account and all my data",
    ]
    places = [text.index(one) for one in said]
    assert places == sorted(places)


@pytest.mark.parametrize("ticked", [{}, {"warnings": "yes"}, {"deletion": "yes"}, {"warnings": "no", "deletion": "x"}])
async def test_CP_23_both_boxes_have_to_be_ticked(client: Client, house: House, ticked: dict[str, str]) -> None:
    """What is missing stands beside its box, a ticked one stays ticked, and nothing is closed."""
    await enter(client, await signed_in(house, await customer(house)))
    page = await fill(client, CLOSE, password=GOOD_PASSWORD, **ticked)
    assert page.status == 422
    assert "Tick this box if you agree." in page.text
    assert page.text.count(" checked") == list(ticked.values()).count("yes")
    assert (await now(house)).closed_at is None


async def test_a_wrong_password_closes_nothing(client: Client, house: House) -> None:
    """And says so beside its field."""
    await enter(client, await signed_in(house, await customer(house)))
    page = await fill(client, CLOSE, password="wrong", warnings="yes", deletion="yes")
    assert (page.status, (await now(house)).closed_at) == (422, None)
    assert "This is not the password you use now." in page.text


async def test_a_closed_account_is_signed_out_and_told_until_when(client: Client, house: House) -> None:
    """The moment with its zone; the account's pages ask for a sign-in again."""
    await enter(client, await signed_in(house, await customer(house)))
    page = await fill(client, CLOSE, password=GOOD_PASSWORD, warnings="yes", deletion="yes")
    assert page.status == 200
    assert "22 December 2026 at 14:05 (UTC)" in page.text
    assert (await get(client, "/account")).status == 303


async def test_CP_25_the_page_says_that_signing_in_reopens_before_it_does(client: Client, house: House) -> None:
    """GET changes nothing; the button reopens, and the sign-in goes on."""
    account = await closed(house)
    await enter(client, await signed_in(house, account, "closed"))
    page = await get(client, "/sign-in/connectprof/closed?lang=en")
    assert "Reopen your account?" in page.text
    assert "Marketplace One and Cargo Two" in page.text
    assert await now(house) == account
    done = await fill(client, "/sign-in/connectprof/closed?lang=en")
    assert done.status == 303
    assert done.location.startswith("/account?lang=en&done=reopened.")
    assert (await now(house)).closed_at is None


async def test_CP_20_the_account_says_once_that_it_is_open_again_and_what_stays_off(
    client: Client, house: House
) -> None:
    """Whoever reopened it on the way in reads so, with the integrations by name; the next look says nothing of it."""
    await enter(client, await signed_in(house, await closed(house), "closed"))
    done = await fill(client, "/sign-in/connectprof/closed?lang=en")
    text = (await get(client, done.location)).text
    assert "Your account is open again." in text
    assert "Integrations stay closed" in text
    assert "<dd>Marketplace One and Cargo Two</dd>" in text
    assert "Marketplace One" not in (await get(client, "/account?lang=en")).text


async def test_a_link_reopens_on_a_click_and_never_on_a_look(client: Client, house: House) -> None:
    """T9: programs that follow links reopen nothing."""
    path = f"/reactivate/{await link_back(house)}"
    for _ in range(3):
        assert (await get(client, path)).status == 200
    assert (await now(house)).closed_at is not None
    assert "open again" in (await fill(client, f"{path}?lang=en")).text
    assert (await now(house)).closed_at is None
    assert (await get(client, path)).status == 410


async def test_no_page_where_the_service_closes_no_accounts(client: Client, house: House) -> None:
    """The section of the service file is what makes it."""
    await enter(client, await signed_in(house, await customer(house, service="shopfactory")))
    assert (await get(client, CLOSE)).status == 404
    assert "/account/close" not in (await get(client, "/account")).text
    assert Closure().grace_days == 30
