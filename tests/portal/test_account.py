"""What whoever is signed in does: a new password, the second one, and the steps that follow."""

from __future__ import annotations

import re

import pytest

from tests.builders import GOOD_PASSWORD
from tests.portal.conftest import Client, House, fill, get, post, token_of
from tests.portal.signing import NAME, customer, newest, sign_in, temporary_password

NEW = "my own memorable sentence 4"


async def test_ESP_3_the_password_box_has_the_link_for_a_forgotten_one(browser: Client) -> None:
    """Address and password, and beside them « Mot de passe oublié »."""
    page = await fill(browser, "/sign-in/esp", name=NAME)
    assert 'type="password"' in page.text
    assert "Mot de passe oublié</button>" in page.text


async def test_ESP_9_a_temporary_password_opens_the_change_page_alone(five: House, browser: Client) -> None:
    """Every other page leads back to it."""
    account = await customer(five, "esp")
    raw = await temporary_password(five, account)
    page = await sign_in(browser, "esp", raw)
    assert page.location == "/sign-in/esp/change?lang=fr"
    for path in ("/account", "/account/steps"):
        assert (await get(browser, path)).location == "/sign-in/esp/change"
    assert "Plus tard" not in (await get(browser, page.location)).text


async def test_ESP_10_a_password_of_ones_own_is_asked_for_after_the_sign_in(five: House, browser: Client) -> None:
    """The page recommends it; ours insists, as a password that was mailed must not stay (ESP.16)."""
    account = await customer(five, "esp")
    raw = await temporary_password(five, account)
    page = await get(browser, (await sign_in(browser, "esp", raw)).location)
    assert "Choisissez votre propre mot de passe" in page.text
    assert (await fill(browser, "/sign-in/esp/change", later="1")).location == "/sign-in/esp/change"
    assert (await get(browser, "/account")).status == 303


async def test_ESP_13_current_new_and_retyped(five: House, browser: Client) -> None:
    """The three fields; the temporary one is the current one (ESP.14: then it is saved)."""
    account = await customer(five, "esp")
    raw = await temporary_password(five, account)
    where = (await sign_in(browser, "esp", raw)).location
    wrong = await fill(browser, where, old=raw, password=NEW, again=NEW + "!")
    assert wrong.status == 422
    done = await fill(browser, where, old=raw, password=NEW, again=NEW)
    assert done.location.startswith("/account?lang=fr&done=password.")
    assert "Votre mot de passe a été changé." in (await get(browser, done.location)).text
    assert (await sign_in(browser, "esp", NEW)).location == "/account?lang=fr"


async def test_ESP_12_the_page_shows_the_address_and_three_fields(five: House, browser: Client) -> None:
    """What the seed calls "Site Email", and current, new, re-typed."""
    await customer(five, "esp")
    await sign_in(browser, "esp")
    page = await get(browser, "/account/password")
    assert "<dd>Jean.Durand@mail.example</dd>" in page.text
    assert re.findall(r'<input id="(\w+)"', page.text) == ["old", "password", "again"]


async def test_O2_1_the_password_is_changed_from_the_account_page(five: House, browser: Client) -> None:
    """Signed in: the account, and from there « Changer le mot de passe »."""
    await customer(five, "o2switch")
    await sign_in(browser, "o2switch")
    assert 'href="/account/password?lang=fr">Changer le mot de passe</a>' in (await get(browser, "/account")).text
    done = await fill(browser, "/account/password", old=GOOD_PASSWORD, password=NEW, again=NEW)
    assert done.location.startswith("/account?lang=fr&done=password.")


async def test_no_link_plants_a_notice(five: House, browser: Client) -> None:
    """What was done is said to the session that did it: a stranger's address frightens nobody."""
    await customer(five, "o2switch")
    await sign_in(browser, "o2switch")
    for said in ("password", "password.", "password." + "a" * 20, "hosting.é", "<b>"):
        assert 'role="status"' not in (await get(browser, f"/account?done={said}")).text
    done = await fill(browser, "/account/password", old=GOOD_PASSWORD, password=NEW, again=NEW)
    await sign_in(browser, "o2switch", NEW)
    assert 'role="status"' not in (await get(browser, done.location)).text


