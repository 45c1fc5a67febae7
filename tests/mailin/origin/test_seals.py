"""ARC: what trusted forwarders saw can lift a DMARC that failed on the way, nobody else's word can (RFC 8617)."""

from __future__ import annotations

import re

import dkim
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from mailin.origin.checks import Proof
from mailin.origin.clues import Trust, clues_of
from mailin.origin.spf import Sender
from tests.mailin.origin.world import DOMAIN, NOW, Dns, Signer, key_of, proof, rsa_signer, signed, zone

LIST = "lists.example"
OTHER = "forwarder.example"
TRUST = Trust(sealers=(LIST,))
SEEN = f"Authentication-Results: {LIST}; spf=pass smtp.mailfrom={DOMAIN}; dmarc=pass header.from={DOMAIN}\r\n".encode()
NONE = f"Authentication-Results: {LIST}; none\r\n".encode()
FORWARDED = Sender(peer="203.0.113.5", helo="lists.example", mail_from="bounces@lists.example")
SEALER = rsa_signer(2048, "seal")
KEYS = {**key_of(SEALER, LIST), **key_of(SEALER, OTHER), **key_of(SEALER, "evil.example")}
DNS = Dns(zone("v=spf1 -all", "v=DMARC1; p=reject", rsa_signer()) | KEYS)


def changed() -> bytes:
    """A signed mail whose subject a mailing list has marked."""
    return signed().replace(b"Subject: Mot", b"Subject: [liste] Mot")


def sealed(mail: bytes, by: str = LIST, seen: bytes = SEEN, signer: Signer = SEALER) -> bytes:
    """The mail with one more seal, made by dkimpy; `seen` is what that server found when it came."""
    chain = b"; arc=pass\r\n" if b"ARC-Seal" in mail else b"\r\n"
    noted = seen.replace(LIST.encode(), by.encode(), 1).replace(b"\r\n", chain) + mail
    fields = dkim.arc_sign(noted, signer.selector.encode(), by.encode(), signer.private, by.encode())
    return b"".join(fields) + mail


async def found(mail: bytes, trust: Trust = TRUST, dns: Dns = DNS) -> Proof:
    """What a forwarded mail proves."""
    return await proof(mail, dns, FORWARDED, trust)


def as_dkimpy_sees(mail: bytes) -> bytes | None:
    """The state of the chain by dkimpy."""
    state, *_ = dkim.arc_verify(mail, dnsfunc=DNS.text)
    return state  # type: ignore[no-any-return]


async def test_a_trusted_forwarder_lifts_a_failed_dmarc() -> None:
    """The signature broke when the list marked the subject; the list had seen it whole."""
    mail = sealed(changed())
    assert as_dkimpy_sees(mail) == b"pass"
    origin = (await found(mail)).origin
    assert (origin.dkim, origin.dmarc, origin.grade, origin.via) == ("fail", "pass", "proven", "arc")
    assert origin.aligned


async def test_a_trusted_seal_proves_a_saved_mail_too() -> None:
    """Who handed it in nobody knows; what the forwarder sealed does not hang on that."""
    origin = (await proof(sealed(changed()), DNS, Sender(), TRUST)).origin
    assert (origin.dmarc, origin.grade, origin.via, origin.unseen) == ("pass", "proven", "arc", "")


async def test_a_forwarder_whom_nobody_trusts_lifts_nothing() -> None:
    """Anybody can seal; and nobody is asked for their keys."""
    mail = sealed(changed(), by="evil.example")
    for trust in (TRUST, Trust()):
        origin = (await found(mail, trust)).origin
        assert (origin.dmarc, origin.grade, origin.via) == ("fail", "failed", "direct")
    assert ("seal._domainkey.evil.example", "TXT") not in DNS.asked


async def test_a_trusted_forwarder_who_saw_no_pass_lifts_nothing() -> None:
    """Nor one who saw another's pass."""
    for seen in (SEEN.replace(b"dmarc=pass", b"dmarc=fail"), SEEN.replace(b"from=clients", b"from=others"), NONE):
        assert (await found(sealed(changed(), seen=seen))).origin.grade == "failed"


