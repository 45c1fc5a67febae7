"""SPF (RFC 7208): whether the machine that handed a mail in may send for the domain of its return path.

pyspf decides; it is fed with answers. Where one is not there yet the evaluation stops, the name is asked for without
blocking, and the evaluation begins anew: it costs a tenth of a millisecond.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from ipaddress import IPv6Address, ip_address
from time import thread_time
from typing import Any, get_args

from handlers.model.document import Value
from handlers.model.mail import Result
from mailin.origin.domains import ascii_domain
from mailin.origin.names import TEXT_BYTES, Answer, Kind, Resolving, TooMany, Unanswered

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # its patterns have escapes that Python complains of
    import spf

QUESTIONS = 60
"""The most that a record may make us ask: ten look-ups, of which an `mx` or `ptr` may lead to ten more, and spare."""

CPU_SECONDS = 0.1
"""The most of the processor's time that one sender's records get; honest ones take a millisecond."""

RESULTS: dict[str, Result] = {result: result for result in get_args(Result)}


class Sender(Value, frozen=True, kw_only=True):
    """Who handed a mail in: the address of the machine ("" when not known), what it called itself, the return path.

    `mail_from` is "" for the null sender and None when it is not known.
    """

    peer: str = ""
    helo: str = ""
    mail_from: str | None = None


class Spf(Value, frozen=True, kw_only=True):
    """The result, and the domain it is about: that of the return path, or of HELO for the null sender."""

    result: Result
    domain: str = ""
    peer: str = ""


class _Missing(Exception):
    """An answer that is not there yet."""

    def __init__(self, name: str, kind: Kind) -> None:
        super().__init__(name, kind)
        self.name, self.kind = name, kind


Known = Mapping[tuple[str, Kind], Answer | None]


class _Query(spf.query):  # type: ignore[misc]  # it has no types
    """An evaluation that looks nothing up by itself, but for what `look` knows already.

    `known` has None for what nobody answered.
    """

    def __init__(self, peer: str, local: str, domain: str, helo: str, look: Resolving, known: Known) -> None:
        super().__init__(i=peer, s=f"{local}@{domain}", h=helo)
        self.l, self.o, self.d = local, domain, domain  # by itself it cuts at the first @, which may be a quoted one
        self._look, self._known = look, known

    def dns(self, name: str, qtype: Kind, cnames: object = None, ignore_void: bool = False) -> list[Any]:
        """The records; counts those that are not there, of which two are allowed (RFC 7208 4.6.4)."""
        name = name.lower().removesuffix(".")
        if not all(0 < len(label) < 64 for label in name.split(".")):
            return []
        answer = self._known[name, qtype] if (name, qtype) in self._known else self._look.known(name, qtype)
        if answer is None and (name, qtype) not in self._known:
            raise _Missing(name, qtype)
        if answer is None:
            raise spf.TempError("no answer")
        if any(len(text) > TEXT_BYTES and text[:7].lower() == b"v=spf1 " for text in answer.texts):
            raise spf.PermError("a record longer than any mail server reads")
        if not answer.found and not ignore_void:
            self.void_lookups += 1
            if self.void_lookups > spf.MAX_VOID_LOOKUPS:
                raise spf.PermError("too many look-ups of what is not there")
        return [(record,) if isinstance(record, bytes) else record for record in answer.found]

    def get_explanation(self, spec: str) -> None:
        """Nobody reads it, so it is not looked up."""


async def check(names: Resolving, sender: Sender) -> Spf:
    """What the DNS says of this sender; never raises."""
    domain = identity(sender)
    peer = plain_address(sender.peer)
    if not domain:
        return Spf(result="none", peer=peer)
    local = (sender.mail_from or "").rpartition("@")[0] or "postmaster"
    try:
        result = await _evaluated(names, peer, local, domain, _domain_of(sender.helo) or "unknown")
    except TooMany:
        result = "permerror"
    return Spf(result=result, domain=domain, peer=peer)


def identity(sender: Sender) -> str:
    """The domain that is judged: of the return path, or of HELO for the null sender; "" where nobody can be."""
    if sender.mail_from is None or not plain_address(sender.peer):
        return ""
    return _domain_of(sender.mail_from.rpartition("@")[2] if sender.mail_from else sender.helo)


def _domain_of(text: str) -> str:
    return ascii_domain(text.strip().rstrip("."))


async def _evaluated(names: Resolving, peer: str, local: str, domain: str, helo: str) -> Result:
    known: dict[tuple[str, Kind], Answer | None] = {}
    spent = 0.0
    while len(known) < QUESTIONS and spent < CPU_SECONDS:
        began = thread_time()
        try:
            return RESULTS[_Query(peer, local, domain, helo, names, known).check()[0]]
        except _Missing as missing:
            spent += thread_time() - began
            known[missing.name, missing.kind] = await _answer(names, missing)
        except Exception:  # a record that pyspf stumbles over is a wrong one
            return "permerror"
    return "permerror"


async def _answer(names: Resolving, missing: _Missing) -> Answer | None:
    try:
        return await names.ask(missing.name, missing.kind)
    except TooMany:
        raise
    except Unanswered:
        return None


def plain_address(text: str) -> str:
    """An IP address without zone, an IPv4 one where it is one written as IPv6; "" for what is none."""
    try:
        ip = ip_address(text.partition("%")[0])
    except ValueError:
        return ""
    mapped = ip.ipv4_mapped if isinstance(ip, IPv6Address) else None
    return str(mapped or ip)
