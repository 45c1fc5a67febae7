"""Authentication-Results count from our own border server alone, and only what stands on top (T2)."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from mailin.origin.border import Said, border_says, spoken
from mailin.origin.clues import Trust
from mailin.origin.content import Content
from tests.mailin.origin.world import DOMAIN, MAIL, Dns, proof, rsa_signer, signed, zone

BORDER = "mx.border.example"
TRUST = Trust(authserv_id=BORDER)
GOOD = f"spf=pass smtp.mailfrom=marie@{DOMAIN}; dkim=pass header.d={DOMAIN}; dmarc=pass header.from={DOMAIN}"
BAD = f"spf=fail smtp.mailfrom=marie@{DOMAIN}; dkim=none; dmarc=fail header.from={DOMAIN}"
DNS = Dns(zone("v=spf1 -all", "v=DMARC1; p=reject", rsa_signer()))


def results(said: str, by: str = BORDER) -> bytes:
    """A field of that server."""
    return f"Authentication-Results: {by}; {said}\r\n".encode()


def says(*fields: bytes, by: str = BORDER) -> dict[str, str] | None:
    """What counts of a mail that begins with these fields."""
    said = border_says(Content(b"".join(fields) + MAIL), by)
    return None if said is None else {one.method: one.result for one in said}


async def test_what_our_border_found_is_believed() -> None:
    """It alone saw who handed the mail in."""
    found = (await proof(results(GOOD) + MAIL, DNS, trust=TRUST)).origin
    assert (found.spf, found.dkim, found.dmarc, found.aligned) == ("pass", "pass", "pass", True)
    assert (found.grade, found.via, found.spf_domain) == ("proven", "border", DOMAIN)
    found = (await proof(results(BAD) + MAIL, DNS, trust=TRUST)).origin
    assert (found.spf, found.dmarc, found.grade, found.via) == ("fail", "fail", "failed", "border")


@pytest.mark.parametrize(
    "top",
    [
        b"",
        results(GOOD, "evil.example"),
        results(GOOD, f"{BORDER}.evil.example"),
        results(GOOD, f"x{BORDER}"),
        results(GOOD, f"evil.example ({BORDER})"),
        results(GOOD, f"evil.example; x=y {BORDER}"),
        results(GOOD, f'"evil.example {BORDER}"'),
        results(GOOD, "mх.border.example"),  # a Cyrillic letter
        results(GOOD, f"{BORDER}%00"),
        results(GOOD, f"{BORDER}@evil.example"),
        results(GOOD, "evil.example") + results(GOOD),
        b"Authentication-Results: nonsense\r\n" + results(GOOD),
        f"Authentication-Results : {BORDER}\r\n".encode() + b"X-A: b\r\n",
        f"X-Authentication-Results: {BORDER}; {GOOD}\r\n".encode(),
        f"Authentication-Results: {BORDER} {GOOD}\r\n".encode(),
    ],
)
async def test_the_word_of_others_does_not_count(top: bytes) -> None:
    """Foreign, nearly ours, below a foreign one, broken: nothing is proven by it (T2)."""
    found = (await proof(top + MAIL, DNS, trust=TRUST)).origin
    assert found.grade in {"failed", "unknown"}
    assert found.via == "direct"


async def test_nobody_is_believed_where_no_border_is_set() -> None:
    """Whatever the mail brings along."""
    found = (await proof(results(GOOD) + MAIL, DNS)).origin
    assert (found.dmarc, found.grade, found.via) == ("fail", "failed", "direct")


def test_what_came_with_the_mail_is_below_and_does_not_count() -> None:
    """The border's own field is on top; what a stranger wrote in its name comes after the mail's first other field."""
    received = b"Received: from evil.example by mx.border.example; Fri, 20 Nov 2026 09:12:44 +0100\r\n"
    assert says(results("dmarc=fail"), received, results("dmarc=pass")) == {"dmarc": "fail"}
    assert says(received, results("dmarc=fail"), b"X-Mark: 1\r\n", results("dmarc=pass")) == {"dmarc": "fail"}
    assert says(results("dmarc=fail"), results("spf=pass", "evil.example"), results("spf=pass")) == {"dmarc": "fail"}


def test_of_two_answers_the_upper_one_counts() -> None:
    """A border with several filters writes several fields, one above the other."""
    assert says(results("dmarc=fail"), results("spf=pass")) == {"dmarc": "fail", "spf": "pass"}
    assert says(results("dmarc=fail; spf=fail"), results("dmarc=pass; spf=pass")) == {"dmarc": "fail", "spf": "fail"}


@pytest.mark.parametrize("name", [BORDER.upper(), f'"{BORDER}"', f"{BORDER} 1", f"(ours) {BORDER} (v1)"])
def test_the_name_may_be_written_in_any_way_the_document_allows(name: str) -> None:
    """RFC 8601 2.2: a quoted string, a version, comments; letters of either case (RFC 1035)."""
    assert says(results("spf=pass", name)) == {"spf": "pass"}


@pytest.mark.parametrize(
    "said",
    [
        "dmarc=pass header.from=other.example",
        "dmarc=pass",
        "dmarc=pass header.from=",
        "dmarc=pass smtp.from=clients.example",
    ],
)
async def test_a_pass_for_another_from_is_none_for_ours(said: str) -> None:
    """The border may read another From than we do: then it speaks of another mail."""
    found = (await proof(results(f"spf=fail smtp.mailfrom=x; {said}") + MAIL, DNS, trust=TRUST)).origin
    assert (found.dmarc, found.grade) == ("fail", "failed")


async def test_what_the_border_did_not_say_we_find_out() -> None:
    """DKIM and DMARC need the mail alone; SPF does not, and the border's own address must not be judged."""
    found = (await proof(results(f"spf=softfail smtp.mailfrom={DOMAIN}") + signed(), DNS, trust=TRUST)).origin
    assert (found.spf, found.dkim, found.dmarc, found.grade) == ("softfail", "pass", "pass", "proven")
    found = (await proof(signed(), DNS, trust=TRUST)).origin
    assert (found.spf, found.dkim, found.grade, found.via) == ("none", "pass", "proven", "direct")
    found = (await proof(MAIL, DNS, trust=TRUST)).origin
    assert (found.spf, found.dmarc, found.grade) == ("none", "temperror", "unknown")


