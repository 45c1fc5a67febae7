"""The letters about a closed account, and about account information."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from handlers.letters import Facts
from handlers.model.outbox import LetterKind
from handlers.vault import Secret
from tests.builders import NOW, make_account, make_grant, shipped_service
from tests.handlers.letterbox import TOKEN, make_facts, make_issued_case, make_letter
from tests.handlers.samples import sample

UNTIL = NOW + timedelta(days=30)


def about_account(kind: LetterKind, language: str, **changes: Any) -> Facts:
    """A letter that no case is about."""
    letter = make_letter(kind, language=language, case="", account="A-DURAND", detail=UNTIL.isoformat())
    fields = {"service": shipped_service("connectprof"), "letter": letter, "grant": None, "case": None}
    return make_facts(kind, language, **fields | changes)


@sample("closed")
def closed(language: str) -> Facts:
    """Thirty days to come back."""
    return about_account("closed", language)


@sample("reactivation")
def reactivation(language: str) -> Facts:
    """A link that reopens the account."""
    return make_facts(
        "reactivation",
        language,
        service=shipped_service("connectprof"),
        account=make_account(closed_at=NOW, reopens_until=UNTIL),
        letter=make_letter("reactivation", language=language, detail=UNTIL.isoformat(), grant="G-1"),
        grant=make_grant(kind="reactivation"),
        secret=Secret(TOKEN),
    )


@sample("reactivated")
def reactivated(language: str) -> Facts:
    """Open again."""
    return about_account("reactivated", language)


@sample("purged")
def purged(language: str) -> Facts:
    """The last one: there is no account any more."""
    return about_account("purged", language, account=None)


@sample("information")
def information(language: str) -> Facts:
    """Three particulars are missing."""
    return make_facts(
        "information",
        language,
        service=shipped_service("connectprof"),
        letter=make_letter("information", language=language, detail="country city born"),
        grant=None,
        case=make_issued_case(state="waiting", grant=None),
    )


@sample("profile")
def profile(language: str) -> Facts:
    """Changed while signed in."""
    return about_account("profile", language)
