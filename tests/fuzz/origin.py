"""Fuzzes the checks of senders: mails, changes to signed and sealed mails, and what the DNS and our border may say.

The first byte chooses what the rest is: a low control character stands for one of `KINDS`, anything else begins a mail.
Held against dkimpy: what passes here passes there, and is read as what was signed.
"""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import Callable
from time import process_time
from typing import get_args

import dkim
import msgspec
from structlog.testing import capture_logs

from handlers.model.mail import Grade, Result
from mailin.mime import outline
from mailin.origin import border, dmarc, spf
from mailin.origin.asking import Kind, Record
from mailin.origin.checks import Checks, Proof
from mailin.origin.clues import Clues, Trust, clues_of
from mailin.origin.content import Content
from mailin.origin.seals import chain
from mailin.origin.signatures import signatures
from mailin.origin.spf import Sender
from mailin.origin.trace import received_at, sender_of
from mailin.origin.words import reasons
from tests.fuzz import cutting
from tests.fuzz.promises import read
from tests.mailin.origin.world import DOMAIN, MAIL, NOW, Dns, ed_signer, key_of, rsa_signer, signed, zone

SECONDS = 8.0 if "atheris" in sys.modules else 2.0
LIST = "lists.example"
BORDER = "mx.desk.example"
TRUST = Trust(authserv_id=BORDER, sealers=(LIST,))
SENDER = Sender(peer="192.0.2.7", helo="mx.clients.example", mail_from=f"marie@{DOMAIN}")
POLICY = b"v=DMARC1; p=reject; adkim=r"
MOST_QUESTIONS = 150
FULL = MAIL.replace(
    b"Message-ID",
    b"Reply-To: marie@clients.example\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
    b"Content-Transfer-Encoding: 8bit\r\nMessage-ID",
)
SEALER = ed_signer("seal")
RESULTS: tuple[str, ...] = get_args(Result)
mutate = cutting.mutate
_loop = asyncio.new_event_loop()


def _sealed(mail: bytes) -> bytes:
    seen = f"Authentication-Results: {LIST}; dmarc=pass header.from={DOMAIN}\r\n".encode() + mail
    by = rsa_signer(1024, "arc")
    return b"".join(dkim.arc_sign(seen, by.selector.encode(), LIST.encode(), by.private, LIST.encode())) + mail


SIGNED = [
    signed(FULL, ed_signer()),
    signed(FULL, ed_signer(), canonicalize=(b"simple", b"simple")),
    signed(FULL, rsa_signer(), canonicalize=(b"relaxed", b"simple")),
    signed(signed(FULL, ed_signer()), rsa_signer()),
]
SEALED = [_sealed(signed(FULL, ed_signer()).replace(b"Subject: Mot", b"Subject: [l] Mot"))]
KEYS = zone("v=spf1 -all", POLICY.decode(), rsa_signer(), ed_signer()) | key_of(rsa_signer(1024, "arc"), LIST)


def fuzz(data: bytes) -> None:
    """Check one thing; raises AssertionError when a promise is broken."""
    started = process_time()
    check = KINDS[data[0]] if data and data[0] < len(KINDS) else _mail
    check(data if check is _mail else data[1:])
    assert process_time() - started < SECONDS, f"took {process_time() - started:.1f} seconds"


def _mail(data: bytes) -> None:
    """Any mail, with and without somebody to trust; what swallows exceptions in the desk is called piece by piece."""
    mail = read(data)
    content = Content(data)
    assert [one.name.decode() for one in content.fields] == [name for name, _ in outline(data).headers.fields]
    for trust in (Trust(), TRUST):
        clues = clues_of(data, mail.from_address, NOW, trust)
        assert clues.odd >= content.odd
        assert clues.signatures == signatures(content, clues.domain, NOW)
        assert clues.chain == chain(content, trust.sealers, NOW)
        assert clues.border == border.border_says(content, trust.authserv_id)
        assert clues.trace == sender_of(content, trust.authserv_id)
        assert clues_of(data, mail.from_address, NOW, trust) == clues
        received_at(content)
        proof = _proof(clues, Dns(KEYS), clues.trace, trust)
        assert not (clues.odd and (proof.origin.aligned or proof.origin.dkim == "pass")), "passed, oddly cut"
        assert proof.origin.via == "border" or proof.origin.dkim != "pass", "passed without a signer"


