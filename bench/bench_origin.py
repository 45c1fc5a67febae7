"""What a mail proves, beside dkimpy's verification and pyspf's evaluation of the same mail (goal F1); DNS known."""

from __future__ import annotations

import base64
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from statistics import median, quantiles
from typing import Any

import dkim
import spf
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from bench import Row
from demo.names import name_server
from handlers.configuration.endpoints import host_port
from mailin.origin.checks import Checks
from mailin.origin.clues import NO_TRUST, clues_of
from mailin.origin.names import Names
from mailin.origin.spf import Sender

GOAL = "at most 1.2 x dkimpy verify + pyspf check2"
DOMAIN = "clients.example"
ADDRESS = f"marie@{DOMAIN}"
PEER = "192.0.2.7"
SPF = "v=spf1 include:one.example include:two.example a:mail.clients.example ip4:192.0.2.7 -all"
NOW = datetime.fromtimestamp(1_795_000_000, UTC)
HEAD = f"From: {ADDRESS}\r\nTo: support@lantern.example\r\nSubject: Mot de passe\r\nMessage-ID: <m1@{DOMAIN}>\r\n\r\n"
LINE = "Bonjour, j'ai perdu mon mot de passe et je ne le retrouve plus.\r\n"
SIZES = {"2 KB": 2_000, "200 KB": 200_000}
WORST = 25_000_000


async def run(rounds: int) -> list[Row]:
    """Each mail in both ways by turns, with every name known already; then what is left in the event loop."""
    rsa_key, rsa_record = _rsa()
    ed_key, ed_record = _ed25519()
    texts = {f"rsa._domainkey.{DOMAIN}": rsa_record, f"ed._domainkey.{DOMAIN}": ed_record, DOMAIN: SPF}
    texts |= {f"_dmarc.{DOMAIN}": "v=DMARC1; p=reject", "one.example": "v=spf1 ip4:198.51.100.1 -all"}
    texts |= {"two.example": "v=spf1 ip4:198.51.100.2 -all"}
    zone = "".join(f"{name} TXT {_quoted(text)}\n" for name, text in texts.items())
    rows: list[Row] = []
    async with name_server(zone + "mail.clients.example A 198.51.100.3\n") as server:
        checks = Checks(Names(host_port(server.at)), NO_TRUST)
        for size, count in SIZES.items():
            for kind, key in ((b"rsa-sha256", rsa_key), (b"ed25519-sha256", ed_key)):
                mail = _signed(count, kind, key)
                rows += await _compared(
                    f"{kind.decode().partition('-')[0]} {size}", mail, checks, texts, max(20, rounds // 2)
                )
        rows += await _loop(_signed(2_000, b"rsa-sha256", rsa_key), checks, rounds)
    return [*rows, *_worst()]


async def _compared(what: str, mail: bytes, checks: Checks, texts: dict[str, str], rounds: int) -> list[Row]:
    proof = await checks.proof(clues_of(mail, ADDRESS, NOW), _sender())
    assert (proof.origin.spf, proof.origin.dkim, proof.origin.dmarc) == ("pass", "pass", "pass")
    reference = _reference(mail, texts)
    turns = [(await _seconds(lambda: _ours(mail, checks)), await _seconds(reference)) for _ in range(rounds)]
    ours, theirs = (median(column) for column in zip(*turns, strict=True))
    return [
        Row(f"{what}: SPF, DKIM and DMARC", ours * 1e6, "us"),
        Row(f"{what}: dkimpy verify + pyspf check2", theirs * 1e6, "us"),
        Row(f"{what}: ours to theirs", ours / theirs, "x", goal=GOAL),
    ]


async def _loop(mail: bytes, checks: Checks, rounds: int) -> list[Row]:
    """What the event loop is busy with for each mail: the bytes are hashed in another process."""
    clues = clues_of(mail, ADDRESS, NOW)
    spent = [await _seconds(lambda: checks.proof(clues, _sender())) for _ in range(max(50, rounds))]
    return [
        Row("of it in the event loop, median", median(spent) * 1e6, "us"),
        Row("of it in the event loop, 99 of 100", quantiles(spent, n=100)[98] * 1e6, "us"),
    ]


def _worst() -> list[Row]:
    """Bodies of 25 MB that are hard to hash."""
    rows = []
    signature = f"DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/simple; d={DOMAIN}; s=s; h=from; bh=AAAA; b=AAAA\r\n"
    both = signature.replace("relaxed/simple", "relaxed/relaxed") + signature + HEAD
    for name, body in {"text": LINE.encode(), "blanks": b" ", "empty lines": b"\r\n", "pairs": b"a  b\t\t"}.items():
        began = time.perf_counter()
        clues_of(both.encode() + body * (WORST // len(body)), ADDRESS, NOW)
        rows.append(
            Row(f"25 MB of {name}, two forms", (time.perf_counter() - began) * 1e3, "ms", goal="under 2,000 ms")
        )
    return rows


async def _ours(mail: bytes, checks: Checks) -> object:
    return await checks.proof(clues_of(mail, ADDRESS, NOW), _sender())


def _sender() -> Sender:
    return Sender(peer=PEER, helo="mail.clients.example", mail_from=ADDRESS)


def _reference(mail: bytes, texts: dict[str, str]) -> Callable[[], Awaitable[object]]:
    """dkimpy and pyspf as they are, fed from a dictionary."""

    def look_up(name: str, kind: str, *_: object) -> list[tuple[tuple[str, str], Any]]:
        if kind == "TXT" and name in texts:
            return [((name, kind), (texts[name].encode(),))]
        return [((name, kind), "198.51.100.3")] if kind == "A" else []

    async def both() -> object:
        spf.DNSLookup = look_up
        key = dkim.verify(mail, dnsfunc=lambda name, timeout=5: texts[name.decode().removesuffix(".")].encode())
        return key, spf.check2(PEER, ADDRESS, "mail.clients.example")

    return both


async def _seconds(act: Callable[[], Awaitable[object]]) -> float:
    began = time.perf_counter()
    await act()
    return time.perf_counter() - began


def _signed(size: int, kind: bytes, key: bytes) -> bytes:
    mail = (HEAD + LINE * (size // len(LINE))).encode()
    selector = kind.partition(b"-")[0].removesuffix(b"25519")
    made = dkim.DKIM(mail, signature_algorithm=kind).sign(
        selector, DOMAIN.encode(), key, canonicalize=(b"relaxed",) * 2
    )
    return bytes(made) + mail


def _rsa() -> tuple[bytes, str]:
    key = rsa.generate_private_key(65537, 2048)
    public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    private = key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    return private, f"v=DKIM1; k=rsa; p={base64.b64encode(public).decode()}"


def _ed25519() -> tuple[bytes, str]:
    key = ed25519.Ed25519PrivateKey.generate()
    public = base64.b64encode(key.public_key().public_bytes_raw()).decode()
    return base64.b64encode(key.private_bytes_raw()), f"v=DKIM1; k=ed25519; p={public}"


def _quoted(text: str) -> str:
    return " ".join(f'"{text[at : at + 200]}"' for at in range(0, len(text), 200))
