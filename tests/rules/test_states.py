"""The life of a case."""

from __future__ import annotations

from pathlib import Path

import pytest

from handlers.model.case import State
from handlers.rules.states import MOVES, OVER, diagram, is_over, may_move

DOCS = Path(__file__).parents[2] / "docs"


def test_the_picture_in_the_docs_is_made_from_the_table() -> None:
    """docs/states.md shows exactly the moves that the code allows."""
    assert diagram() in (DOCS / "states.md").read_text("utf-8")


@pytest.mark.parametrize("state", MOVES)
def test_every_state_can_be_reached_and_left_or_is_an_end(state: State) -> None:
    """No state is an island."""
    assert state == "new" or any(state in targets for targets in MOVES.values())
    assert is_over(state) == (state in ("redeemed", "refused", "cancelled"))


@pytest.mark.parametrize("end", OVER)
def test_a_case_that_is_over_goes_nowhere_and_changes_no_more(end: State) -> None:
    """What ended stays as it ended, unless somebody says that it was not them."""
    assert [to for to in MOVES if may_move(end, to)] == ["frozen"]
