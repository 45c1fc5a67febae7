"""E1 and E2: a click and a look-up, beside Bolt listeners that do nothing.

The server is a process of its own, as it would be; requests are signed, of the size of Slack's, one at a time on a kept
connection, and go to the references and to the desk in turns, so that a noisy moment hits all of them.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory, TemporaryFile
from typing import Any
from urllib.parse import urlencode

import aiohttp
from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.signature import SignatureVerifier
from slack_sdk.web.async_client import AsyncWebClient

from bench import Row
from bot.app import Bot, Connection
from handlers import cases
from handlers.configuration.services import Services
from handlers.desk import Desk
from handlers.files.blobs import Blobs
from handlers.model.account import Account
from handlers.model.case import Case
from handlers.model.evidence import Evidence
from handlers.model.service import Offer, Service
from handlers.model.staff import DESK
from handlers.store.tiny import TinyStore
from handlers.vault import Secret, Vault

ACCOUNTS = 100_000
SECRET = "bench-signing-secret"
AGENT = "U01AYSE"
WARM = 20
PADDING = "x" * 2600
REFERENCES = ("default", "empty")
SERVICE = Service(
    id="bench",
    name="Bench",
    language="fr",
    mailboxes=("support@bench.example",),
    sender="Bench <support@bench.example>",
    offer=Offer(actions=("send_link",)),
)


async def run(rounds: int) -> list[Row]:
    """Click and look up `rounds` times each; the figures are medians, or the 99th in a hundred where it says so."""
    async with _server(rounds + WARM) as url, aiohttp.ClientSession() as http:
        clicks = await _measured(http, url, rounds, _click)
        finds = await _measured(http, url, rounds * 5, _command)
    default, empty, desk = (median(clicks[name]) for name in ("default", "empty", "desk"))
    above = _p99(finds["desk"]) - _p99(finds["empty"])
    syncs = await asyncio.to_thread(_syncs, rounds * 5)
    return [
        Row("click answered by an empty listener, Bolt's default", default, "ms"),
        Row("click answered by an empty listener, answer after work", empty, "ms"),
        Row("click decided, durable and answered by the desk", desk, "ms"),
        Row("  that is, of Bolt's default", desk / default, "×", goal="at most 0.25"),
        Row("  that is, of the empty listener", desk / empty, "×", goal="at most 1.6"),
        Row(f"find among {ACCOUNTS:,} accounts, 99th in a hundred", _p99(finds["desk"]), "ms"),
        Row("  above an empty command", above, "ms", goal="at most 2"),
        Row("a bare sync of 1,500 bytes on this disk", median(syncs), "ms"),
        Row("  99th in a hundred; both clicks and finds have one", _p99(syncs), "ms"),
    ]


async def _measured(
    http: aiohttp.ClientSession, url: str, rounds: int, body: Callable[[int], str]
) -> dict[str, list[float]]:
    """Milliseconds of each request by path, the paths in turns; the first ones warm up and do not count."""
    taken: dict[str, list[float]] = {name: [] for name in (*REFERENCES, "desk")}
    for number in range(rounds + WARM):
        for name, times in taken.items():
            text = body(number)
            headers = _signed(text)
            start = time.perf_counter()
            async with http.post(f"{url}/{name}", data=text, headers=headers) as response:
                await response.read()
            times.append((time.perf_counter() - start) * 1000)
            assert response.status == 200, f"{name} answered {response.status}"
    return {name: times[WARM:] for name, times in taken.items()}


def _click(number: int) -> str:
    payload = {
        "type": "block_actions",
        "team": {"id": "T01DESK"},
        "user": {"id": AGENT, "team_id": "T01DESK"},
        "actions": [{"type": "button", "action_id": "send_link", "value": f"{_case_id(number)}:1"}],
        "message": {"text": PADDING},
    }
    return urlencode({"payload": json.dumps(payload)})


def _command(number: int) -> str:
    login = f"login{number * 7919 % ACCOUNTS:06}"
    return urlencode({"command": "/recover", "text": f"find {login}", "user_id": AGENT, "team_id": "T01DESK"})


def _signed(body: str) -> dict[str, str]:
    timestamp = str(int(time.time()))
    return {
        "Content-Type": "application/x-www-form-urlencoded",
        "X-Slack-Request-Timestamp": timestamp,
        "X-Slack-Signature": str(SignatureVerifier(SECRET).generate_signature(timestamp=timestamp, body=body)),
    }


def _syncs(count: int) -> list[float]:
    """Milliseconds of syncing to where the server keeps its store: no durable answer is faster."""
    taken = []
    with TemporaryFile() as file:
        for _ in range(count):
            start = time.perf_counter()
            os.write(file.fileno(), b"x" * 1500)
            os.fdatasync(file.fileno())
            taken.append((time.perf_counter() - start) * 1000)
    return taken


def _p99(times: list[float]) -> float:
    return quantiles(times, n=100)[98]


def _case_id(number: int) -> str:
    return f"R-{number:06}"


@asynccontextmanager
async def _server(clicks: int) -> AsyncIterator[str]:
    """The server's address, in a process of its own, when its accounts and cases are there."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.bench_slack", str(clicks), stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        async for line in process.stdout:
            if line.startswith(b"http://"):
                break
        else:
            raise RuntimeError("The server did not start; what it said stands above.")
        yield line.decode().strip()
    finally:
        process.terminate()
        await process.wait()


