"""The checklists of documents, and what a review of them comes to: tables of the seeds' rules."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from handlers.model.case import Case, State, Step
from handlers.model.evidence import EvidenceKind
from handlers.model.paper import Outcome, Paper, Verdict
from handlers.model.service import PieceName
from handlers.rules import documents
from handlers.rules.documents import Judgement, judged, missing, piece_of, questions, same_name, states
from tests.builders import NOW, make_account, make_case, make_paper, shipped_service

O2 = shipped_service("o2switch")
MARIE = make_account(service="o2switch")
SHOP = make_account(service="o2switch", kind="company", company="Durand et Fils SARL")
CLUB = make_account(service="o2switch", kind="association", company="Club des Boulistes", name="Paul Ancien")
COMPANY = documents.checklist(O2, SHOP)
PERSON = documents.checklist(O2, MARIE)
ASSOCIATION = documents.checklist(O2, CLUB)

CHANGED = Step(event="address.changed", by="desk", name="the desk", at=NOW)
KBIS = Verdict(piece="kbis", dated=date(2026, 10, 1), name_read="DURAND ET FILS SARL")
IDENTITY = Verdict(piece="identity", name_read="DURAND Marie")
LETTER = Verdict(piece="letter", address_matches=True)


def papers(*pieces: PieceName | None, **changes: Any) -> list[Paper]:
    """One file of each piece, one a minute."""
    return [
        make_paper(id=f"D-{at}", piece=piece, received_at=NOW + timedelta(minutes=at), **changes)
        for at, piece in enumerate(pieces)
    ]


WHOLE = papers("kbis", "identity", "letter")


def company(*verdicts: Verdict) -> Judgement:
    """The review of a company's whole dossier."""
    judgement, gap = judged(COMPANY, verdicts, WHOLE, SHOP)
    assert judgement, gap
    return judgement


def test_O2_6_an_individual_sends_identity_and_a_handwritten_letter() -> None:
    """The first with a declaration on honour, the second signed, saying that he wishes to recover the account."""
    assert list(PERSON) == ["identity", "letter"]
    assert PERSON["identity"].declaration
    assert (PERSON["letter"].handwritten, PERSON["letter"].signed, PERSON["letter"].states) == (True, True, ("wish",))


def test_O2_6_whoever_loses_an_address_says_which_one_replaces_it() -> None:
    """The third thing to send, unless it is about something else than the address."""
    assert documents.wants_address(O2, "password_reset")
    assert documents.wants_address(O2, "address_change")
    assert not documents.wants_address(O2, "second_factor")
    assert not documents.wants_address(shipped_service("shopfactory"), "address_change")


def test_O2_7_a_company_sends_a_fresh_kbis_too() -> None:
    """Of the company the record names, with the identity of the person it names; the letter states the address."""
    assert list(COMPANY) == ["kbis", "identity", "letter"]
    assert (COMPANY["kbis"].max_age_days, COMPANY["kbis"].matches) == (92, "company")
    assert COMPANY["identity"].matches == "name"
    assert set(COMPANY["letter"].states) == {"reason", "new_address"}


def test_O2_8_an_association_sends_statutes_and_both_sides() -> None:
    """The statutes name the president in office, whose card and letter are the other two."""
    assert list(ASSOCIATION) == ["statutes", "identity", "letter"]
    assert ASSOCIATION["identity"].both_sides
    assert {ASSOCIATION["identity"].matches, ASSOCIATION["letter"].matches} == {"president"}


@pytest.mark.parametrize(
    ("name", "words", "piece"),
    [
        ("Kbis.pdf", "", "kbis"),
        ("extrait_K-bis_2026.pdf", "", "kbis"),
        ("KBİS.PDF", "", "kbis"),
        ("ticaret-sicil.pdf", "", "kbis"),
        ("Statuts association.pdf", "", "statutes"),
        ("statutes.pdf", "", "statutes"),
        ("tüzük.pdf", "", "statutes"),
        ("TÜZÜĞÜ.pdf", "", None),
        ("Carte d'identité.jpg", "", "identity"),
        ("pièce d\u2019identité recto.jpg", "", "identity"),
        ("CNI_verso.png", "", "identity"),
        ("Passeport.pdf", "", "identity"),
        ("passport scan.pdf", "", "identity"),
        ("KİMLİK.jpg", "", "identity"),
        ("kimlik-on.jpg", "", "identity"),
        ("Lettre manuscrite.pdf", "", "letter"),
        ("letter.pdf", "", "letter"),
        ("DİLEKÇE.pdf", "", "letter"),
        ("newsletter.pdf", "", None),
        ("IMG_2031.jpg", "", None),
        ("IMG_2031.jpg", "Voici ma carte d'identité.", "identity"),
        ("IMG_2031.jpg", "Voici ma carte d'identité et ma lettre.", None),
        ("lettre et kbis.pdf", "", None),
        ("lettre.pdf", "Voici le Kbis.", "letter"),
    ],
)
def test_O2_18_a_mailed_file_says_by_its_name_what_it_is(name: str, words: str, piece: str | None) -> None:
    """In three languages; where the name says nothing, the mail may; what could be two is none."""
    assert piece_of(name, words) == piece


