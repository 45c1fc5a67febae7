"""Signatures of DKIM (RFC 6376, 8301, 8463) and of ARC, as far as they can be judged without the signer's key.

What takes a mail's bytes is done here, where mails are read; what is left is one digest and one signature, which
`mailin.origin.keys` compares once the DNS has the key.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from datetime import datetime

from handlers.model.document import Value
from handlers.model.mail import Result
from mailin.origin.content import Content, Field, Form, header_hash
from mailin.origin.domains import ascii_domain, is_below

SIGNATURES = 5  # of one mail
SIGNATURE_BYTES = 16 * 1024
ALGORITHMS = {b"rsa-sha256": "rsa", b"ed25519-sha256": "ed25519"}
LENGTHS = {"rsa": range(64, 513), "ed25519": range(64, 65)}  # in bytes
ONCE = (b"from", b"subject", b"reply-to", b"content-type", b"content-transfer-encoding")
"""What decides how a mail is read, and stands in it once: readers take the first, signers begin with the last."""

ODD = "its fields can be read in two ways"

FORMS: dict[bytes, Form] = {b"simple": "simple", b"relaxed": "relaxed"}
TAG = re.compile(rb"\s*([A-Za-z][A-Za-z0-9_]*)\s*=(.*)", re.DOTALL)
SELECTOR = re.compile(r"[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?)*", re.IGNORECASE)

Tags = Mapping[str, bytes]


class Fault(Exception):
    """Why a signature proves nothing, whatever the key is; `result` as in RFC 8601."""

    def __init__(self, result: Result, why: str) -> None:
        super().__init__(why)
        self.result, self.why = result, why


class Signature(Value, frozen=True, kw_only=True):
    """What a signature says and what is left to be compared.

    `result` and `why` are set where the mail alone settles that it proves nothing. `own` says whether it was made
    for the domain itself and not for one below it (`i=`), which some keys demand.
    """

    domain: str = ""
    selector: str = ""
    kind: str = ""
    own: bool = True
    digest: bytes = b""
    value: bytes = b""
    result: Result | None = None
    why: str = ""


def signatures(content: Content, sender: str, at: datetime) -> tuple[Signature, ...]:
    """The signatures of a mail whose From is of domain `sender`; that domain's own first, five at most."""
    several = len(content.every(b"from")) > 1
    found = [(field, _tags_or_none(field)) for field in content.every(b"dkim-signature")]
    found.sort(key=lambda one: not _is_near(one[1], sender))
    return tuple(_signature(content, field, tags, at, several) for field, tags in found[:SIGNATURES])


def _signature(content: Content, field: Field, found: Tags | None, at: datetime, several: bool) -> Signature:
    domain = _domain(found or {})
    try:
        if content.odd:
            raise Fault("policy", ODD)
        if found is None:
            raise Fault("neutral", "its signature cannot be read")
        if found.get("v", b"") != b"1":
            raise Fault("permerror", "its signature is of another version")
        check_times(found, at)
        signature = hashed(content, field, found)
        if several:
            raise Fault("policy", "it has several From fields")
        return signature
    except Fault as fault:
        return Signature(domain=domain, result=fault.result, why=fault.why)


def hashed(content: Content, field: Field, found: Tags) -> Signature:
    """A signature over fields and body, its body compared and its fields hashed; raises Fault."""
    domain, selector = signer(found)
    kind = kind_of(found)
    header, body = _forms(found)
    signed = [name.strip().lower() for name in required(found, "h").split(b":")]
    if b"from" not in signed:
        raise Fault("permerror", "its signature leaves From out")
    for name in ONCE:
        if signed.count(name) < len(content.every(name)) > 1:
            raise Fault("policy", "it has a field twice that was signed once")
    _compare_body(content, found, body)
    own = without_value(field)
    digest = header_hash(
        content, signed, header, (own.relaxed() if header == "relaxed" else own.raw).removesuffix(b"\r\n")
    )
    return Signature(
        domain=domain,
        selector=selector,
        kind=kind,
        own=_identity(found, domain),
        digest=digest,
        value=signature_value(found),
    )


def signer(found: Tags) -> tuple[str, str]:
    """Domain and selector; raises Fault."""
    domain = _domain(found)
    selector = required(found, "s").decode("ascii", "replace")
    if not domain or not SELECTOR.fullmatch(selector) or len(selector) + len(domain) > 230:
        raise Fault("permerror", "its signature names no signer")
    return domain, selector


