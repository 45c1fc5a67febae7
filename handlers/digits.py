"""Digits that a grant's holder types: drawn, tried, drawn again; what codes and confirmations of an address share."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import NoReturn

from msgspec.structs import replace

from handlers import cases, grants, limits
from handlers.desk import Desk
from handlers.model.case import Case
from handlers.model.errors import Limited, Spent, WrongCode
from handlers.model.grant import Grant, GrantKind
from handlers.model.staff import CUSTOMER
from handlers.store.contract import Transaction
from handlers.vault import Secret

GivenUp = Callable[[Transaction, Desk, Case], Awaitable[object]]
"""Tells the case that the last try was wrong."""


def draw(desk: Desk, grant: Grant) -> tuple[Grant, Secret]:
    """The grant with new digits, as many as its service wants, and the digits, which the store never sees."""
    digits = desk.vault.code(desk.service(grant.service).offer.code_digits)
    return replace(grant, code=desk.vault.digest(_purpose(grant.kind), _bound(grant, digits.value))), digits


async def count_try(desk: Desk, kind: GrantKind, token: str) -> Grant:
    """Count a try before anything is compared, durably (T10). Raises Spent, Limited."""
    async with desk.store.transaction() as tx:
        grant, account = await grants.find(tx, desk, kind, token)
        if grant.tries >= grant.tries_allowed:
            raise Spent("too_many_tries", grant.service, grant.language)
        # Who guesses at a new address, perhaps a thief's, uses up nothing of what the owner may type.
        await limits.take(tx, desk, limits.TRIES_PER_ACCOUNT, account.id if kind == "code" else f"{kind} {account.id}")
        grant = replace(grant, tries=grant.tries + 1)
        tx.put(grant)
    return grant


def are_right(desk: Desk, tried: Grant, typed: str) -> bool:
    """Whether these are the grant's digits, in the same time either way."""
    return desk.vault.matches(_purpose(tried.kind), _bound(tried, typed), tried.code)


async def wrong(desk: Desk, tried: Grant, given_up: GivenUp) -> NoReturn:
    """Say so on the case; the last try kills the grant. Raises WrongCode, or Spent after the last try."""
    left = tried.tries_allowed - tried.tries
    async with desk.store.transaction() as tx:
        case = await cases.load(tx, tried.case)
        current = await tx.get(Grant, tried.id)
        if left <= 0 and current and current.state in grants.LIVE and current.code == tried.code:
            tx.put(replace(current, state="dead"))
            await given_up(tx, desk, case)
        else:
            await cases.record(tx, desk, case, "code.wrong", CUSTOMER, detail=f"{left} tries left")
    if left <= 0:
        raise Spent("too_many_tries", tried.service, tried.language)
    raise WrongCode(left)


def require_resend(grant: Grant, now: datetime, pause: timedelta) -> None:
    """Raise Limited when other digits were asked for too soon, or too often."""
    if grant.resends >= grant.resends_allowed:
        raise Limited("No more codes can be sent for this request.", (grant.expires_at - now).total_seconds())
    wait = (grant.issued_at + pause - now).total_seconds()
    if wait > 0:
        raise Limited("A code was sent a moment ago.", wait)


def _purpose(kind: GrantKind) -> str:
    return f"{kind} digits"


def _bound(grant: Grant, digits: str) -> str:
    return f"{grant.id} {digits}"
