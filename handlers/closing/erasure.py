"""Forgetting: what people wrote and who they are goes, what was done stays on the trail."""

from __future__ import annotations

from datetime import timedelta

from msgspec.structs import replace

from handlers import cases
from handlers.desk import Desk
from handlers.model.case import Case
from handlers.model.closing import Reminder, Sweep
from handlers.model.example import Example
from handlers.model.kept_mail import Mail
from handlers.model.outbox import Letter
from handlers.model.paper import Keeping, Paper
from handlers.model.staff import DESK
from handlers.rules.retention import DEAD_LETTERS, RESTING, emptied, falls_due
from handlers.rules.states import is_over
from handlers.store.contract import Transaction

SWEPT = "store"
LASTLY = timedelta(minutes=2)
"""A letter that was just written is usually out by then, and the files are rewritten once for many."""

AGAIN = timedelta(hours=1)
DAILY = timedelta(days=1)


async def look_again(desk: Desk, reminder: Reminder) -> None:
    """End a case that waited too long for its customer, or forget what was written in one that is long over."""
    async with desk.store.transaction() as tx:
        tx.delete(Reminder, reminder.id)
        case = await tx.get(Case, reminder.id)
        due = falls_due(case) if case else None
        if case is None or due is None:
            return
        if due > desk.now():
            tx.put(Reminder(id=case.id, queue="reminders", due=due))
        elif case.state == "waiting":
            await cases.record(tx, desk, case, "case.lapsed", DESK, to="expired")
        elif case.state in RESTING:
            await _forget(tx, desk, case)
            await sweep_later(tx, desk, DAILY)


async def bury_for_good(desk: Desk, reminder: Reminder) -> None:
    """Drop a dead letter that was kept long enough, unless it was given a new life."""
    async with desk.store.transaction() as tx:
        tx.delete(Reminder, reminder.id)
        letter = await tx.get(Letter, reminder.id)
        if letter and letter.due is None:
            tx.delete(Letter, letter.id)
            await sweep_later(tx, desk, DAILY)


def bury_later(tx: Transaction, desk: Desk, letter: Letter) -> None:
    """Have a letter that just died forgotten in its time."""
    tx.put(Reminder(id=letter.id, queue="dead_letters", due=desk.now() + DEAD_LETTERS))


async def sweep_later(tx: Transaction, desk: Desk, wait: timedelta = LASTLY, letters: tuple[str, ...] = ()) -> None:
    """Have the store's files forget what is deleted, within `wait` and once `letters` (ids) are out of the house."""
    due, waiting = desk.now() + wait, await tx.get(Sweep, SWEPT)
    if waiting:
        letters = tuple(dict.fromkeys((*waiting.letters, *letters)))
        due = min(due, waiting.due or due)
    tx.put(Sweep(id=SWEPT, queue="sweeps", due=due, letters=letters))


async def sweep(desk: Desk, work: Sweep) -> None:
    """Rewrite the store's files without what was deleted; again later, as long as a last letter lay in the outbox."""
    lying = [id for id in work.letters if await desk.store.get(Letter, id)]
    await desk.store.vacuum()
    async with desk.store.transaction() as tx:
        current = await tx.get(Sweep, work.id)
        if current is None or current.leased_until != work.leased_until:
            return  # more was deleted meanwhile, and that has its own sweep
        for id in lying:
            letter = await tx.get(Letter, id)
            if letter and letter.due is None:
                tx.delete(Letter, id)
        if lying:
            tx.put(Sweep(id=work.id, queue="sweeps", due=desk.now() + AGAIN, letters=tuple(lying)))
        else:
            tx.delete(Sweep, work.id)


async def drop_letters(tx: Transaction, *, case: str = "", account: str = "") -> None:
    """Drop the letters of a case, or those of an account, sent or not."""
    for letter in await tx.find(Letter, **({"case": case} if case else {"account": account})):
        tx.delete(Letter, letter.id)


async def drop_mails(tx: Transaction, case: str) -> None:
    """Drop what came by mail for a case, and what staff taught the reader from it."""
    for mail in await tx.find(Mail, case=case):
        tx.delete(Mail, mail.id)
    for example in await tx.find(Example, case=case):
        tx.delete(Example, example.id)


async def drop_papers(tx: Transaction, case: Case) -> list[str]:
    """Drop all that is known of the documents of a case; the blobs to delete once that is committed."""
    papers = await tx.find(Paper, case=case.id)
    for paper in papers:
        tx.delete(Paper, paper.id)
    tx.delete(Keeping, case.id)
    return [paper.blob for paper in papers if paper.blob]


async def _forget(tx: Transaction, desk: Desk, case: Case) -> None:
    """A case that nobody came back to ends with that: nothing about its writer is left to come back with."""
    await drop_letters(tx, case=case.id)
    await drop_mails(tx, case.id)
    for paper in await tx.find(Paper, case=case.id):
        tx.put(replace(paper, name=""))  # its fingerprint stays: the same file sent for somebody else is recognised
    await cases.record(tx, desk, emptied(case), "case.forgotten", DESK, to=None if is_over(case.state) else "cancelled")
