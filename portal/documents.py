"""`/documents/<token>`: a customer sends what proves whose the account is, and sees what is still missing."""

from __future__ import annotations

from aiohttp import web

from handlers.languages import moment
from handlers.letters import CATALOGUES
from handlers.letters.pieces import called, described, found, unusable
from handlers.model.errors import DeskError, Limited, Unavailable
from handlers.model.paper import Filed
from handlers.paperwork import documents
from handlers.paperwork.documents import BadUpload, DossierView, PieceView
from handlers.paperwork.papers import File
from portal.answers import later, problem
from portal.busy import BUSY
from portal.desks import DESK
from portal.forms import FORMS, show_form
from portal.multipart import Sent
from portal.pages import speak_as
from portal.voice import Voice, phrase

FAULTS = {
    "undeclared": phrase("Tick the declaration beside this document, then choose the file again."),
    "not_an_address": phrase("Type one e-mail address, such as name@example.com."),
    "nothing": phrase("Choose at least one file."),
}
TOO_MUCH = phrase("The files are too large together: 25 MB at most. Send them one after the other.")
STATES = {
    "missing": phrase("Not received yet"),
    "received": phrase("Received"),
    "accepted": phrase("Accepted"),
}
AGAIN = phrase("Please send it again")


async def look(request: web.Request) -> web.Response:
    """GET: the list with its state, and a field for each document; however often it is fetched, nothing changes."""
    view = await documents.look(request.app[DESK], request.match_info["token"])
    return _page(request, view)


async def send(request: web.Request) -> web.Response:
    """POST: take the files; what is wrong stands beside its field, and what came is said on top."""
    token = request.match_info["token"]
    view = await documents.look(request.app[DESK], token)  # only whoever holds a valid address may send megabytes
    try:
        with request.app[BUSY].one(token):
            sent = await request.app[FORMS].read_files(request)
            return await _sent(request, view, sent)
    except web.HTTPRequestEntityTooLarge:
        return _page(request, view, 413, trouble=TOO_MUCH)
    except (Limited, Unavailable) as error:
        return _later(request, view, error)


async def _sent(request: web.Request, view: DossierView, sent: Sent) -> web.Response:
    typed = sent.fields.get("address", "")
    try:
        token = request.match_info["token"]
        return _page(request, await documents.upload(request.app[DESK], token, _files(view, sent), typed))
    except BadUpload as error:
        return _page(request, view, 422, faults=error.faults, typed=typed)


def _files(view: DossierView, sent: Sent) -> list[File]:
    """The files of the form, each as the piece whose field it came in; other fields are none of ours."""
    known = {one.name: one for one in view.pieces}
    return [
        File(name=name, content=content, piece=known[field].name, declared=f"declared_{field}" in sent.fields)
        for field, name, content in sent.files
        if field in known
    ]


def _page(
    request: web.Request,
    view: DossierView,
    status: int = 200,
    *,
    faults: dict[str, str] | None = None,
    typed: str = "",
    trouble: str = "",
) -> web.Response:
    voice = speak_as(request, view.language)
    wrong = {field: voice.say(FAULTS[why]) for field, why in (faults or {}).items()}
    return show_form(
        request,
        "documents",
        voice,
        view.service,
        status,
        {
            "known": view.new_address,
            "typed": typed,
            "until": moment(view.deadline, voice.language) if view.deadline else "",
        },
        pieces=tuple(_line(one, voice) for one in view.pieces),
        filed=tuple(_came(one, voice) for one in view.filed),
        faults=tuple((field or "form", (why,)) for field, why in wrong.items()),
        trouble=voice.say(trouble) if trouble else "",
        open=view.is_open,
        complete=view.is_complete,
        asks=view.takes_address,
        named=bool(view.new_address),
        waits=view.deadline is not None,
    )


def _later(request: web.Request, view: DossierView, error: DeskError) -> web.Response:
    what = problem(error)
    return later(_page(request, view, what.status, trouble=what.text), error)


def _line(one: PieceView, voice: Voice) -> tuple[str, str, tuple[str, ...], str, str, bool]:
    """A piece for the template: its field, name, what it has to be, state, why again, and whether it is declared."""
    catalogue = CATALOGUES[voice.language]
    what = described(one.name, one.piece, voice.language, catalogue)
    state = voice.say(STATES.get(one.state, AGAIN))
    again = "" if one.state in STATES else found(one.state, catalogue)  # type: ignore[arg-type]  # then an outcome
    return one.name, what.name.rstrip("."), what.notes, str(state), again, one.piece.declaration


def _came(one: Filed, voice: Voice) -> tuple[str, str]:
    """A file for the template: which piece it was sent as, and why it was not kept."""
    catalogue = CATALOGUES[voice.language]
    return called(one.piece, catalogue), unusable(one.problem, catalogue) if one.problem else ""
