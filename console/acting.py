"""`act`: what a click does, from the command line."""

from __future__ import annotations

import re
from typing import Annotated, Any, get_args

import msgspec
import typer

from console import reading, show, verdicts
from console.control import is_answered
from console.running import doing, run
from handlers.configuration.settings import Settings
from handlers.configuration.strict import unknown
from handlers.decide import UNANSWERED, refusal_letter
from handlers.model.audit import EVENTS
from handlers.model.case import Action, Case, Reason
from handlers.model.mail import Intent

ACTIONS: tuple[Action, ...] = get_args(Action)
INTENTS: tuple[Intent, ...] = get_args(Intent)
REASONS: tuple[Reason, ...] = get_args(Reason)
LISTED = f"{', '.join(REASONS)}, or your own words"
CODE = re.compile(r"[a-z_]+")
"""What looks like one of REASONS: nobody's own words are one word in small letters."""

WHY = (
    f"Why; refuse requires it. One of {LISTED}. A customer who wrote a mail gets a letter that does not say why; "
    f"none goes out for {' and '.join(UNANSWERED)}."
)

By = Annotated[str, typer.Option("--by", help="Whose name goes on the trail.")]


def act(
    case: Annotated[str, typer.Argument(metavar="CASE", help="Such as R-7F3K2M.")],
    action: Annotated[str, typer.Argument(metavar="ACTION", help=f"One of {', '.join(ACTIONS)}.")],
    by: By,
    reason: Annotated[str, typer.Option(help=WHY)] = "",
    verdict: Annotated[
        list[str] | None,
        typer.Option(metavar="PIECE=VERDICT", help=f"For review_documents: {', '.join(verdicts.OUTCOMES)}; repeat."),
    ] = None,
    dated: Annotated[list[str] | None, typer.Option(metavar="PIECE=DATE", help="The date on it: 2026-10-01.")] = None,
    name_read: Annotated[
        list[str] | None, typer.Option(metavar="PIECE=NAME", help="The name on it, as it stands.")
    ] = None,
    president_read: Annotated[
        list[str] | None, typer.Option(metavar="PIECE=NAME", help="The president's name as it stands on it.")
    ] = None,
    new_address: Annotated[
        list[str] | None, typer.Option(metavar="PIECE=yes|no", help="Whether it states the new address asked for.")
    ] = None,
    file: Annotated[
        list[str] | None,
        typer.Option(metavar="PIECE=ID", help="Which file it is; `case` lists them."),
    ] = None,
    wish: Annotated[str, typer.Option(help=f"For choose_intent: one of {', '.join(INTENTS)}.")] = "",
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Act on a case when Slack is down. The same rules hold, and the same trail.

    Without a --verdict, review_documents prints a link that shows the documents once.
    """
    _require(action, by, reason, wish)
    more = {
        "--dated": dated or [],
        "--name-read": name_read or [],
        "--president-read": president_read or [],
        "--new-address": new_address or [],
        "--file": file or [],
    }
    found = verdicts.read(verdict or [], more)
    arguments: dict[str, Any] = {"case": case, "action": action, "by": by.strip(), "reason": reason}
    arguments |= {"verdicts": found, "wish": wish or None}
    if action == "reveal":
        _reveal(arguments, json)
    elif action == "show_mail":
        reading.show_mails(arguments, json)
    elif action == "review_documents" and not found:
        _view(arguments, json)
    else:
        _act(arguments, json)


def _require(action: str, by: str, reason: str, wish: str) -> None:
    """Raises BadParameter where an action is none, nobody does it, or it lacks what it needs."""
    if action not in ACTIONS:
        raise typer.BadParameter(f"must be one of {', '.join(ACTIONS)}", param_hint="ACTION")
    if not by.strip() or not by.isprintable() or len(by) > 80:
        raise typer.BadParameter("must be a name of at most 80 printable characters", param_hint="--by")
    if action == "refuse":
        _require_reason(reason)
    if wish not in (INTENTS if action == "choose_intent" else ("",)):
        raise typer.BadParameter(f"choose_intent needs one of {', '.join(INTENTS)}", param_hint="--wish")


def _require_reason(reason: str) -> None:
    """A refusal ends the case and is mailed at once: no form asks once more here, as Slack's does."""
    if not reason.strip():
        raise typer.BadParameter(f"refuse needs one: {LISTED}", param_hint="--reason")
    if CODE.fullmatch(reason) and reason not in REASONS:
        why = f"one word is taken for a code, and {reason} {unknown(reason, REASONS)}"
        raise typer.BadParameter(why, param_hint="--reason")


def _act(arguments: dict[str, Any], json: bool) -> None:
    done = msgspec.convert(run(doing("act", arguments)), Case)
    if json:
        return show.as_json(show.case_row(done))
    last = done.history[-1]
    typer.echo(show.printable(f"{done.id}: {last.name} {EVENTS[last.event]}. The case is now {done.state}."))
    if done.state == "refused":
        typer.echo(
            "A letter tells the customer, without the reason." if refusal_letter(done) else "No letter goes out."
        )
    if not is_answered(Settings.load()):
        typer.echo("No desk is running: letters and cards go out when one does.")


def _reveal(arguments: dict[str, Any], json: bool) -> None:
    """The full addresses of the case, once the trail says who looked."""
    found = run(doing("reveal", arguments))
    if json:
        return show.as_json(found)
    show.rows(
        ("which", "address"), [(said, found[name]) for name, said in show.ADDRESSES.items() if found[name]], "None."
    )


def _view(arguments: dict[str, Any], json: bool) -> None:
    """A link that shows the documents once, to whoever opens it first."""
    found = run(doing("view", arguments))
    if json:
        return show.as_json(found)
    typer.echo(found["link"])
    typer.echo("It shows the documents once, in the name you gave. Then: act … --verdict PIECE=VERDICT …", err=True)
