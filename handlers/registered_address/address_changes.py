"""Changes of address that end before, or after, their time: stopped by what else happens to the account, or undone."""

from __future__ import annotations

from msgspec.structs import replace

from handlers import cases
from handlers.desk import Desk
from handlers.model.account import Account
from handlers.model.address_change import AddressChange, ChangeState
from handlers.model.case import Case, State
from handlers.model.grant import Grant
from handlers.model.staff import DESK, Staff
from handlers.rules.address_changes import moved_back
from handlers.rules.addresses import canonical
from handlers.store.contract import Reader, Transaction

PENDING: tuple[ChangeState, ...] = ("proposed", "waiting")
"""Nothing has changed yet."""


async def under_way(reader: Reader, account: str) -> list[AddressChange]:
    """The account's changes that still have something before them: pending, or made and to be undone if need be."""
    found = await reader.find(AddressChange, account=account)
    return [one for one in found if one.state in (*PENDING, "changed")]


async def is_taken(reader: Reader, service: str, account: str, address_key: str) -> bool:
    """Whether the address belongs to another account of the service than this one (O2.19)."""
    found = await reader.find(Account, service=service, address_key=address_key)
    return any(one.id != account for one in found)


async def stop(
    tx: Transaction,
    desk: Desk,
    change: AddressChange,
    by: Staff,
    why: str,
    *,
    event: str = "address.stopped",
    state: ChangeState = "stopped",
) -> Case:
    """End a pending change; what confirms it dies, and its case, if it waited for nothing else, is staff's again."""
    tx.put(replace(change, state=state, due=None, leased_until=None))
    for grant in await tx.find(Grant, account=change.account):
        if (grant.kind, grant.case) == ("address", change.id) and grant.state in ("issued", "opened"):
            tx.put(replace(grant, state="replaced"))
    case = await cases.load(tx, change.id)
    to: State | None = "expired" if case.state == "pending" else None
    return await cases.record(tx, desk, replace(case, proposal=None, deadline=None), event, by, to=to, detail=why)


async def stop_of(tx: Transaction, desk: Desk, case: Case, by: Staff, why: str) -> Case:
    """End the change that this case is about, if it is pending: the case is refused, or taken back."""
    change = await tx.get(AddressChange, case.id)
    return await stop(tx, desk, change, by, why) if change and change.state in PENDING else case


async def stop_outdated(tx: Transaction, desk: Desk, account_id: str) -> None:
    """End the account's pending changes if its credentials have changed since they were proposed."""
    account = await tx.get(Account, account_id)
    for change in await under_way(tx, account_id):
        if change.state in PENDING and (account is None or account.credentials != change.credentials):
            await stop(tx, desk, change, DESK, "password, address or second factor changed meanwhile")


async def give_up(tx: Transaction, desk: Desk, account_id: str, by: Staff) -> None:
    """Somebody said that it was not them: what is pending ends, and what can still be undone is undone (T30)."""
    for change in await under_way(tx, account_id):
        if change.state in PENDING:
            await stop(tx, desk, change, by, "somebody said that it was not them")
        elif change.due and desk.now() < change.due:
            await _undo(tx, desk, change, by)


async def _undo(tx: Transaction, desk: Desk, change: AddressChange, by: Staff) -> None:
    """Put the old address back, unless it is another account's by now, or the account's was changed once more."""
    account, case = await tx.get(Account, change.account), await cases.load(tx, change.id)
    ours = account is not None and account.address_key == change.new_key
    if account is None or not ours or await is_taken(tx, change.service, account.id, canonical(change.old)):
        tx.put(replace(change, state="final", due=None, leased_until=None))
        await cases.record(tx, desk, case, "address.final", by, detail="the old address cannot be put back")
        return
    tx.put(moved_back(account, change.old, desk.now()), replace(change, state="undone", due=None, leased_until=None))
    await cases.record(tx, desk, case, "address.undone", by)
