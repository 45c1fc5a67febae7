"""What was mailed to the customer, and what became of it."""

from __future__ import annotations

from bot import text, words
from bot.text import Times
from handlers.lookups import CardView
from handlers.model.case import Step
from handlers.model.grant import Grant, GrantKind
from handlers.model.staff import CUSTOMER

STOPS = ("case.frozen", "case.refused", "case.cancelled")
"""What ends a grant without another one in its place."""


def line(grant: Grant, view: CardView, times: Times) -> str:
    """What was sent where, when and by whom, and what became of it."""
    kind = mailed(grant)
    step = next((step for step in reversed(view.case.history) if step.event in words.MAILED[kind]), None)
    at = times.at(step.at if step else grant.issued_at)
    sent = f"{words.GRANTS[kind]} {_sent(step, at)} to {text.code(_where(kind, view))}"
    state = fate(grant, view, times) if kind == grant.kind else _typed(grant, view, times)
    return f"✉️ {sent}; {state}."


def mailed(grant: Grant) -> GrantKind:
    """What was mailed: a link that the customer got for a code never was."""
    return "code" if grant.by == CUSTOMER.id else grant.kind


def fate(grant: Grant, view: CardView, times: Times) -> str:
    """Whether it was used, replaced, ran out, or still can be used, and until when."""
    end = times.at(grant.expires_at)
    if grant.state == "redeemed":
        return f"used {times.at(grant.redeemed_at)}" if grant.redeemed_at else "used"
    if grant.state in ("replaced", "withdrawn"):
        return _ended(grant, view)
    if grant.state == "dead":
        return "dead after too many wrong codes"
    if view.case.state == "expired" or times.now >= grant.expires_at:
        return f"ran out unused {end}"
    return f"opened, valid until {end}" if grant.state == "opened" else f"not used yet, valid until {end}"


def _ended(grant: Grant, view: CardView) -> str:
    """What made way for what: a newer one, a freeze or refusal, or the customer's own wish."""
    if grant.state == "withdrawn":
        return "given back by the customer"
    stops = [step.event for step in view.case.history if step.at >= grant.issued_at and step.event in STOPS]
    return "no longer valid" if stops else "replaced by a newer one"


def _where(kind: GrantKind, view: CardView) -> str:
    return view.new_address if kind == "address" and view.new_address else view.address


def _sent(step: Step | None, at: str) -> str:
    if step is None:
        return f"sent {at}"
    if step.by == CUSTOMER.id:
        return f"sent again {at}, as the customer asked,"
    return f"sent {at} by {text.name(step.name)}"


def _typed(link: Grant, view: CardView, times: Times) -> str:
    """What became of a code that was typed and turned into `link`."""
    typed = f"typed {times.at(link.issued_at)}"
    if link.state == "redeemed":
        return f"{typed}; password set {times.at(link.redeemed_at)}" if link.redeemed_at else f"{typed}; password set"
    if link.state in ("replaced", "withdrawn"):
        return f"{typed}; {_ended(link, view)}"
    end = times.at(link.expires_at)
    over = view.case.state == "expired" or times.now >= link.expires_at
    return f"{typed}; no password set by {end}" if over else f"{typed}; no password set yet, valid until {end}"
