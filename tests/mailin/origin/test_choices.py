"""Names and keys that a forger chooses: they never make "not theirs" into "nobody knows", and never cost much."""

from __future__ import annotations

import asyncio
import base64
import secrets
from time import monotonic, thread_time

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from handlers.model.mail import Grade, Result
from mailin.origin import spf as subject
from mailin.origin.asking import Answer, Kind, Record
from mailin.origin.spf import Sender, check
from tests.mailin.origin.world import DOMAIN, MAIL, PEER, REJECT, Dns, ed_signer, proof, rsa_signer, signed, zone

LAME = f"old.{DOMAIN}"
FORGER = Sender(peer="203.0.113.9", helo="mx.evil.example", mail_from=f"marie@{DOMAIN}")
REVERSE = "9.113.0.203.in-addr.arpa"
UNSIGNED = b"DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=clients.example; s=rsa; h=from; bh=%s; b=%s\r\n"


def dead(*names: str) -> dict[tuple[str, Kind], list[Record] | None]:
    """Names that nobody answers for."""
    kinds: tuple[Kind, ...] = ("A", "AAAA", "MX", "PTR", "TXT")
    return {(name, kind): None for name in names for kind in kinds}


async def grade(mail: bytes, sender: Sender, silent: dict[tuple[str, Kind], list[Record] | None], spf: str) -> Grade:
    """What a mail comes to while some names are silent."""
    return (await proof(mail, Dns({**zone(spf, REJECT), **silent}), sender)).origin.grade


@pytest.mark.parametrize("selector", ["rsa", "ed"])
async def test_a_signature_of_a_dead_name_below_settles_nothing(selector: str) -> None:
    """Whoever forges finds a name below whose servers are gone (T1)."""
    mail = signed(signer=ed_signer() if selector == "ed" else rsa_signer(), domain=LAME)
    silent = dead(f"{selector}._domainkey.{LAME}", f"_dmarc.{LAME}")
    assert await grade(mail, FORGER, silent, "v=spf1 -all") == "failed"


async def test_a_return_path_of_a_dead_name_below_settles_nothing() -> None:
    """The same with SPF (T1)."""
    sender = Sender(peer="203.0.113.9", helo="x.example", mail_from=f"x@{LAME}")
    assert await grade(MAIL, sender, dead(LAME, f"_dmarc.{LAME}"), "v=spf1 -all") == "failed"


async def test_what_speaks_for_the_domain_itself_leaves_it_open() -> None:
    """No answer about From's own domain, or the one above it: nobody knows, and nothing is held against anybody."""
    own = dead(f"rsa._domainkey.{DOMAIN}")
    assert await grade(signed(), Sender(), own, "v=spf1 -all") == "unknown"
    assert await grade(MAIL, FORGER, dead(DOMAIN), "") == "unknown"
    below = MAIL.replace(f"marie@{DOMAIN}".encode(), f"marie@mail.{DOMAIN}".encode())
    assert await grade(signed(below), Sender(), own, "v=spf1 -all") == "unknown"


@pytest.mark.parametrize("value", [b"AAAA", b"A" * 1024, b"A" * 84, b"*", b"A"])
async def test_rubbish_is_no_signature_whose_key_is_missing(value: bytes) -> None:
    """Nobody asks for the key of what no key can have made (T1)."""
    body = next(one for one in signed().split(b";") if one.strip().startswith(b"bh="))
    mail = UNSIGNED % (b"".join(body.partition(b"bh=")[2].split()), value) + MAIL
    dns = Dns({**zone("v=spf1 -all", REJECT), **dead(f"rsa._domainkey.{DOMAIN}")})
    found = (await proof(mail, dns, FORGER)).origin
    assert (found.dkim, found.grade) == ("permerror", "failed")
    assert (f"rsa._domainkey.{DOMAIN}", "TXT") not in dns.asked


