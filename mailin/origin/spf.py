"""SPF (RFC 7208): whether the machine that handed a mail in may send for the domain of its return path.

pyspf decides; it is fed with answers. Where one is not there yet the evaluation stops, the name is asked for without
blocking, and the evaluation begins anew: it costs a tenth of a millisecond.
"""

from __future__ import annotations

import asyncio
import re
import warnings
from collections.abc import Mapping
from ipaddress import IPv6Address, ip_address
from time import monotonic, thread_time
from typing import Any, get_args

from handlers.model.document import Value
from handlers.model.mail import Result
from mailin.origin.asking import Answer, Kind, Resolving, TooMany, Unanswered
from mailin.origin.domains import ascii_domain, is_below
from mailin.origin.names import TEXT_BYTES

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # its patterns have escapes that Python complains of
    import spf

QUESTIONS = 60
"""The most that a record may make us ask: ten look-ups, of which an `mx` or `ptr` may lead to ten more, and spare."""

CPU_SECONDS = 0.03
"""The most of the processor's time that one sender's records get; honest ones take a millisecond."""

SPF_BYTES = 16 * 1024
"""The most that the records of one sender may have together."""

SENDERS_SECONDS = 2.0
"""So long all names that whoever sends chose may take; the rest of the time is for those of the domain."""

SENDERS_CHOICE = re.compile(r"%\{[hlps]\d*r?[.+,/_=-]*\}\.?", re.IGNORECASE)
"""The end of a name that whoever sends chose: the greeting, or what is written before the @ or stands in his zone."""

RESULTS: dict[str, Result] = {result: result for result in get_args(Result)}


class Sender(Value, frozen=True, kw_only=True):
    """Who handed a mail in: the address of the machine ("" when not known), what it called itself, the return path.

    `mail_from` is "" for the null sender and None when it is not known. `is_hearsay` is whether the mail itself says
    all this, in which anybody can write what they like.
    """

    peer: str = ""
    helo: str = ""
    mail_from: str | None = None
    is_hearsay: bool = False

    @property
    def is_known(self) -> bool:
        """Whether the machine that handed the mail in is known."""
        return bool(plain_address(self.peer))


class Spf(Value, frozen=True, kw_only=True):
    """The result, and the domain it is about: that of the return path, or of HELO for the null sender.

    One that is hearsay counts as far as whoever reads the file trusts its topmost lines.
    """

    result: Result
    domain: str = ""
    peer: str = ""
    is_hearsay: bool = False


class _Missing(Exception):
    """An answer that is not there yet; `chosen` is whether the name is one that whoever sends chose."""

    def __init__(self, name: str, kind: Kind, chosen: bool) -> None:
        super().__init__(name, kind)
        self.name, self.kind, self.chosen = name, kind, chosen


Known = Mapping[tuple[str, Kind], Answer | None]


class _Query(spf.query):  # type: ignore[misc]  # it has no types
    """An evaluation that looks nothing up by itself, but for what `look` knows already.

    `known` has None for what nobody answered.
    """

    def __init__(self, peer: str, local: str, domain: str, helo: str, look: Resolving, known: Known) -> None:
        super().__init__(i=peer, s=f"{local}@{domain}", h=helo)
        self.l, self.o, self.d = local, domain, domain  # by itself it cuts at the first @, which may be a quoted one
        self._look, self._known = look, known
        self._bytes = 0
        self._chosen: set[str] = set()
        self._reversing = False

    def expand(self, s: str, stripdot: bool = True) -> str:
        """A name with its macros filled in; remembers those that end as whoever sends chose."""
        name = str(super().expand(s, stripdot))
        plain = name.lower().removesuffix(".")
        ends = [match for match in SENDERS_CHOICE.finditer(s) if match.end() == len(s)]
        if ends and not is_below(plain, self.o.lower()):
            self._chosen.add(plain)
        return name

    def validated_ptrs(self) -> list[str]:
        """The names of the sender's address; those that nobody answers for are none (RFC 7208 5.5)."""
        self._reversing = True
        try:
            return list(super().validated_ptrs())
        finally:
            self._reversing = False

    def dns(self, name: str, qtype: Kind, cnames: object = None, ignore_void: bool = False) -> list[Any]:
        """The records; counts those that are not there, of which two are allowed (RFC 7208 4.6.4)."""
        name = name.lower().removesuffix(".")
        if not all(0 < len(label) < 64 for label in name.split(".")):
            return []
        chosen = self._reversing or name in self._chosen
        answer = self._known[name, qtype] if (name, qtype) in self._known else self._look.known(name, qtype)
        if answer is None and (name, qtype) not in self._known:
            raise _Missing(name, qtype, chosen)
        if answer is None and chosen:
            return []
        if answer is None:
            raise spf.TempError("no answer")
        self._weigh([len(text) for text in answer.texts if text[:7].lower() == b"v=spf1 "])
        if not answer.found and not ignore_void:
            self.void_lookups += 1
            if self.void_lookups > spf.MAX_VOID_LOOKUPS:
                raise spf.PermError("too many look-ups of what is not there")
        return [(record,) if isinstance(record, bytes) else record for record in answer.found]

    def _weigh(self, sizes: list[int]) -> None:
        self._bytes += sum(sizes)
        if self._bytes > SPF_BYTES or any(size > TEXT_BYTES for size in sizes):
            raise spf.PermError("records longer than any mail server reads")

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
    return Spf(result=result, domain=domain, peer=peer, is_hearsay=sender.is_hearsay)


def identity(sender: Sender) -> str:
    """The domain that is judged: of the return path, or of HELO for the null sender; "" where nobody can be."""
    if sender.mail_from is None or not plain_address(sender.peer):
        return ""
    return _domain_of(sender.mail_from.rpartition("@")[2] if sender.mail_from else sender.helo)


def _domain_of(text: str) -> str:
    return ascii_domain(text.strip().rstrip("."))


async def _evaluated(names: Resolving, peer: str, local: str, domain: str, helo: str) -> Result:
    known: dict[tuple[str, Kind], Answer | None] = {}
    spent, patience = 0.0, SENDERS_SECONDS
    while len(known) < QUESTIONS and spent < CPU_SECONDS:
        began = thread_time()
        try:
            return RESULTS[_Query(peer, local, domain, helo, names, known).check()[0]]
        except _Missing as missing:
            spent += thread_time() - began
            began = monotonic()
            known[missing.name, missing.kind] = await _answer(names, missing, patience if missing.chosen else None)
            patience -= monotonic() - began if missing.chosen else 0.0
        except Exception:  # a record that pyspf stumbles over is a wrong one
            return "permerror"
    return "permerror"


async def _answer(names: Resolving, missing: _Missing, seconds: float | None) -> Answer | None:
    try:
        async with asyncio.timeout(seconds if seconds is None else max(0.0, seconds)):
            return await names.ask(missing.name, missing.kind)
    except TooMany:
        raise
    except (Unanswered, TimeoutError):
        return None


def plain_address(text: str) -> str:
    """An IP address without zone, an IPv4 one where it is one written as IPv6; "" for what is none."""
    try:
        ip = ip_address(text.partition("%")[0])
    except ValueError:
        return ""
    mapped = ip.ipv4_mapped if isinstance(ip, IPv6Address) else None
    return str(mapped or ip)
