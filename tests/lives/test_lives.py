"""Every life, wait, grace, renewal and age limit to the second, over clock changes, month ends and leap days.

The rows that a rule of a service states have a test of that rule's name; all others are played together.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

import pytest

from handlers.model.document import Value
from handlers.model.service import Piece, Service
from tests.lives.life import LAST, MOMENTS, Life, played
from tests.lives.page import page
from tests.lives.table import INTERNAL, LIVES
from tests.lives.windows import ROOT, constants

RULED = (
    *("reset link", "code", "sign-in code", "password", "wait", "grace", "grace by mail", "last reactivation link"),
    *("deletion", "kbis", "known browser", "documents", "undecided documents"),
)
UNRULED = sorted(set(LIVES) - set(RULED))
UNITS = ("_seconds", "_minutes", "_hours", "_days")
over_all_moments = pytest.mark.parametrize("around", MOMENTS.values(), ids=MOMENTS)


async def require_to_the_second(life: Life, folder: Path, around: datetime | None) -> None:
    """Half a second before its end it holds, at its end it does not."""
    start = life.starts(around)
    before, at = life.ends(start) - LAST, life.ends(start)
    if life.once:
        said = [*await played(life, folder / "before", start, before), *await played(life, folder / "at", start, at)]
    else:
        said = await played(life, folder / "both", start, before, at)
    assert said == [True, False], f"{life.what}: begun {start}, ends {at}"


@over_all_moments
@pytest.mark.parametrize("name", UNRULED)
async def test_it_lasts_to_the_second(tmp_path: Path, name: str, around: datetime | None) -> None:
    """Whatever clocks and calendars do meanwhile."""
    await require_to_the_second(LIVES[name], tmp_path, around)


@over_all_moments
async def test_SF_11_the_link_dies_after_thirty_minutes(tmp_path: Path, around: datetime | None) -> None:
    """ShopFactory's session expires after 30 minutes, at the second and not when somebody sweeps."""
    assert LIVES["reset link"].length.total_seconds() == 30 * 60
    await require_to_the_second(LIVES["reset link"], tmp_path, around)


@over_all_moments
@pytest.mark.parametrize("name", ["code", "sign-in code"])
async def test_OC_9_a_code_dies_after_ten_minutes(tmp_path: Path, name: str, around: datetime | None) -> None:
    """For a new password, and at sign-in."""
    assert LIVES[name].length.total_seconds() == 10 * 60
    await require_to_the_second(LIVES[name], tmp_path, around)


@over_all_moments
async def test_OC_7_a_known_browser_is_asked_again_after_thirty_days(tmp_path: Path, around: datetime | None) -> None:
    """Days of 24 hours from its code."""
    assert LIVES["known browser"].length.days == 30
    await require_to_the_second(LIVES["known browser"], tmp_path, around)


@over_all_moments
async def test_CP_17_renewal_is_asked_after_ninety_days(tmp_path: Path, around: datetime | None) -> None:
    """Not a second sooner."""
    assert LIVES["password"].length.days == 90
    await require_to_the_second(LIVES["password"], tmp_path, around)


@over_all_moments
@pytest.mark.parametrize("name", ["grace", "grace by mail", "last reactivation link"])
async def test_CP_26_reopening_is_possible_until_the_last_second_and_not_in_the_next(
    tmp_path: Path, name: str, around: datetime | None
) -> None:
    """Signing in and the link agree, also one that was sent a minute before."""
    assert LIVES["grace"].length.days == 30
    await require_to_the_second(LIVES[name], tmp_path, around)


@over_all_moments
async def test_CP_21_data_go_when_the_thirty_days_are_over(tmp_path: Path, around: datetime | None) -> None:
    """Neither sooner nor later."""
    await require_to_the_second(LIVES["deletion"], tmp_path, around)


@over_all_moments
async def test_O2_9_the_wait_is_72_hours_to_the_second(tmp_path: Path, around: datetime | None) -> None:
    """Hours are counted in UTC: no clock that goes forward or back, and no month's end, shortens or prolongs them."""
    assert LIVES["wait"].length.total_seconds() == 72 * 3600
    await require_to_the_second(LIVES["wait"], tmp_path, around)


@over_all_moments
async def test_O2_16_the_age_of_a_document_is_counted_at_receipt(tmp_path: Path, around: datetime | None) -> None:
    """To the end of the 92nd day, however late somebody looks at it."""
    assert LIVES["kbis"].length.days == 92
    await require_to_the_second(LIVES["kbis"], tmp_path, around)


@over_all_moments
async def test_O2_20_a_case_that_lapses_loses_its_documents(tmp_path: Path, around: datetime | None) -> None:
    """A customer who never sends the rest leaves nothing behind."""
    await require_to_the_second(LIVES["documents"], tmp_path, around)


@over_all_moments
async def test_O2_20_nothing_is_kept_for_ever(tmp_path: Path, around: datetime | None) -> None:
    """A case that nobody decides loses its documents after 90 days."""
    assert LIVES["undecided documents"].length.days == 90
    await require_to_the_second(LIVES["undecided documents"], tmp_path, around)


def test_every_time_of_a_service_file_has_a_row() -> None:
    """A new key that is a time is played here, or fails here."""
    assert {key for life in LIVES.values() for key in life.keys} == set(times_of(Service))


def test_every_time_in_the_code_has_a_row() -> None:
    """So is a new constant, unless INTERNAL says why it promises nobody anything."""
    found = {name for name, _ in constants()}
    rows = {name for life in LIVES.values() for name in life.of}
    assert found == rows | set(INTERNAL)
    assert not rows & set(INTERNAL)


def test_the_page_says_what_is_played() -> None:
    """docs/lives.md is the table in words."""
    assert (ROOT / "docs" / "lives.md").read_text("utf-8") == page()


def times_of(kind: type[Value], section: str = "") -> Iterator[str]:
    """Every key that is a time, as `<section>.<key>`."""
    for name, hint in get_type_hints(kind, include_extras=False).items():
        if name.endswith(UNITS):
            yield f"{section}.{name}"
        elif kind is Service:
            for one in _values_in(hint):
                yield from times_of(one, name)


def _values_in(hint: Any) -> Iterator[type[Value]]:
    if get_origin(hint) in (Annotated, Union, UnionType, dict, tuple):
        for one in get_args(hint):
            yield from _values_in(one)
    elif isinstance(hint, type) and issubclass(hint, Value):
        yield hint


def test_the_search_for_keys_finds_those_that_lie_deep() -> None:
    """Those of a document in a list of a kind of account too."""
    assert list(times_of(Piece, "documents")) == ["documents.max_age_days"]
    assert "documents.max_age_days" in set(times_of(Service))
