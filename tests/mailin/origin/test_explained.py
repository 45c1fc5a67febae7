"""What `explain --dns` and the desk make of the checks: who handed a mail in, reasons in words, many at once."""

from __future__ import annotations

import asyncio
import io
import json
import os
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from time import monotonic

import pytest

from demo.names import NameServer, name_server
from handlers.configuration.endpoints import host_port
from handlers.model.case import Case
from mailin import worker
from mailin.explain import Explanation, explain_origins
from mailin.origin.asking import Answer, Kind
from mailin.origin.checks import Checks, Proof
from mailin.origin.clues import NO_TRUST, Trust
from mailin.origin.content import Content
from mailin.origin.names import Names
from mailin.origin.spf import Sender
from mailin.origin.trace import received_at, sender_of
from mailin.origin.words import reasons
from mailin.spool import Spool
from tests.builders import open_desk
from tests.mailin.origin.world import DOMAIN, MAIL, PEER, REJECT, SPF, Dns, proof, rsa_signer, signed, zone
from tests.mailin.reading import SERVICES
from tests.mailin.smtp import keep
from tests.waiting import until

TOP = (
    f"Return-Path: <marie@{DOMAIN}>\r\nReceived: from mx.{DOMAIN} (unknown [192.0.2.7])\r\n"
    "\tby mx.desk.example with ESMTP id 1; Fri, 20 Nov 2026 09:12:45 +0100\r\n"
).encode()

MX = "mx.a.example"
RECEIVED = {
    "Postfix": "from mx.a.example (mail.a.example [192.0.2.7]) by mx.b.example (Postfix) with ESMTPS id 4",
    "IPv6": "from mx.a.example (unknown [IPv6:2001:db8::7]) by mx.b.example",
    "Exim": "from mail.a.example ([192.0.2.7] helo=mx.a.example) by mx.b.example with esmtps",
    "Exim without a name": "from [192.0.2.7] (helo=mx.a.example) by mx.b.example",
    "qmail": "from unknown (HELO mx.a.example) (192.0.2.7) by mx.b.example with SMTP",
    "Exchange": "from mx.a.example (192.0.2.7) by mx.b.example (10.0.0.1) with Microsoft SMTP Server id 15",
    "Sendmail": "from mx.a.example (mail.a.example [192.0.2.7] (may be forged)) by mx.b.example",
    "Google": "from mx.a.example (mx.a.example. [192.0.2.7])        by mx.google.com with ESMTPS id x",
    "in four parts": "from mx.a.example (::ffff:192.0.2.7) by mx.b.example",
}


@pytest.mark.parametrize("server", RECEIVED)
def test_the_machine_that_handed_a_mail_in_is_found(server: str) -> None:
    """In the words of the servers there are; those that took no mail from the network are passed over."""
    mail = f"Received: by 10.1.2.3 with SMTP id x; now\nReceived: {RECEIVED[server]}; now\n\nx".encode()
    found = sender_of(Content(mail))
    assert (found.peer, found.helo) == ("2001:db8::7" if server == "IPv6" else PEER, MX)
    assert found.mail_from is None


def test_the_return_path_is_found_where_it_is_written() -> None:
    """Its field, the word of Exim; nothing is not the null sender."""
    received = b"Received: from a ([192.0.2.7]) by b (envelope-from <x@a.example>); Fri, 20 Nov 2026 09:12:45 +0100\n"
    for top, wanted in (
        (b"Return-Path: <a@b.example>\n", "a@b.example"),
        (b"Return-Path: a@b.example\n", "a@b.example"),
        (b"Return-Path: <>\n", ""),
        (b"Return-Path: \n", "x@a.example"),
        (b"", "x@a.example"),
    ):
        assert sender_of(Content(top + received + b"\nx")).mail_from == wanted
    assert sender_of(Content(b"Subject: x\n\nx")) == Sender(is_hearsay=True)


def test_with_a_border_the_field_it_wrote_counts() -> None:
    """What stands above was written behind it."""
    mail = (
        b"Received: from border ([10.0.0.1]) by desk; now\nReceived: from a ([192.0.2.7]) by Border.example; now\n\nx"
    )
    assert sender_of(Content(mail), "border.example").peer == PEER
    assert sender_of(Content(mail), "other.example").peer == ""


@pytest.mark.parametrize("date", ["", "soon", "Fri, 99 Foo 2026 99:99:99 +9999", "Fri, 20 Nov 99999 09:12:45 +0100"])
def test_a_strange_date_is_none(date: str) -> None:
    """No time of a signature is over then."""
    assert received_at(Content(f"Received: from a by b; {date}\n\nx".encode())) is None


def texts(records: dict[str, str]) -> str:
    """Names with their texts as the name server takes them."""
    return "".join(f"{name} TXT {quoted(text)}\n" for name, text in records.items())


def quoted(text: str) -> str:
    """A text in pieces that are not too long."""
    return " ".join(f'"{text[at : at + 200]}"' for at in range(0, len(text), 200))


TEXTS = {f"_dmarc.{DOMAIN}": REJECT, f"rsa._domainkey.{DOMAIN}": rsa_signer().record.decode()}


@pytest.fixture
async def server() -> AsyncIterator[NameServer]:
    """A name server that knows the customers."""
    async with name_server(texts({DOMAIN: SPF, **TEXTS})) as running:
        yield running


