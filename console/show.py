"""How the command line shows what it found: rows for people, JSON for programs."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

import msgspec
import typer

from handlers.excerpts import address, excerpt, newest
from handlers.intake import BETWEEN_MAILS
from handlers.lookups import CardView
from handlers.mails import Shown
from handlers.model.address_change import AddressChange
from handlers.model.audit import EVENTS, AuditEntry
from handlers.model.case import Action, Case
from handlers.model.evidence import Weight
from handlers.model.mail import Origin
from handlers.model.paper import Paper
from handlers.rules.addresses import mask
from handlers.rules.documents import missing
from handlers.rules.evidence_words import told
from handlers.rules.information import in_words
from handlers.rules.origin_words import meaning, reasons
from handlers.rules.wishes import is_unclear
from handlers.unseen import JOINER, LOOSE

ADDRESSES = {"account": "on file", "requester": "the writer's", "new_address": "to come"}
"""What each of a case's addresses is."""

WEIGHTS: dict[Weight, str] = {"for": "speaks for", "against": "speaks against", "neutral": "worth knowing"}


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
    case = view.case
    return {
        **case_row(view.case),
        "login": view.login,
        "address": view.address,
        "name": view.account_name,
        "subject": _subject(case),
        "text": _wrote(case),
        "confidence": case.confidence,
        "numbers": list(case.numbers),
        "mails": view.mails.count,
        "hidden_lines": view.mails.hidden_lines,
        "left_out": [{"name": one.name, "why": one.why} for one in view.mails.left_out],
        "others": [_other(one) for one in view.mails.others],
        "new_address": view.new_address,
        "waits_for": list(view.waits_for),
        "deadline": case.deadline,
        "proposal": case.proposal and _proposal(view),
        "change": view.change and _change(view.change),
        "papers": [_paper(one) for one in view.papers],
        "missing": list(missing(view.pieces, view.papers)),
        "frozen_with": view.frozen_with,
        "closed_until": view.closed_until,
        "grant": view.grant
        and {"kind": view.grant.kind, "state": view.grant.state, "expires_at": view.grant.expires_at},
        "origin": case.origin
        and {
            "grade": case.origin.grade,
            "reasons": [{"check": check, "says": why} for check, why in reasons(case.origin)],
        },
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
    lines = [
        ("case", f"{case.id}, {case.state}, since {local(case.opened_at)}"),
        ("asks", f"{view.service_name} for: {_asked(case)}"),
        ("from", view.requester),
        ("account", f"{view.login}, {view.address}, {view.account_name}" if case.account else "none matches"),
        ("subject", _subject(case)),
        *(("wrote" if number == 0 else "", line) for number, line in enumerate(_wrote(case).splitlines())),
        *([("numbers", ", ".join(case.numbers))] if case.numbers else []),
        *(("left out", f"{one.name}: {one.why}") for one in view.mails.left_out),
        *(("others", "{from} wrote, not trusted: {text}".format(**_other(one))) for one in view.mails.others),
        *_sender(case.origin),
        *((WEIGHTS[weight], said) for weight, said in told(case)),
        *([("sent", f"a {_words(view.grant.kind)}, valid until {local(view.grant.expires_at)}")] if view.grant else []),
        *_standing(view),
        *((_act(case, one.action), "allowed" if one.allowed else one.why) for one in view.permits),
        *(("then", done(case, number)) for number in range(len(case.history))),
        *([("failed", view.failure)] if view.failure else []),
    ]
    width = max(len(label) for label, _ in lines)
    for label, text in lines:
        typer.echo(printable(f"{label:{width}}  {text}"))


def _sender(origin: Origin | None) -> Iterator[tuple[str, str]]:
    """What the newest mail proves of the domain it names, and the three reasons."""
    if origin:
        yield "sender", f"{origin.grade}: {' '.join(meaning(origin))}"
        yield from reasons(origin)


def _subject(case: Case) -> str:
    return excerpt(case.subject, 120).replace("\n", " ")


def _wrote(case: Case) -> str:
    """What the customer wrote, as much of it and masked as on a card."""
    return newest([mail for mail in case.text.split(BETWEEN_MAILS) if mail] or [""], BETWEEN_MAILS.strip())


def _asked(case: Case) -> str:
    asked = _words(case.asked)
    return f"unclear, maybe {asked}" if is_unclear(case.confidence) else asked


def _other(one: Shown) -> dict[str, Any]:
    """A mail of somebody else in the case's thread, masked as on a card."""
    return {"at": one.at, "from": address(one.mail.sender), "text": excerpt(one.mail.text, 200)}


def _act(case: Case, action: Action) -> str:
    return f"{action} (lifts the freeze)" if (action, case.state) == ("approve", "frozen") else action


def cases_of(found: dict[str, Any]) -> str:
    """The cases of an account that was found, or when it was deleted."""
    gone = found["deleted_at"]
    return f"deleted {local(datetime.fromisoformat(gone))}" if gone else " ".join(found["cases"])


def _standing(view: CardView) -> Iterator[tuple[str, str]]:
    """What the case waits for, what was proposed, and the documents that came."""
    case = view.case
    if view.waits_for:
        yield "waits for", in_words(view.waits_for)
    if case.deadline:
        yield "until", local(case.deadline)
    if case.proposal:
        agreed = ", ".join(one.name for one in case.proposal.approvals) or "nobody yet"
        count = f"{len(case.proposal.approvals)} of {view.approvals_needed}"
        yield "proposed", f"{case.proposal.action} by {case.proposal.name}; approved: {count}, {agreed}"
    if view.change:
        due = f", until {local(view.change.due)}" if view.change.due else ""
        confirmed = "confirmed" if view.change.confirmed_at else "not confirmed"
        yield "change", f"{mask(view.change.old)} to {mask(view.change.new)}: {view.change.state}, {confirmed}{due}"
    elif view.new_address:
        yield "new", view.new_address
    for paper in view.papers:
        fields = (paper.piece or "?", paper.name[:60], _words(paper.scan), _words(paper.outcome or "to be judged"))
        yield "document", ", ".join((paper.id, *fields))
    if view.frozen_with:
        yield "frozen", f"the account, by case {view.frozen_with}"
    if view.closed_until:
        yield "closed", f"the account; it is deleted {local(view.closed_until)}"


def _words(name: str) -> str:
    return name.replace("_", " ")


def _proposal(view: CardView) -> dict[str, Any]:
    proposal = view.case.proposal
    if proposal is None:
        return {}
    approved = [one.name for one in proposal.approvals]
    return {"action": proposal.action, "by": proposal.name, "approved_by": approved, "needed": view.approvals_needed}


def _change(change: AddressChange) -> dict[str, Any]:
    return {
        "state": change.state,
        "old": mask(change.old),
        "new": mask(change.new),
        "due": change.due,
        "confirmed_at": change.confirmed_at,
        "changed_at": change.changed_at,
    }


def _paper(paper: Paper) -> dict[str, Any]:
    names = ("id", "piece", "name", "type", "bytes", "pages", "scan", "outcome", "dated", "received_at", "destroyed_at")
    return {name: getattr(paper, name) for name in names}


def done(case: Case, number: int) -> str:
    """One step of the case's history, in words."""
    step = case.history[number]
    return f"{local(step.at)}: {step.name} {EVENTS[step.event]}{f' ({step.detail})' if step.detail else ''}"


def entry_row(entry: AuditEntry) -> Sequence[str]:
    """An entry of the trail as a row; a name somebody gave at the console is marked, it could be anybody's."""
    who = f"{entry.name} (console)" if entry.by.startswith("console:") else entry.name
    return (entry.id.lstrip("0"), local(entry.at), entry.case, who, entry.event, entry.detail)


def printable(text: str) -> str:
    """The text without what could steer a terminal; emoji stay whole."""
    return "".join(sign if sign.isprintable() or sign == JOINER else "�" for sign in LOOSE.sub("�", text))


def _escaped(sign: str) -> str:
    return sign if sign.isprintable() else json.dumps(sign)[1:-1]
