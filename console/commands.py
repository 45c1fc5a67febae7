"""The commands that look and act on what the desk keeps."""

from __future__ import annotations

import asyncio
import csv
import getpass
import logging
import sys
from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path
from typing import Annotated, Any, TypeVar, get_args

import msgspec
import typer

from console import show
from console.control import perform
from console.logs import configure
from console.operations import OPERATIONS
from handlers import accounts as keeping
from handlers import audit as auditing
from handlers import lookups
from handlers.desk import Desk
from handlers.model.account import Account
from handlers.model.audit import AuditEntry
from handlers.model.case import Action, Case, Reason
from handlers.model.errors import DeskError, Unknown
from handlers.opening import opened
from handlers.settings import Settings

T = TypeVar("T")
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
By = Annotated[str, typer.Option("--by", help="Whose name goes on the trail.")]
CsvFile = Annotated[Path, typer.Argument(help="A CSV file, or - for standard input or output.")]

app = typer.Typer(no_args_is_help=True)
accounts = typer.Typer(no_args_is_help=True, help="The customers' accounts.")
app.add_typer(accounts, name="accounts")


def run(work: Coroutine[Any, Any, T]) -> T:
    """Do asynchronous work; what the desk refuses becomes one line on standard error and exit status 1."""
    try:
        return asyncio.run(work)
    except DeskError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error


async def looking(look: Callable[[Desk], Awaitable[T]]) -> T:
    """Look at the desk's store without writing to it, also while a desk works on it."""
    async with opened(Settings.load(), read_only=True) as desk:
        return await look(desk)


async def doing(name: str, arguments: dict[str, Any], report: Callable[[int], None] = lambda done: None) -> Any:
    """Have something done that changes the store, by the desk that runs or here."""
    return await perform(Settings.load(), OPERATIONS, name, arguments, report)


@app.callback()
def start() -> None:
    """Account recovery for a support team: mail in, a card in Slack, a click, the customer is back in."""
    configure("text", logging.WARNING)


@app.command()
def find(text: Annotated[str, typer.Argument(help="A login, an address or a case.")], json: Json = False) -> None:
    """Find accounts by login, address or case; on the trail like every look-up."""
    found = run(doing("find", {"text": text, "by": getpass.getuser()}))
    if json:
        return show.as_json(found)
    head = ("service", "login", "address", "kind", "name", "cases")
    show.rows(head, [[*(one[key] for key in head[:5]), " ".join(one["cases"])] for one in found], "Nothing found.")


@app.command()
def cases(json: Json = False) -> None:
    """The cases that wait, oldest first, and the mails that could not be taken in."""

    async def look(desk: Desk) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        waiting = [show.case_row(case) for case in await lookups.queue(desk)]
        return waiting, [msgspec.to_builtins(mail) for mail in await lookups.set_aside(desk)]

    waiting, aside = run(looking(look))
    if json:
        return show.as_json({"cases": waiting, "set_aside": aside})
    head = ("id", "service", "state", "asked", "requester", "claimed_by")
    show.rows(head, [[row[key] for key in head] for row in waiting], "No case is waiting.")
    for mail in aside:
        typer.echo(f"set aside: mail {mail['id']}, {mail['why']} (in the spool's folder aside)")


@app.command()
def case(id: Annotated[str, typer.Argument(metavar="CASE", help="Such as R-7F3K2M.")], json: Json = False) -> None:
    """One case: what its card shows, and why actions are not allowed."""

    async def look(desk: Desk) -> lookups.CardView:
        view = await lookups.card(desk, id.upper())
        if view is None:
            raise Unknown(f"There is no case {id}.")
        return view

    view = run(looking(look))
    if json:
        return show.as_json(show.card(view))
    show.card_text(view)


