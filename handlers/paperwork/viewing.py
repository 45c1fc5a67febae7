"""How staff look at documents: with a ticket for one person and one time, on a page that nobody gets twice (T36)."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from msgspec.structs import replace

from handlers import audit, cases
from handlers.desk import Desk
from handlers.files.inspection import Unreadable
from handlers.model.account import Account, AccountKind
from handlers.model.case import Case
from handlers.model.document import Value
from handlers.model.errors import Refused, Spent, Unavailable, Unknown
from handlers.model.paper import Outcome, Paper, Scan, ViewerTicket
from handlers.model.service import Piece, PieceName, Service
from handlers.model.staff import Staff
from handlers.rules.documents import checklist
from handlers.rules.permits import has_rights, unlisted
from handlers.store.contract import Reader, Transaction
from handlers.vault import Secret

LIFE = timedelta(minutes=5)
QUEUE = "tickets"
PURPOSE = "viewer ticket"
MOST_PAGES = 120
"""Pages on one page for staff; what is beyond is named, and not drawn."""


class TicketView(Value, frozen=True, kw_only=True):
    """What a ticket is for, before it is used up."""

    case: str
    name: str
    files: int
    expires_at: datetime


class Sheet(Value, frozen=True, kw_only=True):
    """One file, its pages made anew as JPEG; without pages, `trouble` says why it cannot be shown."""

    id: str
    piece: PieceName | None
    wanted: Piece | None
    name: str
    received_at: datetime
    source: str
    scan: Scan
    declared: bool
    outcome: Outcome | None
    dated: date | None
    pages: tuple[bytes, ...]
    trouble: str = ""


class Exhibition(Value, frozen=True, kw_only=True):
    """All documents of a case, and what the record and the request say to compare them with."""

    case: str
    service: str
    viewer: str
    account_name: str
    company: str
    kind: AccountKind | None
    new_address: str
    sheets: tuple[Sheet, ...]


async def open_ticket(desk: Desk, case_id: str, by: Staff) -> Secret:
    """The address of the page on which `by`, and nobody else, may look at a case's documents once within `LIFE`.

    Raises Unknown, Refused (who has no rights, or nothing to see); every attempt is on the trail.
    """
    try:
        async with desk.store.transaction() as tx:
            return await _issued(tx, desk, await cases.load(tx, case_id), by)
    except Refused as error:
        async with desk.store.transaction() as tx:
            case = await tx.get(Case, case_id)
            await audit.add(tx, desk, "action.denied", by, case=case, detail=f"view documents: {error}")
        raise


async def look(desk: Desk, token: str) -> TicketView:
    """What the ticket's page shows before its button is pressed; changes nothing. Raises Spent."""
    ticket = await _living(desk.store, desk, token)
    files = [one for one in await desk.store.find(Paper, case=ticket.case) if one.blob]
    return TicketView(case=ticket.case, name=ticket.name, files=len(files), expires_at=ticket.due or desk.now())


async def use(desk: Desk, token: str) -> Exhibition:
    """Use the ticket up, and show every document of its case. Raises Spent; of two who use it at once, one sees.

    That somebody looked is on the trail before anything is shown.
    """
    async with desk.store.transaction() as tx:
        ticket = await _living(tx, desk, token)
        tx.delete(ViewerTicket, ticket.id)
        case = await cases.load(tx, ticket.case)
        account = await cases.account_of(tx, case)
        papers = [one for one in await tx.find(Paper, case=case.id) if one.blob]
        viewer = Staff(id=ticket.by, name=ticket.name)
        detail = f"{len(papers)} {'file' if len(papers) == 1 else 'files'}"
        await audit.add(tx, desk, "document.viewed", viewer, case=case, detail=detail)
    return await _exhibition(desk, case, account, ticket, papers)


async def _issued(tx: Transaction, desk: Desk, case: Case, by: Staff) -> Secret:
    if not has_rights(by):
        raise Refused(unlisted("agent"))
    if not any(one.blob for one in await tx.find(Paper, case=case.id)):
        raise Refused("There are no documents to look at: none came, or they were destroyed.")
    token = desk.vault.token()
    tx.put(
        ViewerTicket(
            id=desk.vault.name("V", 12),
            queue=QUEUE,
            due=desk.now() + LIFE,
            token=desk.vault.digest(PURPOSE, token.value),
            case=case.id,
            by=by.id,
            name=by.name,
        )
    )
    await audit.add(tx, desk, "document.ticket_issued", by, case=case)
    return Secret(f"{desk.portal_url}/staff/documents/{token.value}")


async def _living(reader: Reader, desk: Desk, token: str) -> ViewerTicket:
    for digest in desk.vault.digests(PURPOSE, token):
        for ticket in await reader.find(ViewerTicket, token=digest):
            if ticket.due is None or ticket.due <= desk.now():
                raise Spent("expired")
            return ticket
    raise Spent("unknown")


async def _exhibition(
    desk: Desk, case: Case, account: Account | None, ticket: ViewerTicket, papers: list[Paper]
) -> Exhibition:
    service, sheets, room = desk.service(case.service), list[Sheet](), MOST_PAGES
    for paper in sorted(papers, key=lambda one: (one.piece or "~", one.received_at)):
        sheet = _sheet(service, account, paper)
        if paper.pages > room:
            sheets.append(replace(sheet, trouble="Not drawn: there are too many pages before it."))
            continue
        sheets.append(await _drawn(desk, sheet, paper))
        room -= len(sheets[-1].pages)
    return Exhibition(
        case=case.id,
        service=service.name,
        viewer=ticket.name,
        account_name=account.name if account else "",
        company=account.company if account else "",
        kind=account.kind if account else None,
        new_address=case.new_address,
        sheets=tuple(sheets),
    )


def _sheet(service: Service, account: Account | None, paper: Paper) -> Sheet:
    return Sheet(
        id=paper.id,
        piece=paper.piece,
        wanted=checklist(service, account).get(paper.piece) if paper.piece else None,
        name=paper.name,
        received_at=paper.received_at,
        source=paper.source,
        scan=paper.scan,
        declared=paper.declared,
        outcome=paper.outcome,
        dated=paper.dated,
        pages=(),
    )


async def _drawn(desk: Desk, sheet: Sheet, paper: Paper) -> Sheet:
    try:
        content = await desk.blobs.get(paper.blob, paper.sealed_key)
        return replace(sheet, pages=tuple(await desk.inspector.render(content)))
    except Unreadable as error:
        return replace(sheet, trouble=str(error))
    except (Unavailable, Unknown):
        return replace(sheet, trouble="The file cannot be read now. Ask for a new ticket later.")
