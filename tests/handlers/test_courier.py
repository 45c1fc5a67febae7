"""The courier, against a real store and a real SMTP server: how every letter ends."""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from handlers import audit
from handlers.desk import Desk
from handlers.model.audit import AuditEntry
from handlers.model.case import Case
from handlers.model.outbox import CardRefresh, Letter
from handlers.post import addressing
from handlers.post.carriers import Carrier, Parcel, carrier
from handlers.post.courier import Courier, doubled
from handlers.post.endings import for_staff
from handlers.vault import Secret
from tests.builders import ADDRESS, NOW
from tests.handlers.letterbox import DIGITS, TOKEN
from tests.handlers.posting import clock_of, courier_to, events, letters, post
from tests.handlers.sink import Sink
from tests.waiting import until


async def test_a_letter_reaches_the_address_on_file_and_no_other(desk: Desk, sink: Sink) -> None:
    """What arrives has one recipient, the link, and an envelope sender that leads a bounce back to the letter."""
    await post(desk)
    assert await courier_to(desk, sink).deliver() == 1
    [envelope], [mail] = sink.envelopes, sink.mails()
    assert envelope.rcpt_tos == [ADDRESS]
    assert envelope.mail_from == addressing.bounce_address(desk, desk.service("shopfactory"), "L-7F3K2M7F3K2M")
    body = mail.get_body(("plain",))
    assert body is not None
    assert f"https://recovery.shop.example/reset/{TOKEN}" in body.get_content()


async def test_a_delivered_letter_is_gone_and_on_the_trail(desk: Desk, sink: Sink) -> None:
    """The letter and its secret leave the store in the same breath as the entry is written."""
    await post(desk)
    await courier_to(desk, sink).deliver()
    [entry] = await desk.store.find(AuditEntry)
    assert (entry.event, entry.case, entry.detail) == ("letter.sent", "R-7F3K2M", "reset")
    assert await letters(desk) == []
    assert await audit.faults(desk.store, desk.vault) == []


async def test_an_acknowledgement_has_the_null_return_path(desk: Desk, sink: Sink) -> None:
    """RFC 3834: nothing can answer an automatic answer."""
    await post(desk, "acknowledgement", in_reply_to="<question@mail.example>")
    await courier_to(desk, sink).deliver()
    assert sink.envelopes[0].mail_from == "<>"


async def test_connections_are_used_again(desk: Desk, sink: Sink) -> None:
    """Ten letters to one domain, two connections."""
    for number in range(10):
        await post(desk, "changed", id=f"L-{number:012}")
    assert await courier_to(desk, sink).deliver() == 10
    assert (len(sink.envelopes), sink.connections) == (10, 2)


@pytest.mark.parametrize("where", ["DATA", ADDRESS])
async def test_a_letter_that_is_deferred_is_tried_later(desk: Desk, sink: Sink, where: str) -> None:
    """4xx: the letter waits 5 s, then 10 s, and arrives once the relay takes it."""
    sink.replies[where] = "451 4.7.1 Greylisted, try again"
    await post(desk)
    courier, clock = courier_to(desk, sink), clock_of(desk)
    for wait in (5, 10, 20):
        assert await courier.deliver() == 1
        [letter] = await letters(desk)
        assert (letter.due, letter.failure) == (
            clock.now + timedelta(seconds=wait),
            "451 4.7.1 Greylisted, try again",
        )
        assert await courier.deliver() == 0
        clock.advance(seconds=wait)
    sink.replies.clear()
    assert await courier.deliver() == 1
    assert len(sink.envelopes) == 1
    assert await letters(desk) == []


@pytest.mark.parametrize("where", ["DATA", ADDRESS])
async def test_a_rejected_letter_is_dead_and_staff_are_told(desk: Desk, sink: Sink, where: str) -> None:
    """5xx: the secret is dropped, the reason kept without the address, the case says undelivered."""
    sink.replies[where] = f"550 5.1.1 <{ADDRESS}>: no such mailbox"
    await post(desk)
    await courier_to(desk, sink).deliver()
    [letter] = await letters(desk)
    case = await desk.store.get(Case, "R-7F3K2M")
    assert (letter.due, letter.sealed) == (None, "")
    assert letter.failure == "mailbox unknown (550 5.1.1 <m•••@m••••.example>: no such mailbox)"
    assert case is not None
    assert case.state == "undelivered"
    assert await events(desk) == ["letter.failed"]
    assert await desk.store.get(CardRefresh, "R-7F3K2M") is not None


