"""Facts become evidence: the accounts a request may be about, looked up and weighed."""

from __future__ import annotations

from collections.abc import Iterable

from handlers.desk import Desk
from handlers.model.account import Account
from handlers.model.service import Service
from handlers.rules.identity import Asked, Match, match
from handlers.store.contract import Transaction


async def gather(tx: Transaction, desk: Desk, service: Service, asked: Asked) -> Match:
    """The account of `service` that `asked` is about, if there is exactly one, and what speaks for and against it."""
    by_login = await _found(tx, service, "login_key", asked.logins)
    by_address = await _found(tx, service, "address_key", (asked.sender, *asked.addresses))
    return match(asked, by_login, by_address, desk.now())


async def _found(tx: Transaction, service: Service, field: str, keys: Iterable[str]) -> list[Account]:
    return [
        account
        for key in dict.fromkeys(keys)
        if key
        for account in await tx.find(Account, service=service.id, **{field: key})
    ]
