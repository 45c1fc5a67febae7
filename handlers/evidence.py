"""Facts become evidence: the accounts a request may be about, looked up and weighed."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from handlers.closing.purges import tombstones
from handlers.desk import Desk
from handlers.model.account import Account
from handlers.model.evidence import Evidence
from handlers.model.service import Service
from handlers.rules.identity import Asked, Match, fact, match
from handlers.store.contract import Transaction


async def gather(tx: Transaction, desk: Desk, service: Service, asked: Asked) -> Match:
    """The account of `service` that `asked` is about, if there is exactly one, and what speaks for and against it."""
    by_login = await _found(tx, service, "login_key", asked.logins)
    by_address = await _found(tx, service, "address_key", (asked.sender, *asked.addresses))
    found = match(asked, by_login, by_address, desk.now())
    return replace(found, evidence=(*found.evidence, *await _deleted(tx, desk, service, asked, found.account)))


async def _deleted(
    tx: Transaction, desk: Desk, service: Service, asked: Asked, account: Account | None
) -> list[Evidence]:
    """That an account with these particulars was deleted, and when; beside a living one only if it bore its login."""
    logins = [await tombstones(tx, desk, service.id, login=login) for login in asked.logins]
    addresses = (asked.sender, *asked.addresses) if account is None else ()
    stones = [*logins, *[await tombstones(tx, desk, service.id, address=one) for one in addresses]]
    latest = max((stone.purged_at for found in stones for stone in found), default=None)
    return [fact("account_purged", "record", latest)] if latest else []


async def _found(tx: Transaction, service: Service, field: str, keys: Iterable[str]) -> list[Account]:
    return [
        account
        for key in dict.fromkeys(keys)
        if key
        for account in await tx.find(Account, service=service.id, **{field: key})
    ]
