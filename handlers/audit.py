"""The audit trail: every change of state writes one entry, chained to the one before by a keyed digest."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from datetime import datetime

import msgspec

from handlers import limits
from handlers.desk import Desk
from handlers.model.account import Account
from handlers.model.audit import EVENTS, STEPS, AuditEntry, AuditHead
from handlers.model.case import Case
from handlers.model.staff import CUSTOMER, DESK, Staff
from handlers.store.contract import Reader, Transaction
from handlers.vault import Vault

HEAD = "head"


async def add(
    tx: Transaction,
    desk: Desk,
    event: str,
    by: Staff,
    *,
    case: Case | None = None,
    account: str = "",
    service: str = "",
    detail: str = "",
    at: datetime | None = None,
) -> AuditEntry:
    """Write one entry, of now or of `at`; `event` is one of EVENTS, `detail` has no secret and no customer's words."""
    if event not in EVENTS:
        raise ValueError(f"{event} is not among the audit trail's events.")
    head = await tx.get(AuditHead, HEAD)
    count = head.count + 1 if head else 1
    entry = AuditEntry(
        id=f"{count:012}",
        event=event,
        at=at or desk.now(),
        by=by.id,
        name=by.name,
        case=case.id if case else "",
        account=account or (case.account or "" if case else ""),
        service=service or (case.service if case else ""),
        detail=detail,
        key=desk.vault.key,
        before=head.last if head else "",
        digest="",
    )
    entry = msgspec.structs.replace(entry, digest=desk.vault.digest("audit", _content(entry)))
    tx.put(
        entry, _sealed(desk.vault, AuditHead(id=HEAD, count=count, last=entry.digest, key=desk.vault.key, digest=""))
    )
    return entry


async def of_account(
    tx: Transaction, desk: Desk, event: str, account: Account, by: Staff = CUSTOMER, *, detail: str = ""
) -> None:
    """Write an entry about an account alone; most are what its owner did there."""
    await add(tx, desk, event, by, account=account.id, service=account.service, detail=detail)


async def note(tx: Transaction, desk: Desk, event: str, *, service: str = "", account: str = "", detail: str) -> None:
    """Write an entry that strangers can cause at will, at most once an hour for the same event, subject and detail."""
    about = f"{service} {account}" if account else service
    if await limits.within(tx, desk, limits.IGNORED, f"{event} {about} {detail}"):
        await add(tx, desk, event, DESK, service=service, account=account, detail=detail)


async def newest(reader: Reader) -> AsyncIterator[AuditEntry]:
    """The entries from the last one back; whoever reads them stops where they have seen enough."""
    head = await reader.get(AuditHead, HEAD)
    for number in range(head.count if head else 0, 0, -1):
        entry = await reader.get(AuditEntry, f"{number:012}")
        if entry:
            yield entry


async def begin(desk: Desk) -> None:
    """Write the first entry, if there is none: from then on an empty trail is a fault."""
    async with desk.store.transaction() as tx:
        if await tx.get(AuditHead, HEAD) is None:
            await add(tx, desk, "trail.begun", DESK)


async def faults(reader: Reader, vault: Vault) -> list[str]:
    """What is wrong with the trail, one sentence each; an empty list means that every entry is as it was written.

    A trail that was cut at an older end is told by the cases: each step of a case's history has its entry, and each
    entry of that kind its step.
    """
    entries, head = await reader.find(AuditEntry), await reader.get(AuditHead, HEAD)
    found = _chain_faults(entries, vault)
    if head is None:
        found.append("The trail's end mark is missing.")
    elif not vault.matches("audit head", _content(head), head.digest, head.key):
        found.append("The trail's end mark was changed.")
    elif head.count != len(entries) or (entries and head.last != entries[-1].digest):
        found.append(f"The trail should end with entry {head.count}, and has {len(entries)} entries.")
    return [*found, *_history_faults(entries, await reader.find(Case))]


def _history_faults(entries: Sequence[AuditEntry], cases: Sequence[Case]) -> list[str]:
    written: dict[str, list[tuple[object, ...]]] = defaultdict(list)
    for one in entries:
        if one.event in STEPS:
            written[one.case].append((one.event, one.by, one.name, one.at, one.detail))
    shown = {
        case.id: [(step.event, step.by, step.name, step.at, step.detail) for step in case.history] for case in cases
    }
    differ = [id for id in sorted({*written, *shown}) if written.get(id, []) != shown.get(id, [])]
    return [f"The history of case {id} is not what the trail says." for id in differ]


def _chain_faults(entries: Sequence[AuditEntry], vault: Vault) -> list[str]:
    found: list[str] = []
    before = ""
    for number, entry in enumerate(entries, 1):
        if entry.id != f"{number:012}":
            return [*found, f"Entry {number} is missing."]
        if entry.before != before:
            found.append(f"Entry {number} does not follow the one before it.")
        if not vault.knows(entry.key):
            found.append(f"Entry {number} was signed with key {entry.key}, which is not in DESK_KEYS.")
        elif not vault.matches("audit", _content(entry), entry.digest, entry.key):
            found.append(f"Entry {number} was changed.")
        before = entry.digest
    return found


def _sealed(vault: Vault, head: AuditHead) -> AuditHead:
    return msgspec.structs.replace(head, digest=vault.digest("audit head", _content(head)))


def _content(value: AuditEntry | AuditHead) -> str:
    return msgspec.json.encode(msgspec.structs.replace(value, digest="")).decode()
