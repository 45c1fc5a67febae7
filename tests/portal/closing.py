"""Customers of a service whose accounts can be closed, and ways to sign them in."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from handlers import cases, information, passwords, signed
from handlers.closing import closures
from handlers.closing.closures import Consents
from handlers.model.account import Account
from handlers.model.case import Case
from handlers.model.outbox import Letter
from handlers.model.session import Session, Stage
from handlers.model.staff import DESK
from handlers.signed import Purpose
from tests import builders
from tests.builders import GOOD_PASSWORD, MovingClock, make_desk, open_store, shipped_services
from tests.portal.conftest import House

RUNNING = ("Marketplace One", "Cargo Two")
BOTH = Consents(warnings=True, deletion=True)


@asynccontextmanager
async def shipped(folder: Path) -> AsyncIterator[House]:
    """A desk at http://portal.example that answers for the five services."""
    clock = MovingClock()
    async with open_store(folder) as store:
        desk = make_desk(store, services=shipped_services(), portal_url="http://portal.example", clock=clock)
        yield House(desk, clock, store.path)


async def keep(house: House, *documents: Any) -> None:
    """Put documents into the store."""
    async with house.desk.store.transaction() as tx:
        tx.put(*documents)


async def customer(house: House, **changes: Any) -> Account:
    """Jean's account at ConnectProf, with a password and two integrations."""
    fields = {"service": "connectprof", "integrations": RUNNING, "language": "", "address": "jean.durand@mail.example"}
    account = builders.make_account(**fields | changes)
    hash = await passwords.hashed(GOOD_PASSWORD)
    account = replace(account, password_hash=hash, password_changed_at=house.clock())
    await keep(house, account)
    return account


async def signed_in(house: House, account: Account, stage: Stage = "open") -> str:
    """The cookie of a sign-in at that stage."""
    desk, now = house.desk, house.clock()
    token = f"{account.service}.{desk.vault.token().value}"
    session = Session(
        id=desk.vault.name("S", 12),
        queue="sessions",
        due=now + timedelta(minutes=30),
        token=desk.vault.digest("session", token),
        account=account.id,
        service=account.service,
        language="",
        stage=stage,
        credentials=account.credentials,
        begun_at=now,
    )
    await keep(house, session)
    return token


async def closed(house: House) -> Account:
    """The same account, closed."""
    token = await signed_in(house, await customer(house))
    await closures.close(house.desk, token, GOOD_PASSWORD, BOTH)
    account = await house.desk.store.get(Account, "A-DURAND")
    assert account
    return account


async def link_back(house: House) -> str:
    """The raw token of the link that staff send to a closed account's address."""
    account = await closed(house)
    case = builders.make_case("address_on_file", service="connectprof", language="", state="claimed")
    async with house.desk.store.transaction() as tx:
        tx.put(case)
        await closures.offer(tx, house.desk, case, account, DESK)
    letters = [one for one in await house.desk.store.find(Letter) if one.kind == "reactivation"]
    return house.desk.vault.open("letter", letters[0].sealed).value


async def asked(house: House, **changes: Any) -> Case:
    """A case that waits for the account's information."""
    account = await customer(house, **changes)
    case = builders.make_case("address_on_file", service="connectprof", language="", state="new")
    async with house.desk.store.transaction() as tx:
        case = await cases.record(tx, house.desk, replace(case, account=account.id), "case.opened", DESK)
        return await information.ask(tx, house.desk, house.desk.service("connectprof"), case)


def page(house: House, purpose: Purpose, case: Case) -> str:
    """The signed address in a letter about the case."""
    return f"/{purpose}/{signed.token(house.desk.vault, purpose, case.id, house.clock())}"
