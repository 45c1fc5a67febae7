"""What cards, slash commands and the command line ask; nothing here shows a secret or a full address."""

from __future__ import annotations

from datetime import datetime

from handlers import accounts, audit, cases, decide, mails
from handlers.closing import purges
from handlers.desk import Desk
from handlers.mails import Glance, Shown
from handlers.model.account import Account, Factor
from handlers.model.address_change import AddressChange
from handlers.model.audit import AuditEntry
from handlers.model.case import Action, Case
from handlers.model.closing import Purge
from handlers.model.document import Value
from handlers.model.errors import Refused
from handlers.model.grant import Grant
from handlers.model.outbox import SetAside
from handlers.model.paper import Paper
from handlers.model.service import ChangeAddress, Particular, Piece, PieceName, Service
from handlers.model.staff import CUSTOMER, DESK, Role, Staff
from handlers.rules.addresses import canonical, canonical_login, mask, masks
from handlers.rules.closing import HELD
from handlers.rules.information import lacking
from handlers.rules.permits import Permit, allowed, approvals_needed, concerning, unlisted
from handlers.rules.states import MOVES, is_over

FOUND_LIMIT = 20


class CardView(Value, frozen=True, kw_only=True):
    """Everything a card shows; addresses are masked, `permits` are those of an agent who did not claim the case.

    `waits_for` names the account information the customer has yet to give, `pieces` the documents that this kind of
    account proves itself with. `approvals_needed` is for what is proposed. `closed_until` (UTC) is when the account is
    deleted at the latest, `frozen_with` the case that froze it. `address_rules` say how a change of address goes.
    """

    case: Case
    service_name: str
    channel: str
    login: str
    address: str
    account_name: str
    account_kind: str
    requester: str
    permits: tuple[Permit, ...]
    grant: Grant | None
    failure: str
    new_address: str
    change: AddressChange | None
    papers: tuple[Paper, ...]
    waits_for: tuple[Particular, ...]
    pieces: dict[PieceName, Piece]
    approvals_needed: int
    address_rules: ChangeAddress | None
    closed_until: datetime | None
    frozen_with: str
    second_factor: Factor = ""
    mails: Glance = Glance()


class Revealed(Value, frozen=True, kw_only=True):
    """The full addresses of a case, for the one person who asked: on file, as the writer's, and as the new one."""

    account: str
    requester: str
    new_address: str


class Found(Value, frozen=True, kw_only=True):
    """An account that a look-up found, its address masked, whether it is closed or frozen, and the ids of its cases.

    The newest case is first.

    One that was deleted at `deleted_at` (UTC) has nothing but the login or address that was looked for.
    """

    account_id: str
    service: str
    login: str
    address: str
    kind: str
    name: str
    cases: tuple[str, ...]
    state: str = ""
    deleted_at: datetime | None = None


async def card(desk: Desk, case_id: str) -> CardView | None:
    """The card of a case, or None when there is no such case."""
    case = await desk.store.get(Case, case_id)
    if case is None:
        return None
    account = await cases.account_of(desk.store, case)
    case, service = cases.weighed(case, account, desk.now()), desk.service(case.service)
    new = _new_address(case, account, service)
    address, new_address = _told_apart(account, new)
    glance = await mails.glance(desk.store, desk, case, account)
    return CardView(
        case=case,
        service_name=service.name,
        channel=service.slack_channel,
        login=account.login if account else "",
        address=address,
        account_name=account.name if account else "",
        account_kind=account.kind if account else "",
        requester=mask(case.requester),
        permits=_permits(desk, case, account, glance),
        grant=await desk.store.get(Grant, case.grant) if case.grant else None,
        failure=_failure(case),
        new_address=new_address,
        change=await desk.store.get(AddressChange, case.id),
        papers=tuple(await desk.store.find(Paper, case=case.id)),
        waits_for=lacking(account, service) if account and case.source == "mail" else (),
        pieces=service.documents.get(account.kind, {}) if account else {},
        approvals_needed=approvals_needed(case.proposal.action, service) if case.proposal else 0,
        address_rules=service.change_address,
        closed_until=await _closed_until(desk, account),
        frozen_with=account.frozen if account else "",
        second_factor=account.second_factor if account else "",
        mails=glance,
    )


async def revealed(desk: Desk, case_id: str, by: Staff, seen: int | None) -> Revealed:
    """The full addresses of a case, once the trail says that `by` looks at them; raises as `decide.act` does."""
    case = await decide.act(desk, case_id, "reveal", by, seen)
    account = await cases.account_of(desk.store, case)
    return Revealed(
        account=account.address if account else "",
        requester=case.requester,
        new_address=_new_address(case, account, desk.service(case.service)),
    )


async def whole_mails(desk: Desk, case_id: str, by: Staff, seen: int | None) -> list[Shown]:
    """The mails of a case, whole, newest first, once the trail says that `by` reads them; raises as `decide.act`."""
    await decide.act(desk, case_id, "show_mail", by, seen)
    return await mails.newest_first(desk.store, desk, case_id)


async def queue(desk: Desk) -> list[Case]:
    """The cases that are not over, oldest first."""
    waiting = [case for state in MOVES if not is_over(state) for case in await desk.store.find(Case, state=state)]
    return sorted(waiting, key=lambda case: case.opened_at)


