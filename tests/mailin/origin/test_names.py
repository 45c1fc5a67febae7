"""DNS: asked of a real name server on this machine, kept, bounded, and given up while nobody answers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from time import monotonic

import pytest

from demo.names import NameServer, name_server
from handlers.configuration.endpoints import host_port
from mailin.origin import names as subject
from mailin.origin.asking import Answer, Kind, Look, TooMany, Unanswered
from mailin.origin.names import Names
from tests.mailin.origin.world import Dns
from tests.waiting import until

LONG = " ".join([f'"{"x" * 250}"'] * 20)
ZONE = f"""\
a.example A 192.0.2.1
a.example A 192.0.2.2
a.example AAAA 2001:db8::1
a.example MX 10 mx.a.example.
a.example TXT "one " "string"
alias.example CNAME a.example.
1.2.0.192.in-addr.arpa PTR a.example.
long.example TXT {LONG}
"""


@pytest.fixture
async def server() -> AsyncIterator[NameServer]:
    """A name server with a few names."""
    async with name_server(ZONE) as running:
        yield running


@pytest.fixture
async def names(server: NameServer, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Names]:
    """A resolver with little patience."""
    for constant, seconds in (("TRY_SECONDS", 0.1), ("QUERY_SECONDS", 0.2), ("PROBE_SECONDS", 0.1)):
        monkeypatch.setattr(subject, constant, seconds)
    monkeypatch.setattr(subject, "SILENCE_SECONDS", 0.3)
    made = Names(host_port(server.at))
    yield made
    await made.close()


@pytest.mark.parametrize(
    ("name", "kind", "wanted"),
    [
        ("a.example", "A", {"192.0.2.1", "192.0.2.2"}),
        ("A.Example.", "AAAA", {"2001:db8::1"}),
        ("a.example", "MX", {(10, "mx.a.example")}),
        ("a.example", "TXT", {b"one string"}),
        ("alias.example", "TXT", {b"one string"}),
        ("1.2.0.192.in-addr.arpa", "PTR", {"a.example"}),
        ("a.example", "PTR", set()),
    ],
)
async def test_every_kind_is_answered(names: Names, name: str, kind: Kind, wanted: set[object]) -> None:
    """Addresses, mail servers, texts in one piece, names; an alias is followed."""
    assert set((await names.ask(name, kind)).found) == wanted


async def test_a_name_that_is_not_there_is_told_apart_from_one_without_records(names: Names) -> None:
    """NXDOMAIN and no data."""
    assert await names.ask("nobody.example", "TXT") == Answer((), exists=False)
    assert await names.ask("alias.example", "MX") == Answer(((10, "mx.a.example"),), exists=True)
    assert await names.ask("a.example", "PTR") == Answer((), exists=True)


@pytest.mark.parametrize("name", ["", ".", "a..b", ".a", "x" * 64, "a." * 130, "é" * 40, "\udcff" * 70])
async def test_what_cannot_be_a_name_is_not_asked_for(names: Names, server: NameServer, name: str) -> None:
    """And has no records."""
    assert await names.ask(name, "TXT") == Answer((), exists=False)
    assert server.asked == []


STRANGE = ["a\\.b.example", "a b.example", "é.example", '".example', "a\0.example", "@.example", "\\065.example"]


@pytest.mark.parametrize("name", STRANGE)
async def test_strange_names_are_asked_for_letter_by_letter(names: Names, server: NameServer, name: str) -> None:
    """Nothing in a name escapes or becomes another's (T1)."""
    assert await names.ask(name, "TXT") == Answer((), exists=False)
    assert len(server.asked) == 1
    assert server.asked[0][0].endswith(".example")


async def test_answers_are_kept_and_asked_for_once_at_a_time(names: Names, server: NameServer) -> None:
    """Of many mails of one domain only the first one asks; that there is nothing is kept, too."""
    server.slow = 0.05
    for name in ("a.example", "nobody.example"):
        await asyncio.gather(*(names.ask(name, "TXT") for _ in range(50)))
        await names.ask(name.upper(), "TXT")
    assert server.asked == [("a.example", "TXT"), ("nobody.example", "TXT")]


async def test_what_is_kept_is_bounded_in_number_and_bytes(names: Names, monkeypatch: pytest.MonkeyPatch) -> None:
    """A flood of names pushes the oldest out, and not the machine over."""
    monkeypatch.setattr(subject, "KEPT_ANSWERS", 20)
    for number in range(50):
        await names.ask(f"n{number}.example", "TXT")
    assert names.kept == 20
    monkeypatch.setattr(subject, "KEPT_BYTES", 2000)
    await names.ask("a.example", "TXT")
    assert names.kept <= 6
    await names.ask("long.example", "TXT")
    assert names.kept == 0


