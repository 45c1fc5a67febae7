"""ARC (RFC 8617): what the servers that a mail passed through saw, each sealing what the ones before it had said."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256

from handlers.model.document import Value
from mailin.origin.border import Said, spoken
from mailin.origin.content import Content, Field
from mailin.origin.domains import ascii_domain
from mailin.origin.signatures import (
    ODD,
    SIGNATURE_BYTES,
    Fault,
    Signature,
    Tags,
    check_times,
    hashed,
    kind_of,
    required,
    signature_value,
    signer,
    tags,
    without_value,
)

MOST = 10  # of the 50 that a chain may have; nobody's mail passes through more than a few
NAMES = (b"arc-authentication-results", b"arc-message-signature", b"arc-seal")
INSTANCE = re.compile(rb"\s*i\s*=\s*(\d{1,2})\s*;(.*)", re.DOTALL)

Set = dict[bytes, Field]


class Seal(Value, frozen=True, kw_only=True):
    """One server's part: who sealed, the seal itself, and what that server had found."""

    domain: str
    seal: Signature
    said: tuple[Said, ...] = ()


class Chain(Value, frozen=True, kw_only=True):
    """A chain of seals, the newest first, and the newest signature over the mail; `fault` says why it holds nothing."""

    seals: tuple[Seal, ...] = ()
    message: Signature = Signature()
    fault: str = ""


def chain(content: Content, sealers: Sequence[str], at: datetime) -> Chain | None:
    """The mail's chain, as far as it can be judged without keys; None where nobody whom we trust sealed last."""
    if not sealers:
        return None
    if content.odd:
        return Chain(fault=ODD)
    try:
        sets = _sets(content)
        newest = tags(sets[-1][b"arc-seal"].value) if sets else {}
        if ascii_domain(newest.get("d", b"").decode("ascii", "replace")) not in sealers:
            return None
        seals = tuple(_seal(sets[: count + 1]) for count in range(len(sets)))
        return Chain(seals=seals[::-1], message=_message(content, sets[-1], at))
    except Fault as fault:
        return Chain(fault=fault.why)


def _sets(content: Content) -> list[Set]:
    """The parts of all servers, the oldest first, each with its three fields; raises Fault."""
    found: dict[int, Set] = {}
    for field in content.fields:
        if field.name in NAMES:
            number = _instance(field)
            if field.name in found.setdefault(number, {}):
                raise Fault("fail", "a part of its chain is there twice")
            found[number][field.name] = field
    if len(found) > MOST:
        raise Fault("fail", "its chain is too long")
    if sorted(found) != list(range(1, len(found) + 1)) or any(len(one) < len(NAMES) for one in found.values()):
        raise Fault("fail", "its chain has gaps")
    return [found[number] for number in sorted(found)]


def _instance(field: Field) -> int:
    if field.name == NAMES[0]:
        match = INSTANCE.match(field.text)
        number = match[1] if match else b""
    else:
        number = tags(field.value).get("i", b"") if len(field.raw) <= SIGNATURE_BYTES else b""
    if not number.isdigit() or len(number) > 2:
        raise Fault("fail", "a part of its chain has no number")
    return int(number)


def _seal(sets: Sequence[Set]) -> Seal:
    """The last of these sets; its seal is over them all, in order and relaxed (RFC 8617 5.1.1). Raises Fault."""
    field = sets[-1][b"arc-seal"]
    found = tags(field.value)
    if required(found, "cv") != (b"none" if len(sets) == 1 else b"pass") or "h" in found:
        raise Fault("fail", "a server on the way found the chain broken")
    fields = [one[name] for one in sets for name in NAMES]
    text = b"".join(one.relaxed() for one in [*fields[:-1], without_value(field)]).removesuffix(b"\r\n")
    domain, selector = signer(found)
    seal = Signature(
        domain=domain,
        selector=selector,
        kind=kind_of(found),
        digest=sha256(text).digest(),
        value=signature_value(found),
    )
    match = INSTANCE.match(sets[-1][NAMES[0]].text)
    return Seal(domain=domain, seal=seal, said=tuple(spoken(match[2])) if match else ())


def _message(content: Content, newest: Set, at: datetime) -> Signature:
    """The newest server's signature over the mail as it left; raises Fault."""
    field = newest[b"arc-message-signature"]
    found: Tags = {"c": b"relaxed/relaxed", **tags(field.value), "i": b""}
    if b"arc-seal" in [name.strip().lower() for name in required(found, "h").split(b":")]:
        raise Fault("permerror", "its chain signs its own seals")
    check_times(found, at)
    return hashed(content, field, found)
