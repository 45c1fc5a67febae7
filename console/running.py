"""How a command does its work: what an operator can mend becomes a line and a status, never a traceback."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import typer

from console.control import Report, perform
from console.operations import OPERATIONS
from console.show import printable
from handlers.configuration.opening import opened
from handlers.configuration.settings import Settings
from handlers.desk import Desk
from handlers.model.errors import DeskError

T = TypeVar("T")

STATUSES = (
    "Exit status: 0 done; 1 refused, not found, or something needs mending, as standard error says; 2 the command line "
    "cannot be understood; 130 stopped by Ctrl-C."
)


def run(work: Coroutine[Any, Any, T]) -> T:
    """Do asynchronous work; what the desk refuses becomes one line on standard error and exit status 1."""
    with complaining():
        return asyncio.run(work)


@contextmanager
def complaining() -> Iterator[None]:
    """Turn what the desk refuses, and what the system denies, into lines on standard error and exit status 1."""
    try:
        yield
    except DeskError as error:
        complain(str(error))
        raise typer.Exit(1) from error
    except UnicodeEncodeError as error:  # only files may have names that are no text
        raise typer.BadParameter("what was typed is not UTF-8 text") from error
    except BrokenPipeError:
        raise  # whoever read our output has seen enough; typer ends quietly
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        complain(f"{place}{error.strerror or error}.")
        raise typer.Exit(1) from error


def complain(text: str) -> None:
    """Tell the operator, line by line, without what could steer the terminal."""
    for line in text.split("\n"):
        typer.echo(printable(line), err=True)


async def looking(look: Callable[[Desk], Awaitable[T]]) -> T:
    """Look at the desk's store without writing to it, also while a desk works; raises Unknown where none ever did."""
    async with opened(Settings.load(), read_only=True) as desk:
        return await look(desk)


async def doing(name: str, arguments: dict[str, Any], report: Report = lambda done: None) -> Any:
    """Have something done that changes the store, by the desk that runs or here."""
    return await perform(Settings.load(), OPERATIONS, name, arguments, report)
