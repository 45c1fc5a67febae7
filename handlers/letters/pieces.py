"""What a document is called and what it has to be, in words that letters and the upload page share (O2.6–O2.8)."""

from __future__ import annotations

from collections.abc import Callable
from gettext import NullTranslations

from babel.lists import format_list

from handlers.languages import LOCALES
from handlers.model.document import Value
from handlers.model.paper import FileProblem, Outcome
from handlers.model.service import Piece, PieceName, Statement

Said = Callable[[str], str]


class Described(Value, frozen=True):
    """A piece's name, and what it has to be like, sentence by sentence."""

    name: str
    notes: tuple[str, ...]

    def __str__(self) -> str:
        return " ".join((self.name, *self.notes))


def described(name: PieceName, piece: Piece, language: str, catalogue: NullTranslations) -> Described:
    """What to send for a piece of a checklist."""
    _ = catalogue.gettext
    notes = [
        *([_whose(piece, _)] if piece.matches and name != "statutes" else []),
        *([_("Both sides, front and back.")] if piece.both_sides else []),
        *([_written(piece, _)] if piece.handwritten or piece.signed else []),
        *([_stated(piece, language, _)] if set(piece.states) - {"president"} else []),
        *([_("They must name the president in office.")] if "president" in piece.states else []),
    ]
    if piece.max_age_days:
        notes.append(_("At most %(days)s days old when we receive it.") % {"days": piece.max_age_days})
    if piece.declaration:
        notes.append(_("With it, your declaration on honour that the copy is valid."))
    return Described(_title(name, _), tuple(notes))


def called(name: PieceName | None, catalogue: NullTranslations) -> str:
    """A piece's name as a short phrase; None is a file that nobody could name."""
    _ = catalogue.gettext
    return _title(name, _).rstrip(".") if name else _("A document that our team has to look at")


def found(outcome: Outcome, catalogue: NullTranslations) -> str:
    """Why a piece has to be sent again; what ends a request is never told (T21)."""
    _ = catalogue.gettext
    return {
        "unreadable": _("We could not read it."),
        "incomplete": _("Something is missing: a page, a side, the signature or the declaration."),
        "too_old": _("It was too old when we received it."),
    }.get(outcome, "")


def unusable(problem: FileProblem, catalogue: NullTranslations) -> str:
    """Why a file could not be taken, and what would be right."""
    _ = catalogue.gettext
    return {
        "empty": _("The file is empty. Please send it again."),
        "too_large": _("The file is too large: 10 MB at most."),
        "wrong_type": _("We cannot open this kind of file. Send a PDF or a photo (JPEG, PNG, WebP, HEIC)."),
        "unreadable": _("The file cannot be opened. Please scan or photograph the document again."),
        "encrypted": _("The file is protected by a password. Please send it without one."),
        "too_many_pages": _("The document has too many pages: 20 at most."),
        "too_many_pixels": _("The picture is too big. Please send a smaller photo."),
        "too_long": _("The file takes too long to open. Please scan or photograph the document again."),
        "infected": _("A virus scanner found harmful content in the file. Please send it from another device."),
        "too_many": _("There were too many files, and this one was not kept."),
    }[problem]


def _title(name: PieceName, _: Said) -> str:
    return {
        "identity": _("A copy of an identity document (identity card or passport)."),
        "kbis": _("An extract from the company register (Kbis)."),
        "statutes": _("The association’s statutes."),
        "letter": _("A letter."),
    }[name]


def _whose(piece: Piece, _: Said) -> str:
    return {
        "": "",
        "name": _("It must be in the name of the person on the account."),
        "company": _("It must be in the name of the company on the account."),
        "association": _("It must be in the name of the association on the account."),
        "president": _("It must be that of the association’s current president."),
    }[piece.matches]


def _written(piece: Piece, _: Said) -> str:
    if piece.handwritten and piece.signed:
        return _("Written by hand and signed.")
    return _("Written by hand.") if piece.handwritten else _("Signed.")


def _stated(piece: Piece, language: str, _: Said) -> str:
    words: dict[Statement, str] = {
        "wish": _("that you wish to recover the account"),
        "reason": _("what happened"),
        "new_address": _("the e-mail address that shall replace the registered one"),
        "address_change": _("that the e-mail address shall be changed"),
        "new_access": _("that new access shall be issued"),
    }
    things = [words[one] for one in piece.states if one in words]
    return _("It says: %(things)s.") % {"things": format_list(things, locale=LOCALES[language])}