def _signed(data: bytes) -> None:
    """Changes to a signed mail: where it still passes, it says what was signed, and dkimpy agrees."""
    whole = SIGNED[data[0] % len(SIGNED)] if data else SIGNED[0]
    _judge(whole, _changed(whole, data[1:]))


def _recut(data: bytes) -> None:
    """The same with changes that leave it a mail, which the bytes choose by chance."""
    whole = SIGNED[data[0] % len(SIGNED)] if data else SIGNED[0]
    _judge(whole, cutting.mutate(whole, 2 * len(whole), int.from_bytes(data[1:5], "big")))


def _judge(whole: bytes, mail: bytes) -> None:
    proof = _proof(clues_of(mail, read(mail).from_address, NOW, Trust()), Dns(KEYS), Sender(), Trust())
    if proof.origin.dkim == "pass":
        assert _as_dkimpy_sees(mail) is not False, "passes here, not with dkimpy"
        _check_reading(mail, FULL)
    else:
        assert proof.origin.grade != "proven"
        assert mail != whole, "a signature that was not harmed does not pass"


def _as_dkimpy_sees(mail: bytes) -> bool | None:
    """Whether a signature is good; None where dkimpy does not read the mail, as with a blank before a colon."""
    try:
        verifier = dkim.DKIM(_for_dkimpy(mail))
    except dkim.MessageFormatError:
        return None
    for number in range(5):
        try:
            if verifier.verify(number, dnsfunc=Dns(KEYS).text):
                return True
        except dkim.DKIMException:
            continue
        except IndexError:
            break
    return False


def _check_reading(mail: bytes, original: bytes) -> None:
    """What the desk reads is what was signed, but for fields that no signature holds and readers take into account."""
    now, then = read(mail), read(original)
    same = ("from_address", "reply_to", "subject")
    assert [getattr(now, name) for name in same] == [getattr(then, name) for name in same], "reads what was not signed"
    assert now.whole.split() in ([], then.whole.split()), "shows what was not signed"


def _seals(data: bytes) -> None:
    """Changes to a sealed mail: where the chain still lifts it, dkimpy finds the chain whole."""
    mail = _changed(SEALED[0], data)
    trust = Trust(sealers=(LIST,))
    proof = _proof(clues_of(mail, read(mail).from_address, NOW, trust), Dns(KEYS), Sender(), trust)
    if proof.origin.via == "arc":
        state, *_ = dkim.arc_verify(_for_dkimpy(mail), dnsfunc=Dns(KEYS).text)
        assert state == b"pass", "a chain that dkimpy does not take"
    else:
        assert mail != SEALED[0], "a chain that was not harmed does not hold"


def _for_dkimpy(mail: bytes) -> bytes:
    """With line ends as on the wire, and without lines among the fields that are none, which dkimpy refuses."""
    head, gap, body = mail.replace(b"\r\n", b"\n").partition(b"\n\n")
    fields = [field for field in re.split(rb"\n(?![ \t])", head) if re.match(rb"[!-9;-~]{1,100}[ \t]*:", field)]
    return (b"\n".join(fields) + gap + body).replace(b"\n", b"\r\n")


def _changed(mail: bytes, script: bytes) -> bytes:
    """The mail with edits: each is a place of two bytes, how much goes, how much comes, and what comes."""
    made = bytearray(mail)
    while len(script) >= 4:
        at, gone, come = int.from_bytes(script[:2], "big") % (len(made) + 1), script[2] % 64, script[3] % 64
        made[at : at + gone] = script[4 : 4 + come]
        script = script[4 + come :]
    return bytes(made)


