"""What got 250 is on a case or set aside and named, once, however often the desk is killed meanwhile."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.flood import play

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
MAILS = 400


async def test_a_flood_with_two_kills_loses_nothing_and_doubles_nothing(tmp_path: Path) -> None:
    """Twenty senders at once, one mail in ten hostile; at full length: `python -m tests.e2e.flood`."""
    outcome = await play(tmp_path, MAILS, senders=20, kills=2)
    assert (outcome.accepted, outcome.lost, outcome.twice) == (MAILS, [], [])
