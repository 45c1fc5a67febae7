"""Who acts at the desk."""

from __future__ import annotations

from typing import Literal

from handlers.model.document import Value

Role = Literal["agent", "approver", "admin"]


class Staff(Value, frozen=True, kw_only=True):
    """A person at the desk, and their roles; `id` is a Slack user id, or `console:<name>` from the command line."""

    id: str
    name: str
    roles: frozenset[Role] = frozenset()


DESK = Staff(id="desk", name="the desk", roles=frozenset({"agent"}))
"""The desk itself, where policy lets it act alone."""

CUSTOMER = Staff(id="customer", name="the customer")
"""Whoever holds a grant and uses it on the portal."""