async def test_the_newest_sealer_counts_and_whom_it_follows() -> None:
    """A trusted one behind a stranger is not heard; two trusted ones are, one behind the other."""
    bad = SEEN.replace(b"dmarc=pass", b"dmarc=fail")
    chain = sealed(sealed(changed(), by=OTHER), by=LIST, seen=bad)
    assert as_dkimpy_sees(chain) == b"pass"
    assert (await found(chain)).origin.grade == "failed"
    assert (await found(chain, Trust(sealers=(LIST, OTHER)))).origin.grade == "proven"
    assert (await found(sealed(sealed(changed(), by=LIST), by="evil.example", seen=bad))).origin.grade == "failed"


BREAKS = {
    "text": (rb"Bonjour", b"Bonsoir"),
    "subject": (rb"\[liste\]", b"[list]"),
    "what was seen": (rb"(?s)(ARC-Authentication-Results:.*?)dmarc=pass", rb"\1dmarc=none"),
    "seal": (rb"(?s)(ARC-Seal:.*? b=)", rb"\1BBBB"),
    "state": (rb"cv=none", b"cv=pass"),
    "failed": (rb"cv=none", b"cv=fail"),
    "number": (rb"(?m)^ARC-Seal: i=1", b"ARC-Seal: i=2"),
    "no number": (rb"(?m)^ARC-Seal: i=1;", b"ARC-Seal:"),
    "no seal": (rb"(?m)^ARC-Seal:", b"X-Seal:"),
    "no signature": (rb"(?m)^ARC-Message-Signature:", b"X-Signature:"),
    "nothing seen": (rb"(?m)^ARC-Authentication-Results:", b"X-Results:"),
    "fields in the seal": (rb"(?m)^ARC-Seal: i=1;", b"ARC-Seal: i=1; h=from;"),
    "another sealer": (rb"d=lists\.example", b"d=evil.example"),
    "no key": (rb"s=seal", b"s=none"),
}


@pytest.mark.parametrize("name", BREAKS)
async def test_a_chain_broken_in_any_way_lifts_nothing(name: str) -> None:
    """Nor does dkimpy take it."""
    whole = sealed(changed())
    mail = re.sub(*BREAKS[name], whole)
    assert mail != whole
    assert (await found(mail)).origin.grade == "failed"
    assert as_dkimpy_sees(mail) != b"pass"


async def test_a_chain_with_gaps_or_doubles_lifts_nothing() -> None:
    """Every server's part is there once, from the first (RFC 8617 5.2)."""
    two = sealed(sealed(changed(), by=LIST), by=LIST)
    assert (await found(two)).origin.grade == "proven"
    without_first = re.sub(rb"(?m)^(ARC-[A-Za-z-]+): i=1;", rb"X-\1: i=1;", two)
    one = sealed(changed())
    doubled = one[: one.index(b"ARC-Message-Signature")] + one
    for mail in (without_first, doubled):
        assert (await found(mail)).origin.grade == "failed"


async def test_a_key_that_nobody_has_an_answer_for_lifts_nothing() -> None:
    """It is not known to hold, so it is not believed."""
    silent = Dns({**DNS.zone, (f"seal._domainkey.{LIST}", "TXT"): None})
    assert (await found(sealed(changed()), dns=silent)).origin.grade == "failed"


@pytest.mark.timeout(10)
def test_the_longest_chain_costs_a_moment() -> None:
    """Fifty servers are allowed; nobody's mail passes ten."""
    part = b"ARC-Seal: i=%d; a=rsa-sha256; cv=pass; d=lists.example; s=s; b=AAAA\r\n"
    part += b"ARC-Message-Signature: i=%d; a=rsa-sha256; d=lists.example; s=s; h=from; bh=AAAA; b=AAAA\r\n"
    part += b"ARC-Authentication-Results: i=%d; lists.example; none\r\n"
    mail = b"".join(part % (number, number, number) for number in range(50, 0, -1)) + changed()
    clues = clues_of(mail, f"marie@{DOMAIN}", NOW, TRUST)
    assert clues.chain is not None
    assert clues.chain.fault == "its chain is too long"


WHOLE = changed()


@settings(deadline=None)
@given(some.binary(max_size=120))
def test_whatever_stands_in_a_chain_nothing_breaks(noise: bytes) -> None:
    """Each of the three fields may hold anything."""
    fields = [b"ARC-Seal: i=1; d=lists.example; " + noise, b"ARC-Message-Signature: i=1; " + noise]
    mail = b"\r\n".join([*fields, b"ARC-Authentication-Results: i=1; " + noise, WHOLE])
    clues_of(mail, f"marie@{DOMAIN}", NOW, TRUST)
