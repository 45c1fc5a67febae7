"""How often is too often: moving windows per account, sender and service, kept with what they limit."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import ClassVar

from msgspec.structs import replace

from handlers.desk import Desk
from handlers.model.account import Account
from handlers.model.document import Value, Work
from handlers.model.errors import Limited
from handlers.model.staff import CUSTOMER, DESK, Staff
from handlers.store.contract import Transaction


class Limit(Value, frozen=True, kw_only=True):
    """At most `most` times within `within`; `name` keeps the windows of different limits apart."""

    name: str
    most: int
    within: timedelta
    said: str


class Tally(Work, frozen=True, kw_only=True):
    """When something was done lately (UTC); in queue `tallies`, due when its last entry has left the window."""

    TABLE: ClassVar = "tallies"

    times: tuple[datetime, ...]


HOUR, DAY = timedelta(hours=1), timedelta(days=1)
STAFF_PER_ACCOUNT = Limit(name="staff", most=10, within=DAY, said="Staff sent this account 10 links or codes today.")
ALONE_PER_ACCOUNT = Limit(name="alone", most=5, within=HOUR, said="The desk sent this account 5 within the hour.")
OWN_PER_ACCOUNT = Limit(name="own", most=5, within=HOUR, said="The customer asked for 5 within the hour.")
TRIES_PER_ACCOUNT = Limit(name="tries", most=30, within=DAY, said="30 codes were tried for this account today.")
CASES_PER_SENDER = Limit(name="cases", most=10, within=DAY, said="This sender opened 10 cases today.")
CASES_PER_SERVICE = Limit(name="service", most=240, within=HOUR, said="240 cases were opened within an hour.")
INFORMATION_PER_ACCOUNT = Limit(name="information", most=1, within=DAY, said="This customer was asked today.")
IGNORED = Limit(name="ignored", most=1, within=HOUR, said="This was noted within the hour.")


def of_grants(by: Staff) -> Limit:
    """How many grants an account may be sent: what strangers make the desk send uses up nothing of anybody else's.

    Customers are those who are signed in, or hold a page of a letter: staff and they have windows of their own (T31).
    """
    return {DESK: ALONE_PER_ACCOUNT, CUSTOMER: OWN_PER_ACCOUNT}.get(by, STAFF_PER_ACCOUNT)


def of_credentials(account: Account) -> str:
    """The subject of a limit that begins anew with the account's credentials: a thief's tries end with the password."""
    return f"{account.id} {account.credentials}"


async def take(tx: Transaction, desk: Desk, limit: Limit, subject: str) -> None:
    """Count one more for `subject`; raises Limited when that is too many, and counts nothing then."""
    now, id = desk.now(), _id(desk, limit, subject)
    recent = await _recent(tx, desk, limit, subject)
    if len(recent) >= limit.most:
        raise Limited(limit.said, (recent[0] + limit.within - now).total_seconds())
    tx.put(Tally(id=id, queue="tallies", due=now + limit.within, times=(*recent, now)))


async def give_back(tx: Transaction, desk: Desk, limit: Limit, subject: str) -> None:
    """Take back what was counted last for `subject`: it turned out to be nothing that the limit is for."""
    tally = await tx.get(Tally, _id(desk, limit, subject))
    if tally:
        tx.put(replace(tally, times=tally.times[:-1]))


async def within(tx: Transaction, desk: Desk, limit: Limit, subject: str) -> bool:
    """Count one more for `subject` if that is not too many, and say whether it was counted."""
    try:
        await take(tx, desk, limit, subject)
    except Limited:
        return False
    return True


async def has_room(tx: Transaction, desk: Desk, limit: Limit, subject: str) -> bool:
    """Whether one more for `subject` would not be too many; counts nothing."""
    return len(await _recent(tx, desk, limit, subject)) < limit.most


async def all_within(tx: Transaction, desk: Desk, counted: Sequence[tuple[Limit, str]]) -> bool:
    """Count one more for each if that is too many for none; what one of them refuses uses up nothing of the others."""
    if not all([await has_room(tx, desk, limit, subject) for limit, subject in counted]):
        return False
    for limit, subject in counted:
        await take(tx, desk, limit, subject)
    return True


async def _recent(tx: Transaction, desk: Desk, limit: Limit, subject: str) -> tuple[datetime, ...]:
    tally, now = await tx.get(Tally, _id(desk, limit, subject)), desk.now()
    return tuple(time for time in (tally.times if tally else ()) if now - time < limit.within)


def _id(desk: Desk, limit: Limit, subject: str) -> str:
    return desk.vault.tag("limit", f"{limit.name} {subject}")