async def _serve(clicks: int) -> None:
    """Answer clicks and commands at `/default`, `/empty` and `/desk`, and stand in for Slack at `/api/…`."""
    with TemporaryDirectory() as folder:
        # Filled and opened again, so that no snapshot of the filling runs beside the measured requests.
        filling = await _open(Path(folder))
        await _fill(filling, clicks)
        await filling.store.close()
        desk = await _open(Path(folder))
        app = web.Application()
        app.router.add_route("*", "/api/{method}", _slack)
        runner = web.AppRunner(app)
        bolt: dict[str, Callable[[web.Request], Awaitable[web.Response]]] = {}
        app.router.add_post("/{name}", lambda request: bolt[request.match_info["name"]](request))
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        bolt |= {"default": _empty(url, at_once=False), "empty": _empty(url, at_once=True), "desk": _desk(desk, url)}
        print(url, flush=True)
        await asyncio.Event().wait()


async def _open(folder: Path) -> Desk:
    store = await TinyStore.open(folder / "desk.json", kinds=(Account, Case))
    services, vault = Services({"bench": SERVICE}), Vault([b"b" * 32])
    return Desk(store, services, vault, "https://b", blobs=Blobs(folder / "documents", vault))


def _desk(desk: Desk, url: str) -> Callable[[web.Request], Awaitable[web.Response]]:
    connection = Connection(
        bot_token=Secret("xoxb-bench"),
        signing_secret=Secret(SECRET),
        api_url=f"{url}/api/",
        channel="C1",
        agents=frozenset({AGENT}),
    )
    return Bot(desk, connection).events


def _empty(url: str, *, at_once: bool) -> Callable[[web.Request], Awaitable[web.Response]]:
    app = AsyncApp(
        signing_secret=SECRET,
        client=AsyncWebClient(token="xoxb-bench", base_url=f"{url}/api/"),
        process_before_response=at_once,
    )

    async def nothing(ack: AsyncAck) -> None:
        await ack()

    app.action("send_link")(nothing)
    app.command("/recover")(nothing)

    async def answer(request: web.Request) -> web.Response:
        return await to_aiohttp_response(await app.async_dispatch(await to_bolt_request(request)))

    return answer


async def _slack(request: web.Request) -> web.Response:
    user = {"id": AGENT, "team_id": "T01DESK", "real_name": "Ayşe Demir"}
    known: dict[str, dict[str, Any]] = {
        "auth.test": {"team_id": "T01DESK", "user_id": "U0DESK", "bot_id": "B0DESK"},
        "users.info": {"user": user},
    }
    return web.json_response({"ok": True} | known[request.match_info["method"]])


async def _fill(desk: Desk, clicks: int) -> None:
    """The accounts, and an open case with everything that a link needs for each click."""
    for first in range(0, ACCOUNTS, 5000):
        async with desk.store.transaction() as tx:
            tx.put(*(_account(number) for number in range(first, first + 5000)))
    for number in range(clicks):
        async with desk.store.transaction() as tx:
            await cases.record(tx, desk, _case(desk, number), "case.opened", DESK)


def _account(number: int) -> Account:
    login, address = f"login{number:06}", f"customer{number:06}@mail.example"
    return Account(
        id=f"A-{number:06}",
        service="bench",
        login=login,
        login_key=login,
        address=address,
        address_key=address,
        name="Claire Durand",
        language="fr",
    )


def _case(desk: Desk, number: int) -> Case:
    now, account = desk.now(), _account(number)
    known = Evidence(kind="address_on_file", weight="for", source="mail", at=now)
    return Case(
        id=_case_id(number),
        service="bench",
        source="mail",
        version=0,
        asked="password_reset",
        language="fr",
        account=account.id,
        requester=account.address,
        requester_key=account.address_key,
        text="Bonjour, j'ai oublié mon mot de passe.",
        evidence=(known,),
        opened_at=now,
        changed_at=now,
    )


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1])))
