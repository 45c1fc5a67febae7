"""Machines are never answered and people always: whole mails of many makes, and of people who look like machines."""

from __future__ import annotations

import pytest

from bench.robots import THROUGH_LISTS, Judged, judged, parts

LEFT_UNANSWERED = 0.01
OTHER_KIND = 0.05


@pytest.fixture(scope="module", params=parts())
def part(request: pytest.FixtureRequest) -> Judged:
    """Each part of the corpus, judged once."""
    return judged(request.param)


def test_no_robot_is_answered(part: Judged) -> None:
    """Of at least 90 mails of machines, with and without proper headers, none is taken for a person's (T17, T18)."""
    assert part.answered == ()
    assert part.robots >= 90


def test_nobody_is_left_unanswered(part: Judged) -> None:
    """Of at least 90 mails of people who look like machines, at most one in a hundred is taken for one's."""
    assert len(part.unanswered) <= LEFT_UNANSWERED * part.people, part.unanswered
    assert part.people >= 90


@pytest.mark.parametrize("name", THROUGH_LISTS)
def test_who_writes_by_way_of_a_list_is_a_list(name: str) -> None:
    """Some mails of people came through their club's or firm's list: they are left out above, and no other is."""
    assert set(judged(name).through_lists) == THROUGH_LISTS[name]


def test_robots_are_told_by_their_kind(part: Judged) -> None:
    """A bounce is no vacation note: at least 95 in a hundred are what the first word of their name says."""
    assert len(part.other_kind) <= OTHER_KIND * part.robots, part.other_kind
