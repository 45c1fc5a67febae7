"""DKIM: what a signature proves, and that dkimpy sees it the same way where nothing says otherwise."""

from __future__ import annotations

import re
from collections.abc import Sequence

import dkim
import pytest
from dkim.canonicalization import Relaxed, Simple
from hypothesis import given, settings
from hypothesis import strategies as some

from handlers.model.mail import Result
from mailin.origin.asking import Record
from mailin.origin.checks import Proof
from mailin.origin.content import Content, squeezed, without_empty_end
from mailin.origin.spf import Sender
from tests.mailin.origin.world import DOMAIN, MAIL, Dns, Signer, ed_signer, key_of, proof, rsa_signer, signed, zone

NOBODY = Sender(peer="203.0.113.9")
FORMS = [(a, b) for a in (b"simple", b"relaxed") for b in (b"simple", b"relaxed")]
SIGNERS = [rsa_signer(), rsa_signer(1024, "short"), rsa_signer(4096, "long"), ed_signer()]
POLICY = "v=DMARC1; p=reject"


def dns_of(*signers: Signer) -> Dns:
    """The domain's policy and these keys."""
    return Dns(zone("", POLICY, *signers))


async def result(mail: bytes, *signers: Signer, dns: Dns | None = None) -> tuple[Result, str]:
    """The result of the best signature, and why it is not better."""
    found = await proof(mail, dns or dns_of(*signers or SIGNERS), NOBODY)
    return found.origin.dkim, found.signature.why if found.signature else ""


def as_dkimpy_sees(mail: bytes, dns: Dns, signature: int = 0) -> bool:
    """Whether dkimpy takes a signature for good."""
    try:
        return bool(dkim.DKIM(mail).verify(signature, dnsfunc=dns.text))
    except dkim.DKIMException:
        return False


@pytest.mark.parametrize("forms", FORMS)
@pytest.mark.parametrize("signer", SIGNERS, ids=lambda one: one.selector)
async def test_a_signature_proves_its_domain(signer: Signer, forms: tuple[bytes, bytes]) -> None:
    """RSA and Ed25519 (RFC 8463), every form; with LF line ends as in a file too."""
    mail = signed(signer=signer, canonicalize=forms)
    for raw in (mail, mail.replace(b"\r\n", b"\n")):
        found = (await proof(raw, dns_of(signer), NOBODY)).origin
        assert (found.dkim, found.dmarc, found.aligned, found.grade) == ("pass", "pass", True, "proven")
        assert (found.domain, found.dkim_domain, found.spf) == (DOMAIN, DOMAIN, "none")
    assert as_dkimpy_sees(mail, dns_of(signer))


BREAKS = {
    "text": (b"Bonjour", b"Bonsoir"),
    "subject": (b"Mot de passe", b"Mot de passee"),
    "sender": (b"marie@clients", b"marine@clients"),
    "more blanks in a line": (b"Bonjour", b"Bon jour"),
    "another From": (b"To: support", b"From: a@b.example\r\nTo: support"),
    "a From on top": (b"DKIM-Signature", b"From: a@b.example\r\nDKIM-Signature"),
    "value of the signature": (b" b=", b" b=BBBB"),
    "hash of the text": (b"bh=", b"bh=AAAA"),
    "another domain": (b"d=clients.example;\r\n i=@clients.example;", b"d=other.example;\r\n i=@other.example;"),
    "another identity": (b"i=@clients.example;", b"i=@other.example;"),
    "no such key": (b"s=rsa;", b"s=none;"),
    "no From signed": (b"h=from :", b"h=date :"),
    "sha1": (b"a=rsa-sha256", b"a=rsa-sha1"),
    "unknown kind": (b"a=rsa-sha256", b"a=dsa-sha256"),
    "version": (b"v=1;", b"v=2;"),
    "twice": (b"v=1;", b"v=1; v=1;"),
    "no version": (b"v=1;", b""),
    "form": (b"c=relaxed/relaxed", b"c=loose/relaxed"),
    "a part": (b"q=dns/txt", b"q=dns/txt; l=5"),
    "a number": (b"q=dns/txt", b"q=dns/txt; l=all"),
    "not base64": (b"bh=", b"bh=*"),
    "no signature": (b"DKIM-Signature", b"X-DKIM-Signature"),
    "nonsense": (b"v=1;", b"v=1; ;;=;"),
}


