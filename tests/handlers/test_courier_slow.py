"""The courier and recipients whose servers are slow: they hold up nobody but themselves."""

from __future__ import annotations

import asyncio
import threading
import time
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import pytest

from handlers.desk import Desk
from handlers.letters import render
from handlers.post.carriers import Patience
from tests.builders import ADDRESS, NOW
from tests.handlers.posting import clock_of, courier_to, letters, post
from tests.handlers.sink import Sink
from tests.waiting import until

SHORT = Patience(hand_over=0.3)
BROKEN_OFF = "The relay did not answer (TimeoutError)."


async def test_a_slow_domain_does_not_hold_up_a_customers_link(desk: Desk, sink: Sink) -> None:
    """Six acknowledgements to a domain that never answers in time, then a link: it is out before any of them ends."""
    sink.slow["slow.example"] = 1.0
    for number in range(6):
        await post(desk, "acknowledgement", id=f"L-{number}", to=f"a{number}@slow.example")
    await post(desk)
    courier, started = courier_to(desk, sink, SHORT), time.monotonic()
    delivering = asyncio.create_task(courier.deliver())
    await until(lambda: bool(sink.envelopes))
    assert time.monotonic() - started < 0.3
    assert sink.envelopes[0].rcpt_tos == [ADDRESS]
    assert await delivering == 7
    assert courier.state == ""


async def test_each_failure_after_the_greeting_counts_against_its_letter(desk: Desk, sink: Sink) -> None:
    """The poison letter's pauses double like those of a deferred one, and no outage is declared."""
    sink.slow["slow.example"] = 1.0
    await post(desk, "acknowledgement", to="a@slow.example")
    courier, clock = courier_to(desk, sink, Patience(hand_over=0.05)), clock_of(desk)
    for tries, wait in ((1, 5), (2, 10)):
        await courier.deliver()
        [letter] = await letters(desk)
        assert (letter.tries, letter.failure, letter.due) == (tries, BROKEN_OFF, clock.now + timedelta(seconds=wait))
        clock.advance(seconds=wait)
    assert courier.state == ""


async def test_customers_of_one_slow_domain_do_not_hold_up_the_others(desk: Desk, sink: Sink) -> None:
    """A domain has two of the four slots; a letter behind five of them is out before their first pair ends."""
    sink.slow["slow.example"] = 1.0
    for number in range(5):
        await post(desk, "changed", id=f"L-{number}", to=f"a{number}@slow.example")
    await post(desk, "changed", id="L-9", to=ADDRESS)
    delivering = asyncio.create_task(courier_to(desk, sink, SHORT).deliver())
    await until(lambda: bool(sink.envelopes))
    assert {letter.failure for letter in await letters(desk)} == {""}
    await delivering


async def test_letters_of_a_slow_domain_step_aside(desk: Desk, sink: Sink, monkeypatch: pytest.MonkeyPatch) -> None:
    """More of them than are claimed at a time: those without a slot make way, and it is not counted as a try."""
    monkeypatch.setattr("handlers.post.courier.SLOW_SECONDS", 0.05)
    sink.slow["slow.example"] = 1.0
    for number in range(20):
        await post(desk, "changed", id=f"L-{number:02}", to=f"a{number}@slow.example")
    await post(desk, "changed", id="L-99", to=ADDRESS, due=NOW)
    delivering = asyncio.create_task(courier_to(desk, sink, Patience(hand_over=0.8)).deliver())
    await until(lambda: bool(sink.envelopes), 0.7)
    await delivering
    aside = [letter for letter in await letters(desk) if letter.due == NOW + timedelta(seconds=30)]
    assert len(aside) == 16
    assert {letter.tries for letter in aside} == {0}


async def test_a_link_goes_before_a_flood_of_acknowledgements(desk: Desk, sink: Sink) -> None:
    """Six hundred strangers wrote before the customer asked; at most a handful of answers is out before the link."""
    for number in range(600):
        await post(desk, "acknowledgement", id=f"L-{number:03}", to=f"a@d{number}.example")
    await post(desk)
    stop = asyncio.Event()
    running = asyncio.create_task(courier_to(desk, sink).run(stop))
    await until(lambda: any(ADDRESS in envelope.rcpt_tos for envelope in sink.envelopes))
    stop.set()
    await running
    places = [place for place, envelope in enumerate(sink.envelopes) if ADDRESS in envelope.rcpt_tos]
    assert places[0] < 10


async def test_a_letter_written_while_a_slow_one_is_in_hand_goes_at_once(desk: Desk, sink: Sink) -> None:
    """`run` hears of a new letter while it waits for a slow server."""
    sink.slow["slow.example"] = 1.0
    stop = asyncio.Event()
    running = asyncio.create_task(courier_to(desk, sink, Patience(hand_over=0.8)).run(stop))
    await post(desk, "changed", id="L-1", to="a@slow.example")
    await until(lambda: sink.connections == 1)
    await post(desk)
    await until(lambda: bool(sink.envelopes), 0.5)
    stop.set()
    await running


async def test_a_relay_that_answers_for_no_domain_is_down(desk: Desk, sink: Sink) -> None:
    """Customers of three domains in a row got no answer: `state` says so, and the next letter taken ends it."""
    sink.hang = asyncio.Event()
    for number in range(3):
        await post(desk, "changed", id=f"L-{number}", to=f"a@d{number}.example")
    courier = courier_to(desk, sink, Patience(hand_over=0.05))
    await courier.deliver()
    assert courier.state == f"{BROKEN_OFF} (since 14:05:00 UTC)"
    sink.hang.set()
    clock_of(desk).advance(seconds=60)
    await courier.deliver()
    assert (courier.state, len(sink.envelopes)) == ("", 3)


async def test_strangers_cannot_declare_the_relay_down(desk: Desk, sink: Sink) -> None:
    """Acknowledgements to many slow domains of one enemy are no proof against the relay."""
    for number in range(5):
        sink.slow[f"d{number}.example"] = 1.0
        await post(desk, "acknowledgement", id=f"L-{number}", to=f"a@d{number}.example")
    courier = courier_to(desk, sink, Patience(hand_over=0.05))
    await courier.deliver()
    assert courier.state == ""
    assert {letter.failure for letter in await letters(desk)} == {BROKEN_OFF}


@pytest.mark.parametrize("reply", ["421 4.4.2 Connection dropped", "535 5.7.8 Bad credentials"])
async def test_what_a_recipients_server_says_is_no_outage(desk: Desk, sink: Sink, reply: str) -> None:
    """A relay may hand on to RCPT what the other side said: one letter is put off, the next one goes."""
    sink.replies["a@enemy.example"] = reply
    await post(desk, "changed", id="L-1", to="a@enemy.example")
    await post(desk, "changed", id="L-2")
    courier = courier_to(desk, sink)
    await courier.deliver()
    assert [envelope.rcpt_tos for envelope in sink.envelopes] == [[ADDRESS]]
    [letter] = await letters(desk)
    assert (letter.id, letter.tries, courier.state) == ("L-1", 1, "")


async def test_letters_are_written_out_beside_the_loop(desk: Desk, sink: Sink, monkeypatch: pytest.MonkeyPatch) -> None:
    """The loop serves the pages too: no letter is drawn in its thread."""
    threads: list[int] = []

    def noting(*what: Any) -> EmailMessage:
        threads.append(threading.get_ident())
        return render(*what)

    monkeypatch.setattr("handlers.post.courier.render", noting)
    await post(desk)
    await courier_to(desk, sink).deliver()
    assert len(sink.envelopes) == len(threads) == 1
    assert threads[0] != threading.get_ident()
