"""What the checks come to: one grade with its reasons, for mails honest and forged, in files and at the door."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from time import monotonic

import authheaders
import pytest

from handlers.model.mail import Grade, Origin, Result
from mailin.origin.asking import Answer, Kind, Record, Unanswered
from mailin.origin.checks import Checks
from mailin.origin.clues import NO_TRUST, clues_of
from mailin.origin.spf import Sender
from tests.mailin.origin.world import (
    DOMAIN,
    MAIL,
    NOW,
    PEER,
    REJECT,
    SENDER,
    SPF,
    Dns,
    ed_signer,
    key_of,
    proof,
    rsa_signer,
    signed,
    zone,
)

STRANGER = Sender(peer="203.0.113.9", helo="mx.evil.example", mail_from=f"marie@{DOMAIN}")
RETURNS_ELSEWHERE = Sender(peer="203.0.113.9", helo="mx.evil.example", mail_from="x@evil.example")


async def origin(mail: bytes, dns: Dns, sender: Sender = SENDER) -> Origin:
    """What it comes to."""
    return (await proof(mail, dns, sender)).origin


@pytest.mark.parametrize(
    ("policy", "signature", "sender", "wanted"),
    [
        (REJECT, True, SENDER, "proven"),
        (REJECT, True, STRANGER, "proven"),
        (REJECT, False, SENDER, "proven"),
        (REJECT, False, STRANGER, "failed"),
        (REJECT, False, RETURNS_ELSEWHERE, "failed"),
        ("v=DMARC1; p=none", False, STRANGER, "failed"),
        ("", True, SENDER, "proven"),
        ("", True, STRANGER, "partial"),
        ("", False, SENDER, "partial"),
        ("", False, STRANGER, "unproven"),
        ("", False, RETURNS_ELSEWHERE, "unproven"),
    ],
)
async def test_a_mail_is_worth_what_it_proves(policy: str, signature: bool, sender: Sender, wanted: Grade) -> None:
    """A forged From of the registered address proves nothing, whatever passes for other domains (T1)."""
    mail = signed() if signature else MAIL
    dns = Dns({**zone(SPF, policy, rsa_signer()), ("evil.example", "TXT"): [b"v=spf1 +all"]})
    found = await origin(mail, dns, sender)
    assert found.grade == wanted
    assert found.aligned == (wanted in {"proven", "partial"})


async def test_a_pass_of_another_domain_is_shown_as_such() -> None:
    """SPF passes for whom the mail returns to; that is not From."""
    dns = Dns({**zone(SPF, REJECT), ("evil.example", "TXT"): [b"v=spf1 +all"]})
    found = await origin(MAIL, dns, RETURNS_ELSEWHERE)
    assert found == Origin(
        spf="pass", dkim="none", dmarc="fail", aligned=False, grade="failed", domain=DOMAIN, spf_domain="evil.example"
    )


@pytest.mark.parametrize(
    ("policy", "mail_from", "wanted"),
    [
        (REJECT, "x@bounces.clients.example", "pass"),
        (f"{REJECT}; aspf=s", "x@bounces.clients.example", "fail"),
        (f"{REJECT}; aspf=s", "x@clients.example", "pass"),
        (f"{REJECT}; adkim=s", "x@bounces.clients.example", "pass"),
        (REJECT, "x@clients.example.evil.example", "fail"),
        (REJECT, "x@evilclients.example", "fail"),
        (REJECT, "x@example", "fail"),
    ],
)
async def test_alignment_is_as_strict_as_the_owner_wants(policy: str, mail_from: str, wanted: Result) -> None:
    """aspf= and the organisational domain (RFC 9989 4.4.2)."""
    domain = mail_from.partition("@")[2]
    dns = Dns({**zone(SPF, policy), (domain, "TXT"): [b"v=spf1 +all"]})
    assert (await origin(MAIL, dns, Sender(peer=PEER, helo="mx", mail_from=mail_from))).dmarc == wanted


async def test_a_signature_of_a_subdomain_counts_unless_it_must_not() -> None:
    """adkim=."""
    mail = signed(domain="mail.clients.example")
    for policy, wanted in ((REJECT, "pass"), (f"{REJECT}; adkim=s", "fail")):
        dns = Dns({**zone("", policy), **key_of(rsa_signer(), "mail.clients.example")})
        assert (await origin(mail, dns, STRANGER)).dmarc == wanted


@pytest.mark.parametrize(
    ("silent", "wanted"),
    [
        ([DOMAIN], ("unknown", "unknown", "proven")),
        ([f"_dmarc.{DOMAIN}"], ("unknown", "unknown", "unknown")),
        ([f"rsa._domainkey.{DOMAIN}"], ("proven", "failed", "unknown")),
        ([DOMAIN, f"_dmarc.{DOMAIN}", f"rsa._domainkey.{DOMAIN}"], ("unknown", "unknown", "unknown")),
    ],
)
async def test_what_nobody_answered_is_held_against_nobody(silent: Sequence[str], wanted: tuple[Grade, ...]) -> None:
    """A temporary failure is no failure; where one sign passed for From itself the others are not missed."""
    dns = Dns({**zone(SPF, REJECT, rsa_signer()), **{(name, "TXT"): None for name in silent}})
    mails = ((MAIL, SENDER), (MAIL, STRANGER), (signed(), STRANGER))
    assert tuple([(await origin(mail, dns, sender)).grade for mail, sender in mails]) == wanted


async def test_a_stranger_whose_dns_is_broken_gains_nothing_for_another_from() -> None:
    """Their own temporary failures are not the owner's: the mail is not the owner's either."""
    dns = Dns({**zone(SPF, REJECT), ("evil.example", "TXT"): None, ("s._domainkey.evil.example", "TXT"): None})
    mail = signed(domain="evil.example", signer=rsa_signer(selector="s"))
    assert (await origin(mail, dns, RETURNS_ELSEWHERE)).grade == "failed"


@pytest.mark.parametrize(
    ("field", "domain"),
    [
        ("marie@CLIENTS.example", DOMAIN),
        ("Marie <marie@bücher.example>", "xn--bcher-kva.example"),
        ("Marie <marie@clıents.example>", "xn--clents-q9a.example"),
        ("Marie <marie@сlients.example>", "xn--lients-hrf.example"),
        ("marie%clients.example@evil.example", "evil.example"),
        ('"marie@clients.example" <x@evil.example>', "evil.example"),
        ("marie@clients.example <x@evil.example>", "evil.example"),
        ("<marie@clients.example> <x@evil.example>", ""),
        ("marie@clients.example, x@evil.example", ""),
        ("marie@clients.example\\0.evil.example", ""),
        ("marie@clients.example..", ""),
        ("", ""),
    ],
)
async def test_the_domain_that_is_judged_is_the_one_that_is_shown(field: str, domain: str) -> None:
    """Look-alike letters, names that hold addresses, several senders: none is clients.example's (T1, T5)."""
    mail = MAIL.replace(f"Marie Durand <marie@{DOMAIN}>".encode(), field.encode())
    found = (await proof(mail, Dns(zone(SPF, REJECT)), SENDER)).origin
    assert found.domain == domain
    assert (found.grade == "proven") == (domain == DOMAIN)


