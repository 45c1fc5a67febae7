"""Temporary passwords: issued, recognised at sign-in, and good for one thing, choosing a new one.

The desk recognises what it drew: the last signs are a keyed check over the others. So a sign-in compares one hash, the
right one, and nobody who guesses uses up the tries of a password that was mailed.
"""

from __future__ import annotations

import re
from datetime import timedelta

import argon2
from msgspec.structs import replace

from handlers import cases, grants, limits, outbox, passwords
from handlers.desk import Desk
from handlers.model.account import Account
from handlers.model.case import Case
from handlers.model.errors import Refused
from handlers.model.grant import Grant
from handlers.model.outbox import Expiry
from handlers.model.service import PasswordPolicy
from handlers.model.staff import CUSTOMER, Staff
from handlers.rules.passwords import trimmed
from handlers.signing_in import sessions
from handlers.store.contract import Transaction
from handlers.vault import Secret

PLAIN = "abcdefghijkmnopqrstuvwxyzACDEFGHJKLMNPQRTUVWXYZ2345679"
"""No 0 and O, no 1, l and I, no S, B and 8: what looks alike is typed alike."""

MARKED = PLAIN + "!?+$"
"""Signs that no mail program takes for markup or makes a link of (ESP.8), never first or last."""

LENGTH = 14
CHECK = 3
MOST_DRAWN = 1000
_NUMBER = re.compile(r"[0-9]{4}")

# Drawn by lot, it needs no slow hash against guessing; and this one is made within a transaction.
_hasher = argon2.PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1)


async def issue(tx: Transaction, desk: Desk, case: Case, account: Account, by: Staff) -> Case:
    """Mail a temporary password to the address on file; what was sent before dies, the old password does not (ESP.15).

    Raises Limited, and Refused when the service's rules leave no room for one.
    """
    await limits.take(tx, desk, limits.of_grants(by), account.id)
    offer = desk.service(case.service).offer
    expires_at = desk.now() + timedelta(minutes=offer.temporary_minutes)
    grant, _ = grants.make(desk, "temporary", case, account, by, expires_at)
    password = draw(desk, account)
    grant = replace(grant, code=_hasher.hash(password.value), tries_allowed=offer.code_tries)
    await grants.keep(tx, desk, grant)
    outbox.letter(
        tx, desk, "temporary_password", case, account.address, language=grant.language, grant=grant, secret=password
    )
    return await cases.record(tx, desk, replace(case, grant=grant.id), "temporary.issued", by, to="issued")


def draw(desk: Desk, account: Account) -> Secret:
    """A password by lot that keeps to the service's own rules, and that mail programs and people copy unharmed."""
    service = desk.service(account.service)
    for _ in range(MOST_DRAWN):
        password = _drawn(desk, account, length(service.password))
        if not (_NUMBER.search(password.value) or passwords.broken_rules(desk, service, account, password.value)):
            return password
    raise Refused(f"{service.name}'s rules for passwords leave no room for a temporary one.")


def length(policy: PasswordPolicy) -> int:
    """How many signs a temporary password has: as few as are safe to draw, within what the service allows."""
    return min(max(LENGTH, policy.min_length), policy.max_length)


async def claimed(tx: Transaction, desk: Desk, account: Account, typed: str) -> Grant | None:
    """The living grant that the typed password may be of, its try counted; nothing is compared yet.

    Marked in a mail, a password is easily copied with a blank beside it, and none has one of its own (ESP.8).
    """
    typed = trimmed(typed)
    if typed[-CHECK:] not in _checks(desk, account, typed[:-CHECK]):
        return None
    for grant in await tx.find(Grant, account=account.id):
        alive = grant.kind == "temporary" and not grants.why_dead(grant, account, desk.now())
        if alive and grant.tries < grant.tries_allowed:
            counted = replace(grant, tries=grant.tries + 1)
            tx.put(counted)
            return counted
    return None


async def use(tx: Transaction, desk: Desk, grant: Grant) -> bool:
    """Use it up for one sign-in; False when somebody else did so a moment before.

    When that sign-in must have ended, its case is looked at again: perhaps no new password was chosen.
    """
    current = await tx.get(Grant, grant.id)
    if current is None or current.state not in grants.LIVE:
        return False
    now = desk.now()
    tx.put(replace(current, state="redeemed", redeemed_at=now))
    tx.put(Expiry(id=current.id, queue="expiries", due=now + sessions.LONGEST))
    case = await cases.load(tx, current.case)
    if case.grant == current.id and case.state in ("issued", "undelivered"):
        await cases.record(tx, desk, case, "temporary.used", CUSTOMER, to="opened")
    return True


def is_unfinished(grant: Grant) -> bool:
    """Whether it is one that was used: a case still waiting for a new password then waits in vain."""
    return grant.kind == "temporary" and grant.state == "redeemed"


def _drawn(desk: Desk, account: Account, length: int) -> Secret:
    middle = length - CHECK - 1
    body = desk.vault.draw(PLAIN, 1).value + desk.vault.draw(MARKED, middle).value
    return Secret(body + _checks(desk, account, body)[0])


def _checks(desk: Desk, account: Account, body: str) -> list[str]:
    """The signs that end a password drawn for this account, by each of the desk's keys, the signing one first."""
    return [_signs(int(digest, 16)) for digest in desk.vault.digests("temporary", f"{account.id} {body}")]


def _signs(number: int) -> str:
    return "".join(PLAIN[number // len(PLAIN) ** place % len(PLAIN)] for place in range(CHECK))
