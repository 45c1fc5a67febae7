"""Facts become evidence: the accounts a request may be about, looked up and weighed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from handlers.desk import Desk
from handlers.model.account import Account
from handlers.model.evidence import Evidence, EvidenceKind
from handlers.model.service import Service
from handlers.rules.identity import Asked, Match, match
from handlers.store.contract import Transaction

SAID: tuple[EvidenceKind, ...] = ("not_the_owner", "reply_elsewhere")
"""What only the newest request says: nobody can put it on somebody else's case for ever."""

OUTDONE: dict[EvidenceKind, tuple[EvidenceKind, ...]] = {
    "login_known": ("login_unknown",),
    "address_on_file": ("address_named", "address_not_on_file"),
    "address_named": ("address_not_on_file",),
    "login_and_address_agree": ("login_and_address_disagree",),
}
"""What better evidence makes void; never the other way round, or a forged mail could take it off a case."""


async def gather(tx: Transaction, desk: Desk, service: Service, asked: Asked) -> Match:
    """The account of `service` that `asked` is about, if there is exactly one, and what speaks for and against it."""
    by_login = await _found(tx, service, "login_key", asked.logins)
    by_address = await _found(tx, service, "address_key", (asked.sender, *asked.addresses))
    return match(asked, by_login, by_address, desk.now())


def merged(old: Sequence[Evidence], new: Sequence[Evidence]) -> tuple[Evidence, ...]:
    """What is known after one more request about the same account."""
    kinds = [one.kind for one in new]
    stale = {*SAID, *kinds, *(void for kind in kinds for void in OUTDONE.get(kind, ()))}
    return (*(one for one in old if one.kind not in stale), *new)


async def _found(tx: Transaction, service: Service, field: str, keys: Iterable[str]) -> list[Account]:
    return [
        account
        for key in dict.fromkeys(keys)
        if key
        for account in await tx.find(Account, service=service.id, **{field: key})
    ]
