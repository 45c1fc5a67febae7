"""The pages of a change of address, and the one that stops everything."""

from __future__ import annotations

import dataclasses
import re

import pytest
from msgspec.structs import replace

from handlers import passwords, signed
from handlers.configuration.services import Services
from handlers.model.account import Account
from handlers.model.case import Case
from handlers.model.outbox import Letter
from handlers.model.service import ChangeAddress
from handlers.registered_address import addresses
from handlers.signing_in import sessions
from tests.builders import AYSE, GOOD_PASSWORD, NOW, make_case
from tests.portal.conftest import Client, House, fill, get, make_account, make_service, post, token_of

NEW = "jean@neuf.example"


@pytest.fixture
async def house(house: House) -> House:
    """The shop changes addresses, with two approvals and a wait; "prof" follows the profile."""
    changing = {
        "shop": make_service(change_address=ChangeAddress()),
        "prof": make_service("prof", change_address=ChangeAddress(follows="profile")),
    }
    return dataclasses.replace(house, desk=dataclasses.replace(house.desk, services=Services(changing)))


async def asked(house: House) -> tuple[str, str]:
    """A change that somebody proposed: token and digits of the letter to the new address."""
    account = await house.add(make_account())
    async with house.desk.store.transaction() as tx:
        case = await tx.get(Case, "R-A-1")
        assert case
        await addresses.propose(tx, house.desk, replace(case, new_address=NEW), account, AYSE)
    token, digits = await mailed(house)
    return token, digits


async def mailed(house: House) -> tuple[str, str]:
    letters = [one for one in await house.desk.store.find(Letter) if one.kind == "confirm_address"]
    newest = max(letters, key=lambda one: one.written_at)
    token, digits = house.desk.vault.open("letter", newest.sealed).value.split(" ")
    return token, digits


async def stop_path(house: House) -> str:
    """The stop link of a letter about a case of Jean Durand's account."""
    case = make_case(id="R-7F3K2M", service="shop", account="A-1")
    async with house.desk.store.transaction() as tx:
        tx.put(make_account(), case)
    return f"/stop/{signed.token(house.desk.vault, 'stop', case.id, NOW)}"


async def cookie(house: House, account: Account) -> dict[str, str]:
    """The header of a browser that is signed in, with `GOOD_PASSWORD`."""
    account = replace(account, password_hash=await passwords.hashed(GOOD_PASSWORD))
    async with house.desk.store.transaction() as tx:
        tx.put(account)
        session, onward = await sessions.begin(tx, house.desk, account, language="fr", browser="")
        tx.put(replace(session, stage="open"))
    return {"session": onward.session.value}


async def test_O2_6_the_page_confirms_the_new_address_and_says_nothing_of_the_account(
    house: House, client: Client
) -> None:
    """T30: the masked new address and the code's life, no login, no name; confirming is all it does."""
    token, digits = await asked(house)
    page = await get(client, f"/address/{token}")
    assert page.status == 200
    assert "<h1>Confirmez votre nouvelle adresse</h1>" in page.text
    assert "j•••@n••••.example" in page.text
    assert not any(told in page.text for told in ("durand42", "Durand", "du•••", NEW))
    before = await house.desk.store.get(Account, "A-1")
    done = await fill(client, f"/address/{token}", code=f"{digits[:3]} {digits[3:]}")
    assert (done.status, "cette adresse est confirmée" in done.text) == (200, True)
    assert await house.desk.store.get(Account, "A-1") == before
    assert (await get(client, f"/address/{token}")).status == 410


async def test_a_reload_after_the_right_code_says_that_it_is_done(house: House, client: Client) -> None:
    """Nothing of passwords and of a new e-mail: the address is confirmed, and that was all."""
    token, digits = await asked(house)
    await fill(client, f"/address/{token}", code=digits)
    page = await get(client, f"/address/{token}")
    assert page.status == 410
    assert "Cette adresse est déjà confirmée" in page.text
    assert "/lost/" not in page.text


async def test_a_wrong_code_says_how_many_tries_are_left(house: House, client: Client) -> None:
    """And an empty one costs none."""
    token, digits = await asked(house)
    assert "Saisissez le code" in (await fill(client, f"/address/{token}", code=" ")).text
    page = await fill(client, f"/address/{token}", code=f"{(int(digits) + 1) % 10**6:06}")
    assert (page.status, "4" in page.text) == (422, True)


