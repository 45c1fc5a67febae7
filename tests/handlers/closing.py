"""A closed account in a house of five services: who closes it, how time passes, what lies on disk."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from handlers import passwords
from handlers.closing.closures import Consents
from handlers.model.account import Account
from handlers.model.closing import Purge, Sweep
from handlers.model.outbox import Letter, LetterKind
from handlers.model.session import Session, Stage
from tests.builders import GOOD_PASSWORD, DeskUnderTest, make_account

BOTH = Consents(warnings=True, deletion=True)
RUNNING = ("Marketplace One", "Cargo Two")
FULL: dict[str, Any] = {
    "id": "A-ARDA",
    "service": "connectprof",
    "login": "arda.yilmaz.77",
    "address": "arda.yilmaz@mail.example",
    "name": "Arda Yılmaz",
    "company": "Yılmaz Ticaret",
    "country": "Türkiye",
    "city": "İzmir",
    "phone": "+90 232 000 00 00",
    "language": "tr",
    "integrations": RUNNING,
}


async def keep_arda(house: DeskUnderTest, **changes: Any) -> Account:
    """A customer whose account can be closed, with a password, and one particular short of complete: the birthday."""
    account = make_account(**FULL | changes)
    account = replace(account, password_hash=await passwords.hashed(GOOD_PASSWORD), password_changed_at=house.clock.now)
    await house.keep(account)
    return account


async def signed_in(house: DeskUnderTest, account: Account, stage: Stage = "open") -> str:
    """The cookie of a sign-in at that stage."""
    now, desk = house.clock.now, house.desk
    token = f"{account.service}.{desk.vault.token().value}"
    await house.keep(
        Session(
            id=desk.vault.name("S", 12),
            queue="sessions",
            due=now + timedelta(minutes=30),
            token=desk.vault.digest("session", token),
            account=account.id,
            service=account.service,
            language="en",
            stage=stage,
            credentials=account.credentials,
            begun_at=now,
        )
    )
    return token


async def arda(house: DeskUnderTest) -> Account:
    """The account as it is now."""
    account = await house.desk.store.get(Account, "A-ARDA")
    assert account
    return account


async def letters(house: DeskUnderTest, kind: LetterKind) -> list[Letter]:
    """The letters of that kind in the outbox."""
    return [one for one in await house.desk.store.find(Letter) if one.kind == kind]


async def purge_of(house: DeskUnderTest) -> Purge:
    """The deletion that waits."""
    work = await house.desk.store.get(Purge, "A-ARDA")
    assert work
    return work


async def sweep_of(house: DeskUnderTest) -> Sweep | None:
    """The cleaning of the store's files that waits, claimed as its worker does."""
    found = await house.desk.store.claim(Sweep, "sweeps", house.clock.now + timedelta(days=9), timedelta(minutes=1))
    return next(iter(found), None)


def on_disk(folder: Path) -> bytes:
    """Every byte of every file of the data folder."""
    return b"".join(file.read_bytes() for file in sorted(folder.rglob("*")) if file.is_file())