@pytest.mark.parametrize("name", BREAKS)
async def test_a_signature_broken_in_any_way_proves_nothing(name: str) -> None:
    """Nor does dkimpy take it, whatever the way."""
    whole = signed()
    mail = whole.replace(*BREAKS[name], 1)
    assert mail != whole
    found = await proof(mail, dns_of(rsa_signer()), NOBODY)
    assert found.origin.dkim != "pass"
    assert found.origin.grade in {"failed", "unproven"}
    assert not as_dkimpy_sees(mail, dns_of(rsa_signer()))


@pytest.mark.parametrize(
    ("name", "change", "wanted"),
    [
        ("blanks at the end of a line", (b"passe. \r\n", b"passe.\r\n"), "pass"),
        ("one blank for two", (b"j'ai  perdu", b"j'ai perdu"), "pass"),
        ("lines at the end", (b"Marie\r\n\r\n\r\n", b"Marie\r\n"), "pass"),
        ("a folded field", (b"Subject: Mot de passe", b"SUBJECT:  Mot\r\n\tde passe  "), "pass"),
        ("a field that was not signed", (b"From: Marie", b"X-Mark: 1\r\nFrom: Marie"), "pass"),
    ],
)
async def test_what_relays_do_to_a_mail_harms_no_relaxed_signature(
    name: str, change: tuple[bytes, bytes], wanted: Result
) -> None:
    """RFC 6376 3.4.2 and 3.4.4; simple ones it does harm."""
    for forms in FORMS:
        mail = signed(canonicalize=forms).replace(*change, 1)
        found, _ = await result(mail, rsa_signer())
        assert (found == "pass") == as_dkimpy_sees(mail, dns_of(rsa_signer()))
        if forms == (b"relaxed", b"relaxed"):
            assert found == wanted, name


async def test_a_mail_with_more_than_was_signed_does_not_pass() -> None:
    """l= lets anybody add a text of theirs; dkimpy would take it (a difference that is meant)."""
    whole = signed(length=True)
    assert (await result(whole))[0] == "pass"
    more = whole + b"Et mon adresse est desormais voleur@evil.example\r\n"
    assert await result(more) == ("policy", "its signature leaves a part of the text out")
    assert as_dkimpy_sees(more, dns_of(rsa_signer()))


async def test_old_and_short_keys_do_not_count() -> None:
    """RFC 8301: no rsa-sha1, at least 1024 bits."""
    weak = Signer("weak", rsa_signer().private, b"rsa-sha256", b"v=DKIM1; p=" + WEAK)
    assert (await result(signed(signer=weak), weak))[0] in {"policy", "permerror"}
    assert (await result(signed(algorithm=b"rsa-sha1"), rsa_signer()))[0] == "policy"


WEAK = (
    b"MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBALr6Ju9lD1X8Hk1dTUNKIbFzM0uOJGbOqW7mRqpIiJKQ8yZ4n6yF0Bn6Zk9kZ1bJ6pPDFo5wZ5l3W"
    b"8hU0zq1bE0CAwEAAQ=="
)


