"""Which documents prove whose an account is, what is still missing, and what a review comes to (O2.5–O2.9)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Literal, NamedTuple

from msgspec.structs import replace

from handlers.model.account import Account
from handlers.model.case import Case, State
from handlers.model.document import Value
from handlers.model.mail import Intent
from handlers.model.paper import Outcome, Paper, Verdict
from handlers.model.service import Piece, PieceName, Service, Subject
from handlers.rules.states import is_over

Checklist = Mapping[PieceName, Piece]
_LIGATURES = str.maketrans(
    {"ı": "i", "İ": "i", "œ": "oe", "Œ": "oe", "æ": "ae", "Æ": "ae", "ø": "o", "Ø": "o", "ł": "l"}
)
Result = Literal["accepted", "again", "refused"]
PieceState = Literal["accepted", "received", "missing"] | Outcome

MENDABLE: tuple[Outcome, ...] = ("unreadable", "incomplete", "too_old")
"""What the customer can mend by sending the piece again; every other fault ends the request (O2.9)."""

OPEN: tuple[State, ...] = ("new", "claimed", "waiting", "review", "issued", "opened", "undelivered", "expired")
"""The states in which documents are taken; who was late may still come."""

ANOTHER_WISH: tuple[Intent, ...] = ("second_factor", "reactivate_account")
"""What documents can prove the right to without a new address."""

KEPT_DAYS = 90
"""For at most so many days after the last one came, documents are kept of a case that nobody decides."""

WORDS: dict[PieceName, tuple[str, ...]] = {
    "kbis": ("kbis", "k bis", "extrait rcs", "company register", "trade register", "ticaret sicil", "sicil gazetesi"),
    "statutes": ("statut", "statute", "tuzuk", "bylaw", "articles of association"),
    "identity": (
        *("identite", "cni", "passeport", "carte id", "identity", "passport", "id card", "kimlik", "nufus", "pasaport"),
        *("recto", "verso"),
    ),
    "letter": ("lettre", "courrier", "manuscrit", "letter", "handwritten", "dilekce", "mektup"),
}
"""What customers call each piece, without accents, in French, English and Turkish; longer words may begin so."""


class Question(NamedTuple):
    """What a reviewer has to read from a piece before it can be accepted."""

    dated: bool
    name: Subject | Literal[""]
    president: bool
    address: bool


class Judgement(Value, frozen=True, kw_only=True):
    """What a review comes to: every verdict after the rules had their say, and the outcome of all of them together."""

    result: Result
    verdicts: tuple[Verdict, ...]


def checklist(service: Service, account: Account | None) -> Checklist:
    """What the service asks for from an account of this kind, in the service's order; nothing where it asks nothing."""
    return service.documents.get(account.kind, {}) if account else {}


def wants_address(service: Service, asked: Intent) -> bool:
    """Whether the customer has to say which address shall replace the registered one (O2.6)."""
    policy = service.change_address
    return policy is not None and not policy.follows and asked not in ANOTHER_WISH


def questions(name: PieceName, piece: Piece, new_address: str = "") -> Question:
    """What there is to read from a piece of this kind; `new_address` is the one that the case asks for, if any.

    Whether that is the customer's own wish is asked of every letter: a mail in her name may have named it (T6, O2.19).
    """
    address = "new_address" in piece.states or (name == "letter" and bool(new_address))
    return Question(bool(piece.max_age_days), piece.matches, "president" in piece.states, address)


def are_taken(case: Case) -> bool:
    """Whether a document can still become part of the case."""
    accepted = any(one.kind == "documents_accepted" for one in case.evidence)
    return case.state in OPEN and case.proposal is None and not accepted


def must_destroy(case: Case) -> bool:
    """Whether nothing more will be decided from the case's documents (T36)."""
    last = case.history[-1].event if case.history else ""
    ended = case.state == "expired" and (last == "case.lapsed" or not case.papers)
    return is_over(case.state) or ended or last in ("address.changed", "case.forgotten")


