"""What the command line can have done that changes something, by name; arguments and results are plain JSON."""

from __future__ import annotations

from io import StringIO
from typing import Any, get_args

from msgspec import convert, to_builtins

from console.control import Operation, Report
from handlers import accounts, decide, lookups
from handlers.desk import Desk
from handlers.model.case import Action, Reason
from handlers.model.mail import Intent
from handlers.model.paper import Verdict
from handlers.model.staff import Staff
from handlers.paperwork import viewing


async def act(desk: Desk, arguments: dict[str, Any], report: Report) -> Any:
    """Take an action on a case, as it is now, in the name of whoever sits at the machine."""
    said = arguments["reason"]
    action = convert(arguments["action"], Action)
    # The codes are a refusal's; beside another action, as any words of one's own, they are a note.
    reason: Reason = next((one for one in get_args(Reason) if (action, one) == ("refuse", said)), "other")
    note = said if reason == "other" and said != "other" else ""
    verdicts, intent = convert(arguments["verdicts"], tuple[Verdict, ...]), convert(arguments["wish"], Intent | None)
    answers = decide.Answers(reason=reason, intent=intent, note=note, verdicts=verdicts)
    by = person(arguments["by"])
    return _plain(await decide.act(desk, arguments["case"].upper(), action, by, None, answers))


async def reveal(desk: Desk, arguments: dict[str, Any], report: Report) -> Any:
    """The full addresses of a case; the trail says who looked."""
    return _plain(await lookups.revealed(desk, arguments["case"].upper(), person(arguments["by"]), None))


async def mails(desk: Desk, arguments: dict[str, Any], report: Report) -> Any:
    """The mails of a case, whole; the trail says who read them."""
    return _plain(await lookups.whole_mails(desk, arguments["case"].upper(), person(arguments["by"]), None))


async def view(desk: Desk, arguments: dict[str, Any], report: Report) -> Any:
    """A link that shows the documents of a case once, in somebody's name."""
    link = await viewing.open_ticket(desk, arguments["case"].upper(), person(arguments["by"]))
    return {"link": link.value}


async def find(desk: Desk, arguments: dict[str, Any], report: Report) -> Any:
    """Find accounts; on the trail like every look-up."""
    return _plain(await lookups.find(desk, arguments["text"], person(arguments["by"])))


async def add(desk: Desk, arguments: dict[str, Any], report: Report) -> Any:
    """Add one account."""
    return _plain(await accounts.add(desk, arguments["row"], person(arguments["by"])))


async def import_csv(desk: Desk, arguments: dict[str, Any], report: Report) -> Any:
    """Import a file of accounts, whole or not at all."""
    lines = StringIO(arguments["text"], newline="")  # CSV's own line ends: a field may hold any other
    return _plain(await accounts.import_csv(desk, lines, person(arguments["by"]), report))


def person(name: str) -> Staff:
    """Whoever can open the data folder may act for the desk; the trail has the name they gave."""
    return Staff(id=f"console:{name}", name=name, roles=frozenset({"agent", "approver", "admin"}))


def _plain(value: object) -> Any:
    return to_builtins(value)


OPERATIONS: dict[str, Operation] = {
    "act": act,
    "reveal": reveal,
    "mails": mails,
    "view": view,
    "find": find,
    "add": add,
    "import": import_csv,
}
