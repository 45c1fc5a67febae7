"""An outbox to deliver from: posting letters, and looking at what became of them."""

from __future__ import annotations

from typing import Any

from handlers import outbox
from handlers.desk import Desk
from handlers.model.audit import AuditEntry
from handlers.model.outbox import Letter, LetterKind
from handlers.post.carriers import PATIENCE, Patience, carrier
from handlers.post.courier import Courier
from tests.builders import MovingClock, make_account, make_grant
from tests.handlers.letterbox import DIGITS, TOKEN, make_issued_case, make_letter
from tests.handlers.sink import Sink


def clock_of(desk: Desk) -> MovingClock:
    assert isinstance(desk.clock, MovingClock)
    return desk.clock


def courier_to(desk: Desk, sink: Sink, patience: Patience = PATIENCE) -> Courier:
    return Courier(desk, carrier(sink.relay(), "desk.example", patience))


async def post(desk: Desk, kind: LetterKind = "reset", grant: dict[str, Any] | None = None, **changes: Any) -> Letter:
    """A letter in the outbox with everything it is about."""
    text = f"{TOKEN} {DIGITS}" if kind == "code" else TOKEN
    sealed = desk.vault.seal("letter", text) if kind in ("reset", "code") else ""
    letter = make_letter(kind, **{"sealed": sealed, "queue": outbox.queue_of(kind)} | changes)
    async with desk.store.transaction() as tx:
        tx.put(letter, make_account(), make_issued_case(), make_grant(kind="link", **grant or {}))
    return letter


async def letters(desk: Desk) -> list[Letter]:
    return await desk.store.find(Letter)


async def events(desk: Desk) -> list[str]:
    return [entry.event for entry in await desk.store.find(AuditEntry)]