def piece_of(name: str, words: str = "", among: Iterable[PieceName] = tuple(WORDS)) -> PieceName | None:
    """Which piece a mailed file is, by its name, else by what the mail says of one piece alone; None when in doubt."""
    wanted = tuple(among)
    return _only(name, wanted) or _only(words, wanted)


def _only(text: str, wanted: Sequence[PieceName]) -> PieceName | None:
    plain = f" {' '.join(_folded(text))} "
    found = [piece for piece in wanted if any(f" {word}" in plain for word in WORDS[piece])]
    return found[0] if len(found) == 1 else None


def named(
    names: Sequence[str], words: str, pieces: Iterable[PieceName], lacking: Sequence[PieceName]
) -> list[PieceName | None]:
    """Which piece each file of a mail is; the one that nobody can name is the one that is still missing."""
    among = tuple(pieces) or tuple(WORDS)
    alone = words if len(names) == 1 else ""
    found = [piece_of(name, alone, among) for name in names]
    still = [one for one in lacking if one not in found]
    if len(still) == 1 and found.count(None) == 1:
        found[found.index(None)] = still[0]
    return found


def states(pieces: Checklist, papers: Sequence[Paper]) -> dict[PieceName, PieceState]:
    """How each piece stands: what was found about its newest file, `received` before anybody looked, or `missing`."""
    return {name: _state_of([one for one in papers if one.piece == name]) for name in pieces}


def _state_of(papers: Sequence[Paper]) -> PieceState:
    newest = max(papers, key=lambda one: (one.outcome is None, one.received_at), default=None)
    return "missing" if newest is None else newest.outcome or "received"


def missing(pieces: Checklist, papers: Sequence[Paper]) -> tuple[PieceName, ...]:
    """The pieces that have to be sent, or sent again, in the checklist's order (O2.18)."""
    return tuple(name for name, state in states(pieces, papers).items() if state not in ("accepted", "received"))


def are_there(pieces: Checklist, papers: Sequence[Paper]) -> bool:
    """Whether staff can begin: nothing is missing that the files nobody could name may not be."""
    waiting = [one for one in papers if one.outcome is None]
    unnamed = [one for one in waiting if one.piece is None]
    return bool(pieces and waiting) and len(missing(pieces, papers)) <= len(unnamed)


def is_fresh(dated: date, received_at: datetime, max_age_days: int) -> bool:
    """Whether a piece was at most so old on the day (UTC) that it came (O2.16); one from the future is not.

    East of Greenwich a new day has begun while it is still the day before in UTC: tomorrow's date is no future yet.
    """
    return -1 <= (received_at.date() - dated).days <= max_age_days


def same_name(read: str, recorded: str) -> bool:
    """Whether a name on a document is the record's: case, accents, blanks and the order of the words do not count."""
    return bool(recorded.strip()) and sorted(_folded(read)) == sorted(_folded(recorded))


def _folded(text: str) -> list[str]:
    """The words of a text without case and accents; the four Turkish letters i are one, as in passports."""
    apart = unicodedata.normalize("NFKD", text.translate(_LIGATURES)).casefold()
    return re.findall(r"[^\W_]+", "".join(sign for sign in apart if not unicodedata.combining(sign)))


def recorded(subject: Subject, account: Account) -> str:
    """The particular in the record that a piece must carry; empty where the record has none to compare with."""
    return (account.company or account.name) if subject in ("company", "association") else account.name


def _names(pieces: Checklist, given: Mapping[PieceName, Verdict], account: Account) -> dict[Subject, str]:
    """The name that belongs to each subject. The president in office is whom the statutes name (O2.8, O2.17)."""
    named = [given[name].president_read for name, piece in pieces.items() if "president" in piece.states]
    subjects: tuple[Subject, ...] = ("name", "company", "association")
    return {**{one: recorded(one, account) for one in subjects}, "president": named[0] if named else account.name}


