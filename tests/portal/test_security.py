"""What the portal withstands: foreign hosts, foreign forms, oversized and slow bodies, and its own mishaps."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from structlog.testing import capture_logs
from yarl import URL

from portal import forms
from portal.app import build, serve
from portal.pages import Pages
from portal.security import HEADERS, names
from tests.portal.conftest import GOOD, Client, House, fill, get, make_account, post, token_of

HOST = "portal.example"


@pytest.mark.parametrize(
    "path", ["/", "/lost/shop", "/lost/nobody", "/reset/x", "/code/x", "/robots.txt", "/favicon.ico"]
)
async def test_every_answer_is_hardened(client: Client, path: str) -> None:
    """T8: no referrer, no cache, no script, no frame, no index, on pages and on errors alike."""
    page = await get(client, path)
    for name, value in HEADERS.items():
        assert page.headers[name] == value
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert page.headers["Cache-Control"] == "no-store"
    assert "Strict-Transport-Security" not in page.headers
    assert "aiohttp" not in page.headers["Server"]


async def test_https_is_made_to_stay(https_client: Client) -> None:
    """Behind TLS the browser is told to come back by TLS only, and the cookie is bound to this host."""
    page = await get(https_client, "/lost/shop")
    assert "max-age=31536000" in page.headers["Strict-Transport-Security"]
    cookie = page.headers["Set-Cookie"]
    assert cookie.startswith("__Host-desk=")
    for attribute in ("Secure", "HttpOnly", "SameSite=Strict", "Path=/"):
        assert attribute in cookie
    assert "Domain" not in cookie


async def test_form_works_behind_tls(https_client: Client) -> None:
    """The cookie and the form's token of an https portal are accepted together."""
    page = await get(https_client, "/lost/opc")
    cookie = page.headers["Set-Cookie"].partition(";")[0]
    data = {"token": token_of(page), "address": "jean@mail.example"}
    sent = await post(https_client, "/lost/opc", data, Cookie=cookie, Origin="https://portal.example")
    assert sent.status == 303


@pytest.mark.parametrize(
    "host", ["evil.example", "portal.example.evil.example", "portal.example:8080", "127.0.0.1", ""]
)
async def test_foreign_host_is_turned_away(house: House, client: Client, host: str) -> None:
    """T7: only the configured name is answered; a forged Host gets 421 and finds its way into no page."""
    token = await house.link(await house.add(make_account()))
    page = await get(client, f"/reset/{token}", Host=host)
    assert page.status == 421
    assert host == "" or host not in page.text


async def test_forwarded_host_is_never_read(house: House, client: Client) -> None:
    """T7: X-Forwarded-Host and Forwarded change no link, no redirect and no page."""
    forged = {"X-Forwarded-Host": "evil.example", "Forwarded": "host=evil.example", "X-Forwarded-Proto": "https"}
    token = await house.link(await house.add(make_account()))
    page = await get(client, f"/reset/{token}", **forged)
    assert page.status == 200
    assert "evil.example" not in page.text
    lost = await get(client, "/lost/opc", **forged)
    sent = await post(client, "/lost/opc", {"token": token_of(lost), "address": "jean@mail.example"}, **forged)
    assert sent.location == "/lost/opc/sent?lang=fr"


@pytest.mark.parametrize(
    ("url", "hosts"),
    [
        ("https://desk.example", {"desk.example", "desk.example:443"}),
        ("http://127.0.0.1:8080", {"127.0.0.1:8080"}),
        ("http://[::1]:8080", {"[::1]:8080"}),
        ("http://desk.example", {"desk.example", "desk.example:80"}),
    ],
)
def test_host_names_follow_the_portals_address(url: str, hosts: set[str]) -> None:
    """What a browser may write in Host is known from the configured address alone."""
    assert names(URL(url)) == hosts


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
    form = {"token": token_of(await get(client, f"/reset/{token}")), "password": GOOD, "again": GOOD}
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
    fields = {"password": GOOD, "again": GOOD, "code": digits, "login": "x", "address": "x@x.example"}
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


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
async def test_other_methods_are_refused(client: Client, method: str) -> None:
    """A page can be read and posted to, nothing else; the answer names what is allowed."""
    async with client.request(method, "/lost/shop") as response:
        assert response.status == 405
        assert response.headers["Allow"] == "GET,HEAD,POST"


@pytest.mark.parametrize(
    "path",
    [
        "/reset/%ff",
        "/reset/%00",
        "/code/%F0%9F%92%A9",
        "/reset/" + "a" * 4000,
        "/reset/..%2f..%2fetc",
        "/code/%ED%A0%80",
    ],
)
async def test_hostile_token_is_an_unknown_token(client: Client, path: str) -> None:
    """Rule 9: whatever stands where a token should is looked up, found unknown, and nothing else."""
    async with client.get(URL(path, encoded=True)) as response:
        assert response.status == 410


