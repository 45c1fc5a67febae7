"""Somebody says that it was not them: case and account are frozen, until somebody else than whoever did it lifts it."""

from __future__ import annotations

from datetime import datetime

from msgspec.structs import replace

from handlers import audit, cases, grants, outbox, signed
from handlers.desk import Desk
from handlers.model.account import Account
from handlers.model.case import Case, State
from handlers.model.document import Value
from handlers.model.errors import Spent
from handlers.model.evidence import Evidence
from handlers.model.second_factor import SecondFactor
from handlers.model.service import Service
from handlers.model.session import Device
from handlers.model.staff import CUSTOMER, Staff
from handlers.registered_address import address_changes
from handlers.rules.closing import unfrozen
from handlers.rules.identity import Match, fact, joined
from handlers.rules.states import is_over
from handlers.store.contract import Reader, Transaction


class StopView(Value, frozen=True, kw_only=True):
    """What the page of a stop link may show: whose it is, in which language, and whether it was pressed already."""

    service: Service
    language: str
    frozen: bool


async def look(desk: Desk, token: str) -> StopView:
    """What the stop page shows; changes nothing, so that a program that follows links stops nothing. Raises Spent."""
    case, account = await _about(desk.store, desk, token)
    return _view(desk, case, account)


async def stop(desk: Desk, token: str) -> StopView:
    """Freeze what the letter was about, however often it is pressed.

    Raises Spent, also once an approver has lifted a freeze since the letter: an old one is no switch that turns the
    account off again and again.
    """
    async with desk.store.transaction() as tx:
        case, account = await _about(tx, desk, token)
        if account and not _is_frozen(case, account):
            case = case or await _opened(tx, desk, account)
        if case and not _is_frozen(case, account):
            await freeze(tx, desk, case, account, CUSTOMER)
        return replace(_view(desk, case, account), frozen=True)


async def freeze(tx: Transaction, desk: Desk, case: Case, account: Account | None, by: Staff) -> Case:
    """Stop everything about the case and its account; staff are alerted, the address on file learns what comes next."""
    if account:
        await address_changes.give_up(tx, desk, account.id, by)
        account = await _frozen(tx, desk, case, account.id, by)
    case = await cases.load(tx, case.id)
    evidence = await _left_behind(tx, desk, case, account)
    if by.id == CUSTOMER.id:  # stays when somebody lifts the freeze: what was stopped once is worth a second look
        evidence = joined(evidence, fact("stopped_by_owner", "portal", desk.now()))
    case = replace(case, frozen_by=by.id, proposal=None, deadline=None, evidence=evidence)
    case = await cases.record(tx, desk, case, "case.frozen", by, to="frozen")
    outbox.alert(tx, desk, "frozen", case)
    if account:
        await _show_others(tx, desk, case, account)
        outbox.letter(tx, desk, "frozen", case, account.address, language=account.language or case.language)
    return case


async def lift(tx: Transaction, desk: Desk, case: Case, account: Account | None, by: Staff) -> Case:
    """Let the case go on; the account too, unless another case keeps it frozen, and then its owner is told.

    What was issued before stays dead.
    """
    to: State = "claimed" if case.claimed_by else "new"
    case = await cases.record(tx, desk, replace(case, frozen_by=""), "case.lifted", by, to=to)
    if account:
        others = [one.id for one in await tx.find(Case, account=account.id) if one.state == "frozen"]
        tx.put(replace(account, frozen=others[0]) if others else unfrozen(account, desk.now()))
        if not others:
            await audit.add(tx, desk, "account.lifted", by, case=case)
            outbox.letter(tx, desk, "lifted", case, account.address, language=account.language or case.language)
        await _show_others(tx, desk, case, account)
    return case


async def _frozen(tx: Transaction, desk: Desk, case: Case, account_id: str, by: Staff) -> Account | None:
    """Every link, code and session of the account dies with its old number, and no browser is known any more."""
    account = await tx.get(Account, account_id)
    if account is None:
        return None
    if not account.frozen:
        await audit.add(tx, desk, "account.frozen", by, case=case)
    account = replace(account, frozen=account.frozen or case.id, credentials=account.credentials + 1)
    tx.put(account)
    await grants.retire(tx, desk, account.id, successor=case.id)
    for device in await tx.find(Device, account=account.id):
        tx.delete(Device, device.id)
    return account


async def _left_behind(tx: Transaction, desk: Desk, case: Case, account: Account | None) -> tuple[Evidence, ...]:
    """The case's evidence, with a second factor that whoever was disputed may have added; a begun one is forgotten."""
    factor = await tx.get(SecondFactor, account.id) if account else None
    if factor is None or not factor.begun_by:
        return case.evidence
    if factor.active_since is None:
        tx.delete(SecondFactor, factor.id)
        return case.evidence
    if desk.now() - factor.active_since > signed.LIVES["stop"]:
        return case.evidence
    return joined(case.evidence, fact("factor_added", "record", factor.active_since))


async def _show_others(tx: Transaction, desk: Desk, case: Case, account: Account) -> None:
    for other in await tx.find(Case, account=account.id):
        if other.id != case.id and not is_over(other.state):
            await outbox.refresh_card(tx, desk, other)


async def _opened(tx: Transaction, desk: Desk, account: Account) -> Case:
    """The case of a letter that was about an account alone."""
    service = desk.service(account.service)
    match = Match(account=account, evidence=())
    language = account.language or service.language
    case = cases.begin(desk, service, "portal", "other", language, account.address, match)
    return await cases.record(tx, desk, case, "case.opened", CUSTOMER)


async def _about(reader: Reader, desk: Desk, token: str) -> tuple[Case | None, Account | None]:
    """The case and account of a signed token, as they are now; raises Spent when both are gone."""
    link = signed.opened(desk.vault, "stop", token, desk.now())
    case = await reader.get(Case, link.subject)
    account = await (cases.account_of(reader, case) if case else reader.get(Account, link.subject))
    if case is None and account is None:
        raise Spent("unknown")
    if any(map(link.was_written_before, _lifted(case, account))):
        view = _view(desk, case, account)
        raise Spent("looked_into", view.service.id, view.language)
    return case, account


def _lifted(case: Case | None, account: Account | None) -> list[datetime]:
    """When approvers looked into it: links from before are spent, the letter that says so carries a fresh one."""
    steps = [step.at for step in case.history if step.event == "case.lifted"] if case else []
    return [*steps, account.lifted_at] if account and account.lifted_at else steps


def _is_frozen(case: Case | None, account: Account | None) -> bool:
    return case.state == "frozen" if case else bool(account and account.frozen)


def _view(desk: Desk, case: Case | None, account: Account | None) -> StopView:
    service = desk.service(case.service if case else account.service if account else "")
    language = (account.language if account else "") or (case.language if case else service.language)
    return StopView(service=service, language=language, frozen=_is_frozen(case, account))
