"""From a mail to its durable case, understood and authenticated, beside bare aiosmtpd that does nothing (goal B2)."""

from __future__ import annotations

import base64
import tempfile
from collections.abc import Mapping
from pathlib import Path
from statistics import median
from time import perf_counter

import dkim
from cryptography.hazmat.primitives.asymmetric import ed25519

from bench import Row
from bench.bench_smtp import Server
from demo.names import EVERY_DOMAIN
from tests.e2e.flood import MAILBOX, Flood, Mail, flooded

DOMAIN = "customers.example"
MAILS = 1000
SENDERS = 20
BYTES = 2048
SIGNATURE = 400  # of them
LINE = "J'utilise la boutique depuis trois ans et je n'ai jamais eu de souci avant.\r\n"


async def run(rounds: int) -> list[Row]:
    """Five rounds at the usual 200: the two take turns, twenty senders each, a mail of its own sender every time."""
    key = ed25519.Ed25519PrivateKey.generate()
    public = base64.b64encode(key.public_key().public_bytes_raw()).decode()
    zone = f'mail._domainkey.{DOMAIN} TXT "v=DKIM1; k=ed25519; p={public}"\n{EVERY_DOMAIN}'
    pairs: list[tuple[float, float]] = []
    with tempfile.TemporaryDirectory() as folder:
        bare = await Server.start("bare", Path(folder))
        try:
            async with flooded(Path(folder), zone) as house:
                for turn in range(max(1, rounds // 40) + 1):
                    mails = {number: _mail(number, key) for number in range(turn * MAILS, (turn + 1) * MAILS)}
                    nothing = await _sent(bare.port, mails)
                    began = perf_counter()
                    await _sent(house.port, mails)
                    await house.drained()
                    pairs.append((perf_counter() - began, nothing))
        finally:
            await bare.stop()
    del pairs[0]  # warms up: processes, names that are asked for
    return [
        Row("mail to durable case, one in hand", 1e3 * median(desk for desk, _ in pairs) / MAILS, "ms a mail"),
        Row("mail to durable case", MAILS / median(desk for desk, _ in pairs), "mails/s"),
        Row("bare aiosmtpd, the same sender", MAILS / median(bare for _, bare in pairs), "mails/s"),
        Row("B2 beside bare aiosmtpd", median(bare / desk for desk, bare in pairs), "x", "0.35 or more"),
    ]


async def _sent(port: int, mails: Mapping[int, Mail]) -> float:
    """Seconds in which these mails were accepted."""
    began = perf_counter()
    await Flood(port, mails, mails.__getitem__).send(SENDERS)
    return perf_counter() - began


def _mail(number: int, key: ed25519.Ed25519PrivateKey) -> Mail:
    """A mail of 2 KiB, signed by its sender's domain."""
    sender = f"writer{number:06d}@{DOMAIN}"
    begun = (
        f"From: Claire Martin <{sender}>\r\nTo: {MAILBOX}\r\nSubject: mot de passe {number}\r\n"
        f"Date: Fri, 20 Nov 2026 09:12:44 +0100\r\nMessage-ID: <{number}@{DOMAIN}>\r\nMIME-Version: 1.0\r\n"
        "Content-Type: text/plain; charset=utf-8\r\n\r\n"
        f"Bonjour,\r\n\r\nj'ai oublié mon mot de passe ({number}).\r\n"
    )
    unsigned = f"{begun}{LINE * ((BYTES - SIGNATURE - len(begun)) // len(LINE))}".encode()
    signer = dkim.DKIM(unsigned, signature_algorithm=b"ed25519-sha256")
    return Mail(sender, signer.sign(b"mail", DOMAIN.encode(), base64.b64encode(key.private_bytes_raw())) + unsigned)