def test_a_file_is_only_what_the_account_has_to_send() -> None:
    """A shareholder's statutes are none of the three pieces of a company."""
    assert piece_of("statuts.pdf", among=COMPANY) is None


@pytest.mark.parametrize(
    ("sent", "lacking"),
    [
        ((), ("kbis", "identity", "letter")),
        (("letter",), ("kbis", "identity")),
        (("kbis", "letter"), ("identity",)),
        (("identity", "identity"), ("kbis", "letter")),
        (("kbis", "identity", "letter"), ()),
        (("statutes", None), ("kbis", "identity", "letter")),
    ],
)
def test_O2_18_what_is_missing_is_told_exactly(sent: tuple[PieceName | None, ...], lacking: tuple[str, ...]) -> None:
    """Piece by piece, over as many mails as it takes."""
    assert missing(COMPANY, papers(*sent)) == lacking


@pytest.mark.parametrize(
    ("sent", "there"),
    [
        ((), False),
        ((None,), False),
        (("kbis", "identity"), False),
        (("kbis", "identity", None), True),
        ((None, None, None), True),
        (("kbis", "identity", "letter"), True),
    ],
)
def test_O2_18_files_that_nobody_can_name_may_be_what_is_missing(
    sent: tuple[PieceName | None, ...], there: bool
) -> None:
    """Then somebody has to look, rather than ask for what is there."""
    assert documents.are_there(COMPANY, papers(*sent)) is there


def test_O2_18_a_piece_that_was_refused_is_missing_until_it_comes_again() -> None:
    """An accepted one is not asked for again."""
    judged_before = [*papers("kbis", outcome="too_old"), *papers("identity", outcome="accepted")]
    assert states(COMPANY, judged_before) == {"kbis": "too_old", "identity": "accepted", "letter": "missing"}
    again = [*judged_before, *papers("kbis")]
    assert missing(COMPANY, again) == ("letter",)


@pytest.mark.parametrize(
    ("dated", "received", "fresh"),
    [
        (date(2026, 8, 22), datetime(2026, 11, 22, 14, 5, tzinfo=UTC), True),
        (date(2026, 8, 21), datetime(2026, 11, 22, 14, 5, tzinfo=UTC), False),
        (date(2026, 8, 22), datetime(2026, 11, 22, 23, 59, 59, tzinfo=UTC), True),
        (date(2026, 8, 22), datetime(2026, 11, 23, 0, 0, tzinfo=UTC), False),
        (date(2026, 11, 22), datetime(2026, 11, 22, 0, 0, tzinfo=UTC), True),
        (date(2026, 11, 23), datetime(2026, 11, 22, 23, 30, tzinfo=UTC), True),
        (date(2026, 11, 24), datetime(2026, 11, 22, 23, 59, tzinfo=UTC), False),
        (date(2027, 12, 31), datetime(2028, 4, 1, 8, 0, tzinfo=UTC), True),
        (date(2027, 11, 29), datetime(2028, 2, 29, 8, 0, tzinfo=UTC), True),
        (date(2027, 11, 28), datetime(2028, 2, 29, 8, 0, tzinfo=UTC), False),
        (date(2027, 11, 30), datetime(2028, 3, 1, 8, 0, tzinfo=UTC), True),
        (date(2028, 2, 29), datetime(2028, 5, 31, 8, 0, tzinfo=UTC), True),
    ],
)
def test_O2_7_a_kbis_is_less_than_three_months_old(dated: date, received: datetime, fresh: bool) -> None:
    """92 days to the day are fresh and 93 are not, over month ends and leap days; none is dated in the future.

    At 23:30 UTC it is half past midnight in Paris, and an extract of that moment bears the new day's date.
    """
    assert documents.is_fresh(dated, received, 92) is fresh