@pytest.mark.parametrize(
    "path",
    ["//evil.example/x", "/lost/%22%3E%3Cscript%3E", "/lost/shop%0d%0aSet-Cookie:x=1", "/lost/%ff", "/%5cevil.example"],
)
async def test_hostile_path_leads_nowhere(client: Client, path: str) -> None:
    """No part of a path that we do not know comes back in a page, a link or a header."""
    url = URL(f"http://{client.host}:{client.port}{path}", encoded=True)
    async with client.session.get(url, allow_redirects=False) as response:
        text = await response.text()
        assert response.status == 404
        assert "evil" not in text
        assert "script" not in text
        assert "Set-Cookie" not in response.headers


async def test_nothing_is_for_search_engines(client: Client) -> None:
    """Robots are told to leave everything alone; the icon that browsers ask for does not exist."""
    assert (await get(client, "/robots.txt")).text == "User-agent: *\nDisallow: /\n"
    assert (await get(client, "/favicon.ico")).status == 204


async def test_stylesheet_may_be_kept_for_ever(client: Client) -> None:
    """The stylesheet's name carries its content's hash, so that a browser fetches it once."""
    page = await get(client, Pages().style_path)
    assert page.status == 200
    assert page.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert page.headers["Content-Type"].startswith("text/css")
    assert (await get(client, "/style.000000000000.css")).status == 404


async def test_log_has_routes_and_no_tokens(house: House, client: Client) -> None:
    """T8: the access log names the route's template; no token, address, login or password is in it."""
    account = await house.add(make_account())
    token = await house.link(account)
    with capture_logs() as lines:
        await fill(client, f"/reset/{token}", password=GOOD, again=GOOD)
        await fill(client, "/lost/shop", login=account.login, address=account.address)
        await get(client, f"/nothing/{token}")
    answered = [line for line in lines if line["event"] == "portal.answered"]
    assert [(line["method"], line["route"], line["status"]) for line in answered] == [
        ("GET", "/reset/{token}", 200),
        ("POST", "/reset/{token}", 200),
        ("GET", "/lost/{service}", 200),
        ("POST", "/lost/{service}", 303),
        ("GET", "-", 404),
    ]
    for secret in (token, GOOD, account.login, account.address):
        assert secret not in json.dumps(lines, default=str)


async def test_unforeseen_error_tells_nothing(house: House) -> None:
    """What nobody foresaw is a plain page outside and one line inside, without the words of the error."""

    def broken() -> datetime:
        raise ZeroDivisionError("the customer's secret")

    token = await house.link(await house.add(make_account()))
    async with TestClient(TestServer(build(replace(house.desk, clock=broken)))) as client:
        client.session.headers["Host"] = HOST
        with capture_logs() as lines:
            page = await get(client, f"/reset/{token}?lang=en")
    assert page.status == 500
    assert "Something went wrong on our side" in page.text
    assert "ZeroDivision" not in page.text
    errors = [line for line in lines if line["log_level"] == "error"]
    assert [line["error"] for line in errors] == ["ZeroDivisionError"]
    assert "secret" not in json.dumps(errors)


async def test_signed_machines_come_in_beside_the_pages(house: House) -> None:
    """Slack's endpoint shares the listener: no form token, its own body, its own limits, whatever its Host says."""

    async def events(request: web.Request) -> web.Response:
        return web.json_response({"read": len(await request.read())})

    app = build(house.desk, lambda app: app.router.add_post("/slack/events", events))
    async with TestClient(TestServer(app)) as client:
        page = await post(client, "/slack/events", b"{" + b" " * 100_000 + b"}", **{"Content-Type": "application/json"})
        assert page.status == 200
        assert json.loads(page.text) == {"read": 100_002}
        assert (await get(client, "/lost/shop")).status == 421


async def test_serving_stops_and_frees_its_port(house: House) -> None:
    """`serve` answers at the address it tells, and lets go of the port when stopped."""
    serving = await serve(build(house.desk), "127.0.0.1", 0)
    address = URL(serving.addresses[0])
    reader, writer = await asyncio.open_connection(address.host, address.port)
    writer.write(b"GET /robots.txt HTTP/1.1\r\nHost: portal.example\r\nConnection: close\r\n\r\n")
    assert (await reader.read()).startswith(b"HTTP/1.1 200 OK")
    writer.close()
    await serving.stop()
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection(address.host, address.port)
