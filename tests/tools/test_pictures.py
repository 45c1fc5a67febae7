"""The pictures in docs: none is missing, none is left over, and all of them load on a phone."""

from __future__ import annotations

from scripts.pictures import PICTURES, SLACK
from tests.handlers.samples import all_samples
from tests.portal.gallery import all_scenes

NAMES = {scene.name for scene in all_scenes()} | {f"letter-{kind}" for kind in all_samples()} | set(SLACK)
DRAWN = {file: file.name.partition(".")[0] for file in PICTURES.iterdir()}


def test_every_page_letter_and_card_has_a_picture() -> None:
    """The docs show what this version shows."""
    missing = sorted(NAMES - set(DRAWN.values()))
    assert missing == [], f"make pictures ONLY='{' '.join(missing)}'"


def test_every_picture_shows_something_that_exists() -> None:
    """A page that is gone leaves no picture behind."""
    assert [file.name for file, name in DRAWN.items() if name not in NAMES] == []


def test_the_pictures_together_are_small() -> None:
    """Whoever clones the tree fetches them, too: under 6 MB."""
    assert sum(file.stat().st_size for file in DRAWN) < 6_000_000