def judged(
    pieces: Checklist, verdicts: Sequence[Verdict], papers: Sequence[Paper], account: Account, new_address: str = ""
) -> tuple[Judgement | None, str]:
    """What the reviewer's answers come to, or None and what they still have to say.

    The dossier is judged as a whole, pieces that were accepted before too: they have to fit each other. A name or
    address that is not the one in the record or request, and a doubt, end the request: the slightest doubt ends in
    refusal (O2.9). Age is counted on the day a piece came, not on the day somebody looks (O2.16).
    """
    given = {one.piece: one for one in verdicts}
    asked = {name: questions(name, piece, new_address) for name, piece in pieces.items()}
    lacking = [gap for name, one in asked.items() if (gap := _gap(name, one, given.get(name)))]
    if lacking or not pieces:
        return None, " ".join(lacking) or "There is no list of documents for this kind of account."
    names = _names(pieces, given, account)
    came = {name: _came(given[name], papers) for name in pieces}
    ruled = tuple(_ruled(piece, asked[name], given[name], came[name], names) for name, piece in pieces.items())
    return Judgement(result=_result(one.outcome for one in ruled), verdicts=ruled), ""


def _came(verdict: Verdict, papers: Sequence[Paper]) -> datetime | None:
    """When the newest file of a piece came that was not found wanting."""
    whole = [one for one in papers if one.outcome in (None, "accepted")]
    return max((one.received_at for one in _meant(verdict, whole)), default=None)


def _meant(verdict: Verdict, papers: Sequence[Paper]) -> list[Paper]:
    """The files a verdict is about: the piece's own, else the one the reviewer chose, else the only unnamed one."""
    own = [one for one in papers if one.piece == verdict.piece]
    unnamed = [one for one in papers if one.piece is None]
    chosen = [one for one in unnamed if one.id == verdict.paper]
    return own or chosen or (unnamed if len(unnamed) == 1 else [])


def _gap(name: PieceName, asked: Question, verdict: Verdict | None) -> str:
    """What is still to be said of a piece, in words for staff."""
    if verdict is None:
        return f"Say what you found about the {name}."
    if verdict.outcome != "accepted":
        return ""
    if asked.dated and verdict.dated is None:
        return f"Type the date that stands on the {name}."
    if asked.name and not verdict.name_read.strip():
        return f"Type the name that stands on the {name}."
    if asked.president and not verdict.president_read.strip():
        return f"Type the name of the president whom the {name} name."
    if asked.address and verdict.address_matches is None:
        return f"Say whether the new address that the {name} or the customer states is the one asked for."
    return ""


def _ruled(
    piece: Piece, asked: Question, verdict: Verdict, came: datetime | None, names: Mapping[Subject, str]
) -> Verdict:
    """The verdict, unless what the reviewer read speaks against it."""
    if verdict.outcome != "accepted":
        return verdict
    if asked.address and not verdict.address_matches:
        return replace(verdict, outcome="incomplete" if came is None else "differs")
    return replace(verdict, outcome=_outcome(piece, verdict, came, names))


def _outcome(piece: Piece, verdict: Verdict, came: datetime | None, names: Mapping[Subject, str]) -> Outcome:
    if came is None:
        return "incomplete"
    if piece.matches and not same_name(verdict.name_read, names[piece.matches]):
        return "differs"
    stale = verdict.dated is not None and not is_fresh(verdict.dated, came, piece.max_age_days)
    return "too_old" if piece.max_age_days and stale else "accepted"


def marked(papers: Sequence[Paper], judgement: Judgement) -> list[Paper]:
    """The files after a review; one that nobody could name becomes the piece it was judged as."""
    open_ones = {one.id: one for one in papers if one.outcome in (None, "accepted")}
    for verdict in judgement.verdicts:
        for one in _meant(verdict, list(open_ones.values())):
            open_ones[one.id] = replace(one, piece=verdict.piece, outcome=verdict.outcome, dated=verdict.dated)
    rest: Outcome = "accepted" if judgement.result == "accepted" else "incomplete"
    return [one if one.outcome else replace(one, outcome=rest) for one in open_ones.values()]


def _result(outcomes: Iterable[Outcome]) -> Result:
    found = set(outcomes) - {"accepted"}
    if found - set(MENDABLE):
        return "refused"
    return "again" if found else "accepted"
