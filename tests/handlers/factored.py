"""A customer with a second factor, for tests: signing in, the codes of the app, what came by mail."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyotp

from handlers import passwords
from handlers.factors import factor_checks, second_factor, totp
from handlers.factors.second_factor import Enrolment, SwitchedOn
from handlers.model.account import Account
from handlers.model.audit import AuditEntry
from handlers.model.outbox import Letter, LetterKind
from handlers.signing_in import sign_in
from handlers.signing_in.sessions import Onward
from handlers.signing_in.sign_in import Visitor
from tests.builders import GOOD_PASSWORD, NOW, DeskUnderTest, make_account, open_desk

LOGIN = "durand42"


async def make_customer(**changes: Any) -> Account:
    """Marie Durand's account at ConnectProf, with a password that she has had for a month."""
    fields: dict[str, Any] = {
        "service": "connectprof",
        "login": LOGIN,
        "language": "en",
        "password_hash": await passwords.hashed(GOOD_PASSWORD),
        "password_changed_at": NOW - timedelta(days=30),
    }
    return make_account(**fields | changes)


async def signed_in(house: DeskUnderTest, password: str = GOOD_PASSWORD, service: str = "connectprof") -> Onward:
    """As far as the password leads."""
    return await sign_in.begin(house.desk, service, LOGIN, password, Visitor(language="en"))


async def session(house: DeskUnderTest) -> str:
    """The cookie of somebody whom the password alone lets in."""
    onward = await signed_in(house)
    assert onward.stage == "open"
    return onward.session.value


async def begun(house: DeskUnderTest, token: str, method: str = "totp") -> Enrolment:
    """The enrolment page's facts after the method was begun."""
    await second_factor.enrol(house.desk, token, method, GOOD_PASSWORD)
    enrolment = await second_factor.enrolment(house.desk, token)
    assert enrolment
    return enrolment


async def switched_on(house: DeskUnderTest) -> tuple[pyotp.TOTP, SwitchedOn]:
    """An app that is linked to the account, and what the customer got for it."""
    token = await session(house)
    app = pyotp.TOTP((await begun(house, token)).key.value)
    done = await second_factor.activate(house.desk, token, "", code(house, app))
    assert done
    return app, done


def code(house: DeskUnderTest, app: pyotp.TOTP, seconds: float = 0) -> str:
    """What the app shows, or showed so many seconds ago (negative), by the desk's clock."""
    return app.at(house.clock.now + timedelta(seconds=seconds))


async def factor_asked(house: DeskUnderTest) -> str:
    """The cookie of a sign-in that waits for the second factor."""
    onward = await signed_in(house)
    assert onward.stage == "factor"
    return onward.session.value


async def proves(house: DeskUnderTest, typed: str) -> bool:
    """Whether a sign-in with the password goes on with what was typed."""
    return await factor_checks.prove(house.desk, await factor_asked(house), "", typed) is not None


async def account_of(house: DeskUnderTest) -> Account:
    """The account as it is now."""
    account = await house.desk.store.get(Account, "A-DURAND")
    assert account
    return account


async def letters(house: DeskUnderTest, kind: LetterKind) -> list[Letter]:
    """The letters of that kind, oldest first."""
    found = [one for one in await house.desk.store.find(Letter) if one.kind == kind]
    return sorted(found, key=lambda one: one.written_at)


async def mailed(house: DeskUnderTest, kind: LetterKind = "second_factor_code") -> str:
    """The secret in the newest letter of that kind."""
    return house.desk.vault.open("letter", (await letters(house, kind))[-1].sealed).value


async def told(house: DeskUnderTest) -> list[str]:
    """What the notices about the second factor said, oldest first."""
    return [one.detail for one in await letters(house, "second_factor_changed")]


async def events(house: DeskUnderTest, event: str) -> list[AuditEntry]:
    """The trail's entries of that name."""
    return [one for one in await house.desk.store.find(AuditEntry) if one.event == event]


def on_disk(folder: Path) -> str:
    """Everything the store wrote."""
    return b"".join(file.read_bytes() for file in folder.iterdir() if file.is_file()).decode()


def wrong(digits: str) -> str:
    """Other digits of the same length."""
    return f"{(int(digits) + 1) % 10 ** len(digits):0{len(digits)}}"


@asynccontextmanager
async def open_customers_desk(folder: Path) -> AsyncIterator[DeskUnderTest]:
    """The five services' desk at the start of a time step, with Marie Durand's account at ConnectProf."""
    async with open_desk(folder) as house:
        assert house.clock.now.timestamp() % totp.PERIOD == 0
        await house.keep(await make_customer())
        yield house