async def test_the_code_can_be_sent_again_after_a_minute(house: House, client: Client) -> None:
    """Too soon is said in words, with the time to wait."""
    token, _ = await asked(house)
    page = await fill(client, f"/address/{token}", resend="1")
    assert (page.status, page.headers["Retry-After"]) == (429, "60")
    house.clock.advance(minutes=2)
    page = await fill(client, f"/address/{token}", resend="1")
    assert page.status == 303
    assert "Un nouveau code vous a été envoyé" in (await get(client, page.location)).text
    _, digits = await mailed(house)
    assert (await fill(client, f"/address/{token}", code=digits)).status == 200


async def test_following_the_stop_link_stops_nothing_and_pressing_the_button_does(house: House, client: Client) -> None:
    """T9: mail scanners follow links; GET says what the button will do."""
    path = await stop_path(house)
    await get(client, path)
    page = await get(client, path)
    assert (page.status, "<h1>Ce n’était pas vous\u00a0?</h1>" in page.text) == (200, True)
    assert await frozen(house) == ""
    for _ in range(2):
        done = await post(client, path, {"token": token_of(page)}, **{"Sec-Fetch-Site": "same-origin"})
        assert (done.status, "<h1>Tout est arrêté</h1>" in done.text) == (200, True)
    assert await frozen(house) == "R-7F3K2M"
    assert "<form" not in (await get(client, path)).text


async def test_a_form_of_another_site_stops_nothing(house: House, client: Client) -> None:
    """Nor one without the cookie: nobody makes a customer freeze their own account unawares."""
    path = await stop_path(house)
    page = await get(client, path)
    foreign = await post(client, path, {"token": token_of(page)}, **{"Sec-Fetch-Site": "cross-site"})
    assert foreign.status == 403
    assert await frozen(house) == ""


async def test_a_stop_link_that_is_not_ours_is_gone(house: House, client: Client) -> None:
    """Made up, or older than thirty days."""
    path = await stop_path(house)
    assert (await get(client, path[:-1] + "_")).status == 410
    house.clock.advance(days=31)
    assert (await get(client, path)).status == 410


async def test_a_link_of_a_frozen_account_says_that_it_is_frozen(house: House, client: Client) -> None:
    """And offers no new one that would not come either."""
    account = await house.add(make_account())
    token = await house.link(account)
    path = await stop_path(house)
    await fill(client, path)
    page = await get(client, f"/reset/{token}")
    assert (page.status, "Ce compte est bloqué" in page.text) == (410, True)


async def test_a_signed_in_customer_asks_for_another_address(house: House, client: Client) -> None:
    """SF.9: the page says where letters go now, masked, and then what is under way."""
    client.session.cookie_jar.update_cookies(await cookie(house, make_account()))
    page = await get(client, "/account/address")
    assert (page.status, "J•••@m••••.example" in page.text) == (200, True)
    wrong = await fill(client, "/account/address", address="Jean.Durand@MAIL.example", password=GOOD_PASSWORD)
    assert (wrong.status, 'aria-invalid="true"' in wrong.text) == (422, True)
    done = await fill(client, "/account/address", address=NEW, password=GOOD_PASSWORD)
    assert (done.status, done.location) == (303, "/account/address?lang=fr")
    page = await get(client, done.location)
    assert "Un changement est en cours" in page.text
    assert "j•••@n••••.example" in page.text
    assert not re.search(r'<input id="address"', page.text)


async def test_whoever_is_not_signed_in_is_led_to_where_that_is_done(house: House, client: Client) -> None:
    """Nothing of any account is shown."""
    assert (await get(client, "/account/address")).status == 303


async def test_SF_4_where_the_profile_leads_there_is_nothing_to_type(house: House, client: Client) -> None:
    """SF.3, SF.4: the profile's address is shown, masked, and asked for with one button."""
    account = make_account(service="prof", profile_address=NEW)
    client.session.cookie_jar.update_cookies(await cookie(house, account))
    page = await get(client, "/account/address")
    assert "j•••@n••••.example" in page.text
    assert not re.search(r'<input id="address"', page.text)
    assert (await fill(client, "/account/address", password=GOOD_PASSWORD)).status == 303


async def frozen(house: House) -> str:
    account = await house.desk.store.get(Account, "A-1")
    assert account
    return account.frozen