def kind_of(found: Tags) -> str:
    """The kind of key that made it; raises Fault for what proves nothing any more (RFC 8301)."""
    algorithm = required(found, "a")
    if algorithm == b"rsa-sha1":
        raise Fault("policy", "rsa-sha1 counts no more")
    if algorithm not in ALGORITHMS:
        raise Fault("neutral", "its signature is of an unknown kind")
    return ALGORITHMS[algorithm]


def check_times(found: Tags, at: datetime) -> None:
    """Raise Fault where the signature's time was over when the mail came."""
    made, over = (_number(found[name]) if name in found else None for name in ("t", "x"))
    if over is not None and (over < at.timestamp() or (made is not None and over < made)):
        raise Fault("policy", "its signature's time is over")


def tags(text: bytes) -> Tags:
    """The tags of a list (RFC 6376 3.2); raises Fault."""
    found: dict[str, bytes] = {}
    for one in text.replace(b"\r\n", b"").split(b";"):
        if not one.strip():
            continue
        match = TAG.fullmatch(one)
        name = match[1].decode() if match else ""
        if match is None or name in found:
            raise Fault("neutral", "its signature cannot be read")
        found[name] = match[2].strip()
    return found


def required(found: Tags, name: str) -> bytes:
    """The tag's value; raises Fault."""
    if not found.get(name):
        raise Fault("permerror", f"its signature lacks {name}=")
    return found[name]


def without_value(field: Field) -> Field:
    """A signature's field with the value of its b= left out (RFC 6376 3.5)."""
    head, _, rest = field.raw.partition(b":")
    pieces = [
        one[: one.index(b"=") + 1] if one.partition(b"=")[0].strip() == b"b" and b"=" in one else one
        for one in rest.split(b";")
    ]
    return Field(field.name, head + b":" + b";".join(pieces))


def signature_value(found: Tags) -> bytes:
    """The bytes of b=; raises Fault for what no key can have made, so that nobody asks for one."""
    value = _base64(found, "b")
    if len(value) not in LENGTHS[kind_of(found)]:
        raise Fault("permerror", "its signature's b= is of no signature's length")
    return value


def _tags_or_none(field: Field) -> Tags | None:
    try:
        return tags(field.value) if len(field.raw) <= SIGNATURE_BYTES else None
    except Fault:
        return None


def _is_near(found: Tags | None, sender: str) -> bool:
    """Whether a signature may speak for From: its domain is From's, above it or below it."""
    domain = _domain(found or {})
    return bool(domain) and bool(sender) and (is_below(domain, sender) or is_below(sender, domain))


def _domain(found: Tags) -> str:
    return ascii_domain(found.get("d", b"").decode("utf-8", "replace"))


def _forms(found: Tags) -> tuple[Form, Form]:
    header, _, body = found.get("c", b"simple/simple").lower().partition(b"/")
    if header not in FORMS or (body or b"simple") not in FORMS:
        raise Fault("permerror", "its signature is over an unknown form")
    return FORMS[header], FORMS[body or b"simple"]


def _compare_body(content: Content, found: Tags, form: Form) -> None:
    wanted = _base64(found, "bh")
    digest, size = content.body_hash(form)
    if "l" in found and _number(found["l"]) != size:
        raise Fault("policy", "its signature leaves a part of the text out")
    if digest != wanted:
        raise Fault("fail", "its text was changed after it was signed")


def _identity(found: Tags, domain: str) -> bool:
    """Whether it was made for the domain itself; raises Fault for one made for another's."""
    if not found.get("i"):
        return True
    identity = ascii_domain(found["i"].decode("utf-8", "replace").rpartition("@")[2])
    if not is_below(identity, domain):
        raise Fault("permerror", "its signature is for another domain")
    return identity == domain


def _number(value: bytes) -> int:
    if not value.isdigit() or len(value) > 76:
        raise Fault("permerror", "its signature has a number that is none")
    return int(value)


def _base64(found: Tags, name: str) -> bytes:
    try:
        return base64.b64decode(b"".join(required(found, name).split()), validate=True)
    except binascii.Error:
        raise Fault("permerror", f"its signature's {name}= cannot be read") from None