@pytest.mark.parametrize(
    ("record", "silent", "wanted"),
    [
        ("v=spf1 ptr -all", [REVERSE], "fail"),
        ("v=spf1 ptr -all", [f"mx.{DOMAIN}"], "fail"),
        ("v=spf1 exists:%{i}._spf.%{h} -all", ["203.0.113.9._spf.mx.evil.example"], "fail"),
        ("v=spf1 exists:%{h} -all", ["mx.evil.example"], "fail"),
        ("v=spf1 a:%{p} -all", [REVERSE], "fail"),
        ("v=spf1 exists:%{i}.%{l}._spf.%{d} -all", [f"203.0.113.9.marie._spf.{DOMAIN}"], "temperror"),
        ("v=spf1 exists:%{i}._spf.partner.example -all", ["203.0.113.9._spf.partner.example"], "temperror"),
        ("v=spf1 include:_spf.partner.example -all", ["_spf.partner.example"], "temperror"),
    ],
)
async def test_silent_names_of_the_senders_choice_are_no_match(record: str, silent: list[str], wanted: Result) -> None:
    """RFC 7208 5.5 for names of the address, and the same for the greeting's; the domain's own stay open (T1)."""
    reverse: dict[tuple[str, Kind], list[Record] | None] = {(REVERSE, "PTR"): [f"mx.{DOMAIN}"]}
    assert (await check(Dns({**zone(record), **reverse, **dead(*silent)}), FORGER)).result == wanted


async def test_slow_names_of_the_senders_choice_leave_time_for_the_domains(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name server that takes its time is none (T1)."""
    monkeypatch.setattr(subject, "SENDERS_SECONDS", 0.05)

    class Slow(Dns):
        async def ask(self, name: str, kind: Kind) -> Answer:
            if kind == "PTR":
                await asyncio.sleep(30)
            return await super().ask(name, kind)

    began = monotonic()
    record = "v=spf1 ptr include:_spf.partner.example -all"
    dns = Slow({**zone(record), ("_spf.partner.example", "TXT"): [b"v=spf1 ip4:192.0.2.99 -all"]})
    assert (await check(dns, FORGER)).result == "fail"
    assert monotonic() - began < 5


@pytest.mark.parametrize(
    ("bits", "exponent", "wanted"), [(2048, 65, "policy"), (4097, 17, "policy"), (2048, 17, "fail")]
)
async def test_keys_that_take_long_are_refused(bits: int, exponent: int, wanted: Result) -> None:
    """A key of an odd exponent, or too long, would hold the event loop up (T31)."""
    number, power = (secrets.randbits(size) | 1 | 1 << (size - 1) for size in (bits, exponent))
    public = RSAPublicNumbers(power, number).public_key()
    der = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    signer = rsa_signer()._replace(record=b"v=DKIM1; k=rsa; p=" + base64.b64encode(der))
    assert (await proof(signed(), Dns(zone("", REJECT, signer)), Sender())).origin.dkim == wanted


@pytest.mark.parametrize("term", [b"ip4:1.2.3.4 ", b"ip4:1.2.3.4/1 ", b"ip6:1::2 "])
async def test_many_long_records_cost_next_to_nothing(term: bytes) -> None:
    """Ten records of 4 KB are more than any domain needs (T31)."""
    long = b"v=spf1 " + term * (4000 // len(term)) + b"-all"
    names = [f"i{number}.{DOMAIN}" for number in range(10)]
    texts: dict[tuple[str, Kind], list[Record]] = {(name, "TXT"): [long] for name in names}
    dns = Dns(zone("v=spf1 " + " ".join(f"include:{name}" for name in names) + " -all") | texts)
    began = thread_time()
    assert (await check(dns, FORGER)).result == "permerror"
    assert thread_time() - began < 0.15
    assert len(dns.asked) < 7


async def test_an_honest_domain_of_many_records_passes() -> None:
    """Ten records of half a kilobyte, which is more than large senders have."""
    names = [f"i{number}.{DOMAIN}" for number in range(9)]
    record = b"v=spf1 " + b"ip4:198.51.100.0/24 " * 25 + b"-all"
    texts: dict[tuple[str, Kind], list[Record]] = {(name, "TXT"): [record] for name in names}
    texts |= {(names[-1], "TXT"): [f"v=spf1 ip4:{PEER} -all".encode()]}
    dns = Dns(zone("v=spf1 " + " ".join(f"include:{name}" for name in names) + " -all") | texts)
    assert (await check(dns, Sender(peer=PEER, mail_from=f"marie@{DOMAIN}"))).result == "pass"