def test_O2_16_age_is_counted_at_receipt() -> None:
    """A case that waits makes no document old: what counts is the day it came, however late somebody looks."""
    old = [make_paper(id="D-1", piece="kbis", received_at=NOW - timedelta(days=200)), *papers("identity", "letter")]
    fresh_then = Verdict(piece="kbis", dated=(NOW - timedelta(days=292)).date(), name_read="Durand et Fils SARL")
    judgement, _ = judged(COMPANY, (fresh_then, IDENTITY, LETTER), old, SHOP)
    assert judgement
    assert judgement.result == "accepted"


def test_O2_16_a_piece_that_is_too_old_can_be_sent_again() -> None:
    """The rules find it from the date the reviewer typed, whatever the reviewer thought of it."""
    judgement = company(
        Verdict(piece="kbis", dated=date(2026, 8, 21), name_read="Durand et Fils SARL"), IDENTITY, LETTER
    )
    assert (judgement.result, judgement.verdicts[0].outcome) == ("again", "too_old")


def test_O2_7_a_whole_dossier_is_accepted() -> None:
    """Every piece there, fresh, and in the record's names."""
    assert company(KBIS, IDENTITY, LETTER).result == "accepted"


@pytest.mark.parametrize(
    ("read", "recorded", "same"),
    [
        ("DURAND Marie", "Marie Durand", True),
        ("Marie  DURAND ", "Marie Durand", True),
        ("Helene Lefevre", "Hélène Lefèvre", True),
        ("Jean-Pierre Martin", "Martin Jean Pierre", True),
        ("İSMAİL YILDIZ", "İsmail Yıldız", True),
        ("ISMAIL YILDIZ", "İsmail Yıldız", True),
        ("ismail yildiz", "İsmail Yıldız", True),
        ("Cœur Anne", "Anne COEUR", True),
        ("Marie Durant", "Marie Durand", False),
        ("Durand", "Marie Durand", False),
        ("Marie Claire Durand", "Marie Durand", False),
        ("Marie Marie", "Marie", False),
        ("Мarie Durand", "Marie Durand", False),
        ("", "", False),
        ("Marie Durand", "", False),
    ],
)
def test_O2_7_names_are_compared_as_people_write_them(read: str, recorded: str, same: bool) -> None:
    """Case, accents, blanks and order do not count, nor which of its four letters i Turkish used; letters do."""
    assert same_name(read, recorded) is same


@pytest.mark.parametrize(
    "differs",
    [
        Verdict(piece="identity", name_read="Jean Durand"),
        Verdict(piece="kbis", dated=KBIS.dated, name_read="Dupont SARL"),
        Verdict(piece="letter", address_matches=False),
    ],
)
def test_O2_9_what_differs_from_the_record_ends_in_refusal(differs: Verdict) -> None:
    """Though the reviewer accepted it: nothing that contradicts the record can be mended by sending it again."""
    verdicts = [differs if one.piece == differs.piece else one for one in (KBIS, IDENTITY, LETTER)]
    judgement = company(*verdicts)
    assert judgement.result == "refused"
    assert [one.outcome for one in judgement.verdicts].count("differs") == 1


def test_O2_19_the_letters_address_is_the_one_asked_for() -> None:
    """A letter that states another new address ends the request."""
    assert company(KBIS, IDENTITY, Verdict(piece="letter", address_matches=False)).result == "refused"


@pytest.mark.parametrize(
    ("outcomes", "result"),
    [
        (("accepted", "accepted", "accepted"), "accepted"),
        (("unreadable", "accepted", "accepted"), "again"),
        (("incomplete", "too_old", "accepted"), "again"),
        (("accepted", "doubtful", "accepted"), "refused"),
        (("unreadable", "doubtful", "accepted"), "refused"),
        (("differs", "accepted", "accepted"), "refused"),
    ],
)
def test_O2_9_the_slightest_doubt_ends_in_refusal(outcomes: tuple[Outcome, ...], result: str) -> None:
    """One doubt outweighs everything else that was found; faults that can be mended do not end anything."""
    good = (KBIS, IDENTITY, LETTER)
    verdicts = [
        one if outcome == "accepted" else Verdict(piece=one.piece, outcome=outcome)
        for one, outcome in zip(good, outcomes, strict=True)
    ]
    assert company(*verdicts).result == result


@pytest.mark.parametrize(
    ("president", "card", "result"),
    [
        ("Anne Nouvelle", "NOUVELLE Anne", "accepted"),
        ("Anne Nouvelle", "Paul Ancien", "refused"),
        ("Paul Ancien", "Paul Ancien", "accepted"),
    ],
)
def test_O2_8_the_president_is_whom_the_statutes_name(president: str, card: str, result: str) -> None:
    """A president who changed since the record was made is compared with the statutes, not with the record (O2.17)."""
    verdicts = (
        Verdict(piece="statutes", dated=date(2026, 1, 10), name_read="Club des boulistes", president_read=president),
        Verdict(piece="identity", name_read=card),
        Verdict(piece="letter", name_read=card),
    )
    judgement, gap = judged(ASSOCIATION, verdicts, papers("statutes", "identity", "letter"), CLUB)
    assert judgement, gap
    assert judgement.result == result


