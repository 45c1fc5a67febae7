"""`/staff/documents/<ticket>`: one person of the staff looks at a case's documents, once. English, as all for staff."""

from __future__ import annotations

import base64
from datetime import timedelta

from aiohttp import web

from handlers.languages import moment
from handlers.letters import CATALOGUES
from handlers.letters.pieces import called, described
from handlers.model.errors import Spent
from handlers.model.paper import Scan
from handlers.paperwork import viewing
from handlers.paperwork.viewing import Exhibition, Sheet
from portal.desks import DESK
from portal.forms import FORMS
from portal.pages import HTML, PAGES

LANGUAGE = "en"
DRAWN = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src data:; form-action 'none'; base-uri 'none'; "
        "frame-ancestors 'none'"
    )
}
"""The pages stand in the answer itself: there is no address to fetch one from a second time."""

SCANS: dict[Scan, str] = {
    "clean": "The virus scanner found nothing.",
    "infected": "The virus scanner found something harmful.",
    "not_scanned": "Not scanned for viruses: no scanner was there when it came.",
}


async def look(request: web.Request) -> web.Response:
    """GET: says what the ticket is for, and offers the button; a program that follows links uses nothing up."""
    try:
        view = await viewing.look(request.app[DESK], request.match_info["ticket"])
    except Spent:
        return _spent(request)
    armed = request.app[FORMS].arm(request)
    until = moment(view.expires_at, LANGUAGE)
    response = _page(request, "ticket", view=view, until=until, token=armed.token)
    request.app[FORMS].keep(response, armed)
    return response


async def use(request: web.Request) -> web.Response:
    """POST: uses the ticket up and shows everything at once; a second time there is nothing."""
    await request.app[FORMS].read(request)
    try:
        shown = await viewing.use(request.app[DESK], request.match_info["ticket"])
    except Spent:
        return _spent(request)
    response = _page(request, "viewer", shown=shown, sheets=[_drawn(one) for one in shown.sheets], kind=_kind(shown))
    response.headers.update(DRAWN)
    return response


def _spent(request: web.Request) -> web.Response:
    return _page(request, "ticket_spent", 410, minutes=viewing.LIFE // timedelta(minutes=1))


def _page(request: web.Request, template: str, status: int = 200, **values: object) -> web.Response:
    return web.Response(status=status, body=request.app[PAGES].draw(template, **values), headers=HTML)


def _kind(shown: Exhibition) -> str:
    return shown.kind or "no account was found"


def _drawn(sheet: Sheet) -> dict[str, object]:
    """A file for the template: what it is, what it has to be, what is known about it, and its pages."""
    catalogue = CATALOGUES[LANGUAGE]
    wanted = described(sheet.piece, sheet.wanted, LANGUAGE, catalogue) if sheet.piece and sheet.wanted else None
    return {
        "title": called(sheet.piece, catalogue) if sheet.piece else "Nobody has said which document this is",
        "notes": " ".join(wanted.notes) if wanted else "",
        "name": sheet.name,
        "came": f"{moment(sheet.received_at, LANGUAGE)}, {'by mail' if sheet.source == 'mail' else 'on the page'}",
        "scan": SCANS[sheet.scan],
        "declared": _declared(sheet),
        "found": sheet.outcome.replace("_", " ") if sheet.outcome else "",
        "dated": sheet.dated.isoformat() if sheet.dated else "",
        "trouble": sheet.trouble,
        "images": [base64.b64encode(one).decode() for one in sheet.pages],
    }


def _declared(sheet: Sheet) -> str:
    if sheet.wanted is None or not sheet.wanted.declaration:
        return ""
    return (
        "Ticked on the page." if sheet.declared else "Not given on the page: look for it in the mail or the document."
    )
