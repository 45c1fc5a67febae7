"""A change of the registered address: proposed, confirmed at the new one, agreed to, waited for, made.

What ends one before its time, or undoes it, is in `address_changes.py`; why it goes in these steps, and who is told
when, in docs/decisions/addresses.md.
"""

from __future__ import annotations

from datetime import timedelta

from msgspec.structs import replace

from handlers import approvals, cases, digits, grants, limits, links, outbox
from handlers.codes import CodeView
from handlers.desk import Desk
from handlers.model.account import Account
from handlers.model.address_change import AddressChange
from handlers.model.case import Case
from handlers.model.document import Value
from handlers.model.errors import Refused, Spent
from handlers.model.grant import Grant
from handlers.model.outbox import LetterKind
from handlers.model.service import ChangeAddress, Service
from handlers.model.staff import CUSTOMER, DESK, Staff
from handlers.registered_address import address_changes
from handlers.rules.address_changes import known_addresses, moved, now_on_file, target, why_not
from handlers.rules.addresses import SAME, canonical, mask, masks
from handlers.store.contract import Reader, Transaction
from handlers.vault import Secret

QUEUE = "address_changes"


class Confirmed(Value, frozen=True, kw_only=True):
    """What the page says once the new address is confirmed; nothing of the account."""

    service: Service
    language: str


async def propose(tx: Transaction, desk: Desk, case: Case, account: Account, by: Staff) -> Case:
    """Put a change before the approvers, ask the new address to confirm, and tell every known one. Raises Limited.

    Raises Refused, for staff alone, when the new address is the present one or another account's (O2.19).
    """
    policy = policy_of(desk.service(case.service))
    new = target(policy, case, account)
    await require_possible(tx, account, new)
    await limits.take(tx, desk, limits.of_grants(by), account.id)
    until = desk.now() + timedelta(hours=policy.confirm_hours)
    case = await approvals.propose(tx, desk, replace(case, new_address=new, deadline=until), "change_address", by)
    await begin(tx, desk, case, account, by, approvals_needed=policy.approvals)
    return case


def policy_of(service: Service) -> ChangeAddress:
    """How the service changes an address; raises Refused when it does not."""
    if service.change_address is None:
        raise Refused(f"{service.name} does not offer this.")
    return service.change_address


async def require_possible(reader: Reader, account: Account, new: str) -> None:
    """Raise Refused when the account's address cannot become `new`; the words are for staff alone (rule 5)."""
    if not new:
        raise Refused("The new address is not known.")
    if canonical(new) == account.address_key:
        raise Refused("The registered address is this one already.")
    if await address_changes.under_way(reader, account.id):
        raise Refused("Another change of this account's address is under way, or can still be undone.")
    if await address_changes.is_taken(reader, account.service, account.id, canonical(new)):
        raise Refused("The new address belongs to another account.")


async def begin(
    tx: Transaction,
    desk: Desk,
    case: Case,
    account: Account,
    by: Staff,
    *,
    approvals_needed: int,
    silent: bool = False,
) -> None:
    """Ask `case.new_address` to confirm until `case.deadline`, and tell every known address.

    With `silent` the new address is not asked, and so the change can only run out.
    """
    until, offer = case.deadline or desk.now(), desk.service(case.service).offer
    grant, token = grants.make(desk, "address", case, account, by, until)
    grant = replace(grant, tries_allowed=offer.code_tries, resends_allowed=offer.code_resends)
    change = AddressChange(
        id=case.id,
        queue=QUEUE,
        due=until,
        account=account.id,
        service=case.service,
        old=account.address,
        new=case.new_address,
        new_key=canonical(case.new_address),
        credentials=account.credentials,
        approvals_needed=approvals_needed,
        proposed_at=desk.now(),
    )
    tx.put(change)
    if not silent:
        _send(tx, desk, grant, change, case, token.value)
    _tell(tx, desk, "address_asked", case, account, change)


async def look(desk: Desk, token: str) -> CodeView:
    """What the confirmation's page shows: nothing of the account. Changes nothing. Raises Spent."""
    grant, change = await _find(desk.store, desk, token)
    service = desk.service(grant.service)
    return CodeView(
        service=service,
        language=grant.language,
        address=mask(change.new),
        expires_at=grant.expires_at,
        digits=service.offer.code_digits,
        resends_left=grant.resends_allowed - grant.resends,
    )


async def confirm(desk: Desk, token: str, typed: str) -> Confirmed:
    """Confirm the new address, and nothing but that. Raises Spent, WrongCode, Limited."""
    tried = await digits.count_try(desk, "address", token)
    if not digits.are_right(desk, tried, typed):
        await digits.wrong(desk, tried, _given_up)
    async with desk.store.transaction() as tx:
        grant, change = await _find(tx, desk, token)
        if grant.code != tried.code:
            raise Spent("replaced", grant.service, grant.language)
        tx.put(replace(grant, state="redeemed", redeemed_at=desk.now()))
        case = replace(await cases.load(tx, change.id), deadline=None)
        case = await cases.record(tx, desk, case, "address.confirmed", CUSTOMER)
        await _wait_if_ready(tx, desk, replace(change, confirmed_at=desk.now(), due=None, leased_until=None), case)
    return Confirmed(service=desk.service(grant.service), language=grant.language)


