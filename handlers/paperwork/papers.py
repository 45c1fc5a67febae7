"""The files of a dossier: opened, scanned and encrypted before they are kept, destroyed when the case is decided.

Their bytes never enter the store; a file that two customers send is recognised by its keyed fingerprint (T22), which
stays when the bytes are gone (T36).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import timedelta

from msgspec.structs import replace

from handlers import cases, outbox
from handlers.closing import erasure
from handlers.desk import Desk
from handlers.files.inspection import Allowance, Unreadable
from handlers.model.case import Case, Way
from handlers.model.document import Value
from handlers.model.paper import Filed, FileProblem, Keeping, Paper, Scan
from handlers.model.service import PieceName
from handlers.model.staff import DESK
from handlers.rules.documents import KEPT_DAYS
from handlers.rules.files import FILES, safe_name
from handlers.rules.identity import fact, joined
from handlers.store.contract import Transaction

QUEUE = "keepings"
FINGERPRINT = "document"
MOST_PAPERS = 30
"""Files of one case; more than that is no dossier."""

MOST_MAILED = 20
"""Files of one case that may come by mail: forged mails leave room for what the customer sends on the page (T33)."""

SETTLING = timedelta(hours=1)
"""A file lies on disk before its record is committed; whatever has none after an hour belongs to nobody."""


class File(Value, frozen=True, kw_only=True):
    """A file as it came: the name the sender gave it, and on the portal which piece it is and that it was declared."""

    name: str
    content: bytes
    piece: PieceName | None = None
    declared: bool = False


class Prepared(Value, frozen=True, kw_only=True):
    """A file that was looked at: encrypted on disk, or not kept because of `problem`.

    `fingerprints` are its digests under every key, the signing one first.
    """

    name: str
    piece: PieceName | None
    declared: bool
    problem: FileProblem | None = None
    type: str = ""
    bytes: int = 0
    pages: int = 0
    fingerprints: tuple[str, ...] = ()
    blob: str = ""
    sealed_key: str = ""
    scan: Scan = "not_scanned"


class Kept(Value, frozen=True, kw_only=True):
    """What became of files: the case that has them, one line on each, and the files on disk that nobody needs."""

    case: Case
    filed: tuple[Filed, ...]
    new: int
    spare: tuple[str, ...]


async def prepare(desk: Desk, files: Sequence[File], source: Way) -> tuple[Prepared, ...]:
    """Open, scan and encrypt the files, outside of any transaction; the first `FILES` of them. Raises Unavailable.

    They share one allowance of time: once that is used up, or a file took too long, no other one is opened.
    """
    done: list[Prepared] = []
    allowance = Allowance()
    try:
        for file in files[:FILES]:
            endless = any(one.problem == "too_long" for one in done)  # a second one would hold everybody up longer
            done.append(lost(file, "too_long") if endless else await _prepared(desk, file, source, allowance))
    except BaseException:
        await discard(desk, [one.blob for one in done if one.blob])
        raise
    return (*done, *(lost(file, "too_many") for file in files[FILES:]))


async def discard(desk: Desk, blobs: Sequence[str]) -> None:
    """Remove files that no record names."""
    for blob in blobs:
        await desk.blobs.delete(blob)


async def keep(
    tx: Transaction, desk: Desk, case: Case, came: Sequence[Prepared], pieces: Sequence[PieceName | None], source: Way
) -> Kept:
    """Make the files part of the case, each as the piece it is taken for; one that is there already stays one."""
    known = [one for one in await tx.find(Paper, case=case.id) if one.blob]
    filed, spare = list[Filed](), list[str]()
    new: list[Paper] = []
    for file, piece in zip(came, pieces, strict=True):
        same = next((one for one in (*known, *new) if one.fingerprint in file.fingerprints), None)
        full = same is None and _is_full((*known, *new), source)
        problem = file.problem or ("too_many" if full else None)
        filed.append(Filed(piece=piece, problem=problem))
        if problem or same:
            spare += [file.blob] if file.blob else []
        else:
            new.append(_paper(desk, case, file, piece, source))
    if new:
        tx.put(*new, Keeping(id=case.id, queue=QUEUE, due=desk.now() + timedelta(days=KEPT_DAYS)))
        case = replace(case, papers=case.papers + len(new))
    case = await _compared(tx, desk, case, [one for file in came for one in file.fingerprints])
    return Kept(case=case, filed=tuple(filed), new=len(new), spare=tuple(spare))


def _is_full(papers: Sequence[Paper], source: Way) -> bool:
    mailed = sum(one.source == "mail" for one in papers)
    return len(papers) >= MOST_PAPERS or (source == "mail" and mailed >= MOST_MAILED)


async def compared(tx: Transaction, desk: Desk, case: Case) -> Case:
    """The case, knowing whether one of its files was sent for another account: its own may have become known since."""
    return await _compared(tx, desk, case, [one.fingerprint for one in await tx.find(Paper, case=case.id)])


async def destroy(desk: Desk, keeping: Keeping) -> None:
    """Destroy the files of a case whose time has come, and say so once they are gone; done again, it does no harm.

    A crash in between leaves the work in its queue. What comes meanwhile stays, with a time of its own.
    """
    current = await desk.store.get(Keeping, keeping.id)
    if current is None or current.due is None or current.due > desk.now():
        return
    gone = {one.blob for one in await desk.store.find(Paper, case=keeping.id) if one.blob}
    await discard(desk, sorted(gone))
    async with desk.store.transaction() as tx:
        papers = [one for one in await tx.find(Paper, case=keeping.id) if one.blob]
        left = [one for one in papers if one.blob not in gone]
        if not left:
            tx.delete(Keeping, keeping.id)
        await _destroyed(tx, desk, keeping.id, [one for one in papers if one.blob in gone], left)


async def _destroyed(tx: Transaction, desk: Desk, id: str, gone: Sequence[Paper], left: Sequence[Paper]) -> None:
    tx.put(*(replace(one, name="", blob="", sealed_key="", destroyed_at=desk.now()) for one in gone))
    case = await tx.get(Case, id)
    if case and gone:
        case = replace(case, papers=sum(one.outcome is None for one in left))
        detail = f"{len(gone)} {'file' if len(gone) == 1 else 'files'}"
        await cases.record(tx, desk, case, "documents.destroyed", DESK, detail=detail)
        await erasure.sweep_later(tx, desk)


async def sweep(desk: Desk) -> int:
    """Remove the files that no record names, left by a crash between disk and commit; returns how many."""
    lying = await desk.blobs.ids(older_than=SETTLING)
    needed = {one.blob for one in await desk.store.find(Paper)} if lying else set[str]()
    await discard(desk, sorted(lying - needed))
    return len(lying - needed)


async def _prepared(desk: Desk, file: File, source: Way, allowance: Allowance) -> Prepared:
    try:
        seen = await desk.inspector.inspect(file.content, source, allowance)
    except Unreadable as error:
        return lost(file, error.code)
    scan = await desk.scanner.scan(file.content)
    if scan == "infected":
        return lost(file, "infected")
    blob = await desk.blobs.put(file.content)
    return Prepared(
        name=safe_name(file.name),
        piece=file.piece,
        declared=file.declared,
        type=seen.type,
        bytes=len(file.content),
        pages=seen.pages,
        fingerprints=tuple(desk.vault.digests(FINGERPRINT, hashlib.sha256(file.content).hexdigest())),
        blob=blob.id,
        sealed_key=blob.sealed_key,
        scan=scan,
    )


def lost(file: File, problem: FileProblem) -> Prepared:
    """A file that is not kept, and why."""
    return Prepared(name=safe_name(file.name), piece=file.piece, declared=file.declared, problem=problem)


def _paper(desk: Desk, case: Case, file: Prepared, piece: PieceName | None, source: Way) -> Paper:
    return Paper(
        id=desk.vault.name("D", 12),
        case=case.id,
        account=case.account or "",
        piece=piece,
        name=file.name,
        type=file.type,
        bytes=file.bytes,
        pages=file.pages,
        declared=file.declared,
        fingerprint=file.fingerprints[0],
        blob=file.blob,
        sealed_key=file.sealed_key,
        source=source,
        received_at=desk.now(),
        scan=file.scan,
    )


async def _compared(tx: Transaction, desk: Desk, case: Case, fingerprints: Sequence[str]) -> Case:
    """Look for the same files among other accounts' (T22); both cases are told, and staff at once."""
    found = {one.case for print in fingerprints for one in await tx.find(Paper, fingerprint=print)} - {case.id}
    others = [other for id in sorted(found) if (other := await tx.get(Case, id)) and _are_apart(case, other)]
    if not others or any(one.kind == "document_reused" for one in case.evidence):
        return case
    for other in others:
        if not any(one.kind == "document_reused" for one in other.evidence):
            await _reused(tx, desk, other, case)
    return await _reused(tx, desk, case, others[0])


def _are_apart(case: Case, other: Case) -> bool:
    return bool(case.account and other.account) and case.account != other.account


async def _reused(tx: Transaction, desk: Desk, case: Case, other: Case) -> Case:
    case = replace(case, evidence=joined(case.evidence, fact("document_reused", "record", desk.now())))
    outbox.alert(tx, desk, "document_reused", case)
    return await cases.record(tx, desk, case, "document.reused", DESK, detail=f"also sent in case {other.id}")
