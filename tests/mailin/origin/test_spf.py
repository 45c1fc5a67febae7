"""SPF follows RFC 7208's published vectors, without ever waiting for a name it was not given."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from time import thread_time
from types import MappingProxyType
from typing import Any

import pytest
import yaml

from mailin.origin.asking import Kind, Record
from mailin.origin.names import TEXT_BYTES
from mailin.origin.spf import Sender, Spf, check
from tests.mailin.origin.world import DOMAIN, PEER, SENDER, Dns, zone

VECTORS = Path(__file__).with_name("vectors") / "rfc7208-tests.yml"
KINDS: tuple[Kind, ...] = ("A", "AAAA", "MX", "PTR", "TXT")
DIFFERENCES: dict[str, str] = {}
"""Vectors in which pyspf differs from the document, and why: none."""


def scenarios() -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    """Name, test and zone of every vector."""
    for scenario in yaml.safe_load_all(VECTORS.read_bytes()):
        for name, test in scenario["tests"].items():
            yield name, test, scenario["zonedata"]


def zone_of(data: dict[str, Any]) -> Dns:
    """The zone as the vectors write it: SPF records stand for TXT where there is no TXT; aliases are followed."""
    found: dict[tuple[str, Kind], list[Record] | None] = {}
    aliases: dict[str, str] = {}
    for name, rows in data.items():
        own_texts = any("TXT" in row for row in rows if isinstance(row, dict))
        for row in rows:
            if row == "TIMEOUT":
                found |= {(name.lower(), kind): None for kind in KINDS if (name.lower(), kind) not in found}
                continue
            [(kind, value)] = row.items()
            if kind == "CNAME":
                aliases[name.lower()] = value.lower()
            elif value != "NONE" and (kind != "SPF" or not own_texts):
                _add(found, (name.lower(), "TXT" if kind == "SPF" else kind), value)
    for alias, target in aliases.items():
        found |= {(alias, kind): found[target, kind] for kind in KINDS if (target, kind) in found}
    return Dns(found)


def _add(found: dict[tuple[str, Kind], list[Record] | None], key: tuple[str, Kind], value: Any) -> None:
    if value == "TIMEOUT":
        found[key] = None
        return
    record = ("".join(value)).encode() if key[1] == "TXT" else tuple(value) if key[1] == "MX" else value
    rows = found.setdefault(key, [])
    if rows is not None:
        rows.append(record)


@pytest.mark.parametrize(
    ("name", "test", "data"), list(scenarios()), ids=lambda value: value if isinstance(value, str) else ""
)
async def test_every_vector_of_rfc_7208_comes_out_as_published(
    name: str, test: dict[str, Any], data: dict[str, Any]
) -> None:
    """Through our own function, which feeds pyspf with answers (limits of 4.6.4, macros, IPv6, errors)."""
    sender = Sender(peer=test["host"], helo=test["helo"], mail_from=test["mailfrom"])
    found = await check(zone_of(data), sender)
    wanted = test["result"] if isinstance(test["result"], list) else [test["result"]]
    assert (found.result in wanted) != (name in DIFFERENCES)


async def spf(record: str, sender: Sender = SENDER, more: Mapping[str, list[Record]] = MappingProxyType({})) -> Spf:
    """The result of one record for one sender; `more` are the texts of other names."""
    texts: dict[tuple[str, Kind], list[Record]] = {(name, "TXT"): found for name, found in more.items()}
    return await check(Dns(zone(record) | texts), sender)


async def test_the_null_sender_is_judged_by_its_greeting() -> None:
    """RFC 7208 2.4: a bounce has no other name."""
    sender = Sender(peer=PEER, helo=DOMAIN, mail_from="")
    assert await spf("v=spf1 ip4:192.0.2.7 -all", sender) == Spf(result="pass", domain=DOMAIN, peer=PEER)


@pytest.mark.parametrize("peer", ["::ffff:192.0.2.7", "::FFFF:c000:207"])
async def test_an_ipv4_address_written_as_ipv6_is_one(peer: str) -> None:
    """A dual-stack listener names its peers like that."""
    found = await spf("v=spf1 ip4:192.0.2.7 -all", Sender(peer=peer, helo="mx", mail_from=f"a@{DOMAIN}"))
    assert found == Spf(result="pass", domain=DOMAIN, peer=PEER)


@pytest.mark.parametrize("peer", ["", "list", "list6", "unknown", "999.1.1.1"])
async def test_what_is_no_address_proves_nothing(peer: str) -> None:
    """pyspf takes "list" for a wish to see what would pass: no stranger may utter it."""
    assert (await spf("v=spf1 +all", Sender(peer=peer, helo="mx", mail_from=f"a@{DOMAIN}"))).result == "none"


async def test_loopback_and_zones_are_addresses_like_others() -> None:
    """A try-out's customers write from this machine, a neighbour from a link."""
    assert (await spf("v=spf1 ip4:127.0.0.1 -all", Sender(peer="127.0.0.1", mail_from=f"a@{DOMAIN}"))).result == "pass"
    assert (await spf("v=spf1 ip6:fe80::1 -all", Sender(peer="fe80::1%eth0", mail_from=f"a@{DOMAIN}"))).result == "pass"