async def resend(desk: Desk, token: str) -> None:
    """Mail other digits to the new address; its time to confirm stays. Raises Limited (too soon, too often), Spent."""
    async with desk.store.transaction() as tx:
        grant, change = await _find(tx, desk, token)
        pause = timedelta(seconds=desk.service(grant.service).offer.resend_wait_seconds)
        digits.require_resend(grant, desk.now(), pause)
        await limits.take(tx, desk, limits.of_grants(CUSTOMER), f"address {grant.account}")
        case = await cases.load(tx, change.id)
        _send(tx, desk, replace(grant, issued_at=desk.now(), tries=0, resends=grant.resends + 1), change, case, token)
        await cases.record(tx, desk, case, "code.resent", CUSTOMER)


async def agreed(tx: Transaction, desk: Desk, case: Case, account: Account, by: Staff) -> Case:
    """Enough people agreed: from now on, or from the confirmation on, the old address has its time to object."""
    change = await tx.get(AddressChange, case.id)
    if change is None or change.state != "proposed":
        raise Refused("This change of address is over.")
    return await _wait_if_ready(tx, desk, replace(change, agreed_at=desk.now()), case)


async def fall_due(desk: Desk, due: AddressChange) -> None:
    """Do what a change's time has come for, once, looking at everything again (T30)."""
    async with desk.store.transaction() as tx:
        change = await tx.get(AddressChange, due.id)
        if change is None or change.due is None or change.due > desk.now():
            return
        if change.state == "proposed":
            why = "not confirmed in time"
            await address_changes.stop(tx, desk, change, DESK, why, event="address.expired", state="refused")
        elif change.state == "waiting":
            await _make_or_stop(tx, desk, change)
        else:
            tx.put(_ended(change))
            await cases.record(tx, desk, await cases.load(tx, change.id), "address.final", DESK)


async def _make_or_stop(tx: Transaction, desk: Desk, change: AddressChange) -> None:
    account, case = await tx.get(Account, change.account), await cases.load(tx, change.id)
    taken = await address_changes.is_taken(tx, change.service, change.account, change.new_key)
    policy = desk.service(change.service).change_address
    why = why_not(change, case, account, policy, taken) if account else "the account is gone"
    if why or account is None or policy is None:
        await address_changes.stop(tx, desk, change, DESK, why)
    else:
        await _make(tx, desk, change, case, account, policy)


async def _make(
    tx: Transaction, desk: Desk, change: AddressChange, case: Case, account: Account, policy: ChangeAddress
) -> None:
    now = desk.now()
    until = now + timedelta(hours=policy.undo_hours)
    change = replace(change, state="changed", changed_at=now, due=until, leased_until=None, tries=0)
    current = moved(account, change.new, now)
    tx.put(current, change if policy.undo_hours else _ended(change))
    await grants.retire(tx, desk, account.id, successor=case.id)
    _tell(tx, desk, "address_changed", case, account, change)
    language = account.language or case.language
    outbox.letter(tx, desk, "address_registered", case, change.new, language=language)
    regenerates = change.approvals_needed > 0 and "send_link" in desk.service(case.service).offer.actions
    case = replace(now_on_file(case, change, now), proposal=None, deadline=None)
    case = await cases.record(tx, desk, case, "address.changed", DESK, to=None if regenerates else "redeemed")
    if regenerates:
        # New access for whoever lost it with the old mailbox (O2.8); no stranger's requests use it up (T31).
        await links.mail(tx, desk, case, current, DESK)


async def _wait_if_ready(tx: Transaction, desk: Desk, change: AddressChange, case: Case) -> Case:
    """Confirmation and approvals come in any order; with both, the wait begins."""
    tx.put(change)
    account = await tx.get(Account, change.account)
    agreed = change.agreed_at is not None or change.approvals_needed == 0
    if account is None or change.confirmed_at is None or not agreed:
        return case
    wait = timedelta(hours=policy_of(desk.service(change.service)).wait_hours)
    change = replace(change, state="waiting", due=desk.now() + wait, leased_until=None, tries=0)
    tx.put(change)
    case = await cases.record(tx, desk, replace(case, deadline=change.due), "address.waiting", DESK)
    if wait:
        _tell(tx, desk, "address_agreed", case, account, change)
    return case


async def _given_up(tx: Transaction, desk: Desk, case: Case) -> None:
    change = await tx.get(AddressChange, case.id)
    if change:
        why = "no tries left"
        await address_changes.stop(tx, desk, change, CUSTOMER, why, event="code.wrong", state="refused")


async def _find(reader: Reader, desk: Desk, token: str) -> tuple[Grant, AddressChange]:
    grant, _ = await grants.find(reader, desk, "address", token)
    change = await reader.get(AddressChange, grant.case)
    if change is None or change.state != "proposed":
        raise Spent("replaced", grant.service, grant.language)
    return grant, change


def _send(tx: Transaction, desk: Desk, grant: Grant, change: AddressChange, case: Case, token: str) -> None:
    """The one letter that goes to an address nobody has registered; it can do nothing but confirm."""
    grant, typed = digits.draw(desk, grant)
    tx.put(grant)
    secret = Secret(f"{token} {typed.value}")
    outbox.letter(tx, desk, "confirm_address", case, change.new, language=grant.language, grant=grant, secret=secret)


def _tell(tx: Transaction, desk: Desk, kind: LetterKind, case: Case, account: Account, change: AddressChange) -> None:
    """Tell every known address and never the new one (T30); the words name that one masked, and a time.

    Where the masks of both look the same, they tell more, or name none at all.
    """
    told = masks(change.old, change.new)
    shown = told[1] if told[0] != told[1] else SAME
    detail = f"{shown} {change.due.isoformat() if change.due else ''}"
    for to in known_addresses(account, change.new, desk.now()):
        outbox.letter(tx, desk, kind, case, to, language=account.language or case.language, detail=detail)


def _ended(change: AddressChange) -> AddressChange:
    return replace(change, state="final", due=None, leased_until=None)