async def test_a_bad_letter_does_not_hold_up_the_others(desk: Desk, sink: Sink) -> None:
    """A letter that cannot be written becomes a dead one; the next goes out in the same batch."""
    await post(desk, "changed", id="L-A", to="a@mail.example, b@mail.example")
    await post(desk, "changed", id="L-B", service="gone")
    await post(desk, "reset", id="L-C", sealed="00000000.broken")
    await post(desk, "changed", id="L-D")
    assert await courier_to(desk, sink).deliver() == 4
    assert [envelope.rcpt_tos for envelope in sink.envelopes] == [[ADDRESS]]
    dead = {letter.id: letter.failure for letter in await letters(desk)}
    assert dead == {
        "L-A": "It could not be written (Invalid).",
        "L-B": "The desk no longer answers for gone.",
        "L-C": "It could not be written (Unavailable).",
    }


async def test_a_letter_that_the_relay_chokes_on_does_not_hold_up_the_others(desk: Desk, sink: Sink) -> None:
    """One recipient refused between two that are taken."""
    sink.replies["refused@mail.example"] = "550 no"
    for number, to in enumerate(("first@mail.example", "refused@mail.example", "last@mail.example")):
        await post(desk, "changed", id=f"L-{number}", to=to)
    await courier_to(desk, sink).deliver()
    assert [envelope.rcpt_tos for envelope in sink.envelopes] == [["first@mail.example"], ["last@mail.example"]]


@pytest.mark.parametrize("state", ["replaced", "redeemed", "dead"])
async def test_a_letter_whose_grant_is_over_is_not_sent(desk: Desk, sink: Sink, state: str) -> None:
    """A link that was replaced or used would only mislead."""
    await post(desk, grant={"state": state})
    await courier_to(desk, sink).deliver()
    assert (sink.envelopes, await letters(desk), await events(desk)) == ([], [], [])


async def test_a_code_that_was_sent_again_is_not_sent_before_the_new_one(desk: Desk, sink: Sink) -> None:
    """The letter with the older digits is dropped: the grant was issued again after it was written."""
    await post(desk, "code", grant={"issued_at": NOW + timedelta(seconds=60)})
    await courier_to(desk, sink).deliver()
    assert (sink.envelopes, await letters(desk)) == ([], [])


async def test_a_letter_that_waited_until_its_link_expired_is_dead(desk: Desk, sink: Sink) -> None:
    """Nothing useless is sent, and staff learn that the customer got nothing."""
    sink.replies["DATA"] = "451 4.3.0 not now"
    await post(desk, grant={"expires_at": NOW + timedelta(seconds=12)})
    courier, clock = courier_to(desk, sink), clock_of(desk)
    await courier.deliver()
    clock.advance(seconds=5)
    await courier.deliver()
    [letter] = await letters(desk)
    assert letter.due == NOW + timedelta(seconds=12)
    clock.advance(seconds=7)
    sink.replies.clear()
    await courier.deliver()
    [letter] = await letters(desk)
    assert letter.failure == "It could not be sent before what it carries expired. 451 4.3.0 not now"
    assert sink.envelopes == []


async def test_a_letter_is_given_up_after_24_hours(desk: Desk, sink: Sink) -> None:
    """A notice without a grant waits a day, not a minute longer."""
    sink.replies["DATA"] = "451 4.3.0 not now"
    await post(desk, "changed")
    courier, clock = courier_to(desk, sink), clock_of(desk)
    while (due := (await letters(desk))[0].due) is not None:
        clock.now = due
        await courier.deliver()
    assert clock.now - NOW == timedelta(hours=24)
    assert await events(desk) == ["letter.failed"]


async def test_the_pauses_double_from_5_seconds_to_an_hour() -> None:
    """No chance in it, and no overflow after a long time."""
    pauses = [
        doubled(timedelta(seconds=5), times, timedelta(hours=1)).total_seconds() for times in (1, 2, 3, 10, 11, 999)
    ]
    assert pauses == [5, 10, 20, 2560, 3600, 3600]


