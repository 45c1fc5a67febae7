"""Loops end, whatever headers say: what a mail can make us send has its budgets (T16, T17)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from email.utils import parseaddr
from pathlib import Path
from typing import Any

import pytest

from handlers import answers, intake
from handlers.desk import Desk
from handlers.limits import all_within
from handlers.model.case import Case
from handlers.model.mail import Attachment, Claims
from handlers.model.outbox import Letter
from handlers.post.addressing import answer_address, message_id
from tests.builders import (
    ADDRESS,
    DeskUnderTest,
    MovingClock,
    make_account,
    make_desk,
    make_mail,
    make_service,
    open_store,
)
from tests.handlers.closing import FULL, keep_arda
from tests.handlers.dossiers import pdf

RESPONDER = "team@responder.example"


def answer_to(desk: Desk, letter: Letter, number: int, sender: str = "", **changes: Any) -> Any:
    """What a machine that marks nothing makes of a letter of ours: a mail like a person's, with a new Message-ID."""
    service = desk.service(letter.service)
    said: dict[str, Any] = {
        "from_address": sender or letter.to,
        "message_id": f"{number}@responder.example",
        "recipients": (answer_address(desk, service, letter),),
        "references": (message_id(desk, service, letter).strip("<>"),),
        "subject": f"Re: ticket {number}",
        "text": f"Thank you for your message. Your ticket is number {number}.",
        "intent": "other",
        "confidence": 0.0,
        "claims": Claims(),
    }
    return make_mail(**said | changes)


async def newest(house: DeskUnderTest) -> Letter:
    """The letter that left last."""
    return max(await house.desk.store.find(Letter), key=lambda one: (one.written_at, one.id))


async def test_an_unmarked_responder_that_answers_every_letter_gets_three_at_most(house: DeskUnderTest) -> None:
    """200 mails, each with a Message-ID of its own, our subject and our last letter's id; ten days of them."""
    await intake.receive(house.desk, make_mail(from_address=RESPONDER, claims=Claims()))
    for number in range(200):
        house.clock.advance(hours=1.2)
        await intake.receive(house.desk, answer_to(house.desk, await newest(house), number))
    assert 1 <= await house.desk.store.count(Letter) <= 3
    assert await house.desk.store.count(Case) == 1


@pytest.mark.parametrize(
    ("returned", "answered"),
    [
        ("no-reply@forms.example", 0),
        ("wordpress.noreply@forms.example", 0),
        ("ne-pas-repondre@forms.example", 0),
        ("yanitlamayin@forms.example", 0),
        ("bounces+771-marie=clients.example@relay.example", 0),
        ("marie+noreply@clients.example", 1),
        ("noreen@clients.example", 1),
    ],
)
async def test_a_return_path_that_nobody_reads_is_not_answered(
    house: DeskUnderTest, returned: str, answered: int
) -> None:
    """A web form hands on a person's words with a return path of its own: the case opens, no letter goes there."""
    await intake.receive(house.desk, make_mail(mail_from=returned, claims=Claims()))
    assert await house.desk.store.count(Case) == 1
    assert await house.desk.store.count(Letter) == answered


async def test_a_responder_under_many_names_is_stopped_by_its_domain_and_the_service(house: DeskUnderTest) -> None:
    """One sender a ticket: 60 answers a minute, 120 an hour to a domain, however many write."""
    for number in range(200):
        mail = make_mail(from_address=f"t{number}@responder.example", message_id=f"{number}@x", claims=Claims())
        await intake.receive(house.desk, mail)
    assert await house.desk.store.count(Letter) == 60
    for number in range(200):
        house.clock.advance(seconds=6)
        mail = make_mail(from_address=f"u{number}@responder.example", message_id=f"u{number}@x", claims=Claims())
        await intake.receive(house.desk, mail)
    assert await house.desk.store.count(Letter) == 120


@pytest.fixture
async def other(tmp_path: Path, house: DeskUnderTest) -> AsyncIterator[Desk]:
    """Somebody else's desk, at the same time."""
    clock = house.desk.clock
    assert isinstance(clock, MovingClock)
    folder = tmp_path / "other"
    folder.mkdir()
    async with open_store(folder) as store:
        service = make_service(
            id="other", mailboxes=("help@other.example",), sender="Other <help@other.example>", name="Other"
        )
        yield make_desk(store, service, clock=clock)


async def test_two_desks_that_answer_each_other_stop_at_once(house: DeskUnderTest, other: Desk) -> None:
    """Though neither marks its letters, and each letter of one is a mail to the other."""
    await intake.receive(
        other, make_mail(from_address="support@shopfactory.example", recipients=("help@other.example",))
    )
    desks, seen = (house.desk, other), set[str]()
    for number in range(200):
        house.clock.advance(minutes=10)
        for at, desk in enumerate(desks):
            for letter in [one for one in await desk.store.find(Letter) if one.id not in seen]:
                seen.add(letter.id)
                _, sender = parseaddr(desk.service(letter.service).sender)
                mail = answer_to(desk, letter, number, sender, recipients=(letter.to,))
                await intake.receive(desks[1 - at], mail)
    assert sum([await desk.store.count(Letter) for desk in desks]) == 2


async def test_a_responder_that_sends_a_file_each_time_is_stopped_as_well(house: DeskUnderTest) -> None:
    """What it attaches is answered ten times a day, and no more (T33)."""
    await house.keep(make_account(id="A-HOST", service="o2switch", login="host1", address=RESPONDER, kind="company"))
    paper = Attachment(name="ad.pdf", type="application/pdf", bytes=len(pdf()), sha256="0" * 64, verdict="plausible")
    first = make_mail(from_address=RESPONDER, recipients=("support@o2switch.example",), claims=Claims())
    await intake.receive(house.desk, first)
    for number in range(40):
        house.clock.advance(minutes=1)
        mail = answer_to(house.desk, await newest(house), number, RESPONDER, attachments=(paper,))
        await intake.receive(house.desk, mail, (pdf(),))
    kinds = [letter.kind for letter in await house.desk.store.find(Letter)]
    assert sorted(kinds) == ["acknowledgement"] + ["documents"] * 10


async def test_a_responder_at_a_customers_address_ends_too(house: DeskUnderTest) -> None:
    """It is asked for missing information once, whatever it answers (CP.8)."""
    await keep_arda(house, country="", city="")
    to = ("support@connectprof.example",)
    await intake.receive(house.desk, make_mail(from_address=FULL["address"], recipients=to, claims=Claims()))
    for number in range(200):
        house.clock.advance(hours=1)
        await intake.receive(house.desk, answer_to(house.desk, await newest(house), number, FULL["address"]))
    kinds = sorted(letter.kind for letter in await house.desk.store.find(Letter))
    assert kinds == ["acknowledgement"] * 3 + ["information"]
    assert set(kinds) | {"documents"} == set(answers.BUDGETS)


async def test_a_full_budget_uses_up_no_other(house: DeskUnderTest) -> None:
    """A customer whom a flood left without an answer gets one when it is over."""
    flood, mine = answers.BUDGETS["acknowledgement"].service, answers.BUDGETS["acknowledgement"].mailbox
    async with house.desk.store.transaction() as tx:
        for _ in range(flood.most):
            assert await all_within(tx, house.desk, [(flood, "shopfactory")])
        assert not await all_within(tx, house.desk, [(mine, ADDRESS), (flood, "shopfactory")])
        assert await all_within(tx, house.desk, [(mine, ADDRESS)])
