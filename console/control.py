"""How the command line reaches a desk that is running: one socket in its data folder, for its owner only.

The store has one writer. A command that changes something asks the desk that runs to do it, or, when none runs, opens
the store itself.
"""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
import structlog
from aiohttp import web

from handlers.configuration.opening import opened
from handlers.configuration.settings import Settings
from handlers.desk import Desk
from handlers.model.errors import DeskError, Unavailable
from handlers.store.contract import StoreLocked

log = structlog.get_logger()

Report = Callable[[int], None]
Operation = Callable[[Desk, dict[str, Any], Report], Awaitable[Any]]
LONGEST_REQUEST = 256 * 1024 * 1024
LONGEST_LINE = 1 << 24
REPORT_SECONDS = 0.2
TRIES = 15
PAUSE_SECONDS = 0.2
LONGEST_SOCKET_NAME = 100
"""Bytes; the system allows 107 (unix(7))."""


def socket_of(settings: Settings) -> Path:
    """The socket of the desk that works on this data folder."""
    return settings.data / "control.sock"


def is_answered(settings: Settings) -> bool:
    """Whether a desk runs on this data folder and would answer."""
    try:
        with socket.socket(socket.AF_UNIX) as probe, _short(socket_of(settings)) as name:
            probe.connect(name)
    except OSError:
        return False
    return True


@asynccontextmanager
async def answering(settings: Settings, desk: Desk, operations: dict[str, Operation]) -> AsyncIterator[None]:
    """Answer the command line while the block runs; whoever holds the store may replace a socket left by a crash."""

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
    try:
        await web.SockSite(runner, _bound(path)).start()
        yield
    finally:
        await runner.cleanup()
        path.unlink(missing_ok=True)


async def perform(
    settings: Settings, operations: dict[str, Operation], name: str, arguments: dict[str, Any], report: Report
) -> Any:
    """Do an operation where the store can be written to: in the desk that runs, or here. Raises DeskError."""
    for left in reversed(range(TRIES)):
        try:
            return await _ask(socket_of(settings), name, arguments, report)
        except (aiohttp.ClientConnectorError, FileNotFoundError):
            pass
        try:
            async with opened(settings) as desk:
                return msgspec.to_builtins(await operations[name](desk, arguments, report))
        except StoreLocked as error:
            if not left:
                raise Unavailable(f"{error} It does not answer on {socket_of(settings)}.") from error
        await asyncio.sleep(PAUSE_SECONDS)  # a desk that starts or stops holds the store and does not answer yet
    raise AssertionError


async def _perform(request: web.Request, desk: Desk, operation: Operation) -> web.StreamResponse:
    try:
        arguments = msgspec.json.decode(await request.read(), type=dict[str, Any])
    except msgspec.DecodeError as error:
        raise web.HTTPBadRequest(text=str(error)) from error
    response = web.StreamResponse()
    await response.prepare(request)
    done = 0

    def report(count: int) -> None:
        nonlocal done
        done = count

    task = asyncio.ensure_future(operation(desk, arguments, report))
    try:
        while not (await asyncio.wait([task], timeout=REPORT_SECONDS))[0]:
            await _line(response, {"done": done})
        await _line(response, await _outcome(task, request.match_info["operation"]))
    except ConnectionError:
        log.info("control.left", operation=request.match_info["operation"])
    finally:
        task.cancel()
    return response


async def _outcome(task: asyncio.Future[Any], name: str) -> dict[str, Any]:
    try:
        return {"result": await task}
    except DeskError as error:
        return {"error": str(error)}
    except Exception:
        log.exception("control.failed", operation=name)
        return {"error": "The desk could not do this; its log says why."}


async def _line(response: web.StreamResponse, value: object) -> None:
    await response.write(msgspec.json.encode(value) + b"\n")


async def _ask(path: Path, name: str, arguments: dict[str, Any], report: Report) -> Any:
    timeout = aiohttp.ClientTimeout(total=None, sock_connect=5)
    with _short(path) as where:
        connector = aiohttp.UnixConnector(path=where)
        async with aiohttp.ClientSession(connector=connector, timeout=timeout, read_bufsize=LONGEST_LINE) as session:
            try:
                async with session.post(f"http://desk/{name}", data=msgspec.json.encode(arguments)) as response:
                    return await _answer(response, report)
            except aiohttp.ClientConnectorError:
                raise
            except (aiohttp.ClientError, OSError, TimeoutError, msgspec.DecodeError) as error:
                raise _stopped() from error


async def _answer(response: aiohttp.ClientResponse, report: Report) -> Any:
    """The last line of the answer; the lines before say how far it is."""
    if response.status != 200:
        raise Unavailable(f"The desk that runs does not know this command (status {response.status}). Is it older?")
    async for line in response.content:
        answer = msgspec.json.decode(line, type=dict[str, Any])
        if "error" in answer:
            raise DeskError(answer["error"])
        if "result" in answer:
            return answer["result"]
        report(answer["done"])
    raise _stopped()


def _stopped() -> Unavailable:
    return Unavailable("The desk stopped while it worked on this. Look whether it was done before you try again.")


def _bound(path: Path) -> socket.socket:
    """A socket at `path`, never open to others, not even for a moment."""
    path.unlink(missing_ok=True)
    bound = socket.socket(socket.AF_UNIX)
    mask = os.umask(0o177)
    try:
        with _short(path) as name:
            bound.bind(name)
    except OSError:
        bound.close()
        raise
    finally:
        os.umask(mask)
    return bound


@contextmanager
def _short(path: Path) -> Iterator[str]:
    """A name that the system takes, however deep the socket's folder lies; raises OSError without that folder."""
    if len(os.fsencode(path)) <= LONGEST_SOCKET_NAME:
        yield str(path)
        return
    folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)
