"""The files of a mail: which of them may be documents, and what becomes of each before the case is touched."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from handlers.desk import Desk
from handlers.model.kept_mail import LeftOut
from handlers.model.mail import Attachment, FileVerdict
from handlers.model.paper import Filed, FileProblem
from handlers.paperwork import papers
from handlers.paperwork.papers import File, Prepared
from handlers.rules import files as rules

DECORATION_BYTES = 8 * 1024
"""A picture smaller than this is a signature's logo: no document could be read on it."""

NO_FILES = (
    "application/pgp-signature", "application/pkcs7-signature", "application/x-pkcs7-signature", "application/pgp-keys",
    "application/ms-tnef", "text/calendar", "text/vcard", "message/rfc822",
)  # fmt: skip
"""What mail programs attach by themselves."""

VERDICTS: dict[FileVerdict, str] = {
    "plausible": "",
    "mismatch": "it is not what it says it is",
    "dangerous": "it can run programs",
    "unknown": "of no kind that is taken as a document",
}
PROBLEMS: dict[FileProblem | Literal["unread"], str] = {
    "empty": "empty",
    "too_large": "too large",
    "wrong_type": "of no kind that is taken as a document",
    "unreadable": "it cannot be opened",
    "encrypted": "it needs a password",
    "too_many_pages": "too many pages",
    "too_many_pixels": "a picture too large to be drawn",
    "too_long": "it took too long to open",
    "infected": "a virus was found in it",
    "too_many": "one file too many",
    "unread": "not read: no documents are taken here now",
}
"""Why a file is not taken, in words for staff."""


def places(attachments: Sequence[Attachment]) -> tuple[int, ...]:
    """Which attachments are worth reading: documents by content, as many and as large as one submission may be."""
    found: list[int] = []
    room = rules.SUBMISSION_BYTES
    for place, one in enumerate(attachments):
        if _problem(one) is None and _is_file(one) and one.bytes <= room and len(found) < rules.FILES:
            found.append(place)
            room -= one.bytes
    return tuple(found)


async def prepare(desk: Desk, attachments: Sequence[Attachment], contents: Sequence[bytes]) -> tuple[Prepared, ...]:
    """Every attachment, opened and encrypted, or with why it was not kept; `contents` are the bytes of `places`.

    Attachments whose bytes were not read are left alone altogether. Raises Unavailable.
    """
    read = places(attachments)
    if len(contents) != len(read):
        return ()
    named = [File(name=attachments[place].name, content=bytes) for place, bytes in zip(read, contents, strict=True)]
    opened = await papers.prepare(desk, named, "mail")
    return _each(attachments, dict(zip(read, opened, strict=True)))


def unopened(attachments: Sequence[Attachment]) -> tuple[Prepared, ...]:
    """Every attachment with why it was not kept, where none of them may be opened."""
    return _each(attachments, {})


def left_out(
    attachments: Sequence[Attachment], came: Sequence[Prepared] = (), filed: Sequence[Filed] = ()
) -> tuple[LeftOut, ...]:
    """The attachments that were not taken, each with why, in words for staff; `filed` tells of those that `came`."""
    problems = {one.name: said.problem for one, said in zip(came, filed, strict=bool(filed))}
    said = [(one, _why(one, problems.get(one.name, "unread"))) for one in attachments if _is_told(one)]
    return tuple(LeftOut(name=one.name, why=why) for one, why in said if why)


def _each(attachments: Sequence[Attachment], opened: Mapping[int, Prepared]) -> tuple[Prepared, ...]:
    """Every attachment as it was opened at its place, or with why it was not."""
    return tuple(
        opened.get(place) or papers.lost(File(name=one.name, content=b""), _problem(one) or "too_many")
        for place, one in enumerate(attachments)
        if _is_file(one)
    )


def _is_told(one: Attachment) -> bool:
    return _is_file(one) or one.verdict == "dangerous"


def _why(one: Attachment, problem: FileProblem | Literal["unread"] | None) -> str:
    """Why a file was not taken: what the reader found in it comes first."""
    if one.verdict != "plausible":
        return one.why or VERDICTS[one.verdict]
    return PROBLEMS[problem] if problem else ""


def _problem(one: Attachment) -> FileProblem | None:
    if one.bytes == 0:
        return "empty"
    if one.type not in rules.ACCEPTED or one.verdict == "dangerous":
        return "wrong_type"
    return "too_large" if one.bytes > rules.FILE_BYTES else None


def _is_file(one: Attachment) -> bool:
    """Whether the sender meant to send it."""
    logo = one.type.startswith("image/") and 0 < one.bytes < DECORATION_BYTES
    return not logo and one.type not in NO_FILES
