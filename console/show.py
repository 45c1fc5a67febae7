"""How the command line shows what it found: rows for people, JSON for programs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
import typer

from handlers.lookups import CardView
from handlers.model.audit import EVENTS, AuditEntry
from handlers.model.case import Case
from handlers.rules.addresses import mask


def as_json(value: object) -> None:
    """One JSON document on standard output."""
    typer.echo(msgspec.json.format(msgspec.json.encode(value), indent=2))


def rows(head: Sequence[str], lines: Iterable[Sequence[str]], nothing: str) -> None:
    """A table with aligned columns, or `nothing` when it is empty."""
    table = [[printable(cell) for cell in line] for line in lines]
    if not table:
        typer.echo(nothing)
        return
    widths = [max(len(line[column]) for line in (list(head), *table)) for column in range(len(head))]
    for line in (head, *table):
        typer.echo("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


def case_row(case: Case) -> dict[str, Any]:
    """What a list of cases says of one; nothing the customer wrote, the address masked."""
    return {
        "id": case.id,
        "service": case.service,
        "state": case.state,
        "asked": case.asked,
        "requester": mask(case.requester),
        "claimed_by": case.claimed_name,
        "opened_at": case.opened_at,
        "version": case.version,
    }


def card(view: CardView) -> dict[str, Any]:
    """What one case's page on the command line says; the same as its card."""
    return {
        **case_row(view.case),
        "login": view.login,
        "address": view.address,
        "name": view.account_name,
        "evidence": [{"kind": one.kind, "weight": one.weight} for one in view.case.evidence],
        "actions": [{"action": one.action, "allowed": one.allowed, "why": one.why} for one in view.permits],
        "history": [
            {"at": step.at, "by": step.name, "event": step.event, "detail": step.detail} for step in view.case.history
        ],
        "failure": view.failure,
    }


def card_text(view: CardView) -> None:
    """The same for people."""
    case = view.case
    typer.echo(f"{case.id}  {view.service_name}  {case.state}  asked: {case.asked}")
    typer.echo(f"from     {view.requester}")
    typer.echo(f"account  {view.login} {view.address}" if case.account else "account  none matches")
    for one in case.evidence:
        typer.echo(f"{one.weight:8} {one.kind.replace('_', ' ')}")
    for permit in view.permits:
        typer.echo(f"{permit.action:10} {'allowed' if permit.allowed else permit.why}")
    for step in case.history:
        detail = f" ({step.detail})" if step.detail else ""
        typer.echo(printable(f"{step.at:%Y-%m-%d %H:%M:%S} {step.name} {EVENTS[step.event]}{detail}"))
    if view.failure:
        typer.echo(printable(f"not delivered: {view.failure}"))


def entry_row(entry: AuditEntry) -> Sequence[str]:
    """An entry of the trail as a row."""
    return (entry.id.lstrip("0"), f"{entry.at:%Y-%m-%d %H:%M:%S}", entry.case, entry.name, entry.event, entry.detail)


def printable(text: str) -> str:
    """The text without what could steer a terminal."""
    return "".join(sign if sign.isprintable() else "�" for sign in text)
