"""Which account a request is about, and what speaks for and against it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import get_args

from handlers.model.account import Account
from handlers.model.case import Way
from handlers.model.document import Value
from handlers.model.evidence import Added, Evidence, EvidenceKind, Source, Weight
from handlers.model.mail import Grade, Trick
from handlers.rules.addresses import look_alike
from handlers.rules.information import was_renamed
from handlers.rules.origins import BELIEVED, KINDS

WEIGHTS: dict[EvidenceKind, Weight] = {
    "login_known": "for",
    "address_on_file": "for",
    "address_named": "neutral",
    "address_claimed": "neutral",
    "login_and_address_agree": "for",
    "typed_on_portal": "neutral",
    "login_unknown": "against",
    "address_not_on_file": "against",
    "address_moved": "against",
    "login_and_address_disagree": "against",
    "several_accounts": "against",
    "not_the_owner": "against",
    "reply_elsewhere": "against",
    "recently_changed": "against",
    "name_changed": "against",
    "factor_added": "against",
    "sender_proven": "neutral",
    "sender_partial": "neutral",
    "sender_unproven": "neutral",
    "sender_failed": "against",
    "sender_unchecked": "neutral",
    "sender_lookalike": "against",
    "address_in_name": "against",
    "mixed_scripts": "against",
    "like_our_domain": "against",
    "return_elsewhere": "neutral",
    "password_known": "for",
    "password_too_new": "neutral",
    "password_by_mail": "neutral",
    "documents_accepted": "for",
    "document_reused": "against",
    "new_address_doubtful": "against",
    "new_address_disputed": "against",
    "stopped_by_owner": "against",
    "account_closed": "neutral",
    "account_purged": "neutral",
}
SAID: tuple[EvidenceKind, ...] = ("not_the_owner", *KINDS.values())
"""What only the newest request says: it decides what may be done, and nobody can put it on a case for ever (T31)."""

LASTING: tuple[EvidenceKind, ...] = ("reply_elsewhere", *get_args(Trick))
"""What any mail of a case says by itself and stays said: its words are in the case, too. It takes no action away."""

OUTDONE: dict[EvidenceKind, tuple[EvidenceKind, ...]] = {
    "login_known": ("login_unknown",),
    "address_on_file": (
        "address_claimed",
        "address_named",
        "address_not_on_file",
        "address_moved",
        "sender_lookalike",
    ),
    "address_claimed": ("address_named", "address_not_on_file", "address_moved"),
    "address_named": ("address_not_on_file", "address_moved"),
    "login_and_address_agree": ("login_and_address_disagree",),
}
"""What better evidence makes void; never the other way round, or a forged mail could take it off a case."""

ADDED: tuple[EvidenceKind, ...] = get_args(Added)

OF_ADDRESS: tuple[EvidenceKind, ...] = (
    "address_on_file",
    "address_claimed",
    "address_named",
    "login_and_address_agree",
)
"""What is for whoever has the address that was on file when it was said."""

RECENTLY = timedelta(hours=24)


class Asked(Value, frozen=True, kw_only=True):
    """What a request says of its account, in comparison form: the writer's address, logins and addresses named.

    `grade` is what the mail proves of its sender; None when nobody checked.
    """

    source: Way
    sender: str
    logins: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    not_owner: bool = False
    reply_elsewhere: bool = False
    grade: Grade | None = None
    tricks: tuple[Trick, ...] = ()


class Match(Value, frozen=True, kw_only=True):
    """The one account a request is about, or None, and the evidence for and against."""

    account: Account | None
    evidence: tuple[Evidence, ...]


def fact(kind: EvidenceKind, source: Source, at: datetime) -> Evidence:
    """One fact, weighing what facts of its kind do."""
    return Evidence(kind=kind, weight=WEIGHTS[kind], source=source, at=at)


def match(asked: Asked, by_login: Sequence[Account], by_address: Sequence[Account], now: datetime) -> Match:
    """Weigh the accounts found by the logins named and by the addresses (the sender's first) at `now`."""
    account = _target(by_login, by_address)
    kinds = _kinds(asked, account, by_login, by_address, now)
    return Match(account=account, evidence=tuple(fact(kind, _source(kind, asked), now) for kind in kinds))


def merged(old: Sequence[Evidence], new: Sequence[Evidence]) -> tuple[Evidence, ...]:
    """What is known after one more request about the same account."""
    kinds = [one.kind for one in new]
    stale = {*SAID, *kinds, *(void for kind in kinds for void in OUTDONE.get(kind, ()))}
    return (*(one for one in old if one.kind not in stale), *new)


def rematched(old: Sequence[Evidence], new: Sequence[Evidence]) -> tuple[Evidence, ...]:
    """What is known once the same request is matched anew: nothing stays of what it said of the account before."""
    return (*(one for one in old if one.kind in ADDED), *new)


def still_on_file(evidence: Sequence[Evidence], changed_at: datetime | None) -> tuple[Evidence, ...]:
    """The evidence without what was said of another address than the one on file, which came at `changed_at` (UTC).

    Letters go to the one on file: what spoke for the owner of the old one does not speak for whoever has the new one.
    """
    if changed_at is None:
        return tuple(evidence)
    kept = tuple(one for one in evidence if one.kind not in OF_ADDRESS or one.at >= changed_at)
    is_gone = len(kept) < len(evidence) and not any(one.kind in OF_ADDRESS for one in kept)
    return joined(kept, fact("address_moved", "record", changed_at)) if is_gone else kept


def warned(old: Sequence[Evidence], new: Sequence[Evidence]) -> tuple[Evidence, ...]:
    """What is known after a mail about no account, or another: what it does to pass for another's, and no more."""
    known = {one.kind for one in old}
    return (*old, *(one for one in new if one.kind in LASTING and one.kind not in known))


def joined(known: Sequence[Evidence], one: Evidence) -> tuple[Evidence, ...]:
    """What is known with one more fact, which takes the place of an older one of its kind and of nothing else."""
    return (*(other for other in known if other.kind != one.kind), one)


def _target(by_login: Sequence[Account], by_address: Sequence[Account]) -> Account | None:
    found = {account.id: account for account in (by_login or by_address)}
    return next(iter(found.values())) if len(found) == 1 else None


def _kinds(
    asked: Asked, account: Account | None, by_login: Sequence[Account], by_address: Sequence[Account], now: datetime
) -> list[EvidenceKind]:
    login = bool(by_login)
    sent = bool(account and account.address_key == asked.sender)
    believed = asked.grade is None or asked.grade in BELIEVED
    named = bool(account and account.address_key in asked.addresses)
    several = account is None and bool(by_login or by_address)
    facts: list[tuple[EvidenceKind, bool]] = [
        ("login_known", login and account is not None),
        ("login_unknown", bool(asked.logins) and not login),
        ("address_on_file", sent and believed),
        ("address_claimed", sent and not believed and asked.grade != "failed"),
        ("address_named", named and not sent),
        ("address_not_on_file", not (sent or named or several)),
        ("login_and_address_agree", login and ((sent and asked.grade != "failed") or named)),
        ("login_and_address_disagree", _disagree(account, by_login, by_address)),
        ("several_accounts", several),
        ("not_the_owner", asked.not_owner),
        ("reply_elsewhere", asked.reply_elsewhere),
        ("sender_lookalike", asked.source == "mail" and not sent and _resembles(asked.sender, account)),
        ("recently_changed", _changed_recently(account, now)),
        ("name_changed", bool(account and was_renamed(account, now))),
        ("account_closed", bool(account and account.closed_at)),
        ("typed_on_portal", asked.source == "portal"),
    ]
    return [*(kind for kind, holds in facts if holds), *asked.tricks, *_graded(asked)]


def _graded(asked: Asked) -> list[EvidenceKind]:
    return [KINDS[asked.grade or "unproven"]] if asked.source == "mail" else []


def _disagree(account: Account | None, by_login: Sequence[Account], by_address: Sequence[Account]) -> bool:
    return bool(account and by_login and by_address) and all(other.id != account.id for other in by_address if account)


def _resembles(sender: str, account: Account | None) -> bool:
    return account is not None and look_alike(sender, account.address_key)


def _changed_recently(account: Account | None, now: datetime) -> bool:
    return bool(account and account.password_changed_at and now - account.password_changed_at < RECENTLY)


def _source(kind: EvidenceKind, asked: Asked) -> Source:
    return "record" if kind in ("recently_changed", "name_changed", "account_closed") else asked.source
