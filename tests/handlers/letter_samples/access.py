"""The letters on the way back in."""

from __future__ import annotations

from handlers.letters import Facts
from tests.builders import make_account, shipped_service
from tests.handlers.letterbox import make_facts
from tests.handlers.samples import sample


@sample("acknowledgement")
def acknowledgement(language: str) -> Facts:
    """To anybody who wrote."""
    return make_facts("acknowledgement", language, service=shipped_service("shopfactory"), account=None, grant=None)


@sample("reset")
def reset(language: str) -> Facts:
    """A link for half an hour."""
    return make_facts("reset", language, service=shipped_service("shopfactory"))


@sample("code")
def code(language: str) -> Facts:
    """A code for ten minutes, to somebody who signs in with an address."""
    account = make_account(login="marie.durand@mail.example")
    return make_facts("code", language, service=shipped_service("opcommerce"), account=account)


@sample("changed")
def changed(language: str) -> Facts:
    """The notice, with what remains to be done."""
    return make_facts("changed", language, service=shipped_service("shopfactory"))


@sample("refused")
def refused(language: str) -> Facts:
    """No, without a reason."""
    return make_facts("refused", language, service=shipped_service("o2switch"))
