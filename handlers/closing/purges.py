"""The deletion of a closed account: what is destroyed, what may put it off, and the stone that stays (CP.21, CP.26)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from msgspec.structs import replace

from handlers import audit, cases, outbox
from handlers.closing import erasure
from handlers.desk import Desk
from handlers.model.account import Account
from handlers.model.address_change import AddressChange
from handlers.model.case import Case
from handlers.model.checklist import Checklist
from handlers.model.closing import Purge, Tombstone
from handlers.model.document import Document
from handlers.model.grant import Grant
from handlers.model.second_factor import SecondFactor
from handlers.model.session import Device, Session
from handlers.model.staff import DESK
from handlers.rules.closing import HELD, holding, is_frozen
from handlers.rules.origins import may_answer, requester_keys
from handlers.rules.retention import emptied
from handlers.rules.states import is_over
from handlers.store.contract import Reader, Transaction

LOOK_AGAIN = timedelta(hours=1)
"""How often it is seen whether what puts a deletion off is gone."""

OF_ACCOUNT: tuple[type[Grant | Session | Device | Checklist | AddressChange], ...] = (
    Grant,
    Session,
    Device,
    Checklist,
    AddressChange,
)
"""What is found by its account, and goes with it."""


async def purge(desk: Desk, work: Purge) -> None:
    """Delete the closed account and all that is personal about it, unless it was reopened or that has to wait."""
    async with desk.store.transaction() as tx:
        account = await tx.get(Account, work.id)
        if account is None or account.closed_at is None or await tx.get(Purge, work.id) is None:
            tx.delete(Purge, work.id)
            return
        mine = await tx.find(Case, account=account.id)
        due = await _put_off(tx, desk, account, mine)
        if due:
            tx.put(Purge(id=account.id, queue="purges", due=due))
            return
        blobs = await _destroy(tx, desk, account, mine)
    for blob in blobs:  # a crash here leaves files without a key, which are swept away with the orphans
        await desk.blobs.delete(blob)


async def tombstones(
    reader: Reader, desk: Desk, service: str, *, login: str = "", address: str = ""
) -> list[Tombstone]:
    """The stones of deleted accounts of the service that had this login, or this address, in comparison form."""
    field, key = ("login", login) if login else ("address", address)
    digests = desk.vault.digests(f"tombstone {field}", f"{service} {key}") if key else []
    return [stone for digest in digests for stone in await reader.find(Tombstone, **{field: digest})]


async def stones_of(desk: Desk, *, login: str = "", address: str = "") -> list[Tombstone]:
    """The stones of that login or that address, at every service."""
    wanted = [{"login": login}] * bool(login) + [{"address": address}] * bool(address)
    found = [await tombstones(desk.store, desk, id, **by) for id in desk.services for by in wanted]
    return list({stone.id: stone for stones in found for stone in stones}.values())


async def _put_off(tx: Transaction, desk: Desk, account: Account, mine: list[Case]) -> datetime | None:
    """When to look again, while the deletion has to wait; None when nothing is in its way."""
    now, until = desk.now(), account.reopens_until
    if is_frozen(account, mine):
        # Whoever froze it may be its owner, shut out by a thief: once that is lifted, there is a week to come back.
        tx.put(replace(account, reopens_until=max(until or now, now + HELD)))
        return now + LOOK_AGAIN
    if until and now < until:
        return until
    held = holding(account, mine, now)
    for case in held:
        await _say_once(tx, desk, case, account)
    return min(now + LOOK_AGAIN, until + HELD) if held and until else None


async def _say_once(tx: Transaction, desk: Desk, case: Case, account: Account) -> None:
    if account.reopens_until and not any(step.event == "purge.held" for step in case.history):
        until = f"until {account.reopens_until + HELD:%Y-%m-%d %H:%M} UTC at the latest"
        await cases.record(tx, desk, case, "purge.held", DESK, detail=until)


async def _destroy(tx: Transaction, desk: Desk, account: Account, mine: list[Case]) -> list[str]:
    """In one go; what stays is the stone and the empty cases. Returns the blobs that are to be deleted then."""
    await erasure.drop_letters(tx, account=account.id)
    written = [*mine, *await _unmatched(tx, account)]
    blobs = [blob for case in written for blob in await erasure.drop_papers(tx, case)]
    told = [letter for case in written for letter in await _empty(tx, desk, case)]
    for kind in OF_ACCOUNT:
        _delete(tx, await tx.find(kind, account=account.id))
    tx.delete(SecondFactor, account.id)
    tx.delete(Purge, account.id)
    tx.delete(Account, account.id)
    tx.put(_stone(desk, account))
    await audit.of_account(tx, desk, "account.purged", account, DESK, detail=f"{len(mine)} cases")
    last = outbox.letter(tx, desk, "purged", account, account.address, language=account.language)
    await erasure.sweep_later(tx, desk, letters=(*told, last.id))
    return blobs


async def _unmatched(tx: Transaction, account: Account) -> list[Case]:
    """The cases of the account's address that no account was found for, unless somebody else there has that address."""
    same = await tx.find(Account, service=account.service, address_key=account.address_key)
    if len(same) > 1:
        return []
    keys = requester_keys(account.address)
    written = [case for key in keys for case in await tx.find(Case, service=account.service, requester_key=key)]
    return [case for case in written if case.account is None]


async def _empty(tx: Transaction, desk: Desk, case: Case) -> list[str]:
    """Nothing personal stays in the case; one that is open is settled, and its writer told. The ids of its letters."""
    await erasure.drop_letters(tx, case=case.id)
    await erasure.drop_mails(tx, case.id)
    if is_over(case.state):
        await cases.record(tx, desk, emptied(case), "case.forgotten", DESK)
        return []
    settled = replace(emptied(case), reason="account_purged")
    settled = await cases.record(tx, desk, settled, "case.settled", DESK, to="refused", detail="account_purged")
    if case.source != "mail" or not may_answer(case.origin):
        return []
    return [outbox.letter(tx, desk, "refused", settled, case.requester, language=case.language).id]


def _delete(tx: Transaction, documents: Iterable[Document]) -> None:
    for one in documents:
        tx.delete(type(one), one.id)


def _stone(desk: Desk, account: Account) -> Tombstone:
    now = desk.now()
    return Tombstone(
        id=account.id,
        service=account.service,
        login=desk.vault.digest("tombstone login", f"{account.service} {account.login_key}"),
        address=desk.vault.digest("tombstone address", f"{account.service} {account.address_key}"),
        closed_at=account.closed_at or now,
        purged_at=now,
    )
