"""The slash command: look-ups that only whoever typed them sees."""

from __future__ import annotations

import html
import re
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext

from bot import cards, text, words
from bot.cards.lines import several
from bot.clicks import sentence
from bot.roster import Caller, Roster
from bot.text import Times
from handlers import figures, lookups
from handlers.desk import Desk
from handlers.figures import Day
from handlers.lookups import Found
from handlers.model.audit import EVENTS, AuditEntry
from handlers.model.case import Case
from handlers.model.errors import DeskError
from handlers.model.staff import Staff
from handlers.rules.states import MOVES

COMMAND = "/recover"
MOST = 20
LONGEST = 320
HELP = f"""*{COMMAND} queue*: the open cases, the oldest first
*{COMMAND} find* _login, address or case_: the accounts that match, and their cases
*{COMMAND} case* _R-7F3K2M_: one case, as its card shows it
*{COMMAND} stats*: what is open, what waits longest, and today's numbers
*{COMMAND} audit* _case or login_: the last entries of the audit trail, of all or of one (admins)
*{COMMAND} help*: this list
Only you see the answers. Addresses are masked. Look-ups by `find` and `audit` are on the audit trail."""

_MAIL_LINK = re.compile(r"<mailto:([^|>]*)(\|[^>]*)?>")


class Answer(NamedTuple):
    """What the person who typed is shown."""

    text: str
    blocks: list[dict[str, Any]] | None = None


Subcommand = Callable[[Desk, str, Staff, Times], Awaitable[Answer]]


def register(app: AsyncApp, desk: Desk, roster: Roster, *, local_times: bool) -> None:
    """Have the app answer the slash command."""

    @app.command(COMMAND)
    async def recover(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        home = context.authorize_result.team_id if context.authorize_result else None
        asker = Caller(user=str(body.get("user_id", "")), team=str(body.get("team_id", "")), home=home or "none")
        try:
            said = await answer(desk, typed(str(body.get("text", ""))), roster, asker, Times(desk.now(), local_times))
        except DeskError as error:
            said = Answer(sentence(error))
        await ack(said.text, blocks=said.blocks, response_type="ephemeral", unfurl_links=False, unfurl_media=False)


async def answer(desk: Desk, line: str, roster: Roster, asker: Caller, times: Times) -> Answer:
    """The answer to `<subcommand> <rest>`, or the help; raises Refused, and tells the trail, for those not staff."""
    verb, _, rest = line.partition(" ")
    subcommand = SUBCOMMANDS.get(verb.lower())
    if subcommand is None:
        known = verb.lower() in ("", "help")
        return Answer(HELP if known else f"I do not know {text.code(verb)}.\n{HELP}")
    staff = await roster.staff(asker)
    await lookups.require_role(desk, staff, verb.lower())
    return await subcommand(desk, rest.strip(), staff, times)


def typed(line: str) -> str:
    """What was typed, without what Slack makes of it: `<mailto:a@b|a@b>`, entities, no-break spaces."""
    return " ".join(html.unescape(_MAIL_LINK.sub(r"\1", line)).split())[:LONGEST]


async def _find(desk: Desk, rest: str, staff: Staff, times: Times) -> Answer:
    if not rest:
        return Answer(f"Say what to look for: `{COMMAND} find durand42`.")
    found = await lookups.find(desk, rest, staff)
    if not found:
        return Answer(f"Nothing matches {text.code(rest)} exactly. Logins and addresses have to be whole.")
    return Answer(cards.fit([_account(desk, one, times) for one in found], 3000))


async def _case(desk: Desk, rest: str, staff: Staff, times: Times) -> Answer:
    view = await lookups.card(desk, rest.upper()) if rest else None
    if view is None:
        return Answer(f"There is no case {text.code(rest)}. A case looks like `R-7F3K2M`.")
    return Answer(*cards.card(view, times, buttons=False))


async def _queue(desk: Desk, rest: str, staff: Staff, times: Times) -> Answer:
    waiting = await lookups.queue(desk)
    if not waiting:
        return Answer("No open cases. 🎉")
    more = [f"… ({len(waiting) - MOST} more)"] if len(waiting) > MOST else []
    return Answer(cards.fit([*(_waiting(desk, case, times) for case in waiting[:MOST]), *more], 3000))


async def _stats(desk: Desk, rest: str, staff: Staff, times: Times) -> Answer:
    found = await figures.figures(desk, staff)
    states = [
        f"{words.STATES[state][0]} {words.STATES[state][1]}: {found.open[state]}"
        for state in MOVES
        if state in found.open
    ]
    oldest = [f"The longest waits {_waiting(desk, found.oldest, times)}"] if found.oldest else []
    today = [_day(desk, day) for day in found.today] or ["nothing yet"]
    lines = [f"*Open cases: {sum(found.open.values())}*", *states, *oldest, "*Today, since midnight UTC*", *today]
    return Answer(cards.fit(lines, 3000))


async def _audit(desk: Desk, rest: str, staff: Staff, times: Times) -> Answer:
    entries = await figures.lately(desk, staff, rest)
    if not entries:
        return Answer(f"The trail has nothing about {text.code(rest)}." if rest else "The trail is empty.")
    return Answer(cards.fit([_entry(entry, times) for entry in entries], 3000))


SUBCOMMANDS: dict[str, Subcommand] = {
    "find": _find,
    "case": _case,
    "queue": _queue,
    "stats": _stats,
    "audit": _audit,
}
"""What there is; anything else answers with the help."""


def _account(desk: Desk, found: Found, times: Times) -> str:
    if found.deleted_at:
        gone = f"deleted on {times.at(found.deleted_at)}; its data are out of reach, even on request"
        return f"{text.code(found.login)} · {_service(desk, found.service)} · {gone}"
    who = [text.code(found.login), _service(desk, found.service), text.code(found.address)]
    who += filter(None, [words.KINDS.get(found.kind, ""), text.name(found.name)])
    shown = [f"`{case}`" for case in found.cases[:5]] + (["…"] if len(found.cases) > 5 else [])
    return f"{' · '.join(who)}\n      cases: {', '.join(shown) or 'none'}"


def _waiting(desk: Desk, case: Case, times: Times) -> str:
    emoji, state, _ = words.STATES[case.state]
    taken = f" by {text.name(case.claimed_name)}" if case.claimed_name else ""
    what = f"{words.ASKED[case.asked]} at {_service(desk, case.service)}"
    return f"`{case.id}` · {what} · {emoji} {state}{taken} · since {times.at(case.opened_at)}"


def _day(desk: Desk, day: Day) -> str:
    numbers = f"{several(day.opened, 'case')} opened, {several(day.helped, 'customer')} helped, {day.refused} refused"
    return f"{_service(desk, day.service) if day.service else 'no service'}: {numbers}"


def _entry(entry: AuditEntry, times: Times) -> str:
    """One entry, its detail with addresses masked: staff may have typed one into a note."""
    who = f"{text.name(entry.name)} (console)" if entry.by.startswith("console:") else text.name(entry.name)
    case = f" `{entry.case}`" if entry.case else ""
    detail = f" ({text.name(entry.detail, 120)})" if entry.detail else ""
    return f"{entry.id.lstrip('0')} · {times.at(entry.at)} · {who} {EVENTS.get(entry.event, entry.event)}{case}{detail}"


def _service(desk: Desk, id: str) -> str:
    """The service's name; its id when its file was taken away."""
    service = desk.services.get(id)
    return text.name(service.name if service else id)
