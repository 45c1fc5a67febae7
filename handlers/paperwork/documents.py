"""Documents that prove whose an account is: asked for, taken from mails and the portal, judged (O2.5–O2.9).

How their files are kept and destroyed is in `papers.py`, how staff look at them in `viewing.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from msgspec.structs import replace

from handlers import answers, cases, limits, outbox, signed
from handlers.desk import Desk
from handlers.limits import Limit
from handlers.model.account import Account
from handlers.model.case import Case, State, Way
from handlers.model.document import Value
from handlers.model.errors import DeskError, Invalid, Refused, Spent
from handlers.model.paper import Filed, Verdict
from handlers.model.service import Piece, PieceName, Service
from handlers.model.staff import CUSTOMER, Staff
from handlers.paperwork import attached, dossiers, papers
from handlers.paperwork.dossiers import Dossier
from handlers.paperwork.papers import File, Kept, Prepared
from handlers.registered_address import new_address
from handlers.rules import documents as rules
from handlers.rules.address_changes import known_addresses
from handlers.rules.addresses import mailbox_of, mask, parse_one
from handlers.rules.documents import Judgement, PieceState
from handlers.rules.identity import fact, joined
from handlers.rules.origins import may_answer
from handlers.rules.states import is_over
from handlers.store.contract import Reader, Transaction

WAIT = timedelta(days=30)
"""For so long a case waits for documents; then it lapses, and they are destroyed."""

UPLOADS = limits.Limit(name="uploads", most=20, within=limits.DAY, said="Files were sent for this case 20 times today.")

MAILED = limits.Limit(name="mailed", most=20, within=limits.DAY, said="Files were mailed for this case 20 times today.")
UNASKED_OF_ONE = limits.Limit(name="unasked", most=5, within=limits.DAY, said="This sender sent files 5 times today.")
UNASKED = limits.Limit(name="unasked files", most=500, within=limits.DAY, said="Strangers sent files 500 times today.")
"""Files that nobody asked for fill the disk: so many mails of a sender, and of all, may bring some."""

MOVABLE: tuple[State, ...] = ("new", "claimed", "waiting", "expired")
"""From where a whole dossier goes to review by itself."""


class PieceView(Value, frozen=True, kw_only=True):
    """One line of the checklist, as its customer may see it."""

    name: PieceName
    piece: Piece
    state: PieceState


class DossierView(Value, frozen=True, kw_only=True):
    """What the upload page shows: the checklist, and the new address masked if it is known; nothing of the record.

    `is_open` says whether anything more is taken, `needs_address` whether the customer has to say the new one, and
    `takes_address` whether it may be said or corrected: not once a file came (T6).
    """

    service: Service
    language: str
    pieces: tuple[PieceView, ...]
    needs_address: bool
    takes_address: bool
    new_address: str
    deadline: datetime | None
    is_open: bool
    is_complete: bool
    filed: tuple[Filed, ...] = ()


class BadUpload(Invalid):
    """What was sent cannot be taken as it is, and nothing of it was kept.

    `faults` name each field (a piece, `address`, or `` for the form) and what is wrong: `undeclared`, `not_an_address`,
    `nothing`.
    """

    def __init__(self, faults: dict[str, str]) -> None:
        super().__init__(", ".join(f"{field or 'form'}: {why}" for field, why in faults.items()))
        self.faults = faults


async def request(tx: Transaction, desk: Desk, case: Case, account: Account, by: Staff) -> Case:
    """Ask whoever wrote for the documents of this kind of account; every known address learns of it. Raises Limited."""
    await limits.take(tx, desk, limits.of_grants(by), account.id)
    dossier = await dossiers.load(tx, desk, case)
    to: State = "review" if dossier.is_whole else "waiting"
    case = replace(case, deadline=desk.now() + WAIT)
    detail = ", ".join(dossier.missing)
    case = await cases.record(tx, desk, case, "documents.requested", by, to=to, detail=detail)
    await dossiers.tell(tx, desk, replace(dossier, case=case))
    language = account.language or case.language
    for known in known_addresses(account, case.new_address, desk.now()):
        outbox.letter(tx, desk, "recovery_asked", case, known, language=language)
    return case


async def take_in(tx: Transaction, desk: Desk, case: Case, came: Sequence[Prepared], words: str) -> Kept:
    """Make the files of a mail part of its case, asked for or not, and answer what came and what is missing (O2.18).

    A case that takes no documents any more leaves them: its files on disk are all spare.
    """
    if not came or not rules.are_taken(case):
        return Kept(case=case, filed=(), new=0, spare=tuple(one.blob for one in came if one.blob))
    dossier = await dossiers.load(tx, desk, case)
    names = [one.name for one in came]
    pieces = rules.named(names, words, dossier.pieces, dossier.missing)
    kept = await _received(tx, desk, case, came, pieces, "mail")
    if not dossier.was_asked:  # the checklist would tell a stranger whether there is an account, and of which kind
        said = rules.named(names, words, (), ())
        filed = [replace(one, piece=piece) for one, piece in zip(kept.filed, said, strict=True)]
        kept = replace(kept, filed=tuple(filed))
    if kept.filed and may_answer(case.origin) and await answers.may_send(tx, desk, "documents", case, case.requester):
        await dossiers.tell(tx, desk, await dossiers.load(tx, desk, kept.case), kept.filed)
    return kept


def limits_of(service: str, case: Case | None, sender: str) -> tuple[tuple[Limit, str], ...]:
    """How often a mail of `sender` may bring files, and per what: read before any file is opened (T33)."""
    if case and dossiers.was_asked(case):
        return ((MAILED, case.id),)
    return ((UNASKED_OF_ONE, f"{service} {mailbox_of(sender)}"), (UNASKED, service))


async def look(desk: Desk, token: str) -> DossierView:
    """What the upload page shows; changes nothing. Raises Spent."""
    return _view(desk, await _asked(desk.store, desk, token))


async def upload(desk: Desk, token: str, files: Sequence[File], typed: str) -> DossierView:
    """Take files and the new address from the upload page, and say what became of each.

    Raises Spent, BadUpload, Limited (per case and day), Unavailable; files are opened and encrypted before the commit.
    """
    dossier = await _asked(desk.store, desk, token)
    address = _address(dossier, files, typed)
    async with desk.store.transaction() as tx:
        await limits.take(tx, desk, UPLOADS, dossier.case.id)
    came = await papers.prepare(desk, files, "portal")
    try:
        async with desk.store.transaction() as tx:
            kept = await _uploaded(tx, desk, await _asked(tx, desk, token), came, address)
    except DeskError:  # nothing was committed; after a crash, the sweep finds what is left
        await papers.discard(desk, [one.blob for one in came if one.blob])
        raise
    await papers.discard(desk, kept.spare)
    return replace(_view(desk, await _asked(desk.store, desk, token)), filed=kept.filed)


async def review(
    tx: Transaction, desk: Desk, case: Case, account: Account, by: Staff, verdicts: Sequence[Verdict]
) -> tuple[Case, Judgement]:
    """Judge the dossier; one that is refused is left to the caller to refuse. Raises Refused when an answer lacks.

    Accepted, it makes a change of address possible, and the case is the reviewer's; faults that can be mended make it
    wait for the customer again.
    """
    case = await papers.compared(tx, desk, case)
    dossier = await dossiers.load(tx, desk, case)
    judgement, gap = rules.judged(
        dossier.pieces, verdicts, dossier.papers, dossier.account or account, case.new_address
    )
    if judgement is None:
        raise Refused(gap)
    tx.put(*rules.marked(dossier.papers, judgement))
    detail = ", ".join(f"{one.piece} {one.outcome}" for one in judgement.verdicts)
    case = replace(case, papers=0)
    if judgement.result == "accepted":
        evidence = joined(case.evidence, fact("documents_accepted", "staff", desk.now()))
        case = replace(case, evidence=evidence, claimed_by=by.id, claimed_name=by.name, deadline=None)
        return await cases.record(tx, desk, case, "documents.reviewed", by, to="claimed", detail=detail), judgement
    if judgement.result == "refused":
        return await cases.record(tx, desk, case, "documents.reviewed", by, detail=detail), judgement
    case = replace(case, deadline=desk.now() + WAIT)
    case = await cases.record(tx, desk, case, "documents.reviewed", by, to="waiting", detail=detail)
    await dossiers.tell(tx, desk, await dossiers.load(tx, desk, case), looked=True)
    return case, judgement


async def _asked(reader: Reader, desk: Desk, token: str) -> Dossier:
    """The dossier of a signed token whose customer was asked for one; raises Spent."""
    case = await reader.get(Case, signed.subject(desk.vault, "documents", token, desk.now()))
    if case is None:
        raise Spent("unknown")
    dossier = await dossiers.load(reader, desk, case)
    if not dossier.was_asked or not dossier.pieces:
        raise Spent("unknown")
    if is_over(case.state) or case.state == "frozen" or (dossier.account and dossier.account.frozen):
        raise Spent("over" if is_over(case.state) else "frozen", case.service, case.language)
    return dossier


async def _uploaded(tx: Transaction, desk: Desk, dossier: Dossier, came: Sequence[Prepared], address: str) -> Kept:
    _require_open(dossier)
    case, came_before = dossier.case, bool(dossier.papers)
    if address:  # who mistyped corrects it here as long as no document states the other one
        case = await new_address.take(tx, desk, case, dossier.account, address, fixed=came_before)
    return await _received(tx, desk, case, came, [one.piece for one in came], "portal")


async def _received(
    tx: Transaction,
    desk: Desk,
    case: Case,
    came: Sequence[Prepared],
    pieces: Sequence[PieceName | None],
    source: Way,
) -> Kept:
    """Keep what came and move a whole dossier to review; what changes nothing is no step."""
    kept = await papers.keep(tx, desk, case, came, pieces, source)
    before = await cases.load(tx, case.id)
    if not kept.filed and kept.case.new_address == before.new_address:
        return kept
    whole = (await dossiers.load(tx, desk, kept.case)).is_whole and case.state in MOVABLE
    case = replace(kept.case, deadline=None) if whole else kept.case
    to: State | None = "review" if whole else None
    detail = _count(kept, named=case.new_address != before.new_address)
    case = await cases.record(tx, desk, case, "documents.received", CUSTOMER, to=to, detail=detail)
    return replace(kept, case=case)


def _count(kept: Kept, *, named: bool) -> str:
    """What came, for the trail: kinds and numbers, never a name that a customer gave a file."""
    lost = [one.problem for one in kept.filed if one.problem]
    said = [f"{kept.new} new"] * bool(kept.filed) + [new_address.NAMED] * named
    return ", ".join([*said, *(f"not kept: {attached.PROBLEMS[problem]}" for problem in lost)])


def _address(dossier: Dossier, files: Sequence[File], typed: str) -> str:
    """The new address as parsed, empty where none was typed; raises BadUpload for all that is wrong at once, Spent."""
    _require_open(dossier)
    faults: dict[str, str] = {}
    for file in files:
        if file.piece and dossier.pieces[file.piece].declaration and not file.declared:
            faults[file.piece] = "undeclared"
    address = ""
    if typed.strip() and rules.wants_address(dossier.service, dossier.case.asked):
        try:
            address = parse_one(typed)
        except Invalid:
            faults["address"] = "not_an_address"
    if not files and not address and not faults:
        faults[""] = "nothing"
    if faults:
        raise BadUpload(faults)
    return address


def _require_open(dossier: Dossier) -> None:
    if not rules.are_taken(dossier.case):
        raise Spent("over", dossier.service.id, dossier.case.language)


def _view(desk: Desk, dossier: Dossier) -> DossierView:
    case, found = dossier.case, rules.states(dossier.pieces, dossier.papers)
    return DossierView(
        service=dossier.service,
        language=case.language,
        pieces=tuple(
            PieceView(name=name, piece=piece, state=_told(found[name])) for name, piece in dossier.pieces.items()
        ),
        needs_address=dossier.needs_address,
        takes_address=dossier.needs_address or bool(case.new_address and not dossier.papers),
        new_address=mask(case.new_address) if case.new_address else "",
        deadline=case.deadline,
        is_open=rules.are_taken(case),
        is_complete=dossier.is_whole,
    )


def _told(state: PieceState) -> PieceState:
    """How a piece stands, as its customer may know it: what ends a request is never told (T21)."""
    return "received" if state in ("differs", "doubtful") else state
