"""The letters about signing in, and about the second realm's password."""

from __future__ import annotations

from datetime import timedelta

from handlers.letters import Facts
from handlers.model.service import Wording
from handlers.vault import Secret
from tests.builders import NOW, STEPS_FR, make_grant, make_service, shipped_service
from tests.handlers.letterbox import DIGITS, make_facts, make_letter
from tests.handlers.samples import sample

TEMPORARY = "kX9v!D2nLqATzY"


@sample("sign_in_code")
def sign_in_code(language: str) -> Facts:
    """A code for ten minutes, while somebody signs in."""
    letter = make_letter(
        "sign_in_code", language=language, case="", account="A-DURAND", until=NOW + timedelta(minutes=10)
    )
    facts = {"letter": letter, "grant": None, "case": None, "secret": Secret(DIGITS)}
    return make_facts("sign_in_code", language, service=shipped_service("opcommerce"), **facts)


@sample("temporary_password")
def temporary_password(language: str) -> Facts:
    """A password for an hour and one sign-in."""
    grant = make_grant(kind="temporary", service="esp", expires_at=NOW + timedelta(minutes=60))
    letter = make_letter("temporary_password", language=language, service="esp", grant=grant.id)
    facts = {"letter": letter, "grant": grant, "secret": Secret(TEMPORARY)}
    return make_facts("temporary_password", language, service=shipped_service("esp"), **facts)


@sample("hosting_changed")
def hosting_changed(language: str) -> Facts:
    """The notice, with what remains to be done."""
    letter = make_letter("hosting_changed", language=language, case="", account="A-DURAND")
    steps = Wording(after_care={"fr": STEPS_FR, "en": ("Publish your shop again.",), "tr": ("Yeniden yayınlayın.",)})
    service = make_service(letters={"hosting_changed": steps})
    return make_facts("hosting_changed", language, letter=letter, service=service, grant=None, case=None)
