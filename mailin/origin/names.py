"""Questions to the DNS: asked without blocking, answered from memory where it can be, and never too many."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Iterator
from ipaddress import ip_address
from time import monotonic
from typing import Any, NamedTuple

import dns.asyncquery
import dns.asyncresolver
import dns.exception
import dns.message
import dns.name
import dns.rdatatype
import dns.resolver
import structlog

from handlers.configuration.endpoints import HostPort
from mailin.origin.asking import Answer, Key, Kind, Record, Unanswered, key_of
from mailin.origin.slots import Full, Slots

log = structlog.get_logger()

RECORDS = 64  # of one answer
TEXT_BYTES = 4096  # of one text; what is longer comes cut one byte after, so that it shows
KEPT_ANSWERS = 10_000
KEPT_BYTES = 8 << 20
LONGEST_SECONDS = 3600.0  # an answer is kept
LONGEST_MISSING_SECONDS = 300.0  # that there is none is kept
FAILED_SECONDS = 5.0
TRY_SECONDS = 1.5
QUERY_SECONDS = 4.0
MISSES = 3
"""So many questions without any answer, one after another, and the name server itself is looked at."""

PROBE_SECONDS = 1.5
SILENCE_SECONDS = 30.0
"""So long nobody is asked once the name server is silent; then it is looked at again."""


class Names:
    """The resolver of a desk: `server` is whom to ask, None for the system's own name servers."""

    def __init__(self, server: HostPort | None = None) -> None:
        self._server = server
        self._resolver: dns.asyncresolver.Resolver | None = None
        self._kept: OrderedDict[Key, _Kept] = OrderedDict()
        self._bytes = 0
        self._asked: dict[Key, _Question] = {}
        self._slots = Slots()
        self._looking = asyncio.Lock()
        self._misses = 0
        self._silent_until = 0.0  # 0 while it answers
        self._look: asyncio.Task[None] | None = None

    async def ask(self, name: str, kind: Kind) -> Answer:
        """The answer, from memory or from the name server, for whom each question is asked once at a time.

        A name that cannot be one has no records, and nobody is asked. Raises Unanswered.
        """
        key = key_of(name, kind)
        kept = self._fresh(key) or await self._from_server(key)
        if kept.answer is None:
            raise Unanswered(f"{kind} of {key[0]}")
        return kept.answer

    def known(self, name: str, kind: Kind) -> Answer | None:
        """The answer, from memory alone."""
        kept = self._fresh(key_of(name, kind))
        return kept.answer if kept else None

    async def is_there(self) -> bool:
        """Whether a name server answers at all, whatever it says: asked for the root, which every one has a word on."""
        query = dns.message.make_query(dns.name.root, dns.rdatatype.NS)
        for server in await self._servers():
            try:
                await dns.asyncquery.udp(query, server.host, timeout=PROBE_SECONDS, port=server.port)
            except (dns.exception.DNSException, OSError):
                continue
            return True
        return False

    def is_silent(self) -> bool:
        """Whether the name server was silent when it was last looked at: for a monitor, who never waits for it.

        Who asks has it looked at again half a minute later, so that it is known to answer before the next mail comes.
        """
        looks = self._look is not None and not self._look.done()
        if self._silent_until and self._silent_until <= monotonic() and not looks:
            self._look = asyncio.create_task(self._look_at_server())
        return bool(self._silent_until)

    @property
    def kept(self) -> int:
        """How many answers are kept."""
        return len(self._kept)

    async def close(self) -> None:
        """Stop asking."""
        asked = [*(one.task for one in self._asked.values()), *([self._look] if self._look else [])]
        for task in asked:
            task.cancel()
        await asyncio.gather(*asked, return_exceptions=True)

    def _fresh(self, key: Key) -> _Kept | None:
        kept = self._kept.get(key)
        if kept is None or kept.until <= monotonic():
            return None
        self._kept.move_to_end(key)
        return kept

    async def _from_server(self, key: Key) -> _Kept:
        """The answer, for all who ask at the same time; what nobody waits for any more is not asked at all."""
        question = self._asked.get(key)
        if question is None:
            question = self._asked[key] = _Question()
            question.task = asyncio.create_task(self._fetched(key, question))
        question.askers += 1
        try:
            return await asyncio.shield(question.task)
        finally:
            question.askers -= 1
            if not question.askers and not question.is_sent:
                self._forget(key, question)
                question.task.cancel()

    async def _fetched(self, key: Key, question: _Question) -> _Kept:
        name = name_of(key[0])
        try:
            if name is None:
                return _Kept(Answer(exists=False), monotonic())
            async with self._slots.place(key[0]):
                question.is_sent = True
                if await self._is_asked_in_vain():
                    return _Kept(None, monotonic())
                answer, seconds = await self._resolved(name, key[1])
        except Full:
            return _Kept(None, monotonic())
        finally:
            self._forget(key, question)
        kept = _Kept(answer, monotonic() + seconds)
        self._keep(key, kept)
        return kept

    def _forget(self, key: Key, question: _Question) -> None:
        if self._asked.get(key) is question:
            del self._asked[key]

    async def _resolved(self, name: dns.name.Name, kind: Kind) -> tuple[Answer | None, float]:
        """The answer and how long it holds; None when there was no answer."""
        try:
            resolver = await self._ready()
            answer = await resolver.resolve(name, kind, raise_on_no_answer=False, lifetime=QUERY_SECONDS)
        except dns.resolver.NXDOMAIN as error:
            self._misses = 0
            return Answer(exists=False), min(_missing_seconds(error), LONGEST_MISSING_SECONDS)
        except (dns.exception.DNSException, OSError) as error:
            await self._missed(error)
            return None, FAILED_SECONDS
        self._misses = 0
        found = tuple(_records(answer.rrset or ()))
        longest = LONGEST_SECONDS if found else LONGEST_MISSING_SECONDS
        return Answer(found), min(float(answer.chaining_result.minimum_ttl), longest)

    async def _missed(self, error: Exception) -> None:
        """Count what nobody answered. A stranger's broken name servers are no reason to ask nobody any more."""
        said = getattr(error, "kwargs", {}).get("errors") or ()
        if any(response is not None for *_, response in said):
            self._misses = 0
            return
        self._misses += 1
        if self._misses >= MISSES:
            self._misses = 0
            await self._look_at_server()

    async def _is_asked_in_vain(self) -> bool:
        """Whether nobody need be asked; the first who comes after a while looks whether that is still so."""
        if self._silent_until and self._silent_until <= monotonic():
            await self._look_at_server()
        return self._silent_until > monotonic()

    async def _look_at_server(self) -> None:
        """See whether the name server answers at all; said once when it begins to be silent, and once when it ends."""
        async with self._looking:
            if self._silent_until > monotonic():
                return
            was_silent = bool(self._silent_until)
            answers = await self.is_there()
            self._silent_until = 0.0 if answers else monotonic() + SILENCE_SECONDS
        if answers and was_silent:
            log.info("dns.answers")
        if not answers and not was_silent:
            log.error("dns.silent", why="no name server answers; senders are not checked", fix="set DESK_DNS")

    async def _ready(self) -> dns.asyncresolver.Resolver:
        """The resolver, made when it is first needed; raises dns.resolver.NoResolverConfiguration and OSError."""
        if self._resolver is None:
            made = dns.asyncresolver.Resolver(configure=self._server is None)
            if self._server is not None:
                made.nameservers = [await _address(self._server)]
                made.port = self._server.port
            made.timeout = TRY_SECONDS
            made.use_edns(0, 0, 1232)
            self._resolver = made
        return self._resolver

    async def _servers(self) -> list[HostPort]:
        try:
            resolver = await self._ready()
        except (dns.exception.DNSException, OSError):
            return []
        addresses = [one if isinstance(one, str) else getattr(one, "address", "") for one in resolver.nameservers]
        return [HostPort(host=address, port=resolver.port) for address in addresses if address]

    def _keep(self, key: Key, kept: _Kept) -> None:
        if old := self._kept.pop(key, None):
            self._bytes -= old.size(key)
        self._kept[key] = kept
        self._bytes += kept.size(key)
        while len(self._kept) > KEPT_ANSWERS or self._bytes > KEPT_BYTES:
            gone, old = self._kept.popitem(last=False)
            self._bytes -= old.size(gone)


