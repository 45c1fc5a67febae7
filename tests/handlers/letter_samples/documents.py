"""The letters about documents: a company that has to send them, and the notice to its old address."""

from __future__ import annotations

from datetime import timedelta

import msgspec

from handlers.letters import Facts
from handlers.model.paper import Filed, Lack, Tidings
from tests.builders import NOW, make_account, shipped_service
from tests.handlers.letterbox import make_facts, make_letter
from tests.handlers.samples import sample

SHOP = make_account(service="o2switch", kind="company", company="Durand et Fils SARL")
SOME = Tidings(
    asked=True,
    files=(Filed(piece="kbis"), Filed(piece=None), Filed(piece="identity", problem="wrong_type")),
    missing=(Lack(piece="identity"), Lack(piece="letter", found="unreadable")),
    address=True,
    until=NOW + timedelta(days=30),
)


def about(tidings: Tidings, language: str) -> Facts:
    """The letter to a company with that news."""
    letter = make_letter("documents", language=language, detail=msgspec.json.encode(tidings).decode())
    return make_facts(
        "documents", language, letter=letter, service=shipped_service("o2switch"), account=SHOP, grant=None
    )


@sample("documents")
def documents(language: str) -> Facts:
    """Some documents came, some are missing."""
    return about(SOME, language)


@sample("recovery_asked")
def recovery_asked(language: str) -> Facts:
    """Somebody was asked for documents."""
    return make_facts("recovery_asked", language, service=shipped_service("o2switch"), account=SHOP, grant=None)