async def test_a_long_answer_comes_over_tcp_and_shows_that_it_is_too_long(names: Names, server: NameServer) -> None:
    """Never cut where that could change what it says."""
    [text] = (await names.ask("long.example", "TXT")).found
    assert len(str(text)) > subject.TEXT_BYTES
    assert server.asked == [("long.example", "TXT")] * 2
    server.mood = "short"
    assert (await names.ask("a.example", "TXT")).found == (b"one string",)


async def test_a_broken_server_is_no_silent_one(names: Names, server: NameServer) -> None:
    """SERVFAIL is an answer: others are still asked (a stranger's broken name server holds up nobody)."""
    server.mood = "broken"
    for number in range(6):
        with pytest.raises(Unanswered):
            await names.ask(f"n{number}.example", "TXT")
    server.mood = "well"
    assert (await names.ask("a.example", "A")).found


async def test_a_silent_server_is_given_up_for_a_while_and_heals(names: Names, server: NameServer) -> None:
    """Mails go on without waiting; once it answers again, it is asked again, all by itself."""
    server.mood = "silent"
    for number in range(3):
        with pytest.raises(Unanswered):
            await names.ask(f"n{number}.example", "TXT")
    began = monotonic()
    for number in range(100):
        with pytest.raises(Unanswered):
            await names.ask(f"m{number}.example", "TXT")
    assert monotonic() - began < 0.3
    server.mood = "well"
    await asyncio.sleep(0.35)
    assert (await names.ask("a.example", "A")).found
    assert await names.is_there()


async def test_a_monitor_learns_of_silence_and_of_its_end_without_a_mail(names: Names, server: NameServer) -> None:
    """It never waits; and its asking has the name server looked at again, once in a while."""
    assert not names.is_silent()
    server.mood = "silent"
    for number in range(3):
        with pytest.raises(Unanswered):
            await names.ask(f"n{number}.example", "TXT")
    assert names.is_silent()
    server.mood = "well"
    looked = len(server.asked)
    await asyncio.sleep(0.35)
    assert names.is_silent()
    assert names.is_silent()
    await until(lambda: not names.is_silent())
    assert len(server.asked) == looked + 1


async def test_strangers_whose_names_time_out_do_not_silence_the_desk(
    names: Names, server: NameServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before everybody is given up, the name server itself is looked at."""
    answer = NameServer.answer

    async def only_strangers_hang(self: NameServer, wire: bytes, *, over_tcp: bool) -> bytes | None:
        return None if b"stranger" in wire else await answer(self, wire, over_tcp=over_tcp)

    monkeypatch.setattr(NameServer, "answer", only_strangers_hang)
    for number in range(5):
        with pytest.raises(Unanswered):
            await names.ask(f"{number}.stranger.example", "TXT")
    assert (await names.ask("a.example", "A")).found


async def test_no_resolver_at_all_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without /etc/resolv.conf: nothing is known, nothing breaks."""
    monkeypatch.setattr("dns.resolver.BaseResolver.read_resolv_conf", lambda self, file: _no_configuration())
    names = Names()
    for number in range(5):
        with pytest.raises(Unanswered):
            await names.ask(f"{number}.example", "TXT")
    assert not await names.is_there()


def _no_configuration() -> None:
    import dns.resolver

    raise dns.resolver.NoResolverConfiguration


async def test_the_server_may_have_a_name(server: NameServer) -> None:
    """localhost:port."""
    names = Names(host_port(server.at.replace("127.0.0.1", "localhost")))
    assert (await names.ask("a.example", "A")).found


async def test_a_mail_asks_for_so_many_names_and_each_once() -> None:
    """Whatever it is made of."""
    dns = Dns({})
    look = Look(dns, 5.0, 3)
    for _ in range(3):
        for number in range(3):
            await look.ask(f"{number}.example", "TXT")
    with pytest.raises(TooMany):
        await look.ask("4.example", "TXT")
    assert len(dns.asked) == 3


async def test_all_questions_of_a_mail_have_one_deadline(names: Names, server: NameServer) -> None:
    """Not one each; after it nobody waits."""
    server.slow = 10.0
    look = Look(names, 0.15, 50)
    began = monotonic()
    for number in range(30):
        with pytest.raises(Unanswered):
            await look.ask(f"{number}.example", "TXT")
    assert monotonic() - began < 0.5
