"""DMARC as RFC 9989 has it: the walk, whose domain is whose, what its owner wants; beside authheaders."""

from __future__ import annotations

from collections.abc import Mapping

import authheaders.dmarc_lookup
import pytest

from mailin.origin import asking, dmarc
from mailin.origin.asking import Kind, Unanswered
from mailin.origin.dmarc import Record, Step, applying, organisation, parse, walked
from tests.mailin.origin.world import Dns

START = "a.mail.example.com"


def steps(records: Mapping[str, str], start: str = START) -> list[Step]:
    """The walk from a domain up, with these records on the way."""
    return [Step(one, parse([records[one].encode()]) if one in records else None) for one in walked(start)]


def dns_of(records: Mapping[str, str]) -> Dns:
    """A DNS with these records."""
    return Dns({(f"_dmarc.{domain}", "TXT"): [text.encode()] for domain, text in records.items()})


async def organisation_of(records: Mapping[str, str], start: str = START) -> str:
    """The organisational domain, as our walk finds it."""
    return (await dmarc.discover(dns_of(records), start)).organisation


def test_a_walk_of_the_document_takes_eight_questions() -> None:
    """RFC 9989 4.10, its first example."""
    asked = walked("a.b.c.d.e.f.g.h.i.j.mail.example.com")
    assert asked == [
        "a.b.c.d.e.f.g.h.i.j.mail.example.com", "g.h.i.j.mail.example.com", "h.i.j.mail.example.com",
        "i.j.mail.example.com", "j.mail.example.com", "mail.example.com", "example.com", "com",
    ]  # fmt: skip


@pytest.mark.parametrize("labels", range(1, 20))
def test_no_walk_takes_more_than_eight(labels: int) -> None:
    """However long a name is, each domain is asked for once, the last one of one label."""
    asked = walked(".".join(f"l{number}" for number in range(labels)))
    assert len(asked) == len(set(asked)) == min(labels, 8)
    assert "." not in asked[-1]


P = "v=DMARC1; p=reject"


@pytest.mark.parametrize(
    ("records", "wanted"),
    [
        ({"mail.example.com": P, "example.com": P}, "example.com"),  # 4.10.2, first example
        ({"mail.example.com": f"{P}; psd=n"}, "mail.example.com"),  # second
        ({"com": f"{P}; psd=y"}, "example.com"),  # third
        ({"mail.example.com": P, "example.com": f"{P}; psd=y"}, "mail.example.com"),
        ({"example.com": f"{P}; psd=y"}, "mail.example.com"),
        ({"mail.example.com": f"{P}; psd=n", "example.com": P}, "mail.example.com"),
        ({"a.mail.example.com": P}, "a.mail.example.com"),
        ({"a.mail.example.com": f"{P}; psd=y"}, "a.mail.example.com"),
        ({"a.mail.example.com": f"{P}; psd=y", "example.com": P}, "example.com"),
        ({"example.com": f"{P}; psd=maybe"}, "example.com"),
        ({}, START),
    ],
)
async def test_the_organisation_is_found_as_in_the_document(records: Mapping[str, str], wanted: str) -> None:
    """RFC 9989 4.10.2: psd=n is one, below psd=y is one, else the shortest that has a record."""
    assert organisation(steps(records)) == wanted
    assert await organisation_of(records) == wanted


@pytest.mark.parametrize(
    ("records", "at"),
    [
        ({START: P, "example.com": P}, START),
        ({"mail.example.com": P, "example.com": P}, "example.com"),  # not the one between
        ({"com": f"{P}; psd=y"}, "com"),  # the registry's, where the organisation has none
        ({"example.com": P, "com": f"{P}; psd=y"}, "example.com"),
        ({}, ""),
    ],
)
def test_the_record_of_the_domain_its_organisation_or_its_registry_holds(records: Mapping[str, str], at: str) -> None:
    """In that order (RFC 9989 4.10.1)."""
    assert applying(steps(records))[0] == at


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("v=DMARC1; p=reject", Record(wish="reject")),
        ("v=DMARC1;p=quarantine;sp=none;np=reject", Record(wish="quarantine", below="none", missing="reject")),
        ("v = DMARC1 ; p = reject ; adkim = s; aspf=S", Record(wish="reject", strict_dkim=True, strict_spf=True)),
        ("v=DMARC1; t=y; p=reject", Record(wish="reject", trial=True)),
        ("v=DMARC1; p=reject; pct=0; rf=afrf; ri=1; future=1; adkim=x", Record(wish="reject")),
        ("v=DMARC1", Record()),
        ("v=DMARC1; rua=mailto:a@b.example", Record()),
        ("v=DMARC1; p=rejct; rua=mailto:a@b.example", Record()),
        ("v=DMARC1; p=rejct", Record(usable=False)),
        ("v=DMARC1; p=reject; sp=all", Record(usable=False)),
        ("v=DMARC1; p=none; p=reject", Record()),
        ("v=DMARC1; p=reject; psd=y", Record(wish="reject", psd="y")),
        ("v=DMARC1;;;=;p", Record(usable=False)),
        ("v=dmarc1; p=reject", None),
        ("v=DMARC11; p=reject", None),
        ("p=reject; v=DMARC1", None),
        (" v=DMARC1; p=reject", None),
        ("v=spf1 -all", None),
        ("", None),
    ],
)
def test_a_record_is_read_as_it_is_meant(text: str, wanted: Record | None) -> None:
    """Version first and exact, unknown tags passed over, a broken wish none (RFC 9989 4.7, 4.8, 4.10.1)."""
    assert parse([text.encode()]) == wanted


