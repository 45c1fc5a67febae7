"""A change of address to test with: people, a desk whose services differ, and ways to the mail that each step sends."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from handlers import decide, signed
from handlers.model.account import Account
from handlers.model.address_change import AddressChange
from handlers.model.case import Case
from handlers.model.outbox import Letter, LetterKind
from handlers.model.staff import Staff
from handlers.registered_address import addresses
from tests.builders import ADDRESS, AYSE, DeskUnderTest, make_account, make_case

CASE = "R-7F3K2M"
NEW = "marie@neuf.example"
CEM = Staff(id="U0CEM", name="Cem", roles=frozenset({"agent", "approver"}))
DIDIER = Staff(id="U0DIDIER", name="Didier", roles=frozenset({"agent", "approver"}))


def make_host_account(**changes: Any) -> Account:
    """Marie Durand's account at the service that wants two approvals and 72 hours."""
    return make_account(**{"service": "o2switch", "password_hash": "$argon2id$old"} | changes)


def make_host_case(**changes: Any) -> Case:
    """Marie Durand has lost her mailbox, and her documents were accepted."""
    fields = {"service": "o2switch", "asked": "address_change", "new_address": NEW, "requester": NEW}
    return make_case("documents_accepted", **fields | {"requester_key": NEW} | changes)


async def act(house: DeskUnderTest, action: Any, by: Staff, case: str = CASE) -> Case:
    """One click on the newest card."""
    return await decide.act(house.desk, case, action, by, None)


def stop_token(house: DeskUnderTest, subject: str = CASE) -> str:
    """The stop link's token in a letter that is written now."""
    return signed.token(house.desk.vault, "stop", subject, house.clock())


async def proposed(house: DeskUnderTest, account: Account | None = None, case: Case | None = None) -> Case:
    """Ayşe proposes the change."""
    await house.keep(account or make_host_account(), case or make_host_case())
    return await act(house, "change_address", AYSE)


async def confirm(house: DeskUnderTest, case: str = CASE) -> None:
    """The new address confirms, with what was mailed to it."""
    token, digits = await mailed(house, case)
    await addresses.confirm(house.desk, token, digits)


async def agree(house: DeskUnderTest, case: str = CASE) -> Case:
    """Two others approve."""
    await act(house, "approve", CEM, case)
    return await act(house, "approve", DIDIER, case)


async def waiting(house: DeskUnderTest, account: Account | None = None) -> AddressChange:
    """Confirmed and agreed to: the old address has its time to object."""
    await proposed(house, account)
    await confirm(house)
    await agree(house)
    return await change(house)


async def changed(house: DeskUnderTest) -> AddressChange:
    """The change was made, at the minute."""
    await waiting(house)
    house.clock.advance(hours=72)
    await due(house)
    return await change(house)


async def due(house: DeskUnderTest) -> int:
    """Do what falls due now, as the timers do; returns how many pieces that were."""
    pieces = await house.desk.store.claim(AddressChange, addresses.QUEUE, house.clock(), timedelta(seconds=60), 20)
    for piece in pieces:
        await addresses.fall_due(house.desk, piece)
    return len(pieces)


async def mailed(house: DeskUnderTest, case: str = CASE) -> tuple[str, str]:
    """Token and digits of the newest letter that asks for a confirmation."""
    found = [one for one in await letters(house, "confirm_address") if one.case == case]
    newest = max(found, key=lambda one: one.written_at)
    token, digits = house.desk.vault.open("letter", newest.sealed).value.split(" ")
    return token, digits


async def letters(house: DeskUnderTest, *kinds: LetterKind) -> list[Letter]:
    """The letters of these kinds that wait to be sent."""
    return [one for one in await house.desk.store.find(Letter) if one.kind in kinds]


async def told(house: DeskUnderTest, kind: LetterKind) -> list[str]:
    """Who gets letters of that kind."""
    return sorted(one.to for one in await letters(house, kind))


async def change(house: DeskUnderTest, case: str = CASE) -> AddressChange:
    found = await house.desk.store.get(AddressChange, case)
    assert found
    return found


async def case_of(house: DeskUnderTest, id: str = CASE) -> Case:
    found = await house.desk.store.get(Case, id)
    assert found
    return found


async def account_of(house: DeskUnderTest, id: str = "A-DURAND") -> Account:
    found = await house.desk.store.get(Account, id)
    assert found
    return found


OLD = ADDRESS
