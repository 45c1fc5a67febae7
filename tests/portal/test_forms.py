"""Which forms are read: ours, whole, small, in time, and handed out to this browser by this page."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from structlog.testing import capture_logs
from yarl import URL

from portal import forms
from portal.app import build, serve
from tests.builders import GOOD_PASSWORD
from tests.portal.conftest import Client, House, get, make_account, post, token_of


@pytest.mark.parametrize(
    "foreign",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "https://portal.example"},
        {"Origin": "http://portal.example:8080"},
        {"Origin": "null", "Sec-Fetch-Site": "cross-site"},
    ],
)
async def test_form_from_another_site_is_refused(house: House, client: Client, foreign: dict[str, str]) -> None:
    """CSRF: even with cookie and token, a form that comes from elsewhere changes nothing."""
    token = await house.link(await house.add(make_account()))
    form = {"token": token_of(await get(client, f"/reset/{token}")), "password": GOOD_PASSWORD, "again": GOOD_PASSWORD}
    before = house.bytes()
    page = await post(client, f"/reset/{token}?lang=fr", form, **foreign)
    assert page.status == 403
    assert "Ce formulaire n’a pas été accepté" in page.text
    assert house.bytes() == before


@pytest.mark.parametrize("path", ["/lost/shop", "/reset/{link}", "/code/{code}"])
async def test_every_form_needs_its_token(house: House, client: Client, path: str) -> None:
    """CSRF: without the token, with another page's, or with a changed one, no form is taken."""
    link = await house.link(await house.add(make_account()))
    code, digits = await house.code(
        await house.add(make_account("A-2", service="opc", login="b", address="b@x.example"))
    )
    path = path.format(link=link, code=code)
    good = token_of(await get(client, path))
    other = token_of(await get(client, "/lost/opc"))
    fields = {"password": GOOD_PASSWORD, "again": GOOD_PASSWORD, "code": digits, "login": "x", "address": "x@x.example"}
    before = house.bytes()
    for token in ("", other, good[:-1], good + "a", "é"):
        assert (await post(client, path, {"token": token, **fields})).status == 403
    assert house.bytes() == before
    assert (await post(client, path, {"token": good, **fields})).status in (200, 303)


async def test_token_belongs_to_one_browser(house: House, client: Client) -> None:
    """CSRF: a token that the attacker fetched for himself is worth nothing in the victim's browser."""
    attackers = token_of(await get(client, "/lost/opc"))
    client.session.cookie_jar.clear()
    await get(client, "/lost/opc")
    page = await post(client, "/lost/opc", {"token": attackers, "address": "jean@mail.example"})
    assert page.status == 403


async def test_missing_cookie_is_explained(client: Client) -> None:
    """A browser that keeps no cookies is told what to allow, and led back to the page."""
    token = token_of(await get(client, "/lost/opc"))
    client.session.cookie_jar.clear()
    page = await post(client, "/lost/opc?lang=en", {"token": token, "address": "jean@mail.example"})
    assert page.status == 403
    assert "Allow cookies for this site" in page.text
    assert 'class="button" href="?lang=en"' in page.text


async def test_browser_of_our_own_page_may_write_null(client: Client) -> None:
    """Under no-referrer a browser writes `Origin: null` for our own forms; that alone is no reason to refuse."""
    token = token_of(await get(client, "/lost/opc"))
    own = {"Origin": "null", "Sec-Fetch-Site": "same-origin"}
    assert (await post(client, "/lost/opc", {"token": token, "address": "a@mail.example"}, **own)).status == 303


async def test_oversized_form_is_refused(client: Client) -> None:
    """A body beyond 16 KiB is not read to its end, whether or not it admits its length."""
    big = b"token=x&address=" + b"a" * 40_000
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    assert (await post(client, "/lost/opc", big, **form)).status == 413

    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(40):
            yield b"a" * 1000

    assert (await post(client, "/lost/opc", pieces(), **form)).status == 413


async def test_slow_form_is_given_up(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """A body that never ends does not hold a connection for ever."""
    monkeypatch.setattr(forms, "SECONDS", 0.05)

    async def endless() -> AsyncIterator[bytes]:
        yield b"token="
        await asyncio.sleep(5)

    form = {"Content-Type": "application/x-www-form-urlencoded"}
    assert (await post(client, "/lost/opc", endless(), **form)).status == 408


@pytest.mark.parametrize("kind", ["application/json", "multipart/form-data", "text/plain"])
async def test_other_kinds_of_body_are_refused(client: Client, kind: str) -> None:
    """Only the one kind of form that our pages send is read."""
    assert (await post(client, "/lost/opc", b"{}", **{"Content-Type": kind})).status == 415


@pytest.mark.parametrize("raw", [b"token=%ff%fe", "token=é".encode(), b"&".join(b"f%d=1" % n for n in range(20))])
async def test_garbled_form_is_refused(client: Client, raw: bytes) -> None:
    """What is not a form in UTF-8, or has more fields than any of ours, is answered with 400."""
    page = await post(client, "/lost/opc", raw, **{"Content-Type": "application/x-www-form-urlencoded"})
    assert page.status == 400


async def test_compressed_form_is_refused(client: Client) -> None:
    """A body that unpacks to who knows what is not unpacked."""
    form = {"Content-Type": "application/x-www-form-urlencoded", "Content-Encoding": "gzip"}
    assert (await post(client, "/lost/opc", b"not really", **form)).status == 415


async def test_browser_that_goes_away_is_no_error(house: House) -> None:
    """A connection that breaks off in the middle of a form is the sender's affair: no error of ours in the log."""
    serving = await serve(build(house.desk), "127.0.0.1", 0)
    url = URL(serving.addresses[0])
    with capture_logs() as lines:
        _, writer = await asyncio.open_connection(url.host, url.port)
        writer.write(
            b"POST /lost/opc HTTP/1.1\r\nHost: portal.example\r\n"
            b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 100\r\n\r\ntoken="
        )
        await asyncio.sleep(0.1)
        writer.close()
        await asyncio.sleep(0.1)
    await serving.stop()
    assert [(line["event"], line.get("status")) for line in lines] == [("portal.answered", 400)]