def test_several_records_are_none() -> None:
    """RFC 9989 4.10; other texts do no harm."""
    assert parse([P.encode(), P.encode()]) is None
    assert parse([b"v=spf1 -all", P.encode(), b"\xff"]) == Record(wish="reject")


@pytest.mark.parametrize(
    ("records", "domain", "strict", "wanted"),
    [
        ({"example.com": P}, "bounces.example.com", False, True),
        ({"example.com": P}, "bounces.example.com", True, False),
        ({"example.com": P}, START, True, True),
        ({"example.com": P}, "example.net", False, False),
        ({"example.com": P}, "badexample.com", False, False),
        ({"example.com": P}, "com", False, False),
        ({"example.com": P, "shop.example.com": f"{P}; psd=n"}, "x.shop.example.com", False, False),
        ({"com": f"{P}; psd=y"}, "example.com", False, True),
        ({"com": f"{P}; psd=y"}, "other.com", False, False),
        ({}, START, False, True),
        ({}, "example.com", False, False),
    ],
)
async def test_domains_of_one_organisation_are_aligned(
    records: Mapping[str, str], domain: str, strict: bool, wanted: bool
) -> None:
    """Relaxed: the same organisation; strict, and where there is no record: the same domain (RFC 9989 4.10.2)."""
    dns = dns_of(records)
    policy = await dmarc.discover(dns, START)
    assert await dmarc.is_aligned(dns, policy, domain, strict) is wanted


async def test_a_stranger_is_asked_no_questions() -> None:
    """A signer that cannot be of the organisation costs none."""
    dns = dns_of({"example.com": P})
    policy = await dmarc.discover(dns, START)
    before = len(dns.asked)
    assert not await dmarc.is_aligned(dns, policy, "a.b.c.d.mailer.example", strict=False)
    assert len(dns.asked) == before


@pytest.mark.parametrize(
    ("record", "exists", "wanted"),
    [
        ("p=reject", True, "reject"),
        ("p=reject; sp=quarantine; np=none", True, "quarantine"),
        ("p=none; sp=quarantine; np=reject", False, "reject"),
        ("p=none; sp=quarantine", False, "quarantine"),
        ("p=reject; np=none", True, "reject"),
        ("p=reject; t=y", True, "quarantine"),
        ("p=quarantine; t=y", True, "none"),
        ("p=none; t=y", True, "none"),
    ],
)
async def test_the_wish_depends_on_whether_the_domain_is_there(record: str, exists: bool, wanted: str) -> None:
    """sp= for domains that are there, np= for those that are not, one step less in a trial (RFC 9989 4.7)."""
    there: dict[tuple[str, Kind], list[asking.Record]] = {(START, "MX"): [(10, "mx.example.com")]} if exists else {}
    dns = Dns({("_dmarc.example.com", "TXT"): [f"v=DMARC1; {record}".encode()], **there})
    assert await dmarc.wish(dns, await dmarc.discover(dns, START)) == wanted


async def test_what_nobody_answers_is_not_known() -> None:
    """Neither that there is a record, nor that there is none."""
    with pytest.raises(Unanswered):
        await dmarc.discover(Dns({("_dmarc.example.com", "TXT"): None}), START)
    own = Dns({(f"_dmarc.{START}", "TXT"): [P.encode()], ("_dmarc.example.com", "TXT"): None})
    policy = await dmarc.discover(own, START)
    assert policy.record == Record(wish="reject")
    assert await dmarc.is_aligned(own, policy, START, strict=False)
    with pytest.raises(Unanswered):
        await dmarc.is_aligned(own, policy, "mail.example.com", strict=False)


@pytest.mark.parametrize("labels", range(2, 5))
@pytest.mark.parametrize("at", range(1, 5))
def test_authheaders_walks_the_same_way_up_to_four_labels(labels: int, at: int) -> None:
    """With more it skips to the last four (draft 07), where the final document asks for seven: a difference meant."""
    start = ".".join(f"l{number}" for number in range(labels))
    records = {".".join(start.split(".")[-at:]): P}
    theirs = authheaders.dmarc_lookup.receiver_record_walk(
        start, lambda name: records.get(name.removeprefix("_dmarc."))
    )
    assert list(theirs) == [one.domain for one in steps(records, start) if one.record]