async def test_CP_17_renewal_can_wait_and_locks_nobody_out(five: House, browser: Client) -> None:
    """ "Later" opens the account."""
    await customer(five, "connectprof")
    five.clock.advance(days=90)
    where = (await sign_in(browser, "connectprof")).location
    if "/code" in where:
        where = (await fill(browser, where, code=await newest(five, "sign_in_code"))).location
    assert where.startswith("/sign-in/connectprof/change")
    assert "90" in (await get(browser, where)).text
    assert (await fill(browser, where, later="1")).location.startswith("/account")
    assert (await get(browser, "/account")).status == 200


async def test_CP_18_the_change_is_confirmed(five: House, browser: Client, elsewhere: Client) -> None:
    """This browser stays signed in, the other one is signed out."""
    await customer(five, "esp")
    await sign_in(browser, "esp")
    await sign_in(elsewhere, "esp")
    done = await fill(browser, "/account/password", old=GOOD_PASSWORD, password=NEW, again=NEW)
    assert (await get(browser, done.location)).status == 200
    assert (await get(elsewhere, "/account")).location == "/sign-in/esp"


@pytest.mark.parametrize(
    ("old", "new", "again", "field"),
    [
        ("", NEW, NEW, "old"),
        ("not this one", NEW, NEW, "old"),
        (GOOD_PASSWORD, "", "", "password"),
        (GOOD_PASSWORD, "durand", "durand", "password"),
        (GOOD_PASSWORD, GOOD_PASSWORD, GOOD_PASSWORD, "password"),
        (GOOD_PASSWORD, NEW, "other", "again"),
    ],
)
async def test_CP_14_what_is_wrong_stands_beside_its_field(
    five: House, browser: Client, old: str, new: str, again: str, field: str
) -> None:
    """And nothing was changed."""
    await customer(five, "esp")
    await sign_in(browser, "esp")
    page = await fill(browser, "/account/password", old=old, password=new, again=again)
    assert page.status == 422
    assert f'id="{field}-fault"' in page.text
    assert (await sign_in(browser, "esp")).location == "/account?lang=fr"


async def test_SF_18_the_hosting_password_is_changed_on_its_page(five: House, browser: Client) -> None:
    """Typed twice, no mail to wait for; the account's own still signs in."""
    await customer(five, "shopfactory", hosted=True)
    await sign_in(browser, "shopfactory", name="durand42")
    assert 'href="/account/hosting?lang=fr"' in (await get(browser, "/account")).text
    assert (await fill(browser, "/account/hosting", old=GOOD_PASSWORD, password=NEW, again="other")).status == 422
    done = await fill(browser, "/account/hosting", old=GOOD_PASSWORD, password=NEW, again=NEW)
    assert "Votre mot de passe d’hébergement a été changé." in (await get(browser, done.location)).text
    assert (await sign_in(browser, "shopfactory", name="durand42")).location == "/account?lang=fr"


async def test_customers_without_hosting_see_nothing_of_it(five: House, browser: Client) -> None:
    """No link, no page."""
    await customer(five, "shopfactory")
    await sign_in(browser, "shopfactory", name="durand42")
    assert "/account/hosting" not in (await get(browser, "/account")).text
    assert (await get(browser, "/account/hosting")).status == 404


async def test_SF_13_the_steps_are_ticked_off_one_after_the_other(five: House, browser: Client) -> None:
    """One button, at the next step; it is remembered."""
    await customer(five, "shopfactory")
    await sign_in(browser, "shopfactory", name="durand42")
    await fill(browser, "/account/password", old=GOOD_PASSWORD, password=NEW, again=NEW)
    page = await get(browser, "/account/steps")
    assert "Étapes terminées\u00a0: 0 sur" in page.text
    assert page.text.count('name="step"') == 1
    await fill(browser, "/account/steps", kind="reset", step="1")
    await fill(browser, "/account/steps", kind="reset", step="7")
    await fill(browser, "/account/steps", kind="reset", step="x")
    assert "Étapes terminées\u00a0: 1 sur" in (await get(browser, "/account/steps")).text


