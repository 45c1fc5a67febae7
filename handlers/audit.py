"""The audit trail: every change of state writes one entry, chained to the one before by a keyed digest."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from handlers.desk import Desk
from handlers.model.audit import EVENTS, AuditEntry, AuditHead
from handlers.model.case import Case
from handlers.model.staff import Staff
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
) -> AuditEntry:
    """Write one entry; `event` is one of EVENTS, `detail` holds no secret and no customer's words."""
    if event not in EVENTS:
        raise ValueError(f"{event} is not among the audit trail's events.")
    head = await tx.get(AuditHead, HEAD)
    count = head.count + 1 if head else 1
    entry = AuditEntry(
        id=f"{count:012}",
        event=event,
        at=desk.now(),
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


async def faults(reader: Reader, vault: Vault) -> list[str]:
    """What is wrong with the trail, one sentence each; an empty list means that every entry is as it was written."""
    entries, head = await reader.find(AuditEntry), await reader.get(AuditHead, HEAD)
    found = _chain_faults(entries, vault)
    if head is None:
        return [*found, "The trail's end mark is missing."] if entries else found
    if not vault.matches("audit head", _content(head), head.digest, head.key):
        found.append("The trail's end mark was changed.")
    if head.count != len(entries) or (entries and head.last != entries[-1].digest):
        found.append(f"The trail should end with entry {head.count}, and has {len(entries)} entries.")
    return found


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
