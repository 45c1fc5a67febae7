"""What remains to be done after a change: a list that customers tick off step by step, now or another day."""

from __future__ import annotations

from datetime import timedelta

from msgspec.structs import replace

from handlers.desk import Desk
from handlers.model.account import Account
from handlers.model.checklist import Checklist
from handlers.model.document import Value
from handlers.model.outbox import LetterKind
from handlers.model.service import Service, Wording
from handlers.signing_in import sessions
from handlers.store.contract import Transaction

KEPT = timedelta(days=180)
_NONE = Wording()


class Steps(Value, frozen=True, kw_only=True):
    """A list as its page shows it: the steps in their order, of which the first `done` are ticked off."""

    kind: LetterKind
    steps: tuple[str, ...]
    done: int


class StepsView(Value, frozen=True, kw_only=True):
    """Every list of whoever is signed in, the oldest first."""

    service: Service
    language: str
    lists: tuple[Steps, ...]


def begin(tx: Transaction, desk: Desk, account: Account, kind: LetterKind) -> None:
    """Begin the list anew after a change, where the service has something to do afterwards."""
    if any(desk.service(account.service).letters.get(kind, _NONE).after_care.values()):
        now = desk.now()
        id = f"{account.id}-{kind}"
        tx.put(Checklist(id=id, queue="checklists", due=now + KEPT, account=account.id, kind=kind, begun_at=now))


async def look(desk: Desk, token: str, language: str = "") -> StepsView:
    """The lists of whoever is signed in, in `language` or the session's; changes nothing. Raises SignInNeeded."""
    session, account = await sessions.require(desk.store, desk, token)
    service = desk.service(account.service)
    language = language or session.language
    found = sorted(await desk.store.find(Checklist, account=account.id), key=lambda one: one.begun_at)
    lists = tuple(Steps(kind=one.kind, steps=service.after_care(one.kind, language), done=one.done) for one in found)
    return StepsView(service=service, language=session.language, lists=tuple(one for one in lists if one.steps))


async def tick(desk: Desk, token: str, kind: str, step: int) -> None:
    """Tick off that step (the first is 1); only the next one can be, and a tick that comes twice counts once.

    Raises SignInNeeded.
    """
    async with desk.store.transaction() as tx:
        session, account = await sessions.use(tx, desk, token)
        found = await tx.get(Checklist, f"{account.id}-{kind}")
        service = desk.service(account.service)
        if found and step == found.done + 1 and step <= len(service.after_care(found.kind, session.language)):
            tx.put(replace(found, done=step))
