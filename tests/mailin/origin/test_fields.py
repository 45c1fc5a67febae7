"""One header block is the same to the reader and to the checks, and proves nothing where others may see another."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from mailin.fields import FIELD, LINE_BYTES, VALUE_BYTES
from mailin.mime import outline
from mailin.origin.clues import Trust, clues_of
from mailin.origin.content import Content
from tests.mailin.origin.world import (
    DOMAIN,
    MAIL,
    NOW,
    REJECT,
    SENDER,
    SPF,
    Dns,
    from_address,
    proof,
    rsa_signer,
    signed,
    zone,
)

VICTIM = f"chef@{DOMAIN}".encode()
DNS = Dns(zone(SPF, REJECT, rsa_signer()))
FOLDED = b"X-A: 1\r\nFrom\r\n : " + VICTIM + b"\r\nSubject\r\n : Autre chose\r\n"
WIDE = signed().replace(b"\r\nFrom: Marie", b"\r\nFrom" + b" " * LINE_BYTES + b": Marie")
NAMES = [b"from", b"to", b"subject", b"message-id"]
PIECES = [
    b"From: a@b.example", b"From", b" : c@d.example", b":", b"Subject: x", b"\r\n", b"\n", b"\r", b"\r\n ", b"\n\t",
    b"\r\n\r\n", b"From x", b">From ", b"X" * 101, b" " * LINE_BYTES, b"x" * LINE_BYTES, b"X:a\n" * 300,
    b"X\n :a\n" * 300, b"\0", b"\xe9", b"y" * 130_000, b" ",
]  # fmt: skip

ODD = {
    "a name folded and one too wide": FOLDED + WIDE,
    "a name folded five hundred times": b"X-A: 1\r\nFrom\r\n : " + VICTIM + b"\r\n" + b"X\r\n : a\r\n" * 499 + signed(),
    "a name folded": b"X-A: 1\r\nSubject\r\n : Autre chose\r\n" + signed(headers=[*NAMES, b"subject"]),
    "blanks before a colon": b"X-A : 1\r\n" + signed(),
    "a line that is no field": b"X-A: 1\r\nVoici\r\n" + signed(),
    "a carriage return alone": b"X-A: 1\r\n\r\r\n" + signed(),
    "a value too long": b"X-A: " + b"x" * VALUE_BYTES + b"\r\n" + signed(),
    "a value of blanks": b"X-A: " + b" " * LINE_BYTES + b"x\r\n" + signed(),
    "a name too long": b"X" * 101 + b": 1\r\n" + signed(),
    "too many fields": b"X-A: 1\r\n" * 500 + signed(),
    "too many bytes": b"".join(b"X-A: %s\r\n" % (b"x" * 10_000) for _ in range(14)) + signed(),
    "a field that is taken for a mail box's": b"From : " + VICTIM + b"\r\n" + signed(),
}


@pytest.mark.parametrize("mail", ODD.values(), ids=ODD)
async def test_a_mail_that_others_may_cut_differently_proves_nothing(mail: bytes) -> None:
    """Neither its signature nor the machine that handed it in speaks for a From that may be another's (T1, T34)."""
    found = (await proof(mail, DNS, SENDER)).origin
    assert found.dkim in ("policy", "none")
    assert (found.aligned, found.grade) == (False, "failed" if from_address(mail) else "unproven")


@pytest.mark.parametrize("policy", [REJECT, ""])
async def test_nobody_signs_for_another_address_of_their_provider(policy: str) -> None:
    """What one customer's mail was signed for never proves another's address (T1, T34)."""
    mail = FOLDED + WIDE
    assert from_address(mail) == VICTIM.decode()
    found = (await proof(mail, Dns(zone(SPF, policy, rsa_signer())), SENDER)).origin
    assert found.grade == ("failed" if policy else "unproven")


async def test_our_border_server_may_have_cut_it_differently_too() -> None:
    """Its word is not taken for a mail in which it may have read another From (T2)."""
    said = f"Authentication-Results: mx.desk.example; spf=pass smtp.mailfrom={DOMAIN}; dkim=pass header.d={DOMAIN}; "
    top = f"{said}dmarc=pass header.from={DOMAIN}\r\n".encode()
    trust = Trust(authserv_id="mx.desk.example")
    assert (await proof(top + signed(), DNS, SENDER, trust)).origin.grade == "proven"
    found = (await proof(top + FOLDED + WIDE, DNS, SENDER, trust)).origin
    assert (found.dkim, found.dmarc, found.grade) == ("policy", "fail", "failed")


async def test_no_word_for_a_mail_without_one_author() -> None:
    """A border server's `dmarc=pass` of no domain is no word for a mail whose From we cannot read (T2)."""
    mail = b"Authentication-Results: mx.desk.example; dmarc=pass\r\nFrom: nobody\r\nSubject: x\r\n\r\nx\r\n"
    found = (await proof(mail, DNS, SENDER, Trust(authserv_id="mx.desk.example"))).origin
    assert (found.dmarc, found.grade) == ("permerror", "unproven")


@pytest.mark.parametrize("read", [f"chef@{DOMAIN}", f"marie@mail.{DOMAIN}", f"marie@{DOMAIN} "])
def test_the_author_is_the_one_whose_bytes_were_signed(read: str) -> None:
    """Were the reader to read another From than the checks, nothing would be proven (T1)."""
    assert clues_of(signed(), read, NOW).odd
    assert not clues_of(signed(), f"marie@{DOMAIN}", NOW).odd


@settings(max_examples=300, deadline=None)
@given(some.lists(some.sampled_from(PIECES) | some.binary(max_size=20), max_size=12), some.booleans())
def test_reader_and_checks_cut_any_bytes_into_the_same_fields(pieces: list[bytes], in_mail: bool) -> None:
    """The same names and values in the same order, and the bytes that are hashed are those of the values (T1)."""
    mail = b"".join(pieces) + (MAIL if in_mail else b"")
    read = outline(mail).headers.fields
    checked = Content(mail).fields
    assert [one.name.decode() for one in checked] == [name for name, _ in read]
    for one, (_, value) in zip(checked, read, strict=True):
        match = FIELD.match(one.raw.replace(b"\r\n", b"")[:LINE_BYTES])
        assert match is not None
        assert match[2][:VALUE_BYTES] == value
