"""Slack's Web API where the emulator has none: a real HTTP server that answers as a test tells it to."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import web
from aiohttp.test_utils import TestServer

Arguments = dict[str, Any]
Answer = tuple[int, dict[str, str], dict[str, Any] | str]
OK: Answer = (200, {}, {"ok": True})


def failed(error: str, status: int = 200, **headers: str) -> Answer:
    """An answer that says no."""
    return status, {name.replace("_", "-"): value for name, value in headers.items()}, {"ok": False, "error": error}


def proxy_failed() -> Answer:
    """What a proxy between us and Slack says."""
    return 502, {}, "<html>Bad Gateway</html>"


def rate_limited(seconds: int) -> Answer:
    """Slack's way of asking for patience."""
    return failed("ratelimited", 429, Retry_After=str(seconds))


class Stub:
    """`calls` is what was asked, in order, with the loop's time; answers in `script` come before the usual ones."""

    def __init__(self) -> None:
        self.calls: list[tuple[float, str, Arguments]] = []
        self.script: dict[str, list[Answer]] = {}
        self.users: dict[str, dict[str, Any]] = {}
        self.groups: dict[str, list[str]] = {}
        self.messages: list[dict[str, Any]] = []
        self.slow: dict[str, float] = {}
        self.hold = asyncio.Event()
        self.hold.set()
        self.api = ""

    def count(self, method: str) -> int:
        """How often a method was called."""
        return sum(name == method for _, name, _ in self.calls)

    async def serve(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        arguments = _arguments(await request.text(), request)
        self.calls.append((asyncio.get_running_loop().time(), method, arguments))
        await self.hold.wait()
        await asyncio.sleep(self.slow.get(method, 0.0))
        scripted = self.script.get(method)
        status, headers, body = scripted.pop(0) if scripted else self._usual(method)(arguments)
        if isinstance(body, str):
            return web.Response(text=body, status=status, headers=headers, content_type="text/html")
        return web.json_response(body, status=status, headers=headers)

    def _usual(self, method: str) -> Callable[[Arguments], Answer]:
        known: dict[str, Callable[[Arguments], Answer]] = {
            "auth.test": lambda _: _ok(team_id="T01DESK", user_id="U0DESK", bot_id="B0DESK"),
            "users.info": self._user,
            "usergroups.users.list": self._group,
            "chat.postMessage": self._post,
            "chat.update": self._update,
            "conversations.history": lambda _: _ok(messages=self.messages[::-1]),
            "conversations.replies": self._thread,
            "views.open": lambda arguments: _ok(view={"id": "V1", **_read(arguments["view"])}),
            "views.update": lambda arguments: _ok(view={"id": arguments["view_id"]}),
        }
        return known.get(method, lambda _: failed("unknown_method"))

    def _user(self, arguments: Arguments) -> Answer:
        user = self.users.get(arguments["user"])
        return _ok(user={"id": arguments["user"], **user}) if user else failed("user_not_found")

    def _group(self, arguments: Arguments) -> Answer:
        members = self.groups.get(arguments["usergroup"])
        return failed("no_such_subteam") if members is None else _ok(users=members)

    def _post(self, arguments: Arguments) -> Answer:
        ts = f"1795356300.{len(self.messages):06}"
        thread = {"thread_ts": arguments["thread_ts"]} if "thread_ts" in arguments else {}
        self.messages.append(
            {"ts": ts, "channel": arguments["channel"], "bot_id": "B0DESK", **thread, **_content(arguments)}
        )
        return _ok(channel=arguments["channel"], ts=ts)

    def _thread(self, arguments: Arguments) -> Answer:
        of = (arguments["ts"],)
        return _ok(messages=[one for one in self.messages if one["ts"] in of or one.get("thread_ts") in of])

    def _update(self, arguments: Arguments) -> Answer:
        found = [message for message in self.messages if message["ts"] == arguments["ts"]]
        if not found:
            return failed("message_not_found")
        found[0].update(_content(arguments))
        return _ok(channel=arguments["channel"], ts=arguments["ts"])


@asynccontextmanager
async def stub_slack() -> AsyncIterator[Stub]:
    """The stub, served on a free loopback port; its `api` is what a client calls."""
    stub = Stub()
    app = web.Application()
    app.router.add_route("*", "/api/{method}", stub.serve)
    async with TestServer(app, host="127.0.0.1") as server:
        stub.api = str(server.make_url("/api/"))
        yield stub
        stub.hold.set()


def _ok(**fields: Any) -> Answer:
    return 200, {}, {"ok": True, **fields}


def _arguments(body: str, request: web.Request) -> Arguments:
    given: Arguments = dict(request.query)
    if request.content_type == "application/json":
        return {**given, **json.loads(body)}
    return given | dict(parse_qsl(body))


def _read(value: Any) -> Any:
    """What a client sent as JSON, in whichever way it sent it."""
    return json.loads(value) if isinstance(value, str) else value


def _content(arguments: Arguments) -> dict[str, Any]:
    return {"text": arguments["text"], "blocks": _read(arguments["blocks"])}
