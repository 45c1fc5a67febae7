"""The sign-in pages, the code, and the way on: in a browser without JavaScript, at the five services as they ship."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from aiohttp.test_utils import TestClient, TestServer

from handlers.model.session import Session
from handlers.signing_in import sign_in as handler
from portal.app import build
from tests.builders import GOOD_PASSWORD
from tests.portal.conftest import Client, House, Page, fill, get, post, token_of
from tests.portal.signing import NAME, customer, newest, pressed, sign_in


def neutral(page: Page, *names: str) -> str:
    """The page without what is the reader's own: the tokens, and the name that was typed."""
    text = re.sub(r'value="[0-9a-f]{64}"', "", page.text)
    for name in names:
        text = text.replace(name, "NAME")
    return text


async def test_OC_1_identifier_and_password_are_two_steps(five: House, browser: Client) -> None:
    """And nothing else where the service asks for nothing else."""
    await customer(five, "esp")
    page = await sign_in(browser, "esp")
    assert (page.status, page.location) == (303, "/account?lang=fr")
    assert (await get(browser, "/account")).status == 200


async def test_OC_2_the_first_page_asks_who_it_is(browser: Client) -> None:
    """Title and button as the help page has them; it cannot be sent empty."""
    page = await get(browser, "/sign-in/opcommerce")
    assert "<h1>Se connecter</h1>" in page.text
    assert "Poursuivre</button>" in page.text
    assert 'autocomplete="username"' in page.text
    assert (await fill(browser, "/sign-in/opcommerce", name=" ")).status == 422


async def test_OC_3_the_second_page_repeats_it_and_asks_for_the_password(browser: Client) -> None:
    """Masked as it is typed, with the way back."""
    page = await fill(browser, "/sign-in/opcommerce", name=NAME)
    assert "<h1>Saisir votre mot de passe</h1>" in page.text
    assert f"<dd>{NAME}</dd>" in page.text
    assert 'type="password"' in page.text
    assert 'autocomplete="current-password"' in page.text
    assert "Se connecter</button>" in page.text
    assert 'href="/sign-in/opcommerce?lang=fr"' in page.text


async def test_known_and_unknown_names_see_the_same_pages(five: House, browser: Client) -> None:
    """T15: byte for byte, at both steps, however often the password is wrong."""
    await customer(five, "opcommerce")
    for _ in range(12):
        seen = []
        for name in (NAME, "nobody@mail.example"):
            second = await fill(browser, "/sign-in/opcommerce", name=name)
            wrong = await sign_in(browser, "opcommerce", "not this one", name)
            assert (second.status, wrong.status) == (200, 422)
            seen.append(neutral(second, name) + neutral(wrong, name))
        assert seen[0] == seen[1]


async def test_a_wrong_password_is_told_in_one_neutral_sentence(five: House, browser: Client) -> None:
    """With the way that always works; what was typed does not come back."""
    await customer(five, "opcommerce")
    page = await sign_in(browser, "opcommerce", "not this one")
    assert "L’identifiant, l’adresse ou le mot de passe est incorrect." in page.text
    assert "vous permet toujours d’y accéder" in page.text
    assert "not this one" not in page.text


async def test_OC_13_the_forgotten_password_keeps_the_address(browser: Client) -> None:
    """From the password's page to the form, filled in; nothing was sent yet."""
    second = await fill(browser, "/sign-in/opcommerce", name=NAME)
    assert "Mot de passe oublié</button>" in second.text
    token = re.findall(r'name="token" value="([^"]+)"', second.text)[1]
    form = {"token": token, "address": NAME, "look": "1"}
    page = await post(browser, "/lost/opcommerce", form, **{"Sec-Fetch-Site": "same-origin"})
    assert page.status == 200
    assert f'value="{NAME}"' in page.text


async def test_OC_14_one_press_goes_on_to_the_link(five: House, browser: Client) -> None:
    """« Continuer », and the portal confirms that a link will be sent."""
    second = await fill(browser, "/sign-in/opcommerce", name=NAME)
    token = re.findall(r'name="token" value="([^"]+)"', second.text)[1]
    form = {"token": token, "address": NAME, "look": "1"}
    page = await post(browser, "/lost/opcommerce", form, **{"Sec-Fetch-Site": "same-origin"})
    assert "Continuer</button>" in page.text
    sent = await pressed(browser, page, "/lost/opcommerce", address=NAME)
    assert sent.location == "/lost/opcommerce/sent?lang=fr"
    assert "Ouvrez le lien reçu par e-mail" in (await get(browser, sent.location)).text