async def test_a_letter_that_somebody_else_has_taken_meanwhile_stays_theirs(desk: Desk, sink: Sink) -> None:
    """A courier whose lease ended while it was busy deletes nothing and writes nothing on the trail."""
    await post(desk)

    class Slow:
        async def hand_over(self, parcel: object) -> None:
            clock_of(desk).advance(minutes=5)
            assert len(await desk.store.claim(Letter, "urgent", desk.now(), timedelta(minutes=1))) == 1

        async def close(self) -> None:
            """Nothing to let go of."""

    assert await Courier(desk, Slow()).deliver() == 1
    assert (len(await letters(desk)), await events(desk)) == (1, [])


async def test_the_same_letter_has_the_same_message_id_at_every_attempt(desk: Desk, sink: Sink) -> None:
    """Killed between the relay's 250 and our commit, the desk sends the same bytes again."""
    letter = await post(desk)
    courier = courier_to(desk, sink)
    await courier.deliver()
    async with desk.store.transaction() as tx:
        tx.put(letter)
    await courier.deliver()
    first, second = sink.envelopes
    assert first.original_content == second.original_content


async def test_a_stopped_courier_finishes_the_letter_in_hand(desk: Desk, sink: Sink) -> None:
    """`run` delivers what was posted while it slept, and ends soon after it is told to."""
    stop = asyncio.Event()
    running = asyncio.create_task(courier_to(desk, sink).run(stop))
    await asyncio.sleep(0.05)
    await post(desk)
    await until(lambda: bool(sink.envelopes))
    stop.set()
    await asyncio.wait_for(running, 2)
    assert await letters(desk) == []


async def test_a_relay_that_hangs_does_not_hold_up_the_end(
    desk: Desk, sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The letter in hand is given back, so that the next start sends it at once."""
    monkeypatch.setattr("handlers.post.courier.STOP_SECONDS", 0.1)
    sink.hang, stop = asyncio.Event(), asyncio.Event()
    await post(desk)
    running = asyncio.create_task(courier_to(desk, sink).run(stop))
    await until(lambda: sink.connections > 0)
    stop.set()
    started = time.monotonic()
    await asyncio.wait_for(running, 5)
    sink.hang.set()
    [letter] = await letters(desk)
    assert (letter.leased_until, letter.tries) == (None, 0)
    assert time.monotonic() - started < 2


async def test_run_survives_a_defect(desk: Desk, sink: Sink, monkeypatch: pytest.MonkeyPatch) -> None:
    """What goes wrong around the letters is logged, and the next round delivers."""
    monkeypatch.setattr("handlers.post.courier.FAILED_SECONDS", 0.01)
    broken, stop = Broken(carrier(sink.relay(), "desk.example")), asyncio.Event()
    with capture_logs() as logs:
        running = asyncio.create_task(Courier(desk, broken).run(stop))
        await until(lambda: any(line["event"] == "courier.failed" for line in logs))
        await post(desk)
        await until(lambda: bool(sink.envelopes))
        stop.set()
        await running


async def test_a_letter_that_breaks_the_carrier_does_not_hold_up_the_others(desk: Desk, sink: Sink) -> None:
    """It waits like a deferred one."""
    await post(desk, "changed", id="L-A", to="poison@mail.example")
    await post(desk, "changed", id="L-B")
    await Courier(desk, Broken(carrier(sink.relay(), "desk.example"), closes=True)).deliver()
    [left] = await letters(desk)
    assert (left.id, left.failure) == ("L-A", "It could not be handed over (RuntimeError).")
    assert left.due == NOW + timedelta(seconds=5)


class Broken:
    """A carrier with two defects: a letter it chokes on, and a connection that cannot be closed at first."""

    def __init__(self, inner: Carrier, closes: bool = False) -> None:
        self._inner, self._closes = inner, closes

    async def hand_over(self, parcel: Parcel) -> None:
        if parcel.to.startswith("poison"):
            raise RuntimeError("poison")
        await self._inner.hand_over(parcel)

    async def close(self) -> None:
        if not self._closes:
            self._closes = True
            raise RuntimeError("cannot close")
        await self._inner.close()


def test_what_the_relay_says_is_made_fit_for_a_card() -> None:
    """Neither the code, nor the link, nor an address, nor a line break of a reply reaches staff."""
    said = f"554 5.7.1\r\nspam: https://x.example/code/{TOKEN} code {DIGITS} token {TOKEN} to <{ADDRESS}>" + "!" * 300
    shown = for_staff(said, Secret(f"{TOKEN} {DIGITS}"))
    assert shown.startswith("554 5.7.1 spam: ••• code ••• token ••• to <m•••@m••••.example>!!!")
    assert len(shown) == 200
