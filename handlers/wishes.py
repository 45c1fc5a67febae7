"""What a customer wants, where staff have to say it; and what the reader can learn from that."""

from __future__ import annotations

from msgspec.structs import replace

from handlers import cases, mails
from handlers.desk import Desk
from handlers.model.account import Account
from handlers.model.case import Case
from handlers.model.errors import Refused
from handlers.model.example import Example
from handlers.model.kept_mail import Written
from handlers.model.mail import Intent
from handlers.model.staff import Staff
from handlers.rules.wishes import nameless
from handlers.store.contract import Transaction

MOST_EXAMPLES = 5000
TEXT_LIMIT = 2000


async def choose(tx: Transaction, desk: Desk, case: Case, by: Staff, intent: Intent | None) -> Case:
    """Take staff's word for what the customer wants, and keep the mail as an example of it. Raises Refused for none."""
    if intent is None:
        raise Refused("Say what the customer wants.")
    await _learn(tx, desk, case, by, intent)
    chosen = replace(case, asked=intent, confidence=1.0)
    return await cases.record(tx, desk, chosen, "intent.chosen", by, detail=intent)


async def examples(desk: Desk, language: str = "") -> list[Example]:
    """What staff taught so far, oldest first; in one language, or in all."""
    return [one for one in await desk.store.find(Example) if language in ("", one.language)]


async def _learn(tx: Transaction, desk: Desk, case: Case, by: Staff, intent: Intent) -> None:
    """One example a case, made of its first mail; the oldest of all makes way when there are too many."""
    for before in await tx.find(Example, case=case.id):
        tx.delete(Example, before.id)
    first = await mails.first(tx, desk, case.id)
    if first is None:
        return  # a request on the portal has no words
    tx.put(_example(desk, case, await cases.account_of(tx, case), first, by, intent))
    if await tx.count(Example) > MOST_EXAMPLES:
        oldest, *_ = await tx.find(Example)
        tx.delete(Example, oldest.id)


def _example(desk: Desk, case: Case, account: Account | None, mail: Written, by: Staff, intent: Intent) -> Example:
    logins = (account.login,) if account else ()
    names = (mail.sender_name, mail.sender.partition("@")[0], *((account.name, account.company) if account else ()))
    return Example(
        id=f"{desk.now():%Y%m%d%H%M%S%f}-{case.id}",
        case=case.id,
        intent=intent,
        language=mail.language or case.language,
        subject=nameless(mail.subject, logins, names),
        text=nameless(mail.text, logins, names)[:TEXT_LIMIT],
        at=desk.now(),
        by=by.id,
    )