async def test_OC_8_the_code_page_says_where_the_code_went(five: House, browser: Client) -> None:
    """The seed's page shows the whole address: ours masks it, since knowing the password must not reveal it."""
    await customer(five, "opcommerce")
    page = await get(browser, (await sign_in(browser, "opcommerce")).location)
    assert "<h1>Renforcement de la sécurité anti-fraude</h1>" in page.text
    assert "J•••@m••••.example" in page.text
    assert NAME.lower() not in page.text.lower()
    assert 'autocomplete="one-time-code"' in page.text


async def test_OC_6_the_code_goes_on_with_the_sign_in(five: House, browser: Client) -> None:
    """Blanks between the digits are forgiven; the account is open then, and was not before."""
    await customer(five, "opcommerce")
    where = (await sign_in(browser, "opcommerce")).location
    assert where == "/sign-in/opcommerce/code?lang=fr"
    assert (await get(browser, "/account")).location == "/sign-in/opcommerce/code"
    digits = await newest(five, "sign_in_code")
    assert "Vérifier</button>" in (await get(browser, where)).text
    page = await fill(browser, where, code=f"{digits[:3]} {digits[3:]}")
    assert page.location == "/account?lang=fr"
    assert (await get(browser, page.location)).status == 200


async def test_OC_9_the_pages_code_lives_ten_minutes(five: House, browser: Client) -> None:
    """9:59 and 10:00; the page then offers a new one."""
    await customer(five, "opcommerce")
    where = (await sign_in(browser, "opcommerce")).location
    five.clock.advance(minutes=10)
    page = await fill(browser, where, code=await newest(five, "sign_in_code"))
    assert page.status == 422
    assert "Ce code n’est plus valable" in page.text
    assert (await fill(browser, where, resend="1")).location == f"{where}&sent"
    five.clock.advance(minutes=9, seconds=59)
    assert (await fill(browser, where, code=await newest(five, "sign_in_code"))).location == "/account?lang=fr"


async def test_OC_10_renvoyer_sends_a_new_one(five: House, browser: Client) -> None:
    """With a word about junk mail; too soon is told so."""
    await customer(five, "opcommerce")
    where = (await sign_in(browser, "opcommerce")).location
    page = await get(browser, where)
    assert "Vous n’avez pas reçu d’e-mail\u00a0?" in page.text
    assert "Renvoyer</button>" in page.text
    assert "indésirables" in page.text
    assert (await fill(browser, where, resend="1")).status == 429
    five.clock.advance(minutes=1)
    assert "Un nouveau code" in (await get(browser, (await fill(browser, where, resend="1")).location)).text


async def test_a_wrong_code_says_how_many_tries_remain(five: House, browser: Client) -> None:
    """Four, and so on; an empty one costs nothing."""
    await customer(five, "opcommerce")
    where = (await sign_in(browser, "opcommerce")).location
    digits = await newest(five, "sign_in_code")
    assert (await fill(browser, where, code="")).status == 422
    page = await fill(browser, where, code=f"{(int(digits) + 1) % 10**6:06}")
    assert "Il vous reste 4 essais." in page.text


async def test_OC_7_the_browser_is_known_afterwards(five: House, browser: Client, elsewhere: Client) -> None:
    """Signing out does not make it a stranger; another browser is one."""
    await customer(five, "opcommerce")
    where = (await sign_in(browser, "opcommerce")).location
    await fill(browser, where, code=await newest(five, "sign_in_code"))
    account = await get(browser, "/account")
    out = await pressed(browser, account, "/account/sign-out")
    assert out.location == "/sign-in/opcommerce?lang=fr&out"
    assert (await sign_in(browser, "opcommerce")).location == "/account?lang=fr"
    assert (await sign_in(elsewhere, "opcommerce")).location == where


async def test_cookies_are_for_the_browser_alone(five: House, browser: Client) -> None:
    """No script reads them, no form of another site brings them along; the session's ends with the browser."""
    await customer(five, "esp")
    await fill(browser, "/sign-in/esp", name=NAME)
    second = await fill(browser, "/sign-in/esp", name=NAME)
    form = {"token": token_of(second), "name": NAME, "password": GOOD_PASSWORD}
    async with browser.post("/sign-in/esp", data=form, allow_redirects=False) as response:
        cookies = {one.partition("=")[0]: one for one in response.headers.getall("Set-Cookie")}
    assert set(cookies) == {"session", "browser", "service"}
    assert all("HttpOnly" in one and "SameSite=Lax" in one and "Path=/" in one for one in cookies.values())
    assert "Max-Age" not in cookies["session"]
    assert all(f"Max-Age={365 * 86400}" in cookies[name] for name in ("browser", "service"))