class _Kept(NamedTuple):
    """An answer, or that there was none, and until when it holds."""

    answer: Answer | None
    until: float

    def size(self, key: Key) -> int:
        """About how many bytes it takes."""
        found = self.answer.found if self.answer else ()
        return 300 + len(key[0]) + sum(100 + len(str(record)) for record in found)


class _Question:
    """A question, who waits for its answer, and whether it is on its way."""

    task: asyncio.Task[_Kept]

    def __init__(self) -> None:
        self.askers = 0
        self.is_sent = False


def name_of(text: str) -> dns.name.Name | None:
    """A name as the DNS has it, letter by letter, whatever is in it; None for what cannot be one."""
    labels = [label.encode("utf-8", "surrogateescape") for label in text.split(".")]
    try:
        return dns.name.Name([*labels, b""]) if all(labels) else None
    except dns.exception.DNSException:
        return None


async def _address(server: HostPort) -> str:
    try:
        return str(ip_address(server.host))
    except ValueError:
        found = await asyncio.get_running_loop().getaddrinfo(server.host, server.port)
        return str(found[0][4][0])


def _missing_seconds(error: dns.resolver.NXDOMAIN) -> float:
    responses: dict[dns.name.Name, dns.message.QueryMessage] = error.responses()  # type: ignore[no-untyped-call]
    for response in responses.values():
        try:
            return float(response.resolve_chaining().minimum_ttl)
        except dns.exception.DNSException:
            continue
    return FAILED_SECONDS


def _records(rrset: Any) -> Iterator[Record]:
    for _, data in zip(range(RECORDS), rrset, strict=False):
        if data.rdtype == dns.rdatatype.TXT:
            yield b"".join(data.strings)[: TEXT_BYTES + 1]
        elif data.rdtype == dns.rdatatype.MX:
            yield data.preference, data.exchange.to_text(omit_final_dot=True)
        elif data.rdtype == dns.rdatatype.PTR:
            yield data.target.to_text(omit_final_dot=True)
        else:
            yield data.address