async def find(desk: Desk, text: str, by: Staff) -> list[Found]:
    """Accounts by login or address, or by the id of a case about them; at most 20. Raises Refused without a role."""
    await require_role(desk, by, "find")
    found = await _accounts(desk, text.strip())
    await note(desk, by, f"{len(found)} found")
    return [*[await _found(desk, account) for account in found], *await _deleted(desk, text.strip())][:FOUND_LIMIT]


async def require_role(desk: Desk, by: Staff, what: str, role: Role | None = None) -> None:
    """Raise Refused, and tell the trail, unless `by` has the role, or any where none is named."""
    if role is None and not by.roles:
        await _record(desk, "action.denied", by, what)
        raise Refused("You are not on the list of staff. An operator can add you to DESK_STAFF_AGENTS.")
    if role is not None and role not in by.roles:
        await _record(desk, "action.denied", by, what)
        raise Refused(unlisted(role))


async def note(desk: Desk, by: Staff, what: str) -> None:
    """Tell the trail that somebody looked something up."""
    await _record(desk, "lookup.made", by, what)


async def set_aside(desk: Desk) -> list[SetAside]:
    """The mails that could not be taken in, oldest first."""
    return await desk.store.find(SetAside)


async def trail(desk: Desk, subject: str) -> list[AuditEntry]:
    """The trail of a case id or of a login, oldest first."""
    by_case = await desk.store.find(AuditEntry, case=subject.upper())
    accounts = await desk.store.find(Account, login_key=canonical_login(subject))
    deleted = await purges.stones_of(desk, login=canonical_login(subject))
    ids = [one.id for one in (*accounts, *deleted)]
    by_login = [entry for id in ids for entry in await desk.store.find(AuditEntry, account=id)]
    return sorted({entry.id: entry for entry in (*by_case, *by_login)}.values(), key=lambda entry: entry.id)


def _permits(desk: Desk, case: Case, account: Account | None, glance: Glance) -> tuple[Permit, ...]:
    service = desk.service(case.service)
    holder = case.claimed_by or "anyone"
    agent = Staff(id=holder, name=case.claimed_name, roles=frozenset({"agent"}))
    newcomer = Staff(id="anyone", name="", roles=frozenset({"agent", "approver"}))
    reading: tuple[Action, ...] = ("show_mail",) if glance.count else ()
    about = concerning(case, account, service)
    actions: tuple[Action, ...] = (*about, "refuse", "freeze", "reveal", *reading, "choose_intent")
    return (
        allowed("claim", case, account, service, newcomer),
        *(allowed(action, case, account, service, newcomer if action == "approve" else agent) for action in actions),
    )


def _new_address(case: Case, account: Account | None, service: Service) -> str:
    """The address that shall replace the registered one: the profile's, where policy follows it (SF.4)."""
    follows = service.change_address is not None and service.change_address.follows == "profile"
    return (account.profile_address if account else "") if follows else case.new_address


def _told_apart(account: Account | None, new: str) -> tuple[str, str]:
    """The address on file and the new one, masked; more of both where they look the same."""
    if account and new:
        return masks(account.address, new)
    return mask(account.address) if account else "", mask(new) if new else ""


async def _closed_until(desk: Desk, account: Account | None) -> datetime | None:
    """When the account is deleted, at the latest: the work itself is due whenever it is looked at again."""
    until = account.reopens_until if account and account.closed_at else None
    if account is None or until is None or await desk.store.get(Purge, account.id) is None:
        return None
    return until if desk.now() < until else until + HELD


def _failure(case: Case) -> str:
    """Which letter did not arrive, and why: of a case left undelivered, or since staff last did something."""
    told = ""
    for step in case.history:
        if step.event in ("letter.failed", "letter.bounced"):
            told = step.detail
        elif step.by not in (DESK.id, CUSTOMER.id) and case.state != "undelivered":
            told = ""
    return "" if is_over(case.state) else told


async def _accounts(desk: Desk, text: str) -> list[Account]:
    case = await desk.store.get(Case, text.upper())
    of_case = [await cases.account_of(desk.store, case)] if case else []
    by_login = await desk.store.find(Account, login_key=canonical_login(text))
    by_address = await desk.store.find(Account, address_key=canonical(text))
    return list({account.id: account for account in (*of_case, *by_login, *by_address) if account}.values())


async def _deleted(desk: Desk, text: str) -> list[Found]:
    """Accounts of that login or address that are deleted: only that, and when (CP.21)."""
    stones = await purges.stones_of(desk, login=canonical_login(text), address=canonical(text))
    nothing: dict[str, str] = {"address": "", "kind": "", "name": ""}
    return [
        Found(account_id=one.id, service=one.service, login=text, cases=(), deleted_at=one.purged_at, **nothing)
        for one in stones
    ]


async def _found(desk: Desk, account: Account) -> Found:
    mine = sorted(await desk.store.find(Case, account=account.id), key=lambda case: case.opened_at, reverse=True)
    return Found(
        account_id=account.id,
        service=account.service,
        login=account.login,
        address=mask(account.address),
        kind=account.kind,
        name=account.name,
        cases=tuple(case.id for case in mine),
        state=accounts.state(account),
    )


async def _record(desk: Desk, event: str, by: Staff, detail: str) -> None:
    async with desk.store.transaction() as tx:
        await audit.add(tx, desk, event, by, detail=detail)