async def explained(paths: Sequence[Path | str], server: NameServer, trust: Trust = NO_TRUST) -> list[Explanation]:
    """Explanations with origins."""
    checks = Checks(Names(host_port(server.at)), trust, 1.0)
    return [one async for one in explain_origins([str(path) for path in paths], SERVICES, checks)]


async def test_explain_adds_the_origin_of_every_mail_of_a_folder(tmp_path: Path, server: NameServer) -> None:
    """In the order of the files, with the five keys of the contract, whatever lies there."""
    (tmp_path / "1-proven.eml").write_bytes(TOP + signed())
    (tmp_path / "2-lf.eml").write_bytes((TOP + signed()).replace(b"\r\n", b"\n"))
    (tmp_path / "3-forged.eml").write_bytes(TOP.replace(b"192.0.2.7", b"192.0.2.99") + MAIL)
    (tmp_path / "4-noise").write_bytes(bytes(range(256)) * 40)
    os.mkfifo(tmp_path / "5-pipe")
    found = [json.loads(one.as_json()) for one in await explained([tmp_path, tmp_path / "none"], server)]
    assert [Path(one["path"]).name[:1] for one in found] == ["1", "2", "3", "4", "5", "n"]
    assert found[0]["origin"] == {"spf": "pass", "dkim": "pass", "dmarc": "pass", "aligned": True, "grade": "proven"}
    assert [one["origin"] and one["origin"]["grade"] for one in found] == [
        "proven", "proven", "failed", "unproven", None, None,
    ]  # fmt: skip
    assert "reasons" not in found[0]


async def test_people_read_three_reasons_in_plain_words(tmp_path: Path, server: NameServer) -> None:
    """And never that somebody is verified."""
    odd = MAIL.replace(b"Subject:", b"Subject :")
    (tmp_path / "a.eml").write_bytes(TOP.replace(b"192.0.2.7", b"192.0.2.99") + odd)
    [one] = await explained([tmp_path], server)
    text = one.as_text()
    assert "SPF  fail: handed in by a server that clients.example does not allow (192.0.2.99, as the file says" in text
    assert "DKIM  none: not signed" in text
    assert "DMARC  fail: by the rules of clients.example, such a mail is not its own" in text
    assert "(clients.example asks to reject such mails)" in text
    assert "failed: This mail does not come from clients.example." in text
    assert "verif" not in text.lower()


async def test_standard_input_is_explained_too(monkeypatch: pytest.MonkeyPatch, server: NameServer) -> None:
    """`-`, with `--dns`."""
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(TOP + signed())))
    [one] = await explained(["-"], server)
    assert one.origin is not None
    assert one.origin.grade == "proven"


async def test_many_mails_are_looked_up_at_once(tmp_path: Path, server: NameServer) -> None:
    """A silent name server costs a folder one wait, not one for each mail."""
    for number in range(30):
        domain = f"d{number}.example".encode()
        (tmp_path / f"{number:02}.eml").write_bytes((TOP + MAIL).replace(DOMAIN.encode(), domain))
    server.mood = "silent"
    began = monotonic()
    found = await explained([tmp_path], server)
    assert {one.origin.grade for one in found if one.origin} == {"unknown"}
    assert len(found) == 30
    assert monotonic() - began < 5


@pytest.mark.parametrize("wrong", ["spf", "dkim", "dmarc", "from", "nothing known"])
async def test_every_result_has_words(wrong: str) -> None:
    """For whatever was found."""
    dns = {"spf": Dns({(DOMAIN, "TXT"): [b"v=spf1 x"]}), "dkim": Dns({}), "dmarc": Dns(zone("", "v=DMARC1; p=x"))}.get(
        wrong, Dns(dict.fromkeys(zone(SPF, REJECT, rsa_signer())))
    )
    found: Proof = await proof(b"X" + signed() if wrong == "from" else signed(), dns)
    lines = list(reasons(found))
    assert [name for name, _ in lines] == ["SPF", "DKIM", "DMARC"]
    assert all("{" not in text and text.partition(": ")[2] for _, text in lines)


FROM_SLOW = MAIL.replace(DOMAIN.encode(), b"slow.example")


class OneIsSlow(Dns):
    """Names of one domain never come."""

    async def ask(self, name: str, kind: Kind) -> Answer:
        """Late for one, at once for others."""
        if name.endswith("slow.example"):
            await asyncio.sleep(60)
        return await super().ask(name, kind)


async def test_a_stranger_with_slow_dns_holds_up_nobody(tmp_path: Path) -> None:
    """More of such mails than are read at once: the customer behind them has her case before theirs are given up."""
    async with open_desk(tmp_path) as house:
        spool = await Spool.open(tmp_path / "spool")
        checks = Checks(OneIsSlow(zone(SPF, REJECT)), NO_TRUST, 3.0)
        for number in range(12):
            content = FROM_SLOW.replace(b"<m1@", f"<m{number}@".encode())
            await keep(spool, content, sender="x@slow.example", mailbox="support@shopfactory.example")
        await keep(spool, MAIL, sender=f"marie@{DOMAIN}", mailbox="support@shopfactory.example")
        task = asyncio.create_task(worker.run(spool, house.desk, checks=checks))
        try:
            began = monotonic()
            await until(lambda: spool.pending == 12, 20)
            assert monotonic() - began < 3
            [case] = await house.desk.store.find(Case)
            assert case.requester == f"marie@{DOMAIN}"
            assert case.origin is not None
            assert case.origin.grade == "proven"
            await until(lambda: not spool.pending, 20)
        finally:
            task.cancel()
            await asyncio.wait([task])
            await spool.close()