@pytest.mark.parametrize(
    ("verdicts", "gap"),
    [
        ((), "kbis"),
        ((KBIS, IDENTITY), "Say what you found about the letter."),
        ((Verdict(piece="kbis", name_read="x"), IDENTITY, LETTER), "Type the date"),
        ((Verdict(piece="kbis", dated=KBIS.dated), IDENTITY, LETTER), "Type the name that stands on the kbis"),
        ((KBIS, Verdict(piece="identity", name_read=" "), LETTER), "Type the name that stands on the identity"),
        ((KBIS, IDENTITY, Verdict(piece="letter")), "whether the new address"),
    ],
)
def test_O2_9_nothing_is_accepted_that_nobody_looked_at(verdicts: tuple[Verdict, ...], gap: str) -> None:
    """Every piece needs a verdict, and an accepted one everything that has to be compared."""
    judgement, said = judged(COMPANY, verdicts, WHOLE, SHOP)
    assert judgement is None
    assert gap in said


def test_a_piece_that_never_came_cannot_be_accepted() -> None:
    """The reviewer may say so; the rules ask for it."""
    judgement, _ = judged(COMPANY, (KBIS, IDENTITY, LETTER), papers("kbis", "identity"), SHOP)
    assert judgement
    assert (judgement.result, judgement.verdicts[2].outcome) == ("again", "incomplete")


def test_one_of_several_files_that_nobody_could_name_has_to_be_chosen() -> None:
    """The only one there is goes without saying; of two, the desk picks none by itself."""
    loose = [make_paper(id=f"D-LOOSE-{number}", piece=None) for number in range(2)]
    named, chosen = papers("kbis", "identity"), replace(LETTER, paper="D-LOOSE-1")
    for verdict, files, outcome in (
        (LETTER, loose, "incomplete"),
        (LETTER, loose[:1], "accepted"),
        (chosen, loose, "accepted"),
    ):
        judgement, _ = judged(COMPANY, (KBIS, IDENTITY, verdict), [*named, *files], SHOP)
        assert judgement
        assert judgement.verdicts[2].outcome == outcome


def test_the_questions_of_a_review_come_from_the_checklist() -> None:
    """A date, a name, a president, an address: only what the service's list compares."""
    assert questions("kbis", COMPANY["kbis"], "marie@neuf.example") == (True, "company", False, False)
    assert questions("letter", COMPANY["letter"]) == (False, "", False, True)
    assert questions("statutes", ASSOCIATION["statutes"]) == (True, "association", True, False)


def test_T6_every_letter_is_compared_with_the_new_address_that_the_case_asks_for() -> None:
    """T6, O2.19: an association's letter need not state it; a mail in the customer's name may still have set it."""
    assert not questions("letter", ASSOCIATION["letter"]).address
    assert questions("letter", ASSOCIATION["letter"], "marie@neuf.example").address


def in_state(state: State, *evidence: EvidenceKind, **changes: Any) -> Case:
    """A case in that state."""
    return make_case(*evidence, state=state, **changes)


@pytest.mark.parametrize(
    ("case", "taken"),
    [
        (in_state("new"), True),
        (in_state("waiting"), True),
        (in_state("review"), True),
        (in_state("expired"), True),
        (in_state("pending"), False),
        (in_state("refused"), False),
        (in_state("frozen"), False),
        (in_state("claimed", "documents_accepted"), False),
    ],
)
def test_documents_are_taken_until_they_are_accepted(case: Case, taken: bool) -> None:
    """What comes later would stand unlooked-at beside what was decided."""
    assert documents.are_taken(case) is taken


@pytest.mark.parametrize(
    ("case", "destroyed"),
    [
        (in_state("review", papers=1), False),
        (in_state("claimed"), False),
        (in_state("pending"), False),
        (in_state("frozen"), False),
        (in_state("expired", papers=1), False),
        (in_state("expired"), True),
        (in_state("issued", history=(CHANGED,)), True),
        (in_state("redeemed"), True),
        (in_state("refused", papers=2), True),
        (in_state("cancelled", papers=2), True),
    ],
)
def test_O2_20_documents_go_with_the_decision(case: Case, destroyed: bool) -> None:
    """Once nothing more will be decided from them (T36); a freeze keeps them for whoever looks into it."""
    assert documents.must_destroy(case) is destroyed
