"""The code that a sign-in asks for besides the password: sent, typed, sent again."""

from __future__ import annotations

from datetime import timedelta

from msgspec.structs import replace

from handlers import audit, limits, outbox
from handlers.codes import CodeView
from handlers.desk import Desk
from handlers.factors import factor_checks
from handlers.limits import Limit
from handlers.model.account import Account
from handlers.model.errors import Limited, Spent, WrongCode
from handlers.model.session import Session
from handlers.model.staff import CUSTOMER
from handlers.rules.addresses import mask
from handlers.signing_in import sessions
from handlers.signing_in.sessions import Onward
from handlers.store.contract import Transaction

SENT = Limit(name="sign-in codes", most=20, within=timedelta(hours=1), said="20 sign-in codes were sent in an hour.")
TYPED = Limit(name="sign-in tries", most=50, within=timedelta(days=1), said="50 sign-in codes were typed today.")


async def send(tx: Transaction, desk: Desk, session: Session, account: Account) -> None:
    """Mail new digits to the address on file; the ones before them die. Raises Limited.

    The sign-in waits for as long as they live: what a letter says is valid (OC.9) must not end with an idle page.
    """
    await limits.take(tx, desk, SENT, limits.of_credentials(account))
    service, now = desk.service(session.service), desk.now()
    digits = desk.vault.code(service.offer.code_digits)
    until = now + timedelta(minutes=service.offer.code_minutes)
    code = desk.vault.digest("sign-in digits", _bound(session, digits.value))
    due = max(session.due or until, until)
    tx.put(replace(session, code=code, code_sent_at=now, code_until=until, tries=0, due=due))
    to, language = account.address, session.language
    outbox.letter(tx, desk, "sign_in_code", account, to, language=language, secret=digits, until=until)
    await audit.add(tx, desk, "account.code_sent", CUSTOMER, account=account.id, service=account.service)


async def look(desk: Desk, token: str) -> CodeView:
    """What the code's page shows; changes nothing. Raises SignInNeeded."""
    session, account = await sessions.at(desk.store, desk, token, "code")
    service = desk.service(session.service)
    return CodeView(
        service=service,
        language=session.language,
        address=mask(account.address),
        expires_at=session.code_until or desk.now(),
        digits=service.offer.code_digits,
        resends_left=service.offer.code_resends - session.resends,
        recovers=account.second_factor == "mail",
    )


async def verify(desk: Desk, token: str, typed: str, browser: str = "") -> Onward:
    """Go on with the sign-in, and know the browser from now on; the try is counted before it is compared (T10).

    Raises SignInNeeded, Spent (a new code can be sent), WrongCode, Limited.
    """
    tried = await _count_try(desk, token)
    if not desk.vault.matches("sign-in digits", _bound(tried, typed), tried.code):
        left = desk.service(tried.service).offer.code_tries - tried.tries
        raise WrongCode(left) if left > 0 else Spent("too_many_tries", tried.service, tried.language)
    async with desk.store.transaction() as tx:
        session, account = await sessions.at(tx, desk, token, "code")
        if session.code != tried.code:
            raise Spent("replaced", session.service, session.language)
        await factor_checks.stood_in(tx, desk, account)
        return await sessions.advance(tx, desk, session, account, browser=browser)


async def resend(desk: Desk, token: str) -> None:
    """Mail a new code in place of the old one, to the same address. Raises Limited (too soon, too often)."""
    async with desk.store.transaction() as tx:
        session, account = await sessions.at(tx, desk, token, "code")
        _require_resend(desk, session)
        await send(tx, desk, replace(session, resends=session.resends + 1), account)


async def _count_try(desk: Desk, token: str) -> Session:
    async with desk.store.transaction() as tx:
        session, account = await sessions.at(tx, desk, token, "code")
        if session.tries >= desk.service(session.service).offer.code_tries:
            raise Spent("too_many_tries", session.service, session.language)
        if session.code_until is None or desk.now() >= session.code_until:
            raise Spent("expired", session.service, session.language)
        await limits.take(tx, desk, TYPED, limits.of_credentials(account))
        session = replace(session, tries=session.tries + 1)
        tx.put(session)
    return session


def _require_resend(desk: Desk, session: Session) -> None:
    offer, now, sent_at = desk.service(session.service).offer, desk.now(), session.code_sent_at or desk.now()
    if session.resends >= offer.code_resends:
        raise Limited("No more codes can be sent for this sign-in.", ((session.due or now) - now).total_seconds())
    wait = (sent_at + timedelta(seconds=offer.resend_wait_seconds) - now).total_seconds()
    if wait > 0:
        raise Limited("A code was sent a moment ago.", wait)


def _bound(session: Session, digits: str) -> str:
    return f"{session.id} {digits}"
