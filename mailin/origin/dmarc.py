"""DMARC (RFC 9989): which domains belong together, and what the owner of From's domain asks for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal, NamedTuple, get_args

from handlers.model.document import Value
from handlers.model.mail import Result, Unseen
from mailin.origin.asking import Asking, Kind, Unanswered
from mailin.origin.domains import is_below, labels

Wish = Literal["none", "quarantine", "reject"]
"""What the owner wants to be done with mails that are not theirs."""

MOST_LABELS = 8
VERSION = re.compile(rb"v[ \t]*=[ \t]*DMARC1[ \t]*(?:;|$)")
WISHES: tuple[Wish, ...] = get_args(Wish)
URI = re.compile(r"[a-z][a-z0-9+.-]*:[^\s,]+", re.IGNORECASE)


class Record(Value, frozen=True, kw_only=True):
    """A domain's record; `below` and `missing` are the wishes for domains below it that are there, and that are not.

    `usable` is false where it says nothing that anybody could follow.
    """

    wish: Wish = "none"
    below: Wish | None = None
    missing: Wish | None = None
    strict_dkim: bool = False
    strict_spf: bool = False
    psd: Literal["y", "n", "u"] = "u"
    trial: bool = False
    usable: bool = True


class Step(NamedTuple):
    """One domain of a walk, and its record; `answered` is false where nobody knows whether it has one."""

    domain: str
    record: Record | None = None
    answered: bool = True


class Policy(Value, frozen=True, kw_only=True):
    """What holds for From's domain: the record and where it was found, and the organisation the domain belongs to.

    `at` is "" where there is no record. `complete` is false where a name server did not answer on the way.
    """

    domain: str
    record: Record | None = None
    at: str = ""
    organisation: str = ""
    complete: bool = True


class Verdict(Value, frozen=True, kw_only=True):
    """The result, and what the owner wants to be done with a mail that fails; "" where nobody wants anything.

    `unseen` is why nobody saw who handed the mail in, where SPF might have passed.
    """

    result: Result
    wish: Wish | Literal[""] = ""
    at: str = ""
    unseen: Unseen = ""


def parse(texts: Sequence[bytes]) -> Record | None:
    """The record among the texts under `_dmarc.`; None where there is none, or several (RFC 9989 4.10)."""
    records = [text for text in texts if VERSION.match(text)]
    return _record(records[0].decode("utf-8", "replace")) if len(records) == 1 else None


def walked(domain: str) -> list[str]:
    """The domains that a walk asks for, at most eight (RFC 9989 4.10)."""
    parts = labels(domain)
    start = 1 if len(parts) < MOST_LABELS else len(parts) - MOST_LABELS + 1
    return [domain, *(".".join(parts[at:]) for at in range(start, len(parts)))]


def questions(domain: str) -> list[tuple[str, Kind]]:
    """What a walk asks."""
    return [(f"_dmarc.{one}", "TXT") for one in walked(domain)]


def organisation(steps: Sequence[Step]) -> str:
    """The organisational domain that a walk finds (RFC 9989 4.10.2); the domain itself where there is no record."""
    start = steps[0].domain
    found = [(step.domain, step.record) for step in steps if step.record]
    for domain, record in found:
        if record.psd == "n":
            return domain
        if record.psd == "y" and domain != start:
            return ".".join(labels(start)[-len(labels(domain)) - 1 :])
    return found[-1][0] if found else start


def applying(steps: Sequence[Step]) -> tuple[str, Record | None]:
    """Where the record is that holds for the first domain of a walk: its own, its organisation's, a registry's."""
    records = {step.domain: step.record for step in steps if step.record}
    registry = next((domain for domain, record in records.items() if record.psd == "y"), "")
    at = next((domain for domain in (steps[0].domain, organisation(steps), registry) if domain in records), "")
    return at, records.get(at)


async def discover(names: Asking, domain: str) -> Policy:
    """What holds for From's domain; raises Unanswered where it cannot be known whether anything does."""
    steps = await _walk(names, domain)
    at, record = applying(steps)
    complete = all(step.answered for step in steps)
    if at != domain and not complete:
        raise Unanswered(f"_dmarc of {domain}")
    return Policy(domain=domain, record=record, at=at, organisation=organisation(steps), complete=complete)


async def is_aligned(names: Asking, policy: Policy, domain: str, strict: bool) -> bool:
    """Whether an authenticated domain is From's own (RFC 9989 4.10.2); raises Unanswered where nobody knows."""
    if domain == policy.domain or strict or policy.record is None:
        return domain == policy.domain
    if not is_below(domain, policy.organisation) and policy.complete:
        return False  # its organisation is above it, so it cannot be the same
    steps = await _walk(names, domain)
    if not policy.complete or not all(step.answered for step in steps):
        raise Unanswered(f"the organisation of {domain}")
    return organisation(steps) == policy.organisation


async def wish(names: Asking, policy: Policy) -> Wish | Literal[""]:
    """What the owner wants to be done with a mail that is not theirs; in a trial, one step less (RFC 9989 4.7)."""
    record = policy.record
    if record is None:
        return ""
    wanted = record.wish
    if policy.at != policy.domain:
        wanted = record.below or record.wish
        if record.missing and record.missing != wanted and not await _exists(names, policy.domain):
            wanted = record.missing
    return WISHES[max(0, WISHES.index(wanted) - record.trial)]


async def _walk(names: Asking, domain: str) -> list[Step]:
    """Every record on the way up, to the first that says that the way ends there."""
    await names.fetch(questions(domain))
    steps: list[Step] = []
    for one in walked(domain):
        step = await _step(names, one)
        steps.append(step)
        if step.record and (step.record.psd == "n" or (step.record.psd == "y" and one != domain)):
            break
    return steps


async def _step(names: Asking, domain: str) -> Step:
    try:
        answer = await names.ask(f"_dmarc.{domain}", "TXT")
    except Unanswered:
        return Step(domain, answered=False)
    return Step(domain, parse(answer.texts))


async def _exists(names: Asking, domain: str) -> bool:
    """Whether a domain has an address or a mail server; where nobody answers, it may."""
    try:
        kinds: tuple[Kind, ...] = ("A", "AAAA", "MX")
        for kind in kinds:
            answer = await names.ask(domain, kind)
            if answer.found:
                return True
            if not answer.exists:
                return False
    except Unanswered:
        return True
    return False


def _record(text: str) -> Record:
    """A record as it is meant: unknown tags and nonsense are passed over, but for wishes (RFC 9989 4.7, 4.10.1)."""
    found: dict[str, str] = {}
    for one in text.split(";")[1:]:
        name, _, value = one.partition("=")
        found.setdefault(name.strip().lower(), value.strip())
    wishes = {name: _wish(found[name]) for name in ("p", "sp", "np") if name in found}
    broken = None in wishes.values()
    psd = found.get("psd", "u").lower()
    return Record(
        wish="none" if broken else wishes.get("p") or "none",
        below=None if broken else wishes.get("sp"),
        missing=None if broken else wishes.get("np"),
        strict_dkim=found.get("adkim", "r").lower() == "s",
        strict_spf=found.get("aspf", "r").lower() == "s",
        psd="y" if psd == "y" else "n" if psd == "n" else "u",
        trial=found.get("t", "n").lower() == "y",
        usable=not broken or any(URI.fullmatch(uri.strip()) for uri in found.get("rua", "").split(",")),
    )


def _wish(text: str) -> Wish | None:
    return next((one for one in WISHES if one == text.lower()), None)
