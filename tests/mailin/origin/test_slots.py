"""Questions to the DNS while somebody's name servers are slow: everybody else's are asked all the same (T31)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from time import monotonic

import dns.message
import pytest

from demo.names import NameServer, name_server
from handlers.configuration.endpoints import host_port
from mailin.origin import names as resolving
from mailin.origin import slots as subject
from mailin.origin.asking import OF_ONE_MAIL, Answer, Kind, Look, Unanswered
from mailin.origin.checks import Checks
from mailin.origin.clues import NO_TRUST, clues_of
from mailin.origin.names import Names
from mailin.origin.slots import Full, Slots, owner_of
from mailin.origin.spf import Sender
from tests.mailin.origin.world import MAIL, NOW, Dns
from tests.waiting import until

ZONE = '_dmarc.bank.example TXT "v=DMARC1; p=reject"\nbank.example TXT "v=spf1 -all"\na.example A 192.0.2.1\n'


@pytest.fixture
async def server(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[NameServer]:
    """A name server that never answers for `slow.example`."""
    answer = NameServer.answer

    async def slowly(self: NameServer, wire: bytes, *, over_tcp: bool) -> bytes | None:
        name = dns.message.from_wire(wire).question[0].name.to_text(omit_final_dot=True)
        if name.endswith("slow.example"):
            self.asked.append((name, "TXT"))
            return None
        return await answer(self, wire, over_tcp=over_tcp)

    monkeypatch.setattr(NameServer, "answer", slowly)
    async with name_server(ZONE) as running:
        yield running


@pytest.fixture
async def names(server: NameServer) -> AsyncIterator[Names]:
    """A resolver as patient as the desk's."""
    made = Names(host_port(server.at))
    yield made
    await made.close()


def names_of(server: NameServer) -> set[str]:
    """What was asked of the slow one."""
    return {name for name, _ in server.asked if name.endswith("slow.example")}


async def test_mails_of_slow_names_leave_the_others_their_places(names: Names) -> None:
    """Sixty-eight mails that ask for fourteen slow names each: another domain's forgery is found out at once."""
    flood = [asyncio.create_task(_slow_mail(names, number)) for number in range(68)]
    await asyncio.sleep(0.3)
    began = monotonic()
    clues = clues_of(MAIL.replace(b"clients.example", b"bank.example"), "marie@bank.example", NOW, NO_TRUST)
    found = await Checks(names, NO_TRUST).proof(clues, Sender(peer="203.0.113.9", helo="x", mail_from="x@bank.example"))
    assert found.origin.grade == "failed"
    assert monotonic() - began < 1
    assert not all(one.done() for one in flood)
    for one in flood:
        one.cancel()
    await asyncio.gather(*flood, return_exceptions=True)


async def _slow_mail(names: Names, number: int) -> None:
    look = Look(names, 5.0, 150)
    await look.fetch([(f"l{part}.u{number}.slow.example", "TXT") for part in range(14)])


async def test_what_nobody_waits_for_any_more_is_not_asked(
    names: Names, server: NameServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The mails that waited are gone: what they wanted to know does not stand in anybody's way."""
    monkeypatch.setattr(resolving, "QUERY_SECONDS", 0.5)
    asking = [asyncio.create_task(names.ask(f"{number}.slow.example", "TXT")) for number in range(60)]
    twice = asyncio.create_task(names.ask("59.slow.example", "TXT"))
    await until(lambda: len(names_of(server)) == subject.OF_ONE_DOMAIN)
    for one in asking[:59]:
        one.cancel()
    await asyncio.gather(*asking[:59], return_exceptions=True)
    asking[59].cancel()
    with pytest.raises(Unanswered):
        await twice
    assert names_of(server) == {f"{number}.slow.example" for number in [*range(subject.OF_ONE_DOMAIN), 59]}


async def test_a_question_that_was_given_up_can_be_asked_again(names: Names) -> None:
    """Right away, and its answer comes."""
    first = asyncio.create_task(names.ask("a.example", "A"))
    await asyncio.sleep(0)
    first.cancel()
    assert await names.ask("a.example", "A") == Answer(("192.0.2.1",))
    with pytest.raises(asyncio.CancelledError):
        await first


async def test_a_mail_asks_for_eight_names_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many it names."""
    now, most = 0, 0

    class Busy(Dns):
        async def ask(self, name: str, kind: Kind) -> Answer:
            nonlocal now, most
            now += 1
            most = max(most, now)
            await asyncio.sleep(0.01)
            now -= 1
            return await super().ask(name, kind)

    look = Look(Busy({}), 5.0, 150)
    await look.fetch([(f"{number}.example", "TXT") for number in range(30)])
    assert most == OF_ONE_MAIL


@pytest.mark.parametrize(("bound", "names"), [("WAITING", "{}.example"), ("WAITING_OF_ONE_DOMAIN", "{}.a.example")])
async def test_a_queue_has_an_end(monkeypatch: pytest.MonkeyPatch, bound: str, names: str) -> None:
    """Who comes when too many wait is told so at once; who waits gets a place, and nothing is left of it."""
    monkeypatch.setattr(subject, bound, 3)
    monkeypatch.setattr(subject, "AT_ONCE" if bound == "WAITING" else "OF_ONE_DOMAIN", 2)
    slots, go = Slots(), asyncio.Event()

    async def ask(number: int) -> None:
        async with slots.place(names.format(number)):
            await go.wait()

    asking = [asyncio.create_task(ask(number)) for number in range(9)]
    await asyncio.sleep(0.01)
    assert sum(one.done() and isinstance(one.exception(), Full) for one in asking) == 4
    go.set()
    assert [one for one in await asyncio.gather(*asking, return_exceptions=True) if one is None] == [None] * 5
    async with slots.place(names.format(0)):
        pass


async def test_a_full_queue_is_no_answer(names: Names, monkeypatch: pytest.MonkeyPatch) -> None:
    """And nobody waits for it."""
    monkeypatch.setattr(subject, "WAITING", 0)
    with pytest.raises(Unanswered):
        await names.ask("a.example", "A")


@pytest.mark.parametrize(
    ("name", "owner"),
    [
        ("example", "example"),
        ("a.b.example", "b.example"),
        ("_dmarc.mail.shop.co.uk", "shop.co.uk"),
        ("mail.shop.com.tr", "shop.com.tr"),
        ("co.uk", "co.uk"),
        ("9.113.0.203.in-addr.arpa", "0.203.in-addr.arpa"),
        ("8.b.d.0.1.0.0.2.ip6.arpa", "8.b.d.0.1.0.0.2.ip6.arpa"),
        ("arpa", "arpa"),
    ],
)
def test_a_domain_is_told_by_its_end(name: str, owner: str) -> None:
    """So that all names of one owner wait in one queue."""
    assert owner_of(name) == owner
