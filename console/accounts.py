"""The commands that keep the customers' accounts."""

from __future__ import annotations

import csv
import getpass
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, TextIO

import typer

from console import show
from console.running import STATUSES, doing, looking, run
from handlers import accounts as keeping
from handlers.desk import Desk
from handlers.model.account import Account
from handlers.model.errors import Unknown

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
CsvIn = Annotated[Path, typer.Argument(metavar="FILE", help="A CSV file, or - for standard input.")]
CsvOut = Annotated[Path, typer.Argument(metavar="FILE", help="The CSV file to write, or - for standard output.")]

app = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="Add, import, export and show accounts.", epilog=STATUSES
)


@app.command("add")
def add(
    service: Annotated[str, typer.Argument(help="The id of the service: the name of its file, without .toml.")],
    login: str,
    address: Annotated[str, typer.Argument(help="The registered mail address.")],
    kind: Annotated[str, typer.Option(help="individual, company or association.")] = "",
    name: str = "",
    company: str = "",
    language: Annotated[str, typer.Option(help="fr, en or tr.")] = "",
    phone: str = "",
) -> None:
    """Add an account, or bring the one with this login up to date."""
    values = (service, login, address, kind, name, company, language, phone)
    row = dict(zip(keeping.COLUMNS, values, strict=True))
    done = run(doing("add", {"row": row, "by": getpass.getuser()}))
    typer.echo(show.printable(f"{done['service']} {done['login']} is kept."))


@app.command("import")
def import_csv(file: CsvIn) -> None:
    """Import accounts from CSV. The whole file or, if a line is bad, nothing of it; every bad line is told.

    The first line names the columns: service,login,address,kind,name,company,language,phone,
    the first three at least. It may name more: country,city,born,profile_address,hosted,integrations,totp_secret.
    What a file does not name stays as it is.
    """
    text = _read(file)
    with _progress(max(text.rstrip("\n").count("\n"), 1), "importing: {} of {} lines read") as report:
        done = run(doing("import", {"text": text, "by": getpass.getuser()}, report))
    typer.echo(f"{done['added']} accounts added, {done['updated']} brought up to date.")


@app.command("export")
def export(file: CsvOut = Path("-")) -> None:
    """Export every account as CSV. With all that an import reads but totp_secret; without passwords.

    A file is readable by its owner only.
    """

    async def work() -> None:
        rows = await looking(keeping.export)
        with _written(file) as out, _progress(len(rows), "exporting: {} of {} lines written") as report:
            writer = csv.DictWriter(out, (*keeping.COLUMNS, *keeping.MORE_COLUMNS))
            writer.writeheader()
            for done, row in enumerate(rows, 1):
                writer.writerow(row)
                report(done)

    run(work())


@app.command("show")
def show_account(login: str, json: Json = False) -> None:
    """Show the accounts of a login. With their full addresses, without credentials."""

    async def look(desk: Desk) -> list[Account]:
        found = await keeping.show(desk, login)
        if not found:
            raise Unknown(f"There is no account {login}.")
        return found

    found = run(looking(look))
    if json:
        return show.as_json([_shown(one) for one in found])
    for one in found:
        show.rows(("field", "value"), list(_shown(one).items()), "")


def _shown(account: Account) -> dict[str, str]:
    return {**keeping.written(account), "second_factor": account.second_factor, "state": keeping.state(account)}


@contextmanager
def _progress(lines: int, says: str) -> Iterator[keeping.Progress]:
    """A bar on a terminal; elsewhere a line for each quarter."""
    if sys.stderr.isatty():
        with typer.progressbar(length=lines, label=says.partition(":")[0], file=sys.stderr) as bar:
            yield lambda done: bar.update(done - bar.pos)
        return
    told = 0

    def report(done: int) -> None:
        nonlocal told
        if done * 4 // lines > told:
            told = done * 4 // lines
            typer.echo(says.format(done, lines), err=True)

    yield report


@contextmanager
def _written(file: Path) -> Iterator[TextIO]:
    """Standard output, or a file that is whole or not there, and its owner's alone: it is full of addresses."""
    if str(file) == "-":
        yield sys.stdout
        sys.stdout.flush()
        return
    part = file.with_name(f".{file.name}.part")
    part.unlink(missing_ok=True)
    try:
        # Never one that is there already: in a folder that others may write to, somebody may hold it open.
        with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8", newline="") as out:
            yield out
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)


def _read(file: Path) -> str:
    try:
        raw = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
        return raw.decode("utf-8-sig")
    except OSError as error:
        raise typer.BadParameter(f"{file} cannot be read: {error.strerror}", param_hint="FILE") from error
    except UnicodeDecodeError as error:
        raise typer.BadParameter(f"{file} is not UTF-8 text (byte {error.start})", param_hint="FILE") from error
