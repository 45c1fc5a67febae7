"""Keys of signers, as the DNS has them (RFC 6376 3.6.1, 8463), and whether a signature was made with one."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from typing import NamedTuple

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

from handlers.model.mail import Result
from mailin.origin.asking import Resolving, TooMany, Unanswered
from mailin.origin.signatures import Fault, Signature, tags

LEAST_BITS = 1024  # RFC 8301 3.2
MOST_BITS = 4096
EXPONENT_BITS = 64  # others make one look take seconds


class Key(NamedTuple):
    """A signer's key; `flags` are those of its t= tag."""

    made: RSAPublicKey | Ed25519PublicKey
    flags: frozenset[bytes]


async def judged(names: Resolving, signature: Signature) -> Signature:
    """The signature with its result, now that the key can be had; never raises."""
    if signature.result is not None:
        return signature
    try:
        answer = await names.ask(name_of(signature), "TXT")
        verify(signature, answer.texts)
    except TooMany:
        return _settled(signature, "permerror", "there are too many names to ask for")
    except Unanswered:
        return _settled(signature, "temperror", "the DNS did not answer")
    except Fault as fault:
        return _settled(signature, fault.result, fault.why)
    return _settled(signature, "pass")


def name_of(signature: Signature) -> str:
    """Where its key is."""
    return f"{signature.selector}._domainkey.{signature.domain}"


def verify(signature: Signature, records: Sequence[bytes]) -> None:
    """Raise Fault unless one of the records is the key that made the signature."""
    key = _key(signature, records)
    if b"s" in key.flags and not signature.own:
        raise Fault("permerror", "its key is for the domain alone")
    try:
        if isinstance(key.made, RSAPublicKey):
            key.made.verify(signature.value, signature.digest, PKCS1v15(), Prehashed(SHA256()))
        else:
            key.made.verify(signature.value, signature.digest)
    except (InvalidSignature, UnsupportedAlgorithm, ValueError):
        if b"y" not in key.flags:
            raise Fault("fail", "its signature is not of these fields, or was made with another key") from None
    if b"y" in key.flags:
        raise Fault("neutral", "its key is a try-out")  # to be taken for unsigned (RFC 6376 3.6.1)


def _key(signature: Signature, records: Sequence[bytes]) -> Key:
    """The one key there is; raises Fault."""
    keys, faults = [], []
    for record in records:
        try:
            keys.append(_parsed(record, signature.kind))
        except Fault as fault:
            faults.append(fault)
    if len(keys) == 1:
        return keys[0]
    if keys:
        raise Fault("permerror", "there are several keys under its name")
    raise faults[0] if faults else Fault("permerror", "there is no key of its name")


def _parsed(record: bytes, kind: str) -> Key:
    try:
        found = tags(record)
    except Fault:
        raise Fault("permerror", "its key cannot be read") from None
    if found.get("v", b"DKIM1") != b"DKIM1" or ("v" in found and next(iter(found)) != "v") or "p" not in found:
        raise Fault("permerror", "its key cannot be read")
    if found.get("k", b"rsa").decode("ascii", "replace") != kind:
        raise Fault("permerror", "its key is of another kind")
    if not found["p"]:
        raise Fault("permerror", "its key was revoked")
    if "h" in found and b"sha256" not in _listed(found["h"]):
        raise Fault("permerror", "its key is for another hash")
    if not {b"*", b"email"} & _listed(found.get("s", b"*")):
        raise Fault("permerror", "its key is not for mail")
    return Key(_made(found["p"], kind), frozenset(_listed(found.get("t", b""))))


def _made(text: bytes, kind: str) -> RSAPublicKey | Ed25519PublicKey:
    try:
        raw = base64.b64decode(b"".join(text.split()), validate=True)
        if kind == "ed25519":
            return Ed25519PublicKey.from_public_bytes(raw)
        made = load_der_public_key(raw)
    except (binascii.Error, ValueError, UnsupportedAlgorithm):
        raise Fault("permerror", "its key cannot be read") from None
    if not isinstance(made, RSAPublicKey):
        raise Fault("permerror", "its key is of another kind")
    if not LEAST_BITS <= made.key_size <= MOST_BITS:
        raise Fault(
            "policy",
            f"a key of {made.key_size} bits counts no more" if made.key_size < LEAST_BITS else "its key is too long",
        )
    if made.public_numbers().e.bit_length() > EXPONENT_BITS:
        raise Fault("policy", "its key is of a kind that takes too long")
    return made


def _listed(value: bytes) -> set[bytes]:
    return {one.strip().lower() for one in value.split(b":")}


def _settled(signature: Signature, result: Result, why: str = "") -> Signature:
    """The signature with its result, without the bytes that nobody needs any more."""
    return Signature(domain=signature.domain, selector=signature.selector, kind=signature.kind, result=result, why=why)