async def test_an_unknown_return_path_proves_nothing() -> None:
    """A file may not tell; the greeting alone is no sender."""
    assert await spf("v=spf1 +all", Sender(peer=PEER, helo=DOMAIN)) == Spf(result="none", peer=PEER)


async def test_a_domain_in_other_letters_is_asked_for_as_the_dns_knows_it() -> None:
    """EAI (RFC 8616 4): `bücher.example` has its record under xn--."""
    dns = Dns({("xn--bcher-kva.example", "TXT"): [b"v=spf1 ip4:192.0.2.7 -all"]})
    found = await check(dns, Sender(peer=PEER, helo="mx", mail_from="jürgen@bücher.example"))
    assert (found.result, found.domain) == ("pass", "xn--bcher-kva.example")


@pytest.mark.parametrize("local", ["%{d}", "a%b", "a b", "é", "\udcff", "a" * 64, ".", "x@y"])
async def test_tricks_in_the_local_part_prove_nothing_more(local: str) -> None:
    """Macros put it into names (RFC 7208 7); whatever it is, it names nobody else's machine (T1)."""
    sender = Sender(peer="192.0.2.99", helo="mx", mail_from=f"{local}@{DOMAIN}")
    assert (await spf("v=spf1 exists:%{l}.%{s}.allowed.example -all", sender)).result in {"fail", "permerror"}


async def test_a_record_that_asks_too_much_is_wrong() -> None:
    """Eleven look-ups are one too many, three of what is not there too (RFC 7208 4.6.4)."""
    eleven = "v=spf1 " + " ".join(f"include:i{number}.example" for number in range(11)) + " -all"
    texts: dict[str, list[Record]] = {f"i{number}.example": [b"v=spf1 ?all"] for number in range(11)}
    assert (await spf(eleven, more=texts)).result == "permerror"
    assert (await spf("v=spf1 a:x.example a:y.example a:z.example +all")).result == "permerror"


async def test_a_record_as_long_as_a_book_is_wrong() -> None:
    """Nobody reads it through; it is not cut short either, which could turn a no into a yes."""
    long = "v=spf1 ip4:192.0.2.7 " + "ip4:198.51.100.1 " * (TEXT_BYTES // 17) + "-all"
    assert (await spf(long[: TEXT_BYTES + 1])).result == "permerror"


async def test_records_that_are_hard_to_read_get_a_moment() -> None:
    """As long as may be, naming a hundred machines with sixty addresses each: the desk has other mails to see to."""
    servers = " ".join(f"mx:m{number}.example" for number in range(10))
    record = "v=spf1 " + "ip6:2001:db8::1 " * 240 + f"{servers} -all"
    found: dict[tuple[str, Kind], list[Record]] = {(DOMAIN, "TXT"): [record.encode()]}
    for number in range(10):
        found[f"m{number}.example", "MX"] = [(at, f"h{at}.m{number}.example") for at in range(10)]
        found |= {(f"h{at}.m{number}.example", "AAAA"): ["2001:db8::9"] * 64 for at in range(10)}
    began = thread_time()
    sender = Sender(peer="2001:db8:1:2:3:4:5:6", helo="mx", mail_from=f"a@{DOMAIN}")
    assert (await check(Dns(found), sender)).result == "permerror"
    assert thread_time() - began < 0.5


async def test_nobody_is_asked_for_what_nobody_reads() -> None:
    """The explanation of a refusal is for the sender's server; looking it up would be a favour to strangers."""
    dns = Dns(zone("v=spf1 -all exp=why.clients.example"))
    assert (await check(dns, SENDER)).result == "fail"
    assert dns.asked == [(DOMAIN, "TXT")]


async def test_no_answer_is_told_apart_from_no() -> None:
    """RFC 7208 2.6.6."""
    assert (await check(Dns({(DOMAIN, "TXT"): None}), SENDER)).result == "temperror"
    assert (await check(Dns({}), SENDER)).result == "none"