@pytest.mark.parametrize(("hosted", "said"), [(True, True), (False, False)])
async def test_SF_24_after_a_reset_the_hosting_password_comes_next(
    five: House, browser: Client, hosted: bool, said: bool
) -> None:
    """Said to those who are hosted, with the way to sign in."""
    token = await five.link(await customer(five, "shopfactory", hosted=hosted))
    done = await fill(browser, f"/reset/{token}", password=NEW, again=NEW)
    assert ("Votre mot de passe d’hébergement vient ensuite" in done.text) is said
    assert 'href="/sign-in/shopfactory?lang=fr"' in done.text


async def test_OC_18_the_reset_is_confirmed(five: House, browser: Client) -> None:
    """A message, and then the sign-in with the new password (OC.19)."""
    token = await five.link(await customer(five, "opcommerce"))
    done = await fill(browser, f"/reset/{token}", password=NEW, again=NEW)
    assert "Votre mot de passe est mis à jour" in done.text
    assert (await get(browser, "/account")).status == 303
    assert (await sign_in(browser, "opcommerce", NEW)).location == "/account?lang=fr"


async def test_whoever_signed_out_is_led_to_the_same_sign_in_again(five: House, browser: Client) -> None:
    """Back, a reload and a kept address ended on a page that knows no service; only a new browser goes there now."""
    assert (await get(browser, "/account")).location == "/"
    await customer(five, "esp")
    await sign_in(browser, "esp")
    page = await get(browser, "/account")
    out = re.search(r'action="/account/sign-out[^>]*>\s*<input type="hidden" name="token" value="([^"]+)"', page.text)
    assert out, page.text
    await post(browser, "/account/sign-out", {"token": out[1]}, **{"Sec-Fetch-Site": "same-origin"})
    assert (await get(browser, "/account")).location == "/sign-in/esp"


async def test_nobody_is_led_to_the_sign_in_of_another_service(five: House, browser: Client) -> None:
    """Signed in at one and at a page of another: that one's sign-in begins."""
    await customer(five, "esp")
    await sign_in(browser, "esp")
    for page in ("code", "factor"):
        assert (await get(browser, f"/sign-in/shopfactory/{page}")).location == "/sign-in/shopfactory"


async def test_every_form_of_a_page_is_good_in_a_browser_without_a_cookie(five: House, browser: Client) -> None:
    """The page hands out one cookie, and the button to sign out is keyed to that one too."""
    await customer(five, "esp")
    await sign_in(browser, "esp")
    browser.session.cookie_jar.clear(lambda cookie: cookie.key == "desk")
    page = await get(browser, "/account")
    out = re.search(r'action="/account/sign-out[^>]*>\s*<input type="hidden" name="token" value="([^"]+)"', page.text)
    assert out, page.text
    sent = await post(browser, "/account/sign-out", {"token": out[1]}, **{"Sec-Fetch-Site": "same-origin"})
    assert sent.location == "/sign-in/esp?lang=fr&out"


@pytest.mark.parametrize("lang", ["en%0d%0aSet-Cookie:%20a=b", "xx", "fr&done=x"])
async def test_a_language_that_we_do_not_write_never_reaches_a_header(five: House, browser: Client, lang: str) -> None:
    """What stands in the address is a stranger's (THREATS T6): the sign-in goes on in the account's language."""
    await customer(five, "esp")
    second = await fill(browser, "/sign-in/esp", name=NAME)
    sent = {"token": token_of(second), "name": NAME, "password": GOOD_PASSWORD}
    page = await post(browser, f"/sign-in/esp?lang={lang}", sent, **{"Sec-Fetch-Site": "same-origin"})
    assert page.location == "/account?lang=fr"
