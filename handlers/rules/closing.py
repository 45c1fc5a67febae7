"""Closed accounts: until when one comes back, and what may put its deletion off."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from msgspec.structs import replace

from handlers.model.account import Account
from handlers.model.case import Case
from handlers.model.evidence import EvidenceKind
from handlers.model.service import Closure
from handlers.rules.states import is_over

HELD = timedelta(days=7)
"""For so long, at most, a request that came in time puts the deletion off: staff owe it an answer (CP.22, CP.26)."""

PROVEN: frozenset[EvidenceKind] = frozenset({"address_on_file", "password_known", "documents_accepted"})
"""What makes a request the owner's own, so that it may put a deletion off; naming the account does not."""


def reopens_until(closure: Closure, closed_at: datetime) -> datetime:
    """The moment from which a closed account stays closed: days of 24 hours in UTC, whatever the zone (CP.26)."""
    return closed_at + timedelta(days=closure.grace_days)


def may_reopen(account: Account, now: datetime) -> bool:
    """Whether the account is closed and can still be reopened at `now` (CP.20)."""
    return bool(account.closed_at and account.reopens_until and now < account.reopens_until)


def unfrozen(account: Account, now: datetime) -> Account:
    """The account without its freeze; a closed one can be reopened for a week at least.

    Whoever froze it may be its owner, shut out by a thief who closed it (T38): the calendar must not be what decides.
    """
    until = max(account.reopens_until, now + HELD) if account.reopens_until else None
    return replace(account, frozen="", lifted_at=now, reopens_until=until)


def holding(account: Account, cases: Sequence[Case], now: datetime) -> list[Case]:
    """The open cases that put the account's deletion off at `now`: the owner's own, opened before the deadline."""
    until = account.reopens_until
    if until is None or now >= until + HELD:
        return []
    return [case for case in cases if not is_over(case.state) and case.opened_at < until and _is_proven(case)]


def is_frozen(account: Account, cases: Sequence[Case]) -> bool:
    """Whether somebody said "it was not me": then nothing is destroyed before an approver has looked."""
    return bool(account.frozen) or any(case.state == "frozen" for case in cases)


def _is_proven(case: Case) -> bool:
    return any(one.kind in PROVEN for one in case.evidence)
