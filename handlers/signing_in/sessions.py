"""Sessions on the portal: whose a browser's cookie is, what it still has to prove, and when it ends.

The cookie's value is `<service>.<random>`, and its digest covers both: a session of one service
opens nothing of another.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from msgspec.structs import replace

from handlers import audit
from handlers.desk import Desk
from handlers.model.account import Account
from handlers.model.document import Value
from handlers.model.errors import SignInNeeded
from handlers.model.second_factor import SecondFactor
from handlers.model.session import Session, Stage
from handlers.model.staff import CUSTOMER
from handlers.rules import sign_in as rules
from handlers.signing_in import devices
from handlers.store.contract import Reader, Transaction
from handlers.vault import Secret

LONGEST = timedelta(hours=12)
"""A session's end, however busy it is."""


class Onward(Value, frozen=True, kw_only=True):
    """Where a sign-in stands: its stage, and the new values of the browser's cookies.

    `session` replaces the value from before at every stage, so that one planted or seen earlier is worth nothing;
    `browser` is None while the browser has proved nothing new. `enrol` says that a second factor waits to be set up.
    """

    service: str
    language: str
    stage: Stage
    session: Secret
    browser: Secret | None = None
    enrol: bool = False


async def require(reader: Reader, desk: Desk, token: str) -> tuple[Session, Account]:
    """The complete sign-in of the cookie `token`, and its account; raises SignInNeeded. Changes nothing."""
    return await at(reader, desk, token, "open")


async def use(tx: Transaction, desk: Desk, token: str) -> tuple[Session, Account]:
    """As `require`, for what is done and not only looked at: the session's idle time begins anew."""
    session, account = await require(tx, desk, token)
    session = replace(session, due=_end(desk, session))
    tx.put(session)
    return session, account


async def at(reader: Reader, desk: Desk, token: str, *stages: Stage) -> tuple[Session, Account]:
    """The living sign-in of the cookie `token` at one of these stages; else SignInNeeded, which knows its stage."""
    session, account = await _find(reader, desk, token)
    if session.stage not in stages:
        raise SignInNeeded(session.service, session.stage)
    return session, account


async def end(desk: Desk, token: str) -> None:
    """Sign out: the session is gone, whatever its stage; nothing happens when there is none."""
    async with desk.store.transaction() as tx:
        for session in await _known(tx, desk, token):
            tx.delete(Session, session.id)


async def begin(
    tx: Transaction, desk: Desk, account: Account, *, language: str, browser: str, temporary: str = ""
) -> tuple[Session, Onward]:
    """A new session for whoever knew the account's password; `temporary` names the grant of a temporary one.

    A session that comes to the stage `code` still needs one sent.
    """
    session = Session(
        id=desk.vault.name("S", 12),
        queue="sessions",
        due=desk.now(),
        token="",
        account=account.id,
        service=account.service,
        language=language,
        stage="open",
        credentials=account.credentials,
        begun_at=desk.now(),
        temporary=temporary,
    )
    return await _go_on(tx, desk, session, account, None, browser)


async def advance(tx: Transaction, desk: Desk, session: Session, account: Account, *, browser: str = "") -> Onward:
    """Go on past the stage that `session` has just passed, as the rules say for `account` as it is now.

    `browser` is the browser's own cookie, renewed when a stage proved it.
    """
    _, onward = await _go_on(tx, desk, session, account, session.stage, browser)
    return onward


def service_of(desk: Desk, token: str) -> str:
    """The service that the cookie's value names, if the desk answers for it."""
    id = token.partition(".")[0]
    return id if id in desk.services else ""


async def _go_on(
    tx: Transaction, desk: Desk, session: Session, account: Account, passed: Stage | None, browser: str
) -> tuple[Session, Onward]:
    service = desk.service(session.service)
    device = await devices.known(tx, desk, account, browser)
    asked = rules.asks(account, service, device.proved_at if device else None, bool(session.temporary), desk.now())
    stage = rules.after(passed, asked)
    token = Secret(f"{service.id}.{desk.vault.token().value}")
    session = replace(
        session,
        token=desk.vault.digest("session", token.value),
        stage=stage,
        credentials=account.credentials,
        code="",
        tries=0,
        due=_end(desk, session),
    )
    tx.put(session)
    if stage == "open" and passed != "open":
        await audit.add(tx, desk, "account.signed_in", CUSTOMER, account=account.id, service=service.id)
    proved = passed in rules.PROVING or (stage == "open" and passed != "open" and not service.sign_in.code_on)
    fresh = await devices.remember(tx, desk, account, browser) if proved else None
    onward = Onward(
        service=service.id,
        language=session.language,
        stage=stage,
        session=token,
        browser=fresh,
        enrol=stage == "open" and await _wants_factor(tx, account),
    )
    return session, onward


async def _wants_factor(tx: Transaction, account: Account) -> bool:
    """Whether a second factor cannot be used any more, or was taken off and none was begun since."""
    factor = await tx.get(SecondFactor, account.id)
    return account.second_factor == "unusable" or bool(factor and not factor.active_since and not factor.begun_by)


async def _find(reader: Reader, desk: Desk, token: str) -> tuple[Session, Account]:
    service = service_of(desk, token)
    for session in await _known(reader, desk, token):
        account = await reader.get(Account, session.account)
        if account and _is_alive(session, account, desk.now()):
            return session, account
    raise SignInNeeded(service)


async def _known(reader: Reader, desk: Desk, token: str) -> list[Session]:
    if not service_of(desk, token):
        return []
    digests = desk.vault.digests("session", token)
    return [session for digest in digests for session in await reader.find(Session, token=digest)]


def _is_alive(session: Session, account: Account, now: datetime) -> bool:
    """Checked at every use: its end, and whether the account's credentials or its standing changed since."""
    closed = account.closed_at is not None and session.stage in ("change", "open")
    ended = session.due is None or now >= session.due
    return not (ended or closed or account.frozen or session.credentials != account.credentials)


def _end(desk: Desk, session: Session) -> datetime:
    idle = timedelta(minutes=desk.service(session.service).sign_in.session_minutes)
    return min(desk.now() + idle, session.begun_at + LONGEST)
