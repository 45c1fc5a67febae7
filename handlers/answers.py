"""The letters that a mail can cause with nobody clicking, and how many of each: whatever headers say, a loop ends here.

There are three. Each has a budget for the mailbox it goes to, for its case, and for its service; one budget that is
used up takes nothing from the others (T16, T17, RFC 3834 section 2).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from handlers import limits, outbox
from handlers.desk import Desk
from handlers.languages import choose
from handlers.limits import DAY, HOUR, Limit
from handlers.model.case import Case
from handlers.model.document import Value
from handlers.model.errors import Invalid
from handlers.model.mail import InboundMail
from handlers.model.outbox import LetterKind
from handlers.model.service import Service
from handlers.post.addressing import read_address
from handlers.rules.addresses import is_unread, mailbox_of, parse_one
from handlers.rules.origins import may_answer
from handlers.store.contract import Transaction

MINUTE, LIFE = timedelta(minutes=1), timedelta(days=365)
DOMAIN = Limit(name="domain", most=120, within=HOUR, said="120 answers to a domain an hour.")


class Budget(Value, frozen=True, kw_only=True):
    """How many letters of a kind may go to a mailbox, out of a case, and out of a service."""

    mailbox: Limit
    case: Limit
    service: Limit


BUDGETS: dict[LetterKind, Budget] = {
    "acknowledgement": Budget(
        mailbox=Limit(name="acknowledged", most=1, within=DAY, said="This sender was answered today."),
        case=Limit(name="acknowledged case", most=3, within=LIFE, said="This case was acknowledged 3 times."),
        service=Limit(name="acknowledging", most=60, within=MINUTE, said="60 mails were acknowledged in a minute."),
    ),
    "information": Budget(
        mailbox=Limit(name="information mailbox", most=3, within=DAY, said="This mailbox was asked 3 times today."),
        case=Limit(name="information case", most=3, within=LIFE, said="This case asked 3 times."),
        service=Limit(name="information service", most=60, within=MINUTE, said="60 customers were asked in a minute."),
    ),
    "documents": Budget(
        mailbox=Limit(name="documents", most=10, within=DAY, said="This sender was answered 10 times today."),
        case=Limit(name="documents case", most=20, within=LIFE, said="This case answered 20 times."),
        service=Limit(name="documents service", most=60, within=MINUTE, said="60 mails with files were answered."),
    ),
}
"""By kind; what is no key here is sent only when staff click, or the customer does on the portal, or time passes."""


async def may_send(
    tx: Transaction, desk: Desk, kind: LetterKind, case: Case, to: str, more: Sequence[tuple[Limit, str]] = ()
) -> bool:
    """Count a letter of that kind to `to`, if no budget of its kind, nor any of `more`, is used up."""
    budget, service = BUDGETS[kind], case.service
    counted = ((budget.mailbox, f"{service} {mailbox_of(to)}"), (budget.case, case.id), (budget.service, service))
    return await limits.all_within(tx, desk, (*counted, *more))


async def acknowledge(tx: Transaction, desk: Desk, service: Service, case: Case, mail: InboundMail) -> None:
    """Answer the return path (RFC 3834, 4), once a day, whatever the mail led to: it tells nothing of what we know.

    A web form's, where nobody reads, is left alone: answers go to the person another way, when staff write.
    """
    if not may_answer(mail.origin):
        return
    try:
        to = parse_one(mail.mail_from)
    except Invalid:
        return
    if is_unread(to):
        return
    domain = (DOMAIN, mailbox_of(to).rpartition("@")[2])
    if read_address(desk, to) is None and await may_send(tx, desk, "acknowledgement", case, to, (domain,)):
        language = choose(mail.language, service.language)
        outbox.letter(tx, desk, "acknowledgement", case, to, language=language, in_reply_to=mail.message_id)
