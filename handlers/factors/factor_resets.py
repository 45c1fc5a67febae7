"""A lost second factor: asked for at sign-in, approved by staff, taken off by the customer (CP.27, T27).

What a reset needs and why is in docs/decisions/second-factor.md.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from msgspec.structs import replace

from handlers import approvals, cases, grants, limits, outbox
from handlers.desk import Desk
from handlers.factors import factor_checks as checks
from handlers.factors import totp
from handlers.limits import Limit
from handlers.model.account import Account
from handlers.model.case import Case
from handlers.model.document import Value
from handlers.model.errors import Refused
from handlers.model.evidence import Evidence, EvidenceKind
from handlers.model.grant import Grant
from handlers.model.second_factor import SecondFactor
from handlers.model.service import Service
from handlers.model.session import Session
from handlers.model.staff import CUSTOMER, Staff
from handlers.rules.identity import Match, fact, merged
from handlers.rules.second_factor import PASSWORDS, password_says
from handlers.rules.states import is_over
from handlers.signing_in import sessions
from handlers.store.contract import Reader, Transaction

LIFE = timedelta(hours=24)
"""How long the link lives: staff agree at some hour of theirs, and the customer may be asleep."""

BY_MAIL = timedelta(days=1)
"""A password set so soon after a link or a temporary password was used was set with it."""

ASKED = Limit(name="lost factor", most=5, within=timedelta(days=1), said="The second factor was called lost 5 times.")


class Done(Value, frozen=True, kw_only=True):
    """What a page says once the loss was told, the same whatever it is worth, or the second factor is off."""

    service: Service
    language: str


class ResetView(Value, frozen=True, kw_only=True):
    """What the page of a living link may show; `expires_at` in UTC."""

    service: Service
    language: str
    login: str
    expires_at: datetime


async def ask(desk: Desk, token: str) -> Done:
    """Tell staff that whoever gave the password just now has lost the second factor.

    Opens a case or goes on with the customer's own. `token` is the cookie of a sign-in that waits for the factor.
    Raises SignInNeeded, Limited.
    """
    async with desk.store.transaction() as tx:
        session, account = await sessions.at(tx, desk, token, "factor")
        await limits.take(tx, desk, ASKED, limits.of_credentials(account))
        password = await _password(tx, desk, session, account)
        await _case(tx, desk, session, account, (*_evidence(desk), password))
    return Done(service=desk.service(account.service), language=session.language)


async def propose(tx: Transaction, desk: Desk, case: Case, account: Account, by: Staff) -> Case:
    """Put a reset before the approvers; `permits` saw to it that more than the mailbox speaks for it."""
    return await approvals.propose(tx, desk, case, "reset_second_factor", by)


async def issue(tx: Transaction, desk: Desk, case: Case, account: Account, by: Staff) -> Case:
    """Mail the link to the address on file, and tell every other known one; the factor stays until it is used.

    Older links and codes of the account die. Raises Limited, and Refused when there is nothing left to reset.
    """
    if not account.second_factor:
        raise Refused("This account has no second factor any more.")
    await limits.take(tx, desk, limits.of_grants(by), account.id)
    grant, token = grants.make(desk, "second_factor", case, account, by, desk.now() + LIFE)
    await grants.keep(tx, desk, grant)
    outbox.letter(
        *(tx, desk, "second_factor_reset", case, account.address),
        language=grant.language,
        grant=grant,
        secret=token,
    )
    checks.tell(tx, desk, case, account, "reset_sent", but=account.address)
    case = replace(case, grant=grant.id, proposal=None)
    return await cases.record(tx, desk, case, "second_factor.reset_issued", by, to="issued")


async def look(desk: Desk, token: str) -> ResetView:
    """What the link's page shows; changes nothing. Raises Spent."""
    grant, account = await grants.find(desk.store, desk, "second_factor", token)
    service = desk.service(grant.service)
    return ResetView(service=service, language=grant.language, login=account.login, expires_at=grant.expires_at)


async def redeem(desk: Desk, token: str) -> Done:
    """Take the second factor off, its recovery codes with it, and end every session. Raises Spent.

    Where the service has authenticator apps, the next sign-in leads to the page that sets one up.
    """
    async with desk.store.transaction() as tx:
        grant, account = await grants.find(tx, desk, "second_factor", token)
        case = await cases.load(tx, grant.case)
        tx.put(replace(grant, state="redeemed", redeemed_at=desk.now()))
        await _begin_anew(tx, desk, account)
        account = replace(account, second_factor="", credentials=account.credentials + 1)
        tx.put(account)
        await grants.retire(tx, desk, account.id, successor=case.id)
        checks.tell(tx, desk, case, account, "reset")
        await cases.record(tx, desk, case, "second_factor.reset", CUSTOMER, to="redeemed")
    return Done(service=desk.service(grant.service), language=grant.language)


async def _begin_anew(tx: Transaction, desk: Desk, account: Account) -> None:
    if "totp" in desk.service(account.service).second_factor.methods:
        tx.put(SecondFactor(id=account.id, method="totp"))
    elif await tx.get(SecondFactor, account.id):
        tx.delete(SecondFactor, account.id)


async def _password(tx: Transaction, desk: Desk, session: Session, account: Account) -> Evidence:
    """What the password says that was given just now, by what the desk knows of how it came about."""
    if session.temporary:
        return fact("password_by_mail", "portal", desk.now())
    changed_at, factor = account.password_changed_at, await tx.get(SecondFactor, account.id)
    used_at = totp.began(factor.last_step) if factor and factor.last_step else None
    by_mail = changed_at is not None and await _was_set_by_mail(tx, account, changed_at)
    kind = password_says(changed_at, by_mail, used_at, desk.now())
    at = changed_at if kind != "password_known" and changed_at else desk.now()
    return fact(kind, "portal", at)


async def _was_set_by_mail(reader: Reader, account: Account, changed_at: datetime) -> bool:
    used = [
        grant.redeemed_at
        for grant in await reader.find(Grant, account=account.id)
        if grant.kind in ("link", "temporary") and grant.redeemed_at
    ]
    return any(at - timedelta(minutes=1) <= changed_at < at + BY_MAIL for at in used)


def _evidence(desk: Desk) -> tuple[Evidence, ...]:
    kinds: tuple[EvidenceKind, ...] = ("login_known", "typed_on_portal")
    return tuple(fact(kind, "portal", desk.now()) for kind in kinds)


async def _case(
    tx: Transaction, desk: Desk, session: Session, account: Account, evidence: tuple[Evidence, ...]
) -> Case:
    """The customer's open case about the second factor, or a new one."""
    for case in await tx.find(Case, account=account.id):
        own = case.requester_key == account.address_key  # somebody else's case gains nothing from the owner's password
        if own and case.asked == "second_factor" and not is_over(case.state):
            # Of passwords, only the one that was typed now counts: older ones served whoever opened the case (T27).
            before = tuple(one for one in case.evidence if one.kind not in PASSWORDS)
            return await cases.go_on(tx, desk, replace(case, evidence=merged(before, evidence)))
    service, match = desk.service(account.service), Match(account=account, evidence=evidence)
    case = cases.begin(desk, service, "portal", "second_factor", session.language, account.address, match)
    return await cases.record(tx, desk, case, "case.opened", CUSTOMER)
