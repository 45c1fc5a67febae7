"""Codes by mail to somebody who is signed in: they switch mail on as a second factor, and prove it later (CP.12)."""

from __future__ import annotations

from datetime import timedelta

from msgspec.structs import replace

from handlers import limits, outbox
from handlers.desk import Desk
from handlers.limits import Limit
from handlers.model.account import Account
from handlers.model.errors import Spent
from handlers.model.session import Session
from handlers.store.contract import Transaction

PURPOSE = "second factor digits"
SENT = Limit(name="factor mails", most=5, within=timedelta(hours=1), said="5 such codes were mailed within the hour.")


async def send(tx: Transaction, desk: Desk, session: Session, account: Account) -> None:
    """Mail a code that only this session can use, and that lives no longer; the one before dies. Raises Limited."""
    await limits.take(tx, desk, SENT, limits.of_credentials(account))
    offer, now = desk.service(account.service).offer, desk.now()
    digits = desk.vault.code(offer.code_digits)
    code = desk.vault.digest(PURPOSE, f"{session.id} {digits.value}")
    until = now + timedelta(minutes=offer.code_minutes)
    until = min(until, session.due or until)
    tx.put(replace(session, code=code, code_sent_at=now, code_until=until, tries=0))
    outbox.letter(
        tx, desk, "second_factor_code", account, account.address, language=session.language, secret=digits, until=until
    )


async def check(tx: Transaction, desk: Desk, session: Session, digits: str) -> bool:
    """Whether these are the digits that were mailed last; right ones are used up, wrong ones are counted, in `tx`.

    Raises Spent when they ran out, were used, or were tried too often: another code has to be sent.
    """
    now, most = desk.now(), desk.service(session.service).offer.code_tries
    if not session.code or session.code_until is None or now >= session.code_until:
        raise Spent("expired", session.service, session.language)
    if session.tries >= most:
        raise Spent("too_many_tries", session.service, session.language)
    right = desk.vault.matches(PURPOSE, f"{session.id} {digits}", session.code)
    tx.put(replace(session, code="" if right else session.code, tries=session.tries + 1))
    return right