def _dmarc(data: bytes) -> None:
    """What stands under `_dmarc.` of From's domain and of those above."""
    texts = data.split(b"\0")[:6]
    record = dmarc.parse(texts)
    assert record is None or record.wish in dmarc.WISHES
    names = (f"_dmarc.{DOMAIN}", "_dmarc.example")
    found: dict[tuple[str, Kind], list[Record]] = {(name, "TXT"): [*texts[at::2]] for at, name in enumerate(names)}
    clues = clues_of(SIGNED[0].replace(b"clients.example>", b"a.b.clients.example>", 1), f"m@a.b.{DOMAIN}", NOW)
    _proof(clues, Dns(KEYS | found), SENDER, Trust())


def _spf(data: bytes) -> None:
    """What domains say of who may send their mail; they name each other, and the sender's words are theirs too."""
    texts = data.split(b"\0")[:8]
    names = (DOMAIN, "a.example", "b.example", "c.example")
    found: dict[tuple[str, Kind], list[Record]] = {(name, "TXT"): [*texts[at::4]] for at, name in enumerate(names)}
    addresses: dict[tuple[str, Kind], list[Record]] = {
        ("mx.clients.example", "A"): ["192.0.2.7"],
        (DOMAIN, "MX"): [(10, "mx.clients.example"), (10, "a.example")],
        ("7.2.0.192.in-addr.arpa", "PTR"): ["mx.clients.example"],
        ("b.example", "A"): ["192.0.2.9"],
    }
    dns = Dns(found | addresses)
    words = texts[-1][:60].decode("utf-8", "replace")
    for sender in (
        SENDER,
        Sender(peer="2001:db8::7", helo=words, mail_from=""),
        Sender(peer="::ffff:192.0.2.7", helo="x", mail_from=words),
    ):
        del dns.asked[:]
        result = _loop.run_until_complete(spf.check(dns, sender))
        assert result.result in spf.RESULTS
        assert len(set(dns.asked)) <= spf.QUESTIONS
        assert result == _loop.run_until_complete(spf.check(dns, sender)), "checked twice, two results"


def _border(data: bytes) -> None:
    """What stands in the fields of our border server, and in others' above and below it."""
    for said in border.spoken(data):
        assert said.result in RESULTS
    mail = b"Authentication-Results: " + data.replace(b"\0", b"\r\nAuthentication-Results: ") + b"\r\n" + SIGNED[0]
    ours = BORDER.encode()
    says = border.border_says(Content(mail), BORDER)
    assert says is None or ours in data.lower(), "heard what nobody said"
    for trust in (TRUST, Trust()):
        clues = clues_of(mail, f"marie@{DOMAIN}", NOW, trust)
        proof = _proof(clues, Dns(KEYS), SENDER, trust)
        assert trust.authserv_id or (proof.origin.via, clues.border) == ("direct", None), "heard whom we do not know"


def _key(data: bytes) -> None:
    """What stands where a signer's key should be."""
    found: dict[tuple[str, Kind], list[Record]] = {
        (f"{one}._domainkey.{DOMAIN}", "TXT"): [*data.split(b"\0")[:3]] for one in ("ed", "rsa")
    }
    for mail in SIGNED:
        proof = _proof(clues_of(mail, f"marie@{DOMAIN}", NOW), Dns(KEYS | found), Sender(), Trust())
        assert proof.origin.dkim != "pass" or b"p=" in data.translate(None, b" \t\r\n"), "passed without a key"


def _proof(clues: Clues, dns: Dns, sender: Sender, trust: Trust) -> Proof:
    """What a mail proves; what the desk would log as an error of its own is one here."""
    assert msgspec.json.decode(msgspec.json.encode(clues), type=Clues) == clues
    with capture_logs() as logs:
        proof = _loop.run_until_complete(Checks(dns, trust).proof(clues, sender))
    assert not [line for line in logs if line["log_level"] == "error"], logs
    origin = proof.origin
    assert {origin.spf, origin.dkim, origin.dmarc} <= set(RESULTS)
    assert origin.grade in get_args(Grade)
    assert len(set(dns.asked)) <= MOST_QUESTIONS
    for _, text in reasons(proof):
        text.encode()
    return proof


Check = Callable[[bytes], None]
KINDS: tuple[Check, ...] = (_mail, _signed, _recut, _seals, _dmarc, _spf, _border, _key)
