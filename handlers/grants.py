"""What links and codes have in common: how a grant is found, when it is alive, and how it dies."""

from __future__ import annotations

from datetime import datetime

from msgspec.structs import replace

from handlers import cases
from handlers.desk import Desk
from handlers.model.account import Account
from handlers.model.case import Case
from handlers.model.errors import Spent
from handlers.model.grant import Grant, GrantKind
from handlers.model.outbox import Expiry
from handlers.model.staff import DESK, Staff
from handlers.registered_address import address_changes
from handlers.rules.states import may_move
from handlers.store.contract import Reader, Transaction
from handlers.vault import Secret

LIVE = ("issued", "opened")


async def find(reader: Reader, desk: Desk, kind: GrantKind, token: str) -> tuple[Grant, Account]:
    """The living grant that `token` belongs to, and its account; raises Spent with the reason when there is none."""
    for digest in desk.vault.digests(kind, token):
        for grant in await reader.find(Grant, token=digest):
            account = await reader.get(Account, grant.account)
            if account is None:
                raise Spent("unknown")
            require_alive(grant, account, desk.now())
            return grant, account
    raise Spent("unknown")


def require_alive(grant: Grant, account: Account, now: datetime) -> None:
    """Raise Spent if the grant was used, replaced, outlived, or issued before the account's credentials changed."""
    reason = why_dead(grant, account, now)
    if reason:
        raise Spent(reason, grant.service, grant.language)


def why_dead(grant: Grant, account: Account | None, now: datetime) -> str:
    """Why it is of no use: `used`, `frozen`, `withdrawn`, `replaced`, `expired`, `too_many_tries`; empty if alive."""
    if grant.state == "redeemed":
        return "used"
    if account and account.frozen:
        return "frozen"
    if grant.state == "withdrawn":
        return "withdrawn"
    if grant.state == "replaced" or account is None or grant.credentials != account.credentials:
        return "replaced"
    if grant.state == "dead":
        return "too_many_tries"
    return "expired" if now >= grant.expires_at else ""


def make(
    desk: Desk, kind: GrantKind, case: Case, account: Account, by: Staff, expires_at: datetime
) -> tuple[Grant, Secret]:
    """A new grant that lives until `expires_at` (UTC), not kept yet, and its raw token, which the store never sees."""
    token = desk.vault.token()
    grant = Grant(
        id=desk.vault.name("G", 12),
        kind=kind,
        service=case.service,
        account=account.id,
        case=case.id,
        token=desk.vault.digest(kind, token.value),
        credentials=account.credentials,
        by=by.id,
        issued_at=desk.now(),
        expires_at=expires_at,
        language=account.language or case.language,
    )
    return grant, token


async def keep(tx: Transaction, desk: Desk, grant: Grant) -> None:
    """Keep a new grant, let the older ones of its account die, and have its case told when it falls due."""
    await retire(tx, desk, grant.account, successor=grant.case)
    tx.put(grant, Expiry(id=grant.id, queue="expiries", due=grant.expires_at))


async def retire(tx: Transaction, desk: Desk, account: str, successor: str) -> None:
    """Let every living grant of the account die; other cases than `successor` that waited for one are told.

    What confirms a new address gives no access, and so makes way for no link or code: it ends with its change, which
    ends here when the account's credentials have changed.
    """
    for grant in await tx.find(Grant, account=account):
        if grant.state in LIVE and grant.kind != "address":
            tx.put(replace(grant, state="replaced"))
            if grant.case != successor:
                await _tell(tx, desk, grant)
    await address_changes.stop_outdated(tx, desk, account)


async def _tell(tx: Transaction, desk: Desk, grant: Grant) -> None:
    case = await cases.load(tx, grant.case)
    if case.grant == grant.id and may_move(case.state, "expired"):
        await cases.record(tx, desk, case, "grant.replaced", DESK, to="expired")