@pytest.mark.parametrize(
    ("record", "wanted"),
    [
        (b"v=DKIM1; p=", "permerror"),
        (b"v=DKIM1", "permerror"),
        (b"v=DKIM2; p={}", "permerror"),
        (b"p={}; v=DKIM1", "permerror"),
        (b"v=DKIM1; k=ed25519; p={}", "permerror"),
        (b"v=DKIM1; h=sha1; p={}", "permerror"),
        (b"v=DKIM1; s=tlsrpt; p={}", "permerror"),
        (b"v=DKIM1; p=AAAA", "permerror"),
        (b"v=DKIM1; p=%", "permerror"),
        (b"nonsense", "permerror"),
        (b"v=DKIM1; t=y; p={}", "neutral"),
        (b"v=DKIM1; h=sha1:sha256; s=email; t=s; n=note; x_unknown=1; p={}", "pass"),
        (b"p={}", "pass"),
    ],
)
async def test_a_key_counts_for_what_it_is_meant_for(record: bytes, wanted: Result) -> None:
    """Revoked, of another kind, for other hashes or uses, a try-out (RFC 6376 3.6.1)."""
    public = rsa_signer().record.partition(b"p=")[2]
    dns = Dns(zone("", POLICY) | {(f"rsa._domainkey.{DOMAIN}", "TXT"): [record.replace(b"{}", public)]})
    assert (await result(signed(), dns=dns))[0] == wanted


async def test_a_try_out_is_taken_for_unsigned() -> None:
    """RFC 6376 3.6.1, t=y: neither for nor against."""
    record: list[Record] = [rsa_signer().record.replace(b"k=rsa;", b"k=rsa; t=y;")]
    dns = Dns(zone("", POLICY) | {(f"rsa._domainkey.{DOMAIN}", "TXT"): record})
    for mail in (signed(), signed().replace(b"Subject: Mot", b"Subject: Mots")):
        assert (await result(mail, dns=dns))[0] == "neutral"


async def test_a_key_for_the_domain_alone_is_for_no_other() -> None:
    """t=s (RFC 6376 3.6.1)."""
    strict: list[Record] = [rsa_signer().record.replace(b"k=rsa;", b"k=rsa; t=s;")]
    dns = Dns(zone("", POLICY) | {(f"rsa._domainkey.{DOMAIN}", "TXT"): strict})
    assert (await result(signed(identity=b"marie@clients.example"), dns=dns))[0] == "pass"
    assert (await result(signed(identity=b"marie@sub.clients.example"), dns=dns))[0] == "permerror"
    assert (await result(signed(identity=b"marie@sub.clients.example"), rsa_signer()))[0] == "pass"


async def test_two_keys_under_one_name_are_none() -> None:
    """RFC 6376 3.6.2.2 leaves it open; whoever could add a record could else sign. Other texts do no harm."""
    keys = [rsa_signer().record, rsa_signer(1024, "short").record]
    for texts, wanted in ((keys, "permerror"), ([b"v=spf1 -all", keys[0]], "pass")):
        dns = Dns(zone("", POLICY) | {(f"rsa._domainkey.{DOMAIN}", "TXT"): [*texts]})
        assert (await result(signed(), dns=dns))[0] == wanted


async def test_a_signature_whose_time_is_over_proves_nothing() -> None:
    """x= (RFC 6376 3.5); one that was over before it was made neither."""
    for times in (b"t=1; x=2", b"t=99999999999; x=99999999998"):
        mail = re.sub(rb"\bt=\d+", times, signed(), count=1)
        assert await result(mail) == ("policy", "its signature's time is over")


async def test_no_answer_is_told_apart_from_no_key() -> None:
    """What is not known is held against nobody."""
    dns = Dns({**zone("", POLICY), (f"rsa._domainkey.{DOMAIN}", "TXT"): None})
    found = (await proof(signed(), dns, NOBODY)).origin
    assert (found.dkim, found.dmarc, found.grade) == ("temperror", "temperror", "unknown")
    assert (await result(signed(), dns=Dns(zone("", POLICY)))) == ("permerror", "there is no key of its name")


