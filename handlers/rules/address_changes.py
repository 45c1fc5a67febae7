"""What may become of a change of the registered address, and who is told."""

from __future__ import annotations

from datetime import datetime, timedelta

from msgspec.structs import replace

from handlers.model.account import Account, FormerAddress
from handlers.model.address_change import AddressChange
from handlers.model.case import Case
from handlers.model.evidence import EvidenceKind
from handlers.model.service import ChangeAddress
from handlers.rules.addresses import canonical, look_alike
from handlers.rules.identity import fact, merged

REMEMBERED = timedelta(days=90)
"""For so long the owner of a replaced address is still told what happens to the account."""


FIXES = ("documents.requested", "documents.received", "documents.reviewed", "action.proposed")
"""The steps after which no mail names another new address."""


def is_fixed(case: Case) -> bool:
    """Whether a mail can no longer say which new address is meant: its sender may be forged (O2.19, T6)."""
    return any(step.event in FIXES for step in case.history)


def is_disputed(case: Case) -> bool:
    """Whether somebody named another new address when it was too late for that."""
    return any(one.kind == "new_address_disputed" for one in case.evidence)


def with_new_address(case: Case, account: Account | None, new: str, now: datetime, *, fixed: bool = False) -> Case:
    """The case with the address that shall replace the registered one, and a doubt when it looks like that one.

    Nothing overwrites an address that is `fixed`, proposed, or stated by accepted documents: the attempt speaks against
    whoever made it, since it may be anybody.
    """
    if canonical(new) == canonical(case.new_address):
        return case
    accepted = any(one.kind == "documents_accepted" for one in case.evidence)
    if case.proposal or accepted or (fixed and case.new_address):
        known = not case.new_address or is_disputed(case)
        return case if known else replace(case, evidence=(*case.evidence, fact("new_address_disputed", "record", now)))
    evidence = tuple(one for one in case.evidence if one.kind != "new_address_doubtful")
    if account and look_alike(new, account.address):
        evidence = (*evidence, fact("new_address_doubtful", "record", now))
    return replace(case, new_address=new, evidence=evidence)


def target(policy: ChangeAddress, case: Case, account: Account) -> str:
    """The only address that the account's may become: the one in the profile where policy follows it (SF.4)."""
    return account.profile_address if policy.follows == "profile" else case.new_address


def known_addresses(account: Account, but: str, now: datetime) -> tuple[str, ...]:
    """Where the owner can be told: on file, in the profile, and those lately replaced; each once, never `but`."""
    former = [one.address for one in account.former_addresses if now - one.until < REMEMBERED]
    by_key = {canonical(one): one for one in (*former, account.profile_address, account.address) if one}
    by_key.pop(canonical(but), None)
    return tuple(by_key.values())


def moved(account: Account, new: str, now: datetime) -> Account:
    """The account with its new address; the old one is remembered, and everything issued before is dead."""
    former = FormerAddress(address=account.address, until=now)
    lately = (one for one in account.former_addresses if now - one.until < REMEMBERED)
    return _at(account, new, (*lately, former), now)


def moved_back(account: Account, old: str, now: datetime) -> Account:
    """The account with its old address again; whoever has the other one is told nothing more."""
    kept = tuple(one for one in account.former_addresses if canonical(one.address) != canonical(old))
    return _at(account, old, kept, now)


def now_on_file(case: Case, change: AddressChange, now: datetime) -> Case:
    """The case once its change was made: the address that it came from, or named, is the one on file by now."""
    kind: EvidenceKind = "address_on_file" if case.requester_key == change.new_key else "address_named"
    return replace(case, evidence=merged(case.evidence, (fact(kind, "record", now),)))


def why_not(change: AddressChange, case: Case, account: Account, policy: ChangeAddress | None, taken: bool) -> str:
    """Why a change whose wait is over is not made, in words for staff; empty when everything still holds.

    `taken` says whether the new address belongs to another account by now (O2.19).
    """
    agreed = {one.by for one in case.proposal.approvals} if case.proposal else set()
    reasons = (
        ("the account is frozen", bool(account.frozen)),
        ("the account is closed", account.closed_at is not None),
        ("the service no longer offers it", policy is None),
        ("the case does not wait for it any more", case.state != "pending" or case.proposal is None),
        ("password, address or second factor changed meanwhile", account.credentials != change.credentials),
        ("the registered address is another one by now", canonical(account.address) != canonical(change.old)),
        ("the new address was not confirmed", change.confirmed_at is None),
        ("not enough people approved it", len(agreed) < change.approvals_needed),
        ("the profile has another address by now", _left_by_profile(change, account, policy)),
        ("the new address belongs to another account", taken),
    )
    return next((reason for reason, holds in reasons if holds), "")


def _left_by_profile(change: AddressChange, account: Account, policy: ChangeAddress | None) -> bool:
    follows = policy is not None and policy.follows == "profile"
    return follows and canonical(account.profile_address) != change.new_key


def _at(account: Account, address: str, former: tuple[FormerAddress, ...], now: datetime) -> Account:
    return replace(
        account,
        address=address,
        address_key=canonical(address),
        address_changed_at=now,
        former_addresses=former,
        credentials=account.credentials + 1,
    )