async def test_a_mail_without_one_sender_proves_nothing() -> None:
    """RFC 9989 5.3.1 leaves it open; SPF and DKIM may pass for whom they like."""
    for mail in (b"Subject: x\r\n\r\ny\r\n", b"From: a@b.example\r\n" + signed(), b""):
        found = await origin(mail, Dns(zone(SPF, REJECT, rsa_signer())))
        assert (found.dmarc, found.grade, found.aligned) == ("permerror", "unproven", False)


async def test_a_policy_that_makes_no_sense_is_none() -> None:
    """RFC 9989 4.10.1: a wish nobody knows, and nobody to tell; both signs have to agree then."""
    dns = Dns(zone(SPF, "v=DMARC1; p=refuse", rsa_signer()))
    assert [(await origin(mail, dns)).grade for mail in (signed(), MAIL)] == ["proven", "partial"]
    assert (await origin(MAIL, dns)).dmarc == "permerror"


class Slow:
    """A DNS that takes its time, and counts."""

    def __init__(self, seconds: float) -> None:
        self.seconds, self.asked = seconds, 0

    def known(self, name: str, kind: Kind) -> Answer | None:
        """Nothing."""

    async def ask(self, name: str, kind: Kind) -> Answer:
        """Nothing, late."""
        self.asked += 1
        await asyncio.sleep(self.seconds)
        raise Unanswered