async def test_the_best_of_several_signatures_counts() -> None:
    """From's own first, wherever it stands; a stranger's good one beside it changes nothing."""
    other = rsa_signer(selector="other")
    keys = key_of(other, "mailer.example")
    both = signed(signed(), other, "mailer.example")
    dns = Dns(zone("", POLICY, rsa_signer()) | keys)
    found = (await proof(both, dns, NOBODY)).origin
    assert (found.dkim, found.dkim_domain, found.grade) == ("pass", DOMAIN, "proven")
    broken = both.replace(b"s=rsa;", b"s=gone;")
    found = (await proof(broken, dns, NOBODY)).origin
    assert (found.dkim, found.dkim_domain, found.aligned, found.grade) == ("pass", "mailer.example", False, "failed")


async def test_a_flood_of_signatures_costs_five_questions() -> None:
    """And the one that may speak for From is among them, though it stands last."""
    mail = signed()
    for number in range(40):
        mail = (
            f"DKIM-Signature: v=1; a=rsa-sha256; d=d{number}.example; s=s; h=from; bh=AAAA; b=AAAA\r\n".encode() + mail
        )
    dns = dns_of(rsa_signer())
    assert (await proof(mail, dns, NOBODY)).origin.grade == "proven"
    assert len(dns.asked) < 10


@pytest.mark.parametrize("several", [b"From: a@evil.example\r\n", b"FROM : marie@clients.example\r\n", b"from:\tx\r\n"])
async def test_several_from_fields_never_pass(several: bytes) -> None:
    """Nobody can tell which one a reader shows (T1), though the signature over one of them holds."""
    mail = signed(headers=[b"subject", b"from"])
    found: Proof = await proof(several + mail, dns_of(rsa_signer()), NOBODY)
    assert found.origin.dkim != "pass"
    assert found.origin.grade == "unproven"


@pytest.mark.parametrize("added", [b"Subject: Mon compte", b"Reply-To: a@evil.example", b"Content-Type: text/html"])
async def test_a_field_that_was_added_to_a_signed_one_shows(added: bytes) -> None:
    """Readers show the first, signers sign the last: a replayed mail must not say more (RFC 6376 8.15)."""
    own = b"Reply-To: marie@clients.example\r\nContent-Type: text/plain\r\nTo: support"
    mail = MAIL.replace(b"To: support", own, 1)
    whole = signed(mail)
    assert (await result(whole))[0] == "pass"
    assert await result(added + b"\r\n" + whole) == ("policy", "it has a field twice that was signed once")
    assert as_dkimpy_sees(added + b"\r\n" + whole, dns_of(rsa_signer()))


LINES = some.lists(some.sampled_from([b" ", b"\t", b"\r\n", b"a", b"  ", b"\r\n\r\n", b"x y"]), max_size=30)


@settings(deadline=None)
@given(LINES)
def test_bodies_are_hashed_in_the_form_that_dkimpy_gives_them(pieces: Sequence[bytes]) -> None:
    """Of whatever blanks and line ends a body is made, as long as its last line has an end, as every mailed one has."""
    body = b"".join(pieces) + b"\r\n"
    assert without_empty_end(squeezed(body).replace(b" \r\n", b"\r\n")) == Relaxed.canonicalize_body(body)
    assert (without_empty_end(body) or b"\r\n") == Simple.canonicalize_body(body)


@settings(deadline=None)
@given(some.binary(max_size=300))
def test_whatever_comes_is_cut_without_an_error(raw: bytes) -> None:
    """Fields and body of anything."""
    content = Content(raw)
    assert len(content.body_hash("simple")[0]) == len(content.body_hash("relaxed")[0]) == 32


@pytest.mark.parametrize(
    "body",
    [b" " * 20_000_000, b"\r\n" * 10_000_000, b" \t" * 10_000_000, b"a  b\t\t" * 3_000_000, b" \r\n" * 7_000_000],
    ids=["blanks", "lines", "tabs", "words", "blank lines"],
)
@pytest.mark.timeout(20)
def test_the_worst_body_takes_a_moment(body: bytes) -> None:
    """Time goes with the size, not with its square (dkimpy needs hours for the first)."""
    content = Content(b"From: a@b.example\r\n\r\n" + body)
    assert content.body_hash("relaxed")[1] >= 0
    assert content.body_hash("simple")[1] > 0
