"""The pages of the second factor: set up, asked for, lost, taken off; under the policy that lets no script run."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pyotp
import pytest
import segno

from handlers.model.account import Account
from handlers.model.case import Case
from handlers.model.second_factor import SecondFactor
from handlers.model.service import SecondFactor as Policy
from portal.qr import drawing
from tests.builders import GOOD_PASSWORD, MovingClock, make_desk, open_store
from tests.portal.conftest import STRICT, Client, House, Page, fill, get, make_service, post, token_of
from tests.portal.factored import code, customer_with_app, key_of, reset_link
from tests.portal.signing import customer, newest, sign_in

HERE = "/account/second-factor"
SETUP = f"{HERE}/setup"
FACTOR = "/sign-in/prof/factor"


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    """A desk with one service, which has both methods."""
    (tmp_path / "store").mkdir()
    service = make_service("prof", **STRICT, second_factor=Policy(methods=("totp", "mail")))
    clock = MovingClock()
    async with open_store(tmp_path / "store") as store:
        yield House(make_desk(store, service, portal_url="http://portal.example", clock=clock), clock, store.path)


async def signed_in(client: Client, house: House) -> None:
    """A customer without a second factor, at the account."""
    await customer(house, "prof", language="en")
    assert (await sign_in(client, "prof")).location == "/account?lang=en"


async def set_up(client: Client, house: House) -> tuple[pyotp.TOTP, Page]:
    """The customer's app, and the page with the recovery codes."""
    await signed_in(client, house)
    assert (await fill(client, HERE, password=GOOD_PASSWORD, method="totp")).location == f"{SETUP}?lang=en"
    page = await get(client, SETUP)
    app = key_of(page.text)
    return app, await _send(client, SETUP, page, code=code(house, app))


async def test_CP_9_the_page_shows_the_key_as_picture_text_and_link(client: Client, house: House) -> None:
    """The picture holds the very address that the link opens, and needs nothing that the policy forbids."""
    await signed_in(client, house)
    await fill(client, HERE, password=GOOD_PASSWORD, method="totp")
    page = await get(client, SETUP)
    uri = re.search(r'href="(otpauth:[^"]+)"', page.text)
    assert uri
    app = pyotp.parse_uri(uri.group(1))
    assert app.secret == key_of(page.text).secret
    assert str(drawing(uri.group(1), "QR code with the key that stands below it as text")) in page.text
    assert "style=" not in page.text
    assert "<script" not in page.text
    assert "style-src 'self'" in page.headers["Content-Security-Policy"]


def test_CP_9_the_picture_is_the_code_of_the_text() -> None:
    """Each dark square of the drawing is one of the code's, within a quiet zone of four (ISO/IEC 18004)."""
    text = "otpauth://totp/Shop:durand42?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Shop"
    svg = str(drawing(text, "a <label>"))
    assert 'aria-label="a &lt;label&gt;"' in svg
    assert dark_squares(svg) == [
        (x + 4, y + 4)
        for y, row in enumerate(segno.make(text, error="m", micro=False).matrix)
        for x, square in enumerate(row)
        if square
    ]


async def test_CP_11_every_sign_in_asks_for_the_code(client: Client, house: House) -> None:
    """After the password comes the field for the code; the right one leads to the account, once."""
    app = await customer_with_app(house, "prof")
    assert (await sign_in(client, "prof")).location == f"{FACTOR}?lang=fr"
    page = await get(client, FACTOR)
    assert 'autocomplete="one-time-code"' in page.text
    assert (await get(client, "/account")).location == FACTOR
    assert (await _send(client, FACTOR, page, code="000000")).status == 422
    done = await _send(client, FACTOR, page, code=code(house, app))
    assert (done.status, done.location) == (303, "/account?lang=fr")
    await sign_in(client, "prof")
    assert (await fill(client, FACTOR, code=code(house, app))).status == 422


async def test_CP_12_mail_is_switched_on_with_a_code_and_a_warning(client: Client, house: House) -> None:
    """CP.28 stands beside the button, the digits come by mail, and the next sign-in asks for such a code."""
    await signed_in(client, house)
    assert "Whoever can read it then holds both keys" in (await get(client, HERE)).text
    await fill(client, HERE, password=GOOD_PASSWORD, method="mail")
    done = await fill(client, SETUP, code=await newest(house, "second_factor_code"))
    assert "Your recovery codes" in done.text
    assert (await sign_in(client, "prof")).location == "/sign-in/prof/code?lang=en"


async def test_a_recovery_code_gets_in_where_the_mail_does_not_come(client: Client, house: House) -> None:
    """The page of the mailed code leads to the field for it."""
    await signed_in(client, house)
    await fill(client, HERE, password=GOOD_PASSWORD, method="mail")
    page = await fill(client, SETUP, code=await newest(house, "second_factor_code"))
    await sign_in(client, "prof")
    assert f'href="{FACTOR}?lang=en"' in (await get(client, "/sign-in/prof/code")).text
    assert (await fill(client, FACTOR, code=recovery_codes(page)[0])).location == "/account?lang=en"