async def test_all_checks_together_have_one_deadline() -> None:
    """Ten names that never come do not take ten times as long."""
    mail = signed(signed(), ed_signer())
    began = monotonic()
    found = await Checks(Slow(60), NO_TRUST, 0.2).proof(clues_of(mail, f"marie@{DOMAIN}", NOW), SENDER)
    assert found.origin.grade == "unknown"
    assert monotonic() - began < 1


async def test_no_mail_makes_us_ask_for_many_names() -> None:
    """Signatures, seals, a long From, a record full of mail servers: each has its bound."""
    domain = ".".join(["a"] * 60) + ".clients.example"
    mail = MAIL.replace(DOMAIN.encode(), domain.encode(), 1)
    for number in range(100):
        mail = (
            f"DKIM-Signature: v=1; a=rsa-sha256; d=d{number}.{domain}; s=s; h=from; bh=AAAA; b=AA\r\n".encode() + mail
        )
    exchangers: list[Record] = [(number, f"mx{number}.evil.example") for number in range(10)]
    record = "v=spf1 " + " ".join(f"mx:m{number}.evil.example" for number in range(10)) + " -all"
    dns = Dns({(domain, "TXT"): [record.encode()], **{(f"m{n}.evil.example", "MX"): exchangers for n in range(10)}})
    sender = Sender(peer=PEER, helo="mx", mail_from=f"x@{domain}")
    found = await Checks(dns, NO_TRUST).proof(clues_of(mail, f"x@{domain}", NOW), sender)
    assert found.origin.grade == "unproven"
    assert len(dns.asked) <= 100


async def test_a_mistake_of_ours_is_not_held_against_anybody() -> None:
    """The mail goes on, with a grade that says that nothing is known."""

    class Broken(Dns):
        async def ask(self, name: str, kind: Kind) -> Answer:
            raise ZeroDivisionError

    assert (await origin(MAIL, Broken({}))).grade == "unknown"


HOME = "example.com"  # authheaders aligns by a list of public suffixes, which has no .example
PLAIN = MAIL.replace(DOMAIN.encode(), HOME.encode())
CORPUS = {
    "relaxed": signed(PLAIN, domain=HOME),
    "simple": signed(PLAIN, domain=HOME, canonicalize=(b"simple", b"simple")),
    "Ed25519": signed(PLAIN, ed_signer(), HOME),
    "unsigned": PLAIN,
    "changed": signed(PLAIN, domain=HOME).replace(b"Bonjour", b"Bonsoir"),
    "a stranger's": signed(PLAIN, domain="example.net"),
    "below": signed(PLAIN, domain="mail.example.com"),
    "no key": signed(PLAIN, rsa_signer(selector="gone"), HOME),
    "two": signed(signed(PLAIN, domain="example.net"), domain=HOME),
}
DIFFERENCES = {
    "unsigned": "authheaders calls what is not signed a failed signature; RFC 8601 2.7.1 calls it none",
    "no key": "to authheaders everything that is no pass is a fail; RFC 8601 2.7.1 calls what no retry mends permerror",
}
TEXTS = {"_dmarc.example.com": REJECT, f"ed._domainkey.{HOME}": ed_signer().record.decode()}
TEXTS |= {f"rsa._domainkey.{one}": rsa_signer().record.decode() for one in (HOME, "example.net", "mail.example.com")}


@pytest.mark.parametrize("name", CORPUS)
async def test_authheaders_comes_to_the_same(name: str) -> None:
    """DKIM and DMARC; where not, the reason stands above."""

    def answer(asked: bytes | str, timeout: int = 5) -> bytes | str | None:
        text = TEXTS.get((asked.decode() if isinstance(asked, bytes) else asked).removesuffix("."))
        return text.encode() if text and isinstance(asked, bytes) else text

    said = authheaders.authenticate_message(CORPUS[name], "mx.example", spf=False, dnsfunc=answer, dmarcbis=True)
    ours = await origin(CORPUS[name], Dns({(name, "TXT"): [text.encode()] for name, text in TEXTS.items()}), STRANGER)
    dkim, dmarc = (said.partition(f"{method}=")[2].split()[0].strip(";") for method in ("dkim", "dmarc"))
    assert ours.dmarc == dmarc
    assert (ours.dkim == dkim) != (name in DIFFERENCES)