async def test_over_https_the_cookies_cannot_be_set_by_neighbours(five: House) -> None:
    """The __Host- prefix: no subdomain and no plain connection plants a session."""
    await customer(five, "esp")
    desk = replace(five.desk, portal_url="https://portal.example")
    onward = await handler.begin(desk, "esp", NAME, GOOD_PASSWORD, handler.Visitor(language="fr"))
    async with TestClient(TestServer(build(desk))) as client:
        client.session.headers["Host"] = "portal.example"
        named = await get(client, "/account", Cookie=f"__Host-session={onward.session.value}")
        plain = await get(client, "/account", Cookie=f"session={onward.session.value}")
    assert (named.status, plain.status) == (200, 303)


@pytest.mark.parametrize(
    "path",
    ["/account", "/account/password", "/account/hosting", "/account/steps", "/sign-in/opcommerce/code"],
)
async def test_without_a_session_there_is_only_the_sign_in(five: House, browser: Client, path: str) -> None:
    """Where the address or the cookie names the service, its page; else the front page. Nothing is made by looking."""
    unnamed = "/sign-in/opcommerce" if "opcommerce" in path else "/"
    assert (await get(browser, path)).location == unnamed
    old = "opcommerce." + "x" * 43
    assert (await get(browser, path, Cookie=f"session={old}")).location == "/sign-in/opcommerce"
    assert (await get(browser, path, Cookie="session=//evil.example")).location == unnamed
    assert await five.desk.store.find(Session) == []


async def test_a_session_of_one_service_is_none_of_another(five: House, browser: Client) -> None:
    """The same token under another service's name opens nothing."""
    await customer(five, "esp")
    await sign_in(browser, "esp")
    cookie = next(one.value for one in browser.session.cookie_jar if one.key == "session")
    forged = "o2switch." + cookie.partition(".")[2]
    browser.session.cookie_jar.clear()
    assert (await get(browser, "/account", Cookie=f"session={forged}")).location == "/sign-in/o2switch"


@pytest.mark.parametrize(
    "path", ["/sign-in/esp", "/account/password", "/account/sign-out", "/account/steps", "/sign-in/esp/change"]
)
async def test_no_other_site_sends_our_forms(five: House, browser: Client, path: str) -> None:
    """CSRF: without the page's token, or from elsewhere, nothing happens, sign-in and sign-out included."""
    await customer(five, "esp")
    await sign_in(browser, "esp")
    form = {"name": NAME, "password": GOOD_PASSWORD, "old": GOOD_PASSWORD, "again": GOOD_PASSWORD}
    assert (await post(browser, path, form)).status == 403
    assert (await post(browser, path, form | {"token": "0" * 64}, **{"Sec-Fetch-Site": "cross-site"})).status == 403
    assert (await get(browser, "/account")).status == 200


async def test_looking_at_a_page_changes_nothing(five: House, browser: Client) -> None:
    """T9: not a byte of the store, signed in or not."""
    await customer(five, "shopfactory", hosted=True)
    await sign_in(browser, "shopfactory", name="durand42")
    before = five.bytes()
    for path in ("/sign-in/shopfactory", "/account", "/account/password", "/account/hosting", "/account/steps"):
        for _ in range(3):
            assert (await get(browser, path)).status == 200
    assert five.bytes() == before


async def test_the_language_is_kept_all_the_way(five: House, browser: Client) -> None:
    """A reader who chose English on the first page has English on the last."""
    await customer(five, "opcommerce")
    second = await fill(browser, "/sign-in/opcommerce?lang=en", name=NAME)
    form = {"token": token_of(second), "name": NAME, "password": GOOD_PASSWORD}
    page = await post(browser, "/sign-in/opcommerce?lang=en", form, **{"Sec-Fetch-Site": "same-origin"})
    assert page.location == "/sign-in/opcommerce/code?lang=en"


async def test_a_service_nobody_has_heard_of_has_no_sign_in(browser: Client) -> None:
    """404, and not somebody else's page."""
    assert (await get(browser, "/sign-in/nobody")).status == 404