@app.command()
def act(
    case: Annotated[str, typer.Argument(metavar="CASE")],
    action: Annotated[str, typer.Argument(metavar="ACTION", help="claim, send_link, send_code, refuse.")],
    by: By,
    reason: Annotated[str, typer.Option(help=f"Why: {', '.join(get_args(Reason))}, or your own words.")] = "",
    json: Json = False,
) -> None:
    """Take an action on a case when Slack is down; the same rules hold, and the same trail."""
    if action not in get_args(Action):
        raise typer.BadParameter(f"is none of {', '.join(get_args(Action))}", param_hint="ACTION")
    done = run(doing("act", {"case": case, "action": action, "by": by, "reason": reason}))
    if json:
        return show.as_json(show.case_row(msgspec.convert(done, Case)))
    typer.echo(f"{done['id']} is now {done['state']}.")


@app.command()
def audit(
    subject: Annotated[str, typer.Argument(help="A case or a login; all when left out.")] = "",
    verify: Annotated[bool, typer.Option("--verify", help="Recompute the chain; status 1 if it is broken.")] = False,
    json: Json = False,
) -> None:
    """The trail of everything that happened; with --verify, whether it is still as it was written."""

    async def look(desk: Desk) -> tuple[list[AuditEntry], list[str]]:
        entries = await lookups.trail(desk, subject) if subject else await desk.store.find(AuditEntry)
        return entries, await auditing.faults(desk.store, desk.vault) if verify else []

    entries, faults = run(looking(look))
    if json:
        show.as_json({"entries": entries, "faults": faults} if verify else entries)
    elif verify:
        typer.echo("\n".join(faults) or f"The trail is whole: {len(entries)} entries.")
    else:
        show.rows(("entry", "at (UTC)", "case", "by", "event", "detail"), map(show.entry_row, entries), "No entries.")
    if faults:
        raise typer.Exit(1)


@accounts.command("add")
def add(
    service: str, login: str, address: str, kind: str = "", name: str = "", company: str = "", language: str = "",
    phone: str = "",
) -> None:  # fmt: skip
    """Add an account, or bring the one with this login up to date."""
    row = {
        "service": service, "login": login, "address": address, "kind": kind, "name": name, "company": company,
        "language": language, "phone": phone,
    }  # fmt: skip
    done = run(doing("add", {"row": row, "by": getpass.getuser()}))
    typer.echo(f"{done['service']} {done['login']} is kept.")


@accounts.command("import")
def import_csv(file: CsvFile) -> None:
    """Import accounts from CSV, the whole file or, if a line is bad, nothing of it."""
    text = _read(file)
    with typer.progressbar(length=max(text.count("\n"), 1), label="importing", file=sys.stderr) as bar:
        done = run(doing("import", {"text": text, "by": getpass.getuser()}, lambda count: bar.update(count - bar.pos)))
        bar.update(bar.length - bar.pos if bar.length else 0)
    typer.echo(f"{done['added']} accounts added, {done['updated']} brought up to date.")


@accounts.command("export")
def export(file: CsvFile = Path("-")) -> None:
    """Export every account as CSV, without passwords."""

    async def look(desk: Desk) -> list[dict[str, str]]:
        return [row async for row in keeping.export(desk)]

    rows = run(looking(look))
    with sys.stdout if str(file) == "-" else file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, keeping.COLUMNS)
        writer.writeheader()
        writer.writerows(rows)


@accounts.command("show")
def show_account(login: str, json: Json = False) -> None:
    """The accounts of a login, without credentials."""

    async def look(desk: Desk) -> list[Account]:
        return await keeping.show(desk, login)

    found = run(looking(look))
    if json:
        return show.as_json([{column: getattr(one, column) for column in keeping.COLUMNS} for one in found])
    if not found:
        typer.echo(f"There is no account {login}.", err=True)
        raise typer.Exit(1)
    for one in found:
        show.rows(("field", "value"), [(column, getattr(one, column)) for column in keeping.COLUMNS], "")


def _read(file: Path) -> str:
    try:
        return sys.stdin.read() if str(file) == "-" else file.read_text("utf-8-sig")
    except OSError as error:
        raise typer.BadParameter(f"{file} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise typer.BadParameter(f"{file} is not UTF-8 text (at byte {error.start}).") from error
