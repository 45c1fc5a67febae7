"""A line to Slack's Web API that can lose an answer: the call has reached Slack, and the desk never hears of it."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import aiohttp
from aiohttp import web

from demo.inbox import HOST


class Line:
    """Passes calls on to `api`; `before_answer` runs when Slack has answered and the desk has not heard it yet."""

    def __init__(self) -> None:
        self.api = ""
        self.url = ""
        self.before_answer: Callable[[str], Awaitable[None]] | None = None

    async def pass_on(self, request: web.Request) -> web.Response:
        """One call, there and back."""
        method = request.match_info["method"]
        headers = {name: request.headers[name] for name in ("Authorization", "Content-Type") if name in request.headers}
        async with (
            aiohttp.ClientSession() as http,
            http.request(
                request.method, f"{self.api}{method}", params=request.query, data=await request.read(), headers=headers
            ) as response,
        ):
            body = await response.read()
        if self.before_answer:
            await self.before_answer(method)
        return web.Response(body=body, status=response.status, content_type="application/json")


@asynccontextmanager
async def line() -> AsyncIterator[Line]:
    """A line on a free port; set `api` before it is used."""
    passing = Line()
    app = web.Application()
    app.router.add_route("*", "/api/{method}", passing.pass_on)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    try:
        await web.TCPSite(runner, HOST, 0).start()
        passing.url = f"http://{HOST}:{runner.addresses[0][1]}/api/"
        yield passing
    finally:
        await runner.cleanup()
