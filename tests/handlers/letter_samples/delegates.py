"""The letter to somebody who works for the owner."""

from __future__ import annotations

from handlers.letters import Facts
from tests.builders import shipped_service
from tests.handlers.letterbox import make_facts
from tests.handlers.samples import sample


@sample("delegate")
def delegate(language: str) -> Facts:
    """A webmaster who asked for the owner's account."""
    return make_facts("delegate", language, service=shipped_service("o2switch"), account=None, grant=None)
