"""Letters of ours that come back tell their case why, once; nothing else can say so (T17)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from handlers import decide, intake, lookups, timers
from handlers.model.case import Case
from handlers.model.grant import Grant
from handlers.model.mail import Automatic, Bounce
from handlers.model.outbox import Letter, Sent
from handlers.post import endings
from handlers.post.addressing import bounce_address, reply_address
from handlers.rules.deliveries import BOUNCES
from tests.builders import AYSE, DeskUnderTest, make_mail
from tests.handlers.letterbox import make_letter

UNKNOWN = Bounce(status="5.1.1", recipient="marie.durand@mail.example", said="550 5.1.1 User unknown")


async def mailed(house: DeskUnderTest) -> Letter:
    """The reset link of Marie's case, handed to the relay."""
    id = await intake.receive(house.desk, make_mail())
    await decide.act(house.desk, id or "", "send_link", AYSE, None)
    [letter] = [one for one in await house.desk.store.find(Letter) if one.kind == "reset"]
    await endings.sent(house.desk, letter, 1)
    return letter


async def back(house: DeskUnderTest, letter: str, bounce: Bounce | None = UNKNOWN, **changes: Any) -> str | None:
    """A delivery report comes to the address that names the letter."""
    to = bounce_address(house.desk, house.desk.service("shopfactory"), letter)
    number = len(await house.desk.store.find(Sent)) + house.clock.now.timestamp()
    report: dict[str, Any] = {
        "message_id": f"{number}-{bounce}@relay.example",
        "mail_from": "",
        "from_address": "mailer-daemon@relay.example",
        "automatic": Automatic(kind="bounce", why="a delivery report (RFC 3464)"),
        "recipients": (to,),
        "bounce": bounce,
    }
    return await intake.receive(house.desk, make_mail(**report | changes))


async def case_of(house: DeskUnderTest) -> Case:
    [case] = await house.desk.store.find(Case)
    return case


async def said(house: DeskUnderTest) -> str:
    view = await lookups.card(house.desk, (await case_of(house)).id)
    assert view is not None
    return view.failure


@pytest.mark.parametrize(
    ("status", "why"),
    [
        ("5.1.1", "mailbox unknown"),
        ("5.1.10", "mailbox unknown"),
        ("5.2.1", "mailbox disabled"),
        ("5.2.2", "mailbox full"),
        ("5.1.2", "no such domain"),
        ("5.4.4", "no such domain"),
        ("5.4.1", "their server cannot be reached"),
        ("5.4.7", "their server could not be reached in time"),
        ("5.7.1", "refused as unwanted"),
        ("5.7.26", "refused as unwanted"),
        ("", "it came back"),
        ("5.9.9", "it came back"),
    ],
)
async def test_a_bounce_says_why_what_and_when(house: DeskUnderTest, status: str, why: str) -> None:
    """In words; the state goes to undelivered, and the next step is offered."""
    letter = await mailed(house)
    case = await case_of(house)
    assert await back(house, letter.id, Bounce(status=status)) == case.id
    assert await said(house) == f"{why}: the reset link sent 22 Nov 14:05 UTC"
    assert (await case_of(house)).state == "undelivered"
    again = await decide.act(house.desk, case.id, "send_link", AYSE, None)
    assert again.state == "issued"
    assert await said(house) == ""


async def test_a_delay_is_told_once_and_moves_nothing(house: DeskUnderTest) -> None:
    """Their server tries again; when it gives up, that is told as well."""
    letter = await mailed(house)
    for _ in range(3):
        await back(house, letter.id, Bounce(status="4.4.1"))
        house.clock.advance(hours=4)
    case = await case_of(house)
    assert case.state == "issued"
    told = [(step.event, step.detail) for step in case.history if step.event.startswith("letter.")]
    assert told == [
        (
            "letter.delayed",
            "delayed, their server tries again (their server cannot be reached): the reset link sent 22 Nov 14:05 UTC",
        )
    ]
    assert await said(house) == ""
    await back(house, letter.id, Bounce(status="5.4.1"))
    assert (await case_of(house)).history[-1].event == "letter.bounced"


async def test_a_report_that_it_arrived_changes_nothing(house: DeskUnderTest) -> None:
    """Delivered, relayed, expanded: 2.x.x (RFC 3464, 2.3.3)."""
    letter = await mailed(house)
    before = await case_of(house)
    assert await back(house, letter.id, Bounce(status="2.1.5")) is None
    assert await case_of(house) == before


