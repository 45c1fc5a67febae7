"""The page on Slack says what the code does."""

from __future__ import annotations

from pathlib import Path

from bot.commands import COMMAND
from bot.manifest import SCOPES

PAGE = (Path(__file__).parents[2] / "docs" / "slack.md").read_text(encoding="utf-8")


def test_every_permission_is_explained_as_in_the_code() -> None:
    """Whoever installs the app learns why, word for word, and nothing that is not asked for is listed."""
    rows = [line.split("|") for line in PAGE.splitlines() if line.startswith("| `") and ":" in line.split("|")[1]]
    listed = {row[1].strip().strip("`"): row[2].strip().replace("`", "") for row in rows}
    assert listed == {scope: why for scope, why in SCOPES.items() if scope != "commands"}
    assert f"| `commands` | {SCOPES['commands'].replace(COMMAND, f'`{COMMAND}`')} |" in PAGE


def test_the_picture_of_the_card_is_small_enough_for_the_front_page() -> None:
    """It loads on a phone."""
    assert (Path(__file__).parents[2] / "docs" / "pictures" / "slack-card.en.png").stat().st_size < 150_000
