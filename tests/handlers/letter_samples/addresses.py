"""The letters about a change of address, and the one about a freeze."""

from __future__ import annotations

from datetime import timedelta

from handlers.letters import Facts
from handlers.model.outbox import LetterKind
from handlers.vault import Secret
from tests.builders import NOW, make_grant, shipped_service
from tests.handlers.letterbox import DIGITS, TOKEN, make_facts, make_letter
from tests.handlers.samples import sample


@sample("confirm_address")
def confirm_address(language: str) -> Facts:
    """To the new address, for a day."""
    grant = make_grant(kind="address", expires_at=NOW + timedelta(hours=24))
    return _about("confirm_address", language, grant=grant, secret=Secret(f"{TOKEN} {DIGITS}"), account=None)


@sample("address_asked")
def address_asked(language: str) -> Facts:
    """At the start."""
    return _about("address_asked", language, hours=24)


@sample("address_agreed")
def address_agreed(language: str) -> Facts:
    """It will happen in three days."""
    return _about("address_agreed", language, hours=72)


@sample("address_changed")
def address_changed(language: str) -> Facts:
    """It can be undone for a week."""
    return _about("address_changed", language, hours=168)


@sample("address_registered")
def address_registered(language: str) -> Facts:
    """To the new address, once it is the one on file."""
    return _about("address_registered", language)


@sample("frozen")
def frozen(language: str) -> Facts:
    """Everything has stopped."""
    return _about("frozen", language)


@sample("lifted")
def lifted(language: str) -> Facts:
    """Our team has looked into it."""
    return _about("lifted", language)


def _about(kind: LetterKind, language: str, hours: int = 0, **changes: object) -> Facts:
    detail = f"m•••@m••••.example {(NOW + timedelta(hours=hours)).isoformat()}"
    letter = make_letter(kind, language=language, detail=detail)
    return make_facts(kind, language, **{"service": shipped_service("o2switch"), "letter": letter, **changes})