async def test_recovery_codes_are_shown_once(client: Client, house: House) -> None:
    """Ten of them, on the answer that switched the factor on, and on no page after it."""
    _, page = await set_up(client, house)
    codes = recovery_codes(page)
    assert len(set(codes)) == 10
    assert page.headers["Cache-Control"] == "no-store"
    assert "hreflang" not in page.text, "another language is another request, and the codes would be gone"
    for path in (HERE, SETUP, f"{HERE}/codes", f"{HERE}/remove", "/account"):
        assert not [one for one in codes if one in (await get(client, path)).text]
    await sign_in(client, "prof")
    assert (await fill(client, FACTOR, code=codes[0])).location == "/account?lang=en"


async def test_looking_changes_nothing(client: Client, house: House) -> None:
    """Neither on the account's pages nor behind the link (T9)."""
    await signed_in(client, house)
    for path in (HERE, SETUP, f"{HERE}/codes", f"{HERE}/remove"):
        await get(client, path)
        async with client.head(path) as response:
            assert response.status == 200
    assert not await house.desk.store.find(SecondFactor)


@pytest.mark.parametrize("path", [HERE, SETUP, f"{HERE}/codes", f"{HERE}/remove", FACTOR, "/sign-in/prof/lost-factor"])
async def test_no_page_is_for_strangers_and_no_form_from_elsewhere(client: Client, house: House, path: str) -> None:
    """Without a session it leads to the sign-in; without its token a form is refused (CSRF)."""
    assert (await get(client, path)).status == 303
    assert (await post(client, path, {"method": "totp", "code": "123456"})).status == 403


async def test_removing_needs_both_and_signs_out_everybody_else(client: Client, house: House) -> None:
    """What is missing or wrong stands beside its field; the session of whoever did it goes on."""
    app, _ = await set_up(client, house)
    house.clock.advance(minutes=1)
    path, right = f"{HERE}/remove", code(house, app)
    assert "Type the password you use now." in (await fill(client, path, password="", code=right)).text
    assert "This is not the password" in (await fill(client, path, password="no", code=right)).text
    assert "This code is not right" in (await fill(client, path, password=GOOD_PASSWORD, code="000000")).text
    done = await fill(client, path, password=GOOD_PASSWORD, code=right)
    assert done.location.startswith(f"{HERE}?lang=en&done=off.")
    assert "Two-step verification is off" in (await get(client, done.location)).text
    assert (await sign_in(client, "prof")).location == "/account?lang=en"


async def test_CP_27_from_lost_to_set_up_again(client: Client, house: House) -> None:
    """The page says what it did, staff approve, the link asks, and the next sign-in leads to the set-up."""
    await customer_with_app(house, "prof")
    await sign_in(client, "prof")
    asked = await fill(client, "/sign-in/prof/lost-factor")
    assert asked.location == "/sign-in/prof/lost-factor/sent?lang=fr"
    assert (await get(client, asked.location)).status == 200
    path = f"/second-factor/{await reset_link(house)}"
    await get(client, path)
    assert await _factor(house) == "totp"
    assert (await fill(client, path)).status == 200
    assert await _factor(house) == ""
    assert (await get(client, path)).status == 410
    assert (await sign_in(client, "prof")).location == f"{HERE}?lang=fr"
    case = next(one for one in await house.desk.store.find(Case) if one.asked == "second_factor")
    assert case.state == "redeemed"


async def test_a_key_that_cannot_be_checked_leads_straight_to_the_set_up(client: Client, house: House) -> None:
    """After the password and a code by mail, never without them."""
    await customer_with_app(house, "prof", secret="JBSWY3DPEHPK3PXP")
    assert (await sign_in(client, "prof")).location == "/sign-in/prof/code?lang=fr"
    done = await fill(client, "/sign-in/prof/code", code=await newest(house, "sign_in_code"))
    assert done.location == f"{HERE}?lang=fr"
    assert "ne peut plus être vérifiée" in (await get(client, HERE)).text


async def test_guessing_is_told_when_to_try_again(client: Client, house: House) -> None:
    """429, with the time; the code of the moment is not compared."""
    app = await customer_with_app(house, "prof")
    await sign_in(client, "prof")
    page = await get(client, FACTOR)
    for _ in range(10):
        assert (await _send(client, FACTOR, page, code="000000")).status == 422
    limited = await _send(client, FACTOR, page, code=code(house, app))
    assert (limited.status, limited.headers["Retry-After"]) == (429, "600")


async def _send(client: Client, path: str, page: Page, **fields: str) -> Page:
    return await post(client, path, {"token": token_of(page), **fields}, **{"Sec-Fetch-Site": "same-origin"})


async def _factor(house: House) -> str:
    account = await house.desk.store.get(Account, "A-1")
    assert account
    return account.second_factor


def recovery_codes(page: Page) -> list[str]:
    """Those that the page shows."""
    return re.findall(r"\b[0-9A-Z]{5}-[0-9A-Z]{5}\b", page.text)


def dark_squares(svg: str) -> list[tuple[int, int]]:
    """Where the drawing's path, a line of height one for each run of squares, is dark; row by row."""
    path = re.search(r'stroke="#000" d="([^"]+)"', svg)
    assert path
    steps = re.findall(r"([Mmh])([-\d.]+)(?: ?([-\d.]+))?", path.group(1))
    found, x, y = [], 0.0, 0.0
    for what, first, second in steps:
        if what == "h":
            found += [(int(x) + step, int(y)) for step in range(int(first))]
            x += int(first)
        else:
            x = float(first) + (x if what == "m" else 0)
            y = float(second) + (y if what == "m" else 0)
    return found
