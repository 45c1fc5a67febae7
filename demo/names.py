"""A name server for try-outs and tests: answers from a few lines of text, over UDP and TCP; misbehaves when told."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Literal, cast

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdataclass
import dns.rdatatype
import dns.rrset

HOST = "127.0.0.1"
TTL = 60
EVERY_DOMAIN = """\
_dmarc.*.example TXT "v=DMARC1; p=reject"
*.example TXT "v=spf1 ip4:127.0.0.1 ip6:::1 -all"
"""
"""Sample customers write from this machine and from nowhere else."""

Mood = Literal["well", "silent", "broken", "short"]
"""Answers; hears and says nothing; says SERVFAIL; answers over TCP only."""


class NameServer:
    """What it knows, how it feels, and whom it was asked for; `at` is where, host:port.

    A line of `text` is a name, a type and data as in a zone file. In a name, `*` stands for one label or several; the
    first line whose name fits counts, with others of that same name. `slow` is how many seconds it thinks.
    """

    def __init__(self, text: str) -> None:
        self._lines = _read(text)
        self.mood: Mood = "well"
        self.slow = 0.0
        self.asked: list[tuple[str, str]] = []
        self.at = ""

    def add(self, text: str) -> None:
        """Know more; what is added counts before what was known."""
        self._lines = _read(text) + self._lines

    async def answer(self, wire: bytes, *, over_tcp: bool) -> bytes | None:
        """The answer to a question; None where there is none."""
        try:
            query = dns.message.from_wire(wire)
            response = dns.message.make_response(query)
        except dns.exception.DNSException:
            return None
        self.asked += [
            (one.name.to_text(omit_final_dot=True).lower(), dns.rdatatype.to_text(one.rdtype)) for one in query.question
        ]
        if self.slow:
            await asyncio.sleep(self.slow)
        if self.mood == "silent":
            return None
        if self.mood == "broken":
            response.set_rcode(dns.rcode.SERVFAIL)
        elif self.mood == "short" and not over_tcp:
            response.flags |= dns.flags.TC
        elif query.question:
            self._fill(response, query.question[0])
        try:
            return response.to_wire(max_size=65535 if over_tcp else max(512, query.payload))
        except dns.exception.TooBig:
            short = dns.message.make_response(query)
            short.flags |= dns.flags.TC
            return short.to_wire()

    def _fill(self, response: dns.message.Message, question: dns.rrset.RRset) -> None:
        """Put in what there is; an alias is followed."""
        name = question.name
        found = self._known(name)
        while alias := [data for kind, data in found if kind == "CNAME"]:
            response.answer.append(_rrset(name, "CNAME", alias[:1]))
            name = dns.name.from_text(alias[0])
            found = self._known(name) if len(response.answer) < 8 else []
        kind = dns.rdatatype.to_text(question.rdtype)
        if data := [one for of, one in found if of == kind]:
            response.answer.append(_rrset(name, kind, data))
        elif not found and not any(_fits(line[0].split("."), name) for line in self._lines):
            response.set_rcode(dns.rcode.NXDOMAIN)

    def _known(self, name: dns.name.Name) -> list[tuple[str, str]]:
        labels = name.to_text(omit_final_dot=True).lower().split(".")
        of = next((line[0] for line in self._lines if _is(line[0].lower().split("."), labels)), None)
        return [(line[1], line[2]) for line in self._lines if line[0] == of]


@asynccontextmanager
async def name_server(text: str = EVERY_DOMAIN) -> AsyncIterator[NameServer]:
    """A name server on a free port of this machine, gone at the end."""
    server = NameServer(text)
    connections, packets = _sockets()
    server.at = f"{HOST}:{connections.getsockname()[1]}"
    tcp = await asyncio.start_server(lambda reader, writer: _spoken(server, reader, writer), sock=connections)
    udp, _ = await asyncio.get_running_loop().create_datagram_endpoint(lambda: _Datagrams(server), sock=packets)
    try:
        yield server
    finally:
        udp.close()
        tcp.close()


def _sockets() -> tuple[socket.socket, socket.socket]:
    """One port for connections and for packets, on a number that nobody holds for either."""
    while True:
        tcp = socket.create_server((HOST, 0))
        udp = socket.socket(type=socket.SOCK_DGRAM)
        try:
            udp.bind(tcp.getsockname())
        except OSError:
            tcp.close()
            udp.close()
        else:
            return tcp, udp


class _Datagrams(asyncio.DatagramProtocol):
    """Questions that come one in a packet."""

    def __init__(self, server: NameServer) -> None:
        self._server = server
        self._answering: set[asyncio.Task[None]] = set()
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Open."""
        self._transport = cast("asyncio.DatagramTransport", transport)  # it is one, though its class does not say so

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """Asked."""
        task = asyncio.create_task(self._answer(data, addr))
        self._answering.add(task)
        task.add_done_callback(self._answering.discard)

    async def _answer(self, data: bytes, addr: tuple[str, int]) -> None:
        answer = await self._server.answer(data, over_tcp=False)
        if answer is not None and self._transport and not self._transport.is_closing():
            self._transport.sendto(answer, addr)


async def _spoken(server: NameServer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Questions that come one after another over a connection."""
    try:
        while True:
            (size,) = struct.unpack(">H", await reader.readexactly(2))
            answer = await server.answer(await reader.readexactly(size), over_tcp=True)
            if answer is None:
                continue
            writer.write(struct.pack(">H", len(answer)) + answer)
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()


def _read(text: str) -> list[tuple[str, ...]]:
    """Name, type and data of each line."""
    return [tuple(line.split(None, 2)) for line in text.splitlines() if line.strip()]


def _rrset(name: dns.name.Name, kind: str, data: list[str]) -> dns.rrset.RRset:
    return dns.rrset.from_text(name, TTL, dns.rdataclass.IN, kind, *data)


def _is(pattern: list[str], labels: list[str]) -> bool:
    """Whether a name is one that the pattern means."""
    if "*" not in pattern:
        return pattern == labels
    at = pattern.index("*")
    head, tail = pattern[:at], pattern[at + 1 :]
    return len(labels) >= len(pattern) and labels[:at] == head and labels[len(labels) - len(tail) :] == tail


def _fits(pattern: list[str], name: dns.name.Name) -> bool:
    """Whether something known lies under a name: then the name is there, if without records."""
    labels = name.to_text(omit_final_dot=True).lower().split(".")
    return "*" not in pattern and [one.lower() for one in pattern][-len(labels) :] == labels
