"""What may be said of oneself: bounded, printable, real."""

from __future__ import annotations

from datetime import date

import pytest

from handlers.rules.information import read

TODAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("field", "typed", "kept"),
    [
        ("born", "1980-02-29", date(1980, 2, 29)),
        ("born", "29/02/1980", date(1980, 2, 29)),
        ("born", "1.2.1980", date(1980, 2, 1)),
        ("born", "2026-11-21", date(2026, 11, 21)),
        ("born", " ", None),
        ("city", "  Saint   Denis ", "Saint Denis"),
        ("city", "I\u0307zmir", "İzmir"),
        ("company", "x" * 100, "x" * 100),
        ("phone", "+33 (0)4 00-00.00/00", "+33 (0)4 00-00.00/00"),
        ("country", "", ""),
    ],
)
def test_CP_6_what_is_typed_is_kept_tidy(field: str, typed: str, kept: object) -> None:
    """Blanks, composed letters, and dates as our three languages write them."""
    assert read({field: typed}, TODAY) == ({field: kept}, ())


@pytest.mark.parametrize(
    ("field", "typed", "code"),
    [
        ("born", "2026-11-22", "no_date"),
        ("born", "2031-01-01", "no_date"),
        ("born", "1981-02-29", "no_date"),
        ("born", "1850-01-01", "no_date"),
        ("born", "0000-00-00", "no_date"),
        ("born", "yesterday 1", "no_date"),
        ("born", "１９８０-01-01", "no_date"),
        ("city", "x" * 101, "too_long"),
        ("city", "Ly\x00on", "unreadable"),
        ("city", "\u202eLyon", "unreadable"),
        ("name", "---", "unreadable"),
        ("phone", "call me", "no_phone"),
        ("phone", "12", "no_phone"),
        ("phone", "+" + "1" * 60, "no_phone"),
    ],
)
def test_what_cannot_be_is_refused_with_a_reason(field: str, typed: str, code: str) -> None:
    """Hostile input included (rule 9)."""
    values, wrong = read({field: typed}, TODAY)
    assert (values, [(one.field, one.code) for one in wrong]) == ({}, [(field, code)])


def test_fields_that_nobody_asked_for_are_not_read() -> None:
    """A form that was tampered with sets nothing else."""
    assert read({"address": "eve@mail.example", "password_hash": "x", "frozen": ""}, TODAY) == ({}, ())
