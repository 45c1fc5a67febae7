"""The commands that look and act on what the desk keeps."""

from __future__ import annotations

import asyncio
import getpass
import logging
from typing import Annotated, Any

import msgspec
import typer

from console import accounts, copies, reading, release, show
from console.acting import act
from console.logs import configure
from console.running import STATUSES, complain, doing, looking, run
from handlers import audit as auditing
from handlers import lookups
from handlers.configuration.settings import Settings
from handlers.desk import Desk
from handlers.model.audit import AuditEntry
from handlers.model.case import Case
from handlers.model.errors import Unknown

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=STATUSES,
)
app.add_typer(accounts.app, name="accounts")


@app.callback()
def start(
    version: Annotated[
        bool, typer.Option("--version", callback=release.tell, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Account recovery for a support team: mail in, a card in Slack, a click, the customer is back in.

    Settings come from ./desk.toml and the environment; docs/settings.md has them all.
    """
    configure("text", logging.WARNING)


@app.command()
def find(text: Annotated[str, typer.Argument(help="A login, an address or a case.")], json: Json = False) -> None:
    """Find accounts and their cases. On the trail, like every look-up."""
    found = run(doing("find", {"text": text, "by": getpass.getuser()}))
    if json:
        show.as_json(found)
    elif found:
        head = ("service", "login", "address", "kind", "name", "state", "cases")
        show.rows(head, [[*(one[key] for key in head[:6]), show.cases_of(one)] for one in found], "")
    if not found:
        raise _nothing(f"Nothing was found for {text}.")


@app.command()
def cases(json: Json = False) -> None:
    """List the cases that wait, oldest first. And the mails that could not be taken in."""

    async def look(desk: Desk) -> tuple[list[Case], list[dict[str, Any]]]:
        return await lookups.queue(desk), [msgspec.to_builtins(mail) for mail in await lookups.set_aside(desk)]

    waiting, aside = run(looking(look))
    if json:
        return show.as_json({"cases": [show.case_row(case) for case in waiting], "set_aside": aside})
    head = ("case", "service", "state", "asks for", "from", "claimed by", "since")
    lines = [[*list(show.case_row(case).values())[:6], show.local(case.opened_at)] for case in waiting]
    show.rows(head, lines, "No case is waiting.")
    for mail in aside:
        typer.echo(show.printable(f"set aside: mail {mail['id']}, {mail['why']} (in the spool's folder aside)"))


@app.command()
def case(
    id: Annotated[str, typer.Argument(metavar="CASE", help="Such as R-7F3K2M.")],
    mails: Annotated[bool, typer.Option("--mails", help="Its mails, whole; on the trail.")] = False,
    json: Json = False,
) -> None:
    """Show a case as on its card. And why actions are not allowed; or, with --mails, what was written."""
    if mails:
        return reading.show_mails({"case": id, "by": getpass.getuser()}, json)

    async def look(desk: Desk) -> lookups.CardView:
        view = await lookups.card(desk, id.upper())
        if view is None:
            raise Unknown(f"There is no case {id}.")
        return view

    view = run(looking(look))
    if json:
        return show.as_json(show.card(view))
    show.card_text(view)


app.command()(act)
app.command()(reading.examples)


async def _faults(desk: Desk) -> list[str]:
    kept = await asyncio.to_thread(copies.faults, Settings.load().store.path)
    return [*await auditing.faults(desk.store, desk.vault), *kept]


@app.command()
def audit(
    subject: Annotated[str, typer.Argument(metavar="[CASE|LOGIN]", help="All when left out.")] = "",
    verify: Annotated[bool, typer.Option("--verify", help="Recompute the chain; status 1 if it is broken.")] = False,
    json: Json = False,
) -> None:
    """Show or verify the audit trail. All of it, or that of a case or a login; --verify recomputes the chain."""

    async def look(desk: Desk) -> tuple[list[AuditEntry], list[str], int]:
        entries = await lookups.trail(desk, subject) if subject else await desk.store.find(AuditEntry)
        return entries, await _faults(desk) if verify else [], await desk.store.count(AuditEntry)

    entries, faults, count = run(looking(look))
    if json:
        show.as_json({"entries": entries, "faults": faults} if verify else entries)
    elif verify:
        typer.echo("\n".join(map(show.printable, faults)) or f"The trail is whole; entries: {count}.")
    elif entries or not subject:
        show.rows(("entry", "at", "case", "by", "event", "detail"), map(show.entry_row, entries), "No entries.")
    if subject and not entries:
        raise _nothing(f"No entry of the trail is about {subject}.")
    if faults:
        raise typer.Exit(1)


def _nothing(says: str) -> typer.Exit:
    """The end of a look-up that found nothing, with JSON or without."""
    complain(says)
    return typer.Exit(1)
