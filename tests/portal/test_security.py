"""What the portal withstands: foreign hosts, hostile addresses, leaks by header or log, and its own mishaps."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import datetime

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from structlog.testing import capture_logs
from yarl import URL

from handlers import signed
from portal.app import build, serve
from portal.pages import Pages
from portal.security import HEADERS, names
from tests.builders import GOOD_PASSWORD
from tests.portal.conftest import Client, House, fill, get, make_account, post, token_of

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
    for attribute in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"):
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
        await fill(client, f"/reset/{token}", password=GOOD_PASSWORD, again=GOOD_PASSWORD)
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
    for secret in (token, GOOD_PASSWORD, account.login, account.address):
        assert secret not in json.dumps(lines, default=str)


@pytest.mark.parametrize(
    "broken",
    [
        "GET /stop/{token}\xff HTTP/1.1\r\nHost: portal.example\r\n\r\n",
        "GET /stop/{token}?" + "x" * 9000 + " HTTP/1.1\r\nHost: portal.example\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: portal.example\r\nCookie: a={token}\x01\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: portal.example\r\nTransfer-Encoding: chunked\r\n\r\npassword={token}\r\n\r\n",
    ],
)
async def test_a_request_that_cannot_be_read_is_not_quoted_in_the_log(
    house: House, caplog: pytest.LogCaptureFixture, broken: str
) -> None:
    """T8: the server knows no route then, and would write what came; the kind of error and its place are enough."""
    token = signed.token(house.desk.vault, "stop", "R-7F3K2M", house.clock())
    serving = await serve(build(house.desk), "127.0.0.1", 0)
    address = URL(serving.addresses[0])
    reader, writer = await asyncio.open_connection(address.host, address.port)
    writer.write(broken.replace("{token}", token).encode("latin-1"))
    assert (await reader.read()).startswith(b"HTTP/1.0 400")
    writer.close()
    await serving.stop()
    assert "web_protocol.py" in caplog.text
    assert token not in caplog.text


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
