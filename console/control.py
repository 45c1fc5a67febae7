"""How the command line reaches a desk that is running: one socket in its data folder, for its owner only.

The store has one writer. A command that changes something asks the desk that runs to do it, or, when none runs, opens
the store itself.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
import structlog
from aiohttp import web

from handlers.desk import Desk
from handlers.model.errors import DeskError, Unavailable
from handlers.opening import opened
from handlers.settings import Settings

log = structlog.get_logger()

Report = Callable[[int], None]
Operation = Callable[[Desk, dict[str, Any], Report], Awaitable[Any]]
LONGEST_REQUEST = 256 * 1024 * 1024
REPORT_SECONDS = 0.2


def socket_of(settings: Settings) -> Path:
    """The socket of the desk that works on this data folder."""
    return settings.data / "control.sock"


@asynccontextmanager
async def answering(settings: Settings, desk: Desk, operations: dict[str, Operation]) -> AsyncIterator[None]:
    """Answer the command line while the block runs."""

    async def perform(request: web.Request) -> web.StreamResponse:
        operation = operations.get(request.match_info["operation"])
        if operation is None:
            raise web.HTTPNotFound
        return await _perform(request, desk, operation)

    app = web.Application(client_max_size=LONGEST_REQUEST)
    app.router.add_post("/{operation}", perform)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    path = socket_of(settings)
    path.unlink(missing_ok=True)
    mask = os.umask(0o177)
    try:
        await web.UnixSite(runner, str(path)).start()
    finally:
        os.umask(mask)
    try:
        yield
    finally:
        await runner.cleanup()
        path.unlink(missing_ok=True)


async def perform(
    settings: Settings, operations: dict[str, Operation], name: str, arguments: dict[str, Any], report: Report
) -> Any:
    """Do an operation where the store can be written to: in the desk that runs, or here. Raises DeskError."""
    if socket_of(settings).is_socket():
        try:
            return await _ask(socket_of(settings), name, arguments, report)
        except aiohttp.ClientConnectorError:
            pass
    async with opened(settings) as desk:
        return msgspec.to_builtins(await operations[name](desk, arguments, report))


async def _perform(request: web.Request, desk: Desk, operation: Operation) -> web.StreamResponse:
    arguments = msgspec.json.decode(await request.read(), type=dict[str, Any])
    response = web.StreamResponse()
    await response.prepare(request)
    done = 0

    def report(count: int) -> None:
        nonlocal done
        done = count

    task = asyncio.ensure_future(operation(desk, arguments, report))
    while not (await asyncio.wait([task], timeout=REPORT_SECONDS))[0]:
        await _line(response, {"done": done})
    try:
        await _line(response, {"result": task.result()})
    except DeskError as error:
        await _line(response, {"error": str(error)})
    except Exception:
        log.exception("control.failed", operation=request.match_info["operation"])
        await _line(response, {"error": "The desk could not do this; its log says why."})
    return response


async def _line(response: web.StreamResponse, value: object) -> None:
    await response.write(msgspec.json.encode(value) + b"\n")


async def _ask(path: Path, name: str, arguments: dict[str, Any], report: Report) -> Any:
    connector = aiohttp.UnixConnector(path=str(path))
    timeout = aiohttp.ClientTimeout(total=None, sock_connect=5)
    async with (
        aiohttp.ClientSession(connector=connector, timeout=timeout, read_bufsize=1 << 24) as session,
        session.post(f"http://desk/{name}", data=msgspec.json.encode(arguments)) as response,
    ):
        async for line in response.content:
            answer = msgspec.json.decode(line, type=dict[str, Any])
            if "error" in answer:
                raise DeskError(answer["error"])
            if "result" in answer:
                return answer["result"]
            report(answer["done"])
    raise Unavailable("The desk stopped while it worked on this. Look whether it was done before you try again.")
