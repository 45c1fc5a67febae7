"""Documents that customers send to prove who they are, as the store knows them; their bytes lie encrypted elsewhere."""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar, Literal

from handlers.model.case import Way
from handlers.model.document import Document, Value, Work
from handlers.model.service import PieceName

Scan = Literal["clean", "infected", "not_scanned"]
Outcome = Literal["accepted", "unreadable", "incomplete", "too_old", "differs", "doubtful"]
"""What staff found; the first three faults can be mended by sending the piece again, the others end the request."""

FileProblem = Literal[
    "empty",
    "too_large",
    "wrong_type",
    "unreadable",
    "encrypted",
    "too_many_pages",
    "too_many_pixels",
    "too_long",
    "infected",
    "too_many",
]
"""Why a file was not kept."""


class Filed(Value, frozen=True, kw_only=True):
    """One file that came: which piece it is taken for, and why it was not kept, if it was not."""

    piece: PieceName | None
    problem: FileProblem | None = None


class Lack(Value, frozen=True, kw_only=True):
    """A piece that has to be sent: for the first time, or again because of what was found about it."""

    piece: PieceName
    found: Outcome | None = None


class Tidings(Value, frozen=True, kw_only=True):
    """What a letter about documents tells: the files that came, what is missing, and until when (UTC) the case waits.

    Nothing is said of what is missing before staff `asked`: it would tell a stranger what kind of account there is.
    """

    asked: bool
    looked: bool = False
    files: tuple[Filed, ...] = ()
    missing: tuple[Lack, ...] = ()
    address: bool = False
    until: datetime | None = None


class Paper(Document, frozen=True, kw_only=True):
    """One file of a case's dossier; `piece` is None until somebody says what it is.

    `blob` and `sealed_key` find and open its bytes, and are empty once they were destroyed at `destroyed_at` (UTC).
    `fingerprint` is a keyed digest of the bytes: the same file sent for another account is recognised, also after that.
    `declared` says that the customer ticked the declaration on honour beside it. `dated` is the day that stands on the
    document, as the reviewer read it.
    """

    TABLE: ClassVar = "papers"
    INDEXES: ClassVar = (("case",), ("fingerprint",))

    case: str
    account: str
    piece: PieceName | None = None
    name: str
    type: str
    bytes: int
    pages: int
    declared: bool = False
    fingerprint: str
    blob: str = ""
    sealed_key: str = ""
    source: Way
    received_at: datetime
    scan: Scan
    outcome: Outcome | None = None
    dated: date | None = None
    destroyed_at: datetime | None = None


class Verdict(Value, frozen=True, kw_only=True):
    """What the reviewer found about one piece of the checklist, all its files together.

    `dated` is the day that stands on it and `name_read` the name or company, both as the reviewer typed them from the
    document; `president_read` is the president whom an association's statutes name, and `address_matches` whether the
    new address it states is the one asked for. Only an accepted piece needs them, and only where its checklist does:
    `handlers.rules.documents.questions` says which. `paper` is the file it is, where nobody could name that before.
    """

    piece: PieceName
    outcome: Outcome = "accepted"
    dated: date | None = None
    name_read: str = ""
    president_read: str = ""
    address_matches: bool | None = None
    paper: str = ""


class ViewerTicket(Work, frozen=True, kw_only=True):
    """One person's right to look at the documents of `case`, once; due in queue `tickets` when it ends unused.

    `token` is the keyed digest of the address's raw part.
    """

    TABLE: ClassVar = "viewer_tickets"
    UNIQUE: ClassVar = (("token",),)

    token: str
    case: str
    by: str
    name: str


class Keeping(Work, frozen=True, kw_only=True):
    """The documents of case `id` are destroyed when due in queue `keepings`: once it is decided, or in the end."""

    TABLE: ClassVar = "keepings"
