"""Passwords: the service's rules, the hash, and the change with everything that follows from it."""

from __future__ import annotations

import asyncio

import argon2
from msgspec.structs import replace

from handlers import grants, outbox
from handlers.desk import Desk
from handlers.model.account import Account
from handlers.model.case import Case
from handlers.model.errors import Fault
from handlers.model.service import Service
from handlers.rules import passwords as rules
from handlers.store.contract import Transaction

_hasher = argon2.PasswordHasher()
_at_once = asyncio.Semaphore(2)


def faults(desk: Desk, service: Service, account: Account, password: str) -> tuple[Fault, ...]:
    """Which of the service's rules the password breaks; the customer's own data counts as guessable."""
    personal = (account.login, account.address, account.name, account.company, service.name, *service.aliases)
    return rules.faults(password, service.password, personal, desk.common_passwords)


async def hashed(password: str) -> str:
    """The password's argon2id hash; takes about 0.1 s in a thread, two at a time."""
    async with _at_once:
        return await asyncio.to_thread(_hasher.hash, password)


async def set(tx: Transaction, desk: Desk, account: Account, hash: str, case: Case) -> None:
    """Give the account its new password hash; its living grants die, and a notice goes to the address on file."""
    now, number = desk.now(), account.credentials + 1
    tx.put(replace(account, password_hash=hash, password_changed_at=now, credentials=number))
    await grants.retire(tx, desk, account.id, successor=case.id)
    outbox.letter(tx, desk, "changed", case, account.address, language=account.language or case.language)