async def test_a_border_without_a_policy_still_says_what_passed() -> None:
    """dmarc=none: both signs have to agree (T1)."""
    dns = Dns(zone())
    both = f"spf=pass smtp.mailfrom=a@{DOMAIN}; dkim=pass header.i=@{DOMAIN}; dmarc=none header.from={DOMAIN}"
    assert (await proof(results(both) + MAIL, dns, trust=TRUST)).origin.grade == "proven"
    one = f"spf=pass smtp.mailfrom=a@{DOMAIN}; dkim=pass header.d=mailer.example; dmarc=none header.from={DOMAIN}"
    assert (await proof(results(one) + MAIL, dns, trust=TRUST)).origin.grade == "partial"


def test_a_field_in_the_words_of_the_world_is_read() -> None:
    """Reasons, comments, properties, methods we do not know."""
    text = (
        'dkim=pass (2048-bit key; "x") reason="ok; fine" header.d=a.example header.i=@a.example header.s=s; '
        "spf=hardfail (x) smtp.helo=mx.a.example; iprev=pass policy.iprev=192.0.2.1; "
        "dmarc=pass (p=NONE) header.from=A.example"
    )
    assert list(spoken(f"{BORDER}; {text}".encode())) == [
        Said(method="dkim", result="pass", domain="a.example"),
        Said(method="spf", result="fail", domain="mx.a.example"),
        Said(method="dmarc", result="pass", domain="a.example"),
    ]


@settings(deadline=None)
@given(some.binary(max_size=200))
def test_whatever_stands_in_a_field_nothing_breaks(noise: bytes) -> None:
    """A malformed one says nothing."""
    list(spoken(BORDER.encode() + b"; " + noise))
    border_says(Content(b"Authentication-Results: " + BORDER.encode() + b"; " + noise + b"\r\n\r\n"), BORDER)


@pytest.mark.timeout(10)
@pytest.mark.parametrize("piece", ["(", "((a) ", '"', "\\", "spf=pass ", "a=b;", " ", "x.y=z ", "=", "(\\", "a/1="])
def test_no_field_keeps_us_long(piece: str) -> None:
    """As long as a field may be, of whatever it is made."""
    list(spoken(f"{BORDER}; {piece * (8000 // len(piece))}".encode()))
