"""The mails of machines and of people that look like machines, read and judged: for the benchmark and the tests."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from handlers.model.mail import ServiceNames
from mailin.reader import understand

ROOT = Path(__file__).resolve().parent.parent
CORPUS = ROOT / "tests" / "corpus" / "robots"
NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
NAMES = (*sorted(path.stem for path in (ROOT / "services").glob("*.toml")), "lantern")
SERVICES = tuple(ServiceNames(id=name, name=name, mailboxes=(f"support@{name}.example",)) for name in NAMES)

# People whose mail came through a list: nothing answers it, whatever it says (docs/reading.md, "Robots").
THROUGH_LISTS = {
    "guests": frozenset({"094-club-mailman", "095-google-group-famille"}),
    "visitors": frozenset(
        {
            *("011-club-liste-vers-support", "026-liste-google-groupe-equipe", "045-club-list-direct"),
            *("056-groups-via-rewrite", "075-club-list"),
        }
    ),
}


class Judged(NamedTuple):
    """One part of the corpus: how many of each there are, and the names of those that were misjudged.

    `through_lists` are people who wrote by way of a list and are taken for one: right by the rule, so not misjudged.
    """

    robots: int
    people: int
    answered: tuple[str, ...]
    unanswered: tuple[str, ...]
    other_kind: tuple[str, ...]
    through_lists: tuple[str, ...] = ()


def parts() -> list[str]:
    """The parts there are, by name."""
    return sorted(path.name for path in CORPUS.iterdir() if path.is_dir())


def judged(part: str) -> Judged:
    """Every mail of a part, read as a file: of the envelope nothing is known but what its headers say."""
    robots, people = dict(_kinds(CORPUS / part / "robots")), dict(_kinds(CORPUS / part / "people"))
    lists = {name for name, kind in people.items() if kind == "list" and name in THROUGH_LISTS.get(part, ())}
    return Judged(
        robots=len(robots),
        people=len(people),
        answered=tuple(name for name, kind in robots.items() if not kind),
        unanswered=tuple(name for name, kind in people.items() if kind and name not in lists),
        other_kind=tuple(f"{name} as {kind}" for name, kind in robots.items() if kind and kind != name.split("-")[0]),
        through_lists=tuple(sorted(lists)),
    )


def _kinds(folder: Path) -> Iterator[tuple[str, str]]:
    """The name of each mail, and the kind of machine it is taken for; "" for a person's."""
    for path in sorted(folder.glob("*.eml")):
        found = understand(path.read_bytes(), services=SERVICES, received_at=NOW).automatic
        yield path.stem, found.kind if found else ""
