"""Mails of one sender are taken in in the order they came; nobody else waits for them, and nothing waits for ever."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, MutableMapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from handlers import intake
from handlers.model.errors import Unavailable
from handlers.model.mail import InboundMail
from mailin import worker
from mailin.origin.asking import Answer, Kind
from tests.mailin.origin.door import ADDRESS, DoorStep, doorstep
from tests.mailin.origin.world import DOMAIN, MAIL, REJECT, SPF, Dns, zone
from tests.waiting import until

PAUL = "paul@other.example"
TEXT = b"j'ai  perdu mon mot de passe"
Logs = Sequence[MutableMapping[str, Any]]


class Held(Dns):
    """Names of one domain are not answered before they are let go."""

    def __init__(self) -> None:
        super().__init__({**zone(SPF, REJECT), **zone(SPF, REJECT, domain="other.example")})
        self.free = asyncio.Event()

    async def ask(self, name: str, kind: Kind) -> Answer:
        """The answer, some time."""
        if name.endswith("slow.example"):
            await self.free.wait()
        return await super().ask(name, kind)


@pytest.fixture
def logs() -> Iterator[Logs]:
    """What is logged."""
    with capture_logs() as lines:
        yield lines


def mail(number: int, author: str = ADDRESS, more: bytes = b"") -> bytes:
    """A mail that has its number in its Message-ID."""
    said = MAIL.replace(f"<m1@{DOMAIN}>".encode(), f"<{number}@m.example>".encode()).replace(TEXT, TEXT + more)
    return said.replace(f"marie@{DOMAIN}".encode(), author.encode(), 1)


def ended(logs: Logs) -> list[int]:
    """Which mails were taken in or set aside, by their places at the door, in the order in which they were."""
    ends = [one for one in logs if one["event"] == "mail.taken_in" or one.get("tries") == worker.TRIES]
    return [int(one["mail"].rpartition("-")[2]) for one in ends]


async def all_ended(step: DoorStep) -> None:
    """Wait until nothing waits."""
    await until(lambda: not step.door.spool.pending, 20)


async def test_later_mails_of_a_sender_wait_for_the_dns_of_the_first_and_others_do_not(
    tmp_path: Path, logs: Logs
) -> None:
    """More of them than are read at once."""
    dns = Held()
    async with doorstep(tmp_path, dns) as step:
        await step.hand_in(mail(1, "x@slow.example"))
        for number in range(2, 9):
            await step.hand_in(mail(number))
        await step.hand_in(mail(9, PAUL), PAUL)
        await until(lambda: ended(logs))
        assert ended(logs) == [9]
        dns.free.set()
        await all_ended(step)
    assert ended(logs) == [9, *range(1, 9)]


async def test_a_mail_that_is_read_sooner_waits_for_the_big_one_before_it(tmp_path: Path, logs: Logs) -> None:
    """As at the first start, when there is more than one to read and nothing is warm."""
    async with doorstep(tmp_path, Held()) as step:
        await step.hand_in(mail(1, more=b" mot de passe perdu\r\n" * 200_000))
        for number in range(2, 7):
            await step.hand_in(mail(number))
        await all_ended(step)
    assert ended(logs) == list(range(1, 7))


@pytest.mark.parametrize(("waiting", "at_once"), [(200, 1), (1, 4), (1, 1), (3, 2)])
async def test_places_and_turns_never_wait_for_each_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, logs: Logs, waiting: int, at_once: int
) -> None:
    """However few places there are, and however little room to wait in: slow and quick ones come to their end."""
    monkeypatch.setattr(worker, "WAITING", waiting)
    monkeypatch.setattr(worker, "AT_ONCE", at_once)
    dns = Held()
    async with doorstep(tmp_path, dns) as step:
        for number in range(1, 13):
            await step.hand_in(mail(number, "x@slow.example" if number % 3 == 1 else ADDRESS))
        await step.hand_in(mail(13, PAUL), PAUL)
        await asyncio.sleep(0.3)
        dns.free.set()
        await all_ended(step)
    assert [number for number in ended(logs) if number != 13] == list(range(1, 13))


async def test_the_null_sender_is_nobody(tmp_path: Path, logs: Logs) -> None:
    """Bounces come from everywhere: one whose DNS is slow holds no other up."""
    dns = Held()
    async with doorstep(tmp_path, dns) as step:
        await step.hand_in(mail(1, "x@slow.example"), "")
        await step.hand_in(mail(2), "")
        await until(lambda: ended(logs))
        assert ended(logs) == [2]
        dns.free.set()
        await all_ended(step)


def failing(error: Callable[[], Exception], times: int) -> Any:
    """What receives mails, but the first one not before it has failed so often."""
    real, left = intake.receive, [times]

    async def receive(desk: Any, came: InboundMail, *rest: Any) -> str | None:
        if came.message_id == "1@m.example" and left[0]:
            left[0] -= 1
            raise error()
        return await real(desk, came, *rest)

    return receive


async def test_one_that_is_set_aside_lets_the_next_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, logs: Logs
) -> None:
    """After its three tries, and not before."""
    monkeypatch.setattr(intake, "receive", failing(ZeroDivisionError, worker.TRIES))
    async with doorstep(tmp_path, Held()) as step:
        for number in range(1, 5):
            await step.hand_in(mail(number))
        await all_ended(step)
        assert [one.id[-8:] for one in await step.door.spool.aside()] == ["00000001"]
    assert ended(logs) == [1, 2, 3, 4]


async def test_one_that_waits_for_the_store_holds_up_its_own_sender_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, logs: Logs
) -> None:
    """However many of that sender's come after it."""
    monkeypatch.setattr(worker, "PAUSE_SECONDS", 0.5)
    monkeypatch.setattr(intake, "receive", failing(lambda: Unavailable("The store is down."), 2))
    async with doorstep(tmp_path, Held()) as step:
        for number in range(1, 9):
            await step.hand_in(mail(number))
        await step.hand_in(mail(9, PAUL), PAUL)
        await all_ended(step)
    assert ended(logs) == [9, *range(1, 9)]
