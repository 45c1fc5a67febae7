"""Letters about documents: which ones are needed, what came, what is still missing, and that somebody asked at all."""

from __future__ import annotations

from gettext import NullTranslations

import msgspec

from handlers.languages import moment
from handlers.letters.blocks import Block, Paragraph, Steps
from handlers.letters.facts import Facts, Kinds, asked, button, follow, login, never_ask
from handlers.letters.pieces import called, described, found, unusable
from handlers.model.paper import Filed, Lack, Tidings
from handlers.model.service import Piece


def documents(facts: Facts, catalogue: NullTranslations) -> tuple[str, tuple[Block, ...]]:
    """What to send, and after each mail what came of it (O2.18); it holds no secret and nothing of the record.

    File names are not repeated: a stranger would speak in our letter.
    """
    _ = catalogue.gettext
    tidings = msgspec.json.decode(facts.letter.detail, type=Tidings)
    subject = _("%(service)s: your documents") if tidings.files else _("%(service)s: the documents we need")
    return subject, (
        Paragraph(_opening(facts, tidings, catalogue)),
        *_came(tidings, catalogue),
        *_wanted(facts, tidings, catalogue),
        *_way(facts, tidings, catalogue),
        follow(facts, catalogue),
        Paragraph(
            _(
                "We use your documents to decide on this request, and for nothing else. They are kept encrypted and "
                "destroyed once the decision is made."
            )
        ),
        never_ask(catalogue),
    )


def recovery_asked(facts: Facts, catalogue: NullTranslations) -> tuple[str, tuple[Block, ...]]:
    """The notice to the address on file: whoever still reads it can stop the request."""
    _ = catalogue.gettext
    return _("%(service)s: somebody asks for access to your account"), (
        Paragraph(
            _(
                "On %(when)s, somebody asked us to recover your %(service)s account without using the address "
                "registered for it. We have asked them for documents that prove that the account is theirs."
            )
            % asked(facts)
        ),
        *login(facts, catalogue),
        Paragraph(_("Nothing has changed so far. If it was you, there is nothing to do here.")),
        button(
            catalogue,
            lead=_("If it was not you, stop it on this page:"),
            label=_("It was not me"),
            url=facts.page("stop"),
        ),
        never_ask(catalogue),
    )


KINDS: Kinds = {"documents": documents, "recovery_asked": recovery_asked}


def _opening(facts: Facts, tidings: Tidings, catalogue: NullTranslations) -> str:
    _ = catalogue.gettext
    name = {"service": facts.service.name}
    if tidings.looked:
        return _("Our team has looked at your documents. Some of them have to be sent again.")
    if tidings.files:
        return _("Thank you: your files have reached the %(service)s support team.") % name
    return (
        _(
            "You asked the %(service)s support team for access to an account. Before anything is changed, we need "
            "documents that prove that the account is yours."
        )
        % name
    )


def _came(tidings: Tidings, catalogue: NullTranslations) -> list[Block]:
    _ = catalogue.gettext
    kept = tuple(called(one.piece, catalogue) for one in tidings.files if not one.problem)
    lost = tuple(_lost(one, catalogue) for one in tidings.files if one.problem)
    return [
        *([Steps(title=_("What we have received:"), steps=kept)] if kept else []),
        *([Steps(title=_("What we could not use:"), steps=lost)] if lost else []),
    ]


def _lost(file: Filed, catalogue: NullTranslations) -> str:
    why = unusable(file.problem, catalogue) if file.problem else ""
    return f"{called(file.piece, catalogue)}. {why}" if file.piece else why


def _wanted(facts: Facts, tidings: Tidings, catalogue: NullTranslations) -> list[Block]:
    _ = catalogue.gettext
    if not tidings.asked:
        return [Paragraph(_("We will write to you if we need anything else."))]
    wanted = [*_pieces(facts, tidings, catalogue), *([_replacement(catalogue)] if tidings.address else [])]
    if not wanted:
        return [Paragraph(_("Nothing is missing. Our team looks at everything and writes to you."))]
    title = _("What is still missing:") if tidings.files else _("Please send us:")
    return [Steps(title=title, steps=tuple(wanted))]


def _pieces(facts: Facts, tidings: Tidings, catalogue: NullTranslations) -> list[str]:
    pieces = facts.service.documents.get(facts.account.kind, {}) if facts.account else {}
    known = [(one, pieces[one.piece]) for one in tidings.missing if one.piece in pieces]
    return [_piece(facts, lack, piece, catalogue) for lack, piece in known]


def _piece(facts: Facts, lack: Lack, piece: Piece, catalogue: NullTranslations) -> str:
    what = described(lack.piece, piece, facts.letter.language, catalogue)
    return f"{what} {found(lack.found, catalogue)}".strip() if lack.found else str(what)


def _replacement(catalogue: NullTranslations) -> str:
    return catalogue.gettext("The e-mail address that shall replace the registered one.")


def _way(facts: Facts, tidings: Tidings, catalogue: NullTranslations) -> list[Block]:
    """The page first: a mail with identity papers lies in mailboxes and backups for ever (O2.20)."""
    _ = catalogue.gettext
    if not tidings.asked or not (tidings.missing or tidings.address):
        return []
    return [
        button(
            catalogue,
            lead=_("The safest way to send them is this page:"),
            label=_("Send the documents"),
            url=facts.page("documents"),
        ),
        Paragraph(
            _(
                "You can also reply to this message and attach the files. Ordinary e-mail is less private: copies of "
                "it stay in mailboxes."
            )
        ),
        *([Paragraph(_("We wait until %(end)s.") % {"end": _end(facts, tidings)})] if tidings.until else []),
    ]


def _end(facts: Facts, tidings: Tidings) -> str:
    return moment(tidings.until or facts.letter.written_at, facts.letter.language)
