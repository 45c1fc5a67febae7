"""A network without a network: an event loop whose time passes as it is told, and connections in memory."""

from __future__ import annotations

import asyncio
import ssl
from asyncio.base_events import BaseEventLoop
from typing import Any


class _NothingElse:
    """What the loop would wait for; when all that is left is a timer, its moment comes at once."""

    def __init__(self) -> None:
        self.now = 0.0

    def select(self, timeout: float | None) -> list[Any]:
        """Let the time pass."""
        if timeout is None:
            raise RuntimeError("Everything waits, and nothing will ever come.")
        self.now += timeout
        return []


class Loop(BaseEventLoop):
    """Runs what can run, and then lets the time pass; no sockets, no threads, no clock."""

    def __init__(self) -> None:
        super().__init__()
        self._selector = _NothingElse()
        self.failures: list[str] = []
        self.set_exception_handler(lambda loop, context: self.failures.append(str(context)))

    def time(self) -> float:
        """Seconds since the beginning."""
        return self._selector.now

    def _process_events(self, event_list: list[Any]) -> None:
        pass

    async def start_tls(
        self,
        transport: asyncio.BaseTransport,
        protocol: asyncio.BaseProtocol,
        sslcontext: ssl.SSLContext,
        *,
        ssl_handshake_timeout: float | None = None,
        **named: Any,
    ) -> asyncio.Transport:
        """A handshake in name only; like a real one it fails on plaintext, and when the client does not come."""
        assert isinstance(transport, Wire)
        if transport.backlog:
            transport.abort()
            raise ssl.SSLError("plaintext where a handshake was expected")
        try:
            await asyncio.wait_for(transport.await_handshake(), ssl_handshake_timeout)
        except TimeoutError:
            transport.abort()
            raise
        return transport


class Wire(asyncio.Transport):
    """One connection, seen from the server's side; `said` is all that the server said."""

    def __init__(self, loop: Loop, protocol: asyncio.Protocol, peer: str) -> None:
        super().__init__({"peername": (peer, 40000)})
        self._loop, self._protocol = loop, protocol
        self.backlog = bytearray()
        self.said = bytearray()
        self._paused = self._closing = self._ended = False
        self._handshake: asyncio.Future[None] | None = None
        protocol.connection_made(self)

    def feed(self, data: bytes) -> None:
        """The client says something; if a handshake is waited for, it does that first."""
        if self._handshake is not None and not self._handshake.done():
            self._handshake.set_result(None)
        self.backlog += data
        self._loop.call_soon(self._pump)

    def feed_eof(self) -> None:
        """The client will say no more."""
        self._loop.call_soon(self._end)

    async def await_handshake(self) -> None:
        """Wait until the client goes on, which it does encrypted."""
        self._handshake = self._loop.create_future()
        await self._handshake

    def is_closing(self) -> bool:
        """Whether the connection is over or about to be."""
        return self._closing

    @property
    def is_over(self) -> bool:
        """Whether the server has said all it will."""
        return self._closing or self._ended

    def write_eof(self) -> None:
        """The server will say no more, and may still listen."""
        self._ended = True

    def close(self) -> None:
        """The server hangs up."""
        if not self._closing:
            self._closing = True
            if self._handshake is not None and not self._handshake.done():
                self._handshake.set_exception(ConnectionAbortedError())
            self._loop.call_soon(self._protocol.connection_lost, None)

    abort = close

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """The server says something."""
        assert not self._ended, "something said after the end"
        if not self._closing:
            self.said += data

    def get_write_buffer_size(self) -> int:
        """The client reads everything at once."""
        return 0

    def pause_reading(self) -> None:
        """The server has enough for now."""
        self._paused = True

    def resume_reading(self) -> None:
        """The server wants more."""
        self._paused = False
        self._loop.call_soon(self._pump)

    def _pump(self) -> None:
        if self.backlog and not self._paused and not self._closing:
            data = bytes(self.backlog)
            self.backlog.clear()
            self._protocol.data_received(data)

    def _end(self) -> None:
        if not self._closing and not self._protocol.eof_received():
            self.close()
