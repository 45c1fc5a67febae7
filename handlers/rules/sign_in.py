"""What a sign-in asks for besides the password: one order of stages, decided by the service and the account."""

from __future__ import annotations

from datetime import datetime, timedelta

from handlers.model.account import Account
from handlers.model.service import Service
from handlers.model.session import Stage
from handlers.rules.closing import may_reopen

ORDER: tuple[Stage, ...] = ("factor", "code", "closed", "change", "open")
PROVING: tuple[Stage, ...] = ("factor", "code")
"""The stages that prove a browser to be the owner's."""

PROOF_LASTS = timedelta(days=30)


def may_begin(account: Account, now: datetime) -> bool:
    """Whether the account can be signed in to at all: not while it is frozen, nor once its days of grace are over."""
    return not account.frozen and (account.closed_at is None or may_reopen(account, now))


def asks(
    account: Account, service: Service, proved_at: datetime | None, temporary: bool, now: datetime
) -> tuple[Stage, ...]:
    """The stages of this sign-in after the password, in order, `open` last.

    `proved_at` (UTC) is when this browser last proved itself for the account, None if never; `temporary` says that
    a temporary password was used.
    """
    holds: dict[Stage, bool] = {
        "factor": account.second_factor == "totp",
        "code": asks_code(account, service, proved_at, now),
        "closed": account.closed_at is not None,
        "change": temporary or is_old(account, service, now),
        "open": True,
    }
    return tuple(stage for stage in ORDER if holds[stage])


def after(stage: Stage | None, asked: tuple[Stage, ...]) -> Stage:
    """The first of the asked stages that comes after `stage`; None stands before them all."""
    passed = ORDER.index(stage) if stage else -1
    return next(one for one in asked if ORDER.index(one) > passed or one == "open")


def asks_code(account: Account, service: Service, proved_at: datetime | None, now: datetime) -> bool:
    """Whether a code by mail is asked for: never beside TOTP, else as the account's factor and the service say.

    A factor that nobody can check any more is stood in for by the mailbox: the password alone never passes it.
    """
    if account.second_factor:
        return account.second_factor != "totp"
    on = service.sign_in.code_on
    lapsed = proved_at is None or now - proved_at >= PROOF_LASTS
    return "every_sign_in" in on or ("new_device" in on and proved_at is None) or ("every_30_days" in on and lapsed)


def is_old(account: Account, service: Service, now: datetime) -> bool:
    """Whether the service wants the password renewed (CP.17); one of unknown age is taken for old."""
    days = service.password.max_age_days
    changed = account.password_changed_at
    return days > 0 and (changed is None or now - changed >= timedelta(days=days))
