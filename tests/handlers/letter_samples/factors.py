"""The letters about the second factor."""

from __future__ import annotations

from datetime import timedelta

from handlers.letters import Facts
from handlers.vault import Secret
from tests.builders import NOW, make_grant, shipped_service
from tests.handlers.letterbox import DIGITS, TOKEN, make_facts, make_letter
from tests.handlers.samples import sample

SERVICE = shipped_service("connectprof")


@sample("second_factor_code")
def second_factor_code(language: str) -> Facts:
    """A code for ten minutes, to somebody who is signed in."""
    letter = make_letter(
        "second_factor_code", language=language, case="", account="A-DURAND", until=NOW + timedelta(minutes=10)
    )
    nothing = {"case": None, "grant": None}
    return make_facts("second_factor_code", language, service=SERVICE, letter=letter, secret=Secret(DIGITS), **nothing)


@sample("second_factor_changed")
def second_factor_changed(language: str) -> Facts:
    """An app was linked to the account."""
    return changed(language, "added_totp")


@sample("second_factor_reset")
def second_factor_reset(language: str) -> Facts:
    """A link for a day, once the team agreed."""
    grant = make_grant(kind="second_factor", expires_at=NOW + timedelta(hours=24))
    return make_facts("second_factor_reset", language, service=SERVICE, grant=grant, secret=Secret(TOKEN))


def changed(language: str, what: str) -> Facts:
    """The notice of one change."""
    letter = make_letter("second_factor_changed", language=language, case="", account="A-DURAND", detail=what)
    return make_facts("second_factor_changed", language, service=SERVICE, letter=letter, case=None, grant=None)