async def test_bounces_of_one_letter_count_once(house: DeskUnderTest) -> None:
    """Some servers report every attempt, some both the border and the mailbox; a late delay is no news either."""
    letter = await mailed(house)
    for status in ("5.1.1", "5.2.2", "", "4.2.2"):
        await back(house, letter.id, Bounce(status=status))
    assert [step.event for step in (await case_of(house)).history].count("letter.bounced") == 1


async def test_a_bounce_of_another_letter_does_not_mark_the_link_undelivered(house: DeskUnderTest) -> None:
    """A notice to an old address comes back: the card says so, and the link that arrived can still be used."""
    link = await mailed(house)
    notice = make_letter("address_asked", id="L-NOTICE", case=link.case, to="old@mail.example", grant="")
    await house.keep(notice)
    await endings.sent(house.desk, notice, 1)
    await back(house, "L-NOTICE")
    case = await case_of(house)
    assert case.state == "issued"
    assert await said(house) == "mailbox unknown: the notice that a new address was asked for sent 22 Nov 14:05 UTC"
    [grant] = await house.desk.store.find(Grant)
    assert grant.state == "issued"


async def test_a_link_that_was_opened_did_arrive(house: DeskUnderTest) -> None:
    """A report that comes later is of a copy: the case stays where its customer brought it."""
    letter = await mailed(house)
    case = await case_of(house)
    await house.keep(replace(case, state="opened"))
    await back(house, letter.id)
    assert (await case_of(house)).state == "opened"


@pytest.mark.parametrize("days", [9.99, 10])
async def test_what_comes_back_after_ten_days_is_nobodys_report(house: DeskUnderTest, days: float) -> None:
    """Mail servers give up after five; the desk has forgotten the letter by then."""
    letter = await mailed(house)
    house.clock.advance(days=days)
    assert (await back(house, letter.id) is None) == (days >= BOUNCES / timedelta(days=1))
    [sent] = await house.desk.store.find(Sent)
    await timers.forget(house.desk, sent)
    assert bool(await house.desk.store.find(Sent)) == (days < 10)


async def test_a_forged_bounce_changes_nothing(house: DeskUnderTest) -> None:
    """Without a tag, with a case's reply address, for a letter that never was, or from something that is no bounce."""
    letter = await mailed(house)
    before = await case_of(house)
    service = house.desk.service("shopfactory")
    ours = bounce_address(house.desk, service, letter.id)
    local, _, domain = ours.partition("@")
    for recipient in (
        "support@shopfactory.example",
        reply_address(house.desk, service, before.id),
        f"{local[:-1]}{'b' if local.endswith('a') else 'a'}@{domain}",
        ours.replace(letter.id.replace("-", "").lower(), "l000000000000"),
        bounce_address(house.desk, service, "L-000000000000"),
    ):
        assert await back(house, letter.id, message_id=recipient, recipients=(recipient,)) is None
    vacation = Automatic(kind="auto_reply", why="Auto-Submitted")
    assert await back(house, letter.id, automatic=vacation) is None
    assert await case_of(house) == before


async def test_a_bounce_that_overtakes_our_own_note_is_heard(house: DeskUnderTest) -> None:
    """The relay may report before the desk has noted that it took the letter; the note keeps what was said."""
    id = await intake.receive(house.desk, make_mail())
    await decide.act(house.desk, id or "", "send_link", AYSE, None)
    await house.desk.store.claim(Letter, "urgent", house.clock.now, timedelta(seconds=60), 9)
    [letter] = [one for one in await house.desk.store.find(Letter) if one.kind == "reset"]
    await back(house, letter.id)
    await endings.sent(house.desk, letter, 1)
    await back(house, letter.id, Bounce(status="5.2.2"))
    assert [step.event for step in (await case_of(house)).history].count("letter.bounced") == 1


async def test_an_acknowledgement_cannot_come_back(house: DeskUnderTest) -> None:
    """Its return path is null, and no letter without a case has one either."""
    await intake.receive(house.desk, make_mail())
    [letter] = await house.desk.store.find(Letter)
    await endings.sent(house.desk, letter, 1)
    assert await house.desk.store.find(Sent) == []
