"""How the command line shows what it found: rows for people, JSON for programs."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import msgspec
import typer

from handlers.lookups import CardView
from handlers.model.audit import EVENTS, AuditEntry
from handlers.model.case import Case
from handlers.rules.addresses import mask


def as_json(value: object) -> None:
    """One JSON document on standard output; times are UTC."""
    typer.echo(harmless(msgspec.json.format(msgspec.json.encode(value), indent=2).decode()))


def harmless(text: str) -> str:
    """The JSON text with what could steer a terminal, or hide in one, escaped as JSON allows it."""
    return re.sub(r"[^\n\x20-\x7e]", lambda sign: _escaped(sign[0]), text)


def rows(head: Sequence[str], lines: Iterable[Sequence[str]], nothing: str) -> None:
    """A table with aligned columns, or `nothing` when it is empty."""
    table = [[printable(cell) for cell in line] for line in lines]
    if not table:
        typer.echo(nothing)
        return
    widths = [max(len(line[column]) for line in (list(head), *table)) for column in range(len(head))]
    for line in (head, *table):
        typer.echo("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


def local(time: datetime) -> str:
    """A moment as the operator's clock shows it, with its zone."""
    return f"{time.astimezone():%Y-%m-%d %H:%M:%S %Z}"


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
        "subject": view.case.subject,
        "text": view.case.text,
        "grant": view.grant
        and {"kind": view.grant.kind, "state": view.grant.state, "expires_at": view.grant.expires_at},
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
    told = [
        ("case", f"{case.id}, {case.state}, since {local(case.opened_at)}"),
        ("asks", f"{view.service_name} for: {case.asked.replace('_', ' ')}"),
        ("from", view.requester),
        ("account", f"{view.login}, {view.address}, {view.account_name}" if case.account else "none matches"),
        ("subject", case.subject),
        *(("wrote" if number == 0 else "", line) for number, line in enumerate(case.text.splitlines())),
        *((one.weight, one.kind.replace("_", " ")) for one in case.evidence),
        *([("sent", f"a {view.grant.kind}, valid until {local(view.grant.expires_at)}")] if view.grant else []),
        *((one.action, "allowed" if one.allowed else one.why) for one in view.permits),
        *(("then", done(case, number)) for number in range(len(case.history))),
        *([("failed", view.failure)] if view.failure else []),
    ]
    for label, text in told:
        typer.echo(printable(f"{label:10} {text}"))


def done(case: Case, number: int) -> str:
    """One step of the case's history, in words."""
    step = case.history[number]
    return f"{local(step.at)}: {step.name} {EVENTS[step.event]}{f' ({step.detail})' if step.detail else ''}"


def entry_row(entry: AuditEntry) -> Sequence[str]:
    """An entry of the trail as a row; a name somebody gave at the console is marked, it could be anybody's."""
    who = f"{entry.name} (console)" if entry.by.startswith("console:") else entry.name
    return (entry.id.lstrip("0"), local(entry.at), entry.case, who, entry.event, entry.detail)


def printable(text: str) -> str:
    """The text without what could steer a terminal."""
    return "".join(sign if sign.isprintable() else "�" for sign in text)


def _escaped(sign: str) -> str:
    return sign if sign.isprintable() else json.dumps(sign)[1:-1]
