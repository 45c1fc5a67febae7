"""A DNS in memory, keys, signed mails: what the tests of a mail's origin share."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import NamedTuple

import dkim
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from mailin.mime import outline
from mailin.origin.asking import Answer, Kind, Record, Unanswered
from mailin.origin.checks import Checks, Proof
from mailin.origin.clues import NO_TRUST, Trust, clues_of
from mailin.origin.spf import Sender
from mailin.words import mailbox, several_mailboxes

NOW = datetime.now(UTC)  # dkimpy has no other clock
PEER = "192.0.2.7"
DOMAIN = "clients.example"
SPF = "v=spf1 ip4:192.0.2.7 -all"
REJECT = "v=DMARC1; p=reject"
SENDER = Sender(peer=PEER, helo="mx.clients.example", mail_from=f"marie@{DOMAIN}")
MAIL = (
    f"From: Marie Durand <marie@{DOMAIN}>\r\nTo: support@shopfactory.example\r\nSubject: Mot de passe\r\n"
    f"Message-ID: <m1@{DOMAIN}>\r\nDate: Fri, 20 Nov 2026 09:12:44 +0100\r\n\r\n"
    "Bonjour,\r\n\r\nj'ai  perdu mon mot de passe. \r\n\r\nMarie\r\n\r\n\r\n"
).encode()

Zone = Mapping[tuple[str, Kind], list[Record] | None] | Mapping[tuple[str, Kind], list[Record]]
"""What there is; None where nobody answers."""


class Dns:
    """Answers from memory, and remembers who was asked for."""

    def __init__(self, zone: Zone) -> None:
        self.zone = {(name.lower(), kind): found for (name, kind), found in zone.items()}
        self.asked: list[tuple[str, Kind]] = []

    def known(self, name: str, kind: Kind) -> Answer | None:
        """Nothing is known before it is asked for."""

    async def fetch(self, wanted: Iterable[tuple[str, Kind]]) -> None:
        """It is as fast one by one."""

    async def ask(self, name: str, kind: Kind) -> Answer:
        """The answer; raises Unanswered."""
        key = (name.lower().removesuffix("."), kind)
        self.asked.append(key)
        found = self.zone.get(key, ())
        if found is None:
            raise Unanswered(name)
        return Answer(tuple(found), any(key[0] == known or known.endswith(f".{key[0]}") for known, _ in self.zone))

    def text(self, name: bytes, timeout: int = 5) -> bytes | None:
        """As dkimpy asks."""
        found = self.zone.get((name.decode().lower().removesuffix("."), "TXT")) or ()
        return next((record for record in found if isinstance(record, bytes)), None)


class Signer(NamedTuple):
    """A domain's key: how to sign with it, and what the DNS says of it."""

    selector: str
    private: bytes
    algorithm: bytes
    record: bytes


@cache
def rsa_signer(bits: int = 2048, selector: str = "rsa") -> Signer:
    """A signer with an RSA key."""
    key = rsa.generate_private_key(65537, bits)
    public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    private = key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    return Signer(selector, private, b"rsa-sha256", b"v=DKIM1; k=rsa; p=" + base64.b64encode(public))


@cache
def ed_signer(selector: str = "ed") -> Signer:
    """A signer with an Ed25519 key."""
    key = ed25519.Ed25519PrivateKey.generate()
    public = base64.b64encode(key.public_key().public_bytes_raw())
    private = base64.b64encode(key.private_bytes_raw())
    return Signer(selector, private, b"ed25519-sha256", b"v=DKIM1; k=ed25519; p=" + public)


def signed(
    mail: bytes = MAIL,
    signer: Signer | None = None,
    domain: str = DOMAIN,
    canonicalize: tuple[bytes, bytes] = (b"relaxed", b"relaxed"),
    *,
    length: bool = False,
    headers: Sequence[bytes] | None = None,
    algorithm: bytes | None = None,
    identity: bytes | None = None,
) -> bytes:
    """The mail with a signature on top, made by dkimpy."""
    by = signer or rsa_signer()
    made = dkim.DKIM(mail, signature_algorithm=algorithm or by.algorithm).sign(
        by.selector.encode(), domain.encode(), by.private, canonicalize=canonicalize, length=length,
        include_headers=headers, identity=identity,
    )  # fmt: skip
    return bytes(made) + mail


def zone(
    spf: str = "", policy: str = "", *signers: Signer, domain: str = DOMAIN
) -> dict[tuple[str, Kind], list[Record]]:
    """What a domain says of itself."""
    found: dict[tuple[str, Kind], list[Record]] = {(domain, "A"): ["192.0.2.1"]}
    if spf:
        found[domain, "TXT"] = [spf.encode()]
    if policy:
        found[f"_dmarc.{domain}", "TXT"] = [policy.encode()]
    for one in signers:
        found[f"{one.selector}._domainkey.{domain}", "TXT"] = [one.record]
    return found


def key_of(signer: Signer, domain: str = DOMAIN) -> dict[tuple[str, Kind], list[Record]]:
    """Where a signer's key is."""
    return {(f"{signer.selector}._domainkey.{domain}", "TXT"): [signer.record]}


def from_address(mail: bytes) -> str:
    """The one From address, as the reader finds it."""
    values = outline(mail).headers.every("from")
    return mailbox(values[0])[1] if len(values) == 1 and not several_mailboxes(values[0]) else ""


async def proof(mail: bytes, dns: Dns, sender: Sender = SENDER, trust: Trust = NO_TRUST) -> Proof:
    """What a mail proves, read as the desk reads it."""
    clues = clues_of(mail, from_address(mail), NOW, trust)
    return await Checks(dns, trust).proof(clues, sender)
