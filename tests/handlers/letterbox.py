"""Builders for the tests of letters and the courier: what goes into an envelope."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from handlers.letters import Facts
from handlers.model.case import Case
from handlers.model.outbox import Letter, LetterKind
from handlers.vault import Secret
from tests.builders import ADDRESS, NOW, PORTAL, make_account, make_case, make_grant, make_service

TOKEN = "kX9vB2nLq0TzYfWmRc7sUe4hJd1gPa8oIx3wNy6tVbE"
DIGITS = "482913"


def make_issued_case(**changes: Any) -> Case:
    """A case whose link was sent three minutes after it was opened."""
    opened = {"state": "issued", "grant": "G-1", "opened_at": NOW - timedelta(minutes=3), "changed_at": NOW}
    return make_case(**opened | changes)


def make_letter(kind: LetterKind = "reset", **changes: Any) -> Letter:
    """A letter of that kind to Marie Durand, due now."""
    fields: dict[str, Any] = {
        "id": "L-7F3K2M7F3K2M",
        "queue": "letters",
        "due": NOW,
        "kind": kind,
        "service": "shopfactory",
        "case": "R-7F3K2M",
        "to": ADDRESS,
        "language": "fr",
        "grant": "G-1" if kind in ("reset", "code") else "",
        "written_at": NOW,
    }
    return Letter(**fields | changes)


def make_facts(kind: LetterKind = "reset", language: str = "fr", **changes: Any) -> Facts:
    """All that a letter of that kind is written from."""
    secrets = {"reset": Secret(TOKEN), "code": Secret(f"{TOKEN} {DIGITS}")}
    fields: dict[str, Any] = {
        "letter": make_letter(kind, language=language),
        "service": make_service(),
        "account": make_account(),
        "grant": make_grant() if kind == "reset" else make_grant(kind="code", expires_at=NOW + timedelta(minutes=10)),
        "case": make_issued_case(),
        "secret": secrets.get(kind),
        "portal_url": PORTAL,
    }
    return Facts(**fields | changes)
