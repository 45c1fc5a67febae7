"""Reading a mail, beside the standard library's parse of it with `policy=default` and `get_body` (goal B1)."""

from __future__ import annotations

import asyncio
import email
import email.policy
import time
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from statistics import median

from bench import Row
from bench.reading_mails import mails, with_attachment
from handlers.model.mail import ServiceNames
from mailin.contents import contents
from mailin.mime import outline
from mailin.reader import understand
from mailin.words import header_words, mailbox, message_ids

GOAL = "at most 0.6 x the standard library"
SERVICES = (ServiceNames(id="lantern", name="Lantern", mailboxes=("support@lantern.example",), language="fr"),)
NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
BIG = 18_500_000  # bytes of a file that make a mail of 25 MB
TICK = 0.001


async def run(rounds: int) -> list[Row]:
    """Read each shape of mail in both ways by turns, then a mail of 25 MB in a thread while the loop ticks."""
    rows = [row for shape, raw in mails().items() for row in _compared(shape, raw, max(5, rounds // 10))]
    return [*rows, *await _stalls(max(5, rounds // 40))]


def _compared(shape: str, raw: bytes, rounds: int) -> list[Row]:
    """Reading as the reference does it, and all that a mail says (intent, claims, files), by the reference's time.

    The reference hands out HTML as it is and files not at all; those shapes are measured without a goal.
    """
    turns = [(_seconds(_read, raw), _seconds(_ours, raw), _seconds(_reference, raw)) for _ in range(rounds)]
    read, ours, reference = (median(column) for column in zip(*turns, strict=True))
    return [
        Row(f"{shape}: read", read * 1e6, "us"),
        Row(f"{shape}: read, to stdlib", read / reference, "x", goal="" if "HTML" in shape else GOAL),
        Row(f"{shape}: understood", ours * 1e6, "us"),
        Row(f"{shape}: understood, to stdlib", ours / reference, "x"),
    ]


def _seconds(act: Callable[[bytes], object], raw: bytes) -> float:
    started = time.perf_counter()
    act(raw)
    return time.perf_counter() - started


def _read(raw: bytes) -> object:
    """Sender, subject, ids and visible text, as the reader reads them; files are measured and hashed on the way."""
    mail = outline(raw)
    fields = mail.headers
    ids = message_ids(fields.first("message-id")), message_ids(fields.first("references"))
    return mailbox(fields.first("from")), header_words(fields.first("subject")), ids, contents(raw, mail)


def _ours(raw: bytes) -> object:
    return understand(raw, services=SERVICES, received_at=NOW)


def _reference(raw: bytes) -> object:
    """Sender, subject, ids and body text, as the standard library reads them."""
    mail = email.message_from_bytes(raw, policy=email.policy.default)
    body = mail.get_body(("plain", "html"))
    return mail["from"], mail["subject"], mail["message-id"], mail["references"], body and body.get_content()


async def _stalls(rounds: int) -> list[Row]:
    """How long the loop stands still at most while a thread reads the biggest mail."""
    raw = with_attachment(BIG)
    idle = max([await _longest_tick(asyncio.sleep(0.3)) for _ in range(rounds)])
    stalls = [await _longest_tick(asyncio.to_thread(_ours, raw)) for _ in range(rounds)]
    return [
        Row("25 MB: longest stall of the loop, median", median(stalls) * 1e3, "ms", goal="under 10 ms"),
        Row("idle: longest stall of the loop", idle * 1e3, "ms"),
    ]


async def _longest_tick(work: Coroutine[None, None, object]) -> float:
    """The longest delay of a ticking loop until `work` is done, in seconds."""
    task = asyncio.create_task(work)
    longest = 0.0
    while not task.done():
        started = time.perf_counter()
        await asyncio.sleep(TICK)
        longest = max(longest, time.perf_counter() - started - TICK)
    return longest
