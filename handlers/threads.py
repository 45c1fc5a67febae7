"""Which case a mail belongs to: by our own address or Message-ID, or by its writer; never by a case number alone (T19).

A mail in a case's thread from anybody but its writer is shown there and not believed: it is no evidence, changes no
claim, brings no file, and gets no case of its own, unless there are too many of them.
"""

from __future__ import annotations

from handlers import cases, limits, mails
from handlers.desk import Desk
from handlers.model.case import Case
from handlers.model.document import Value
from handlers.model.mail import InboundMail
from handlers.model.staff import DESK
from handlers.post.addressing import Addressed, read_message_id
from handlers.rules.addresses import mask
from handlers.rules.identity import Match
from handlers.rules.origins import key_of
from handlers.rules.states import is_over
from handlers.store.contract import Transaction

OTHERS = limits.Limit(name="others", most=3, within=limits.DAY, said="Others wrote to this case 3 times today.")
MOST_OTHERS = 20
"""Mails of other senders that a case shows in a day, and in its life: each is a step, and a new version of its card."""

MOST_REFERENCES = 100


class Thread(Value, frozen=True, kw_only=True):
    """Where a mail belongs: to the case it goes on with, to one where it is only shown, or to neither."""

    own: Case | None = None
    shown: Case | None = None


async def find(tx: Transaction, desk: Desk, mail: InboundMail, addressed: Addressed, found: Match) -> Thread:
    """The case that our keyed address or Message-ID names, or else the writer's own."""
    writer, service = key_of(mail), addressed.service.id
    if not writer:
        return Thread()
    named = [case for case in await _named(tx, desk, mail, addressed) if case.service == service]
    for case in named:
        if case.requester_key == writer and not is_over(case.state):
            return Thread(own=case)
    for case in named:
        if case.requester_key != writer and await _has_room(tx, desk, case):
            return Thread(shown=case)
    about = found.account.id if found.account else None
    mine = await tx.find(Case, service=service, requester_key=writer)
    same = [case for case in mine if not is_over(case.state) and about in (None, case.account)]
    return Thread(own=max(same, key=lambda case: case.opened_at, default=None))


async def show(tx: Transaction, desk: Desk, case: Case, mail: InboundMail) -> Case:
    """Show a mail of somebody else on a case, which stays as it is, also when it is over."""
    await limits.take(tx, desk, OTHERS, case.id)
    await mails.keep(tx, desk, case, mail, others=True)
    return await cases.record(tx, desk, case, "mail.shown", DESK, detail=mask(mail.from_address or mail.mail_from))


async def _named(tx: Transaction, desk: Desk, mail: InboundMail, addressed: Addressed) -> list[Case]:
    """The cases that the mail names with a tag of ours: in the address it came to, or anywhere in its references."""
    newest = mail.references[-MOST_REFERENCES:]
    answered = (read_message_id(desk, reference) for reference in reversed(newest))
    ids = dict.fromkeys(filter(None, (addressed.case_id if addressed.kind == "reply" else "", *answered)))
    return [case for id in ids if (case := await tx.get(Case, id))]


async def _has_room(tx: Transaction, desk: Desk, case: Case) -> bool:
    """Whether the case may show one more; not one whose people were forgotten."""
    events = [step.event for step in case.history]
    if "case.forgotten" in events or events.count("mail.shown") >= MOST_OTHERS:
        return False
    return await limits.has_room(tx, desk, OTHERS, case.id)
