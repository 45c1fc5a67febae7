"""The pages of the five services as they are shipped, each by the rules of its own help page."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.builders import GOOD_PASSWORD
from tests.portal.conftest import Client, House, fill, get, make_account


async def test_SF_7_the_form_can_be_opened_directly(browser: Client) -> None:
    """It has an address of its own, which anybody can be told."""
    assert (await get(browser, "/lost/shopfactory")).status == 200


async def test_SF_23_the_form_speaks_the_language_it_was_reached_in(browser: Client) -> None:
    """The page it comes from leads French readers to an English form."""
    assert '<html lang="fr">' in (await get(browser, "/lost/shopfactory")).text
    page = await fill(browser, "/lost/shopfactory", login="durand42", address="jean.durand@mail.example")
    assert '<html lang="fr">' in (await get(browser, page.location)).text


async def test_SF_8_the_form_refuses_one_without_the_other(browser: Client) -> None:
    """Identifier and address are both asked for, by name."""
    for missing in ("login", "address"):
        typed = {"login": "durand42", "address": "jean.durand@mail.example"} | {missing: ""}
        page = await fill(browser, "/lost/shopfactory", **typed)
        assert page.status == 422
        assert f'id="{missing}-fault"' in page.text


async def test_ESP_4_the_form_asks_for_the_address_and_nothing_else(browser: Client) -> None:
    """One field, one button."""
    page = await get(browser, "/lost/esp")
    assert 'name="address"' in page.text
    assert 'name="login"' not in page.text


@pytest.mark.parametrize("service", ["esp", "connectprof", "o2switch", "opcommerce"])
async def test_ESP_17_an_unknown_address_reads_like_a_known_one(five: House, browser: Client, service: str) -> None:
    """Same status, same place, same page, byte for byte."""
    await five.add(make_account(service=service))
    answers = []
    for address in ("jean.durand@mail.example", "nobody@mail.example"):
        page = await fill(browser, f"/lost/{service}", address=address)
        answers.append((page.status, page.location, (await get(browser, page.location)).text))
    assert answers[0] == answers[1]


async def test_OC_13_the_address_is_all_a_forgotten_password_needs(browser: Client) -> None:
    """It was given at the sign-in before; nothing else is asked."""
    page = await get(browser, "/lost/opcommerce")
    assert 'name="address"' in page.text
    assert 'name="login"' not in page.text


async def test_OC_14_the_portal_confirms_that_a_link_will_be_sent(browser: Client) -> None:
    """With its life; and where it may have ended up."""
    page = await fill(browser, "/lost/opcommerce", address="jean.durand@mail.example")
    sent = await get(browser, page.location)
    assert "Ouvrez le lien reçu par e-mail" in sent.text
    assert "30 minutes" in sent.text
    assert "courriers indésirables" in sent.text


async def test_OC_12_twelve_characters_are_refused_and_thirteen_taken(five: House, browser: Client) -> None:
    """The page names the number."""
    token = await five.link(await five.add(make_account(service="opcommerce")))
    page = await fill(browser, f"/reset/{token}", password="vkxwmqzbtrpl", again="vkxwmqzbtrpl")
    assert page.status == 422
    assert "au moins 13 caractères" in page.text
    assert (await fill(browser, f"/reset/{token}", password="vkxwmqzbtrplj", again="vkxwmqzbtrplj")).status == 200


async def test_OC_19_a_new_password_signs_nobody_in(five: House, browser: Client) -> None:
    """The page says to sign in and leads there, and no session comes with it."""
    token = await five.link(await five.add(make_account(service="opcommerce")))
    done = await fill(browser, f"/reset/{token}", password=GOOD_PASSWORD, again=GOOD_PASSWORD)
    assert "Reconnectez-vous" in done.text
    assert 'href="/sign-in/opcommerce?lang=fr"' in done.text
    assert "session=" not in done.headers.get("Set-Cookie", "")
    assert (await get(browser, "/account")).status == 303


async def test_OC_20_a_link_lives_thirty_minutes_to_the_minute(five: House, browser: Client) -> None:
    """Usable at 29:59, dead at 30:00."""
    token = await five.link(await five.add(make_account(service="opcommerce")))
    five.clock.now += timedelta(minutes=29, seconds=59)
    assert (await get(browser, f"/reset/{token}")).status == 200
    five.clock.now += timedelta(seconds=1)
    assert (await get(browser, f"/reset/{token}")).status == 410


async def test_OC_4_the_code_that_is_mailed_has_six_digits(five: House, browser: Client) -> None:
    """And the page asks for six."""
    token, digits = await five.code(await five.add(make_account(service="opcommerce")))
    assert len(digits) == 6
    assert digits.isdecimal()
    assert "Code à 6 chiffres" in (await get(browser, f"/code/{token}")).text


async def test_CP_15_a_password_of_21_characters_is_refused(five: House, browser: Client) -> None:
    """Twenty are taken; the page says how many there may be."""
    token = await five.link(await five.add(make_account(service="connectprof", language="en")))
    assert "8 to 20 characters." in (await get(browser, f"/reset/{token}")).text
    long = "vK7#mQzbvK7#tRw2Xp!9a"
    assert (await fill(browser, f"/reset/{token}", password=long, again=long)).status == 422
    assert (await fill(browser, f"/reset/{token}", password=long[:-1], again=long[:-1])).status == 200


async def test_O2_12_a_complex_password_is_advised(five: House, browser: Client) -> None:
    """Letters, digits, specials: advice on the page, since the rule gives no number."""
    token = await five.link(await five.add(make_account(service="o2switch")))
    page = await get(browser, f"/reset/{token}")
    assert "Conseil\u00a0: ajoutez une majuscule, une minuscule, un chiffre et un caractère spécial" in page.text
