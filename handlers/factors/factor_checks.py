"""The second factor at sign-in: a code of the moment or a recovery code, each of them once.

How often it can be tried, and what that leaves to a guesser, is in docs/decisions/second-factor.md.
"""

from __future__ import annotations

from datetime import timedelta

from msgspec.structs import replace

from handlers import audit, limits, outbox
from handlers.desk import Desk
from handlers.factors import totp
from handlers.limits import Limit
from handlers.model.account import Account
from handlers.model.case import Case
from handlers.model.document import Value
from handlers.model.errors import SignInNeeded
from handlers.model.second_factor import SecondFactor
from handlers.model.service import Service
from handlers.model.session import Session
from handlers.rules.address_changes import known_addresses
from handlers.rules.second_factor import RECOVERY_CODES, RECOVERY_LENGTH, kind_of
from handlers.signing_in import sessions
from handlers.signing_in.sessions import Onward
from handlers.store.contract import Reader, Transaction
from handlers.vault import Secret

SEAL = "second factor"
RECOVERY = "recovery code"
TRIES = (
    Limit(name="factor", most=10, within=timedelta(minutes=10), said="10 second factors were tried in 10 minutes."),
    Limit(name="factor today", most=100, within=timedelta(days=1), said="100 second factors were tried today."),
)
"""Both windows move, and begin anew with other credentials: what a thief uses up ends with the stolen password."""

TRIES_IN_ALL = Limit(
    name="factor in all", most=300, within=timedelta(days=1), said="300 second factors were tried today."
)
"""Whoever reads the mailbox can have one new password after the other: that must not buy tries without end."""


class FactorAsked(Value, frozen=True, kw_only=True):
    """What the page that asks for the second factor may show; with `only_recovery`, codes by mail have another page."""

    service: Service
    language: str
    only_recovery: bool


async def look(desk: Desk, token: str) -> FactorAsked:
    """Whose second factor a sign-in waits for; changes nothing. Raises SignInNeeded."""
    session, account = await _at(desk.store, desk, token)
    return FactorAsked(
        service=desk.service(session.service),
        language=session.language,
        only_recovery=account.second_factor == "mail",
    )


async def prove(desk: Desk, token: str, browser: str, typed: str) -> Onward | None:
    """Go on with a sign-in that waits for the second factor (CP.11); None for a wrong code.

    `token` and `browser` are the browser's cookies. Raises SignInNeeded, Limited.
    """
    async with desk.store.transaction() as tx:
        session, account = await _at(tx, desk, token)
        if not await check(tx, desk, account, typed):
            # Returned and not raised: the transaction has to keep the try that it counted.
            await audit.of_account(tx, desk, "account.sign_in_failed", account, detail="second factor")
            return None
        onward = await sessions.advance(tx, desk, session, account, browser=browser)
    return onward


async def check(tx: Transaction, desk: Desk, account: Account, typed: str) -> bool:
    """Whether this is the account's code of the moment, or a recovery code: either is used up by it (RFC 6238, 5.2).

    The try is counted before anything is compared (T10), in `tx`: commit it, whatever the answer. Raises Limited.
    """
    for limit in TRIES:
        await limits.take(tx, desk, limit, limits.of_credentials(account))
    await limits.take(tx, desk, TRIES_IN_ALL, account.id)
    factor = await tx.get(SecondFactor, account.id)
    if factor is None or factor.active_since is None:
        return False
    kind, code = kind_of(typed)
    if kind == "recovery":
        return await _use_recovery(tx, desk, account, factor, code)
    return kind == "digits" and factor.method == "totp" and _use_step(tx, desk, factor, code)


def secret_of(desk: Desk, factor: SecondFactor) -> Secret:
    """The factor's key in base 32; raises Unavailable when it cannot be opened, or was sealed for another account."""
    account, _, secret = desk.vault.open(SEAL, factor.sealed).value.partition(" ")
    return Secret(secret if account == factor.id else "")


def sealed(desk: Desk, account: Account, secret: Secret) -> str:
    """The key as the store keeps it: copied to another account, it opens nothing there."""
    return desk.vault.seal(SEAL, f"{account.id} {secret.value}")


def draw_recovery(desk: Desk, account: Account) -> tuple[tuple[Secret, ...], tuple[str, ...]]:
    """Ten fresh recovery codes, and their keyed digests, which are all that is kept."""
    codes = tuple(desk.vault.recovery_code(RECOVERY_LENGTH) for _ in range(RECOVERY_CODES))
    return codes, tuple(desk.vault.digest(RECOVERY, f"{account.id} {code.value}") for code in codes)


def tell(tx: Transaction, desk: Desk, about: Case | Account, account: Account, what: str, but: str = "") -> None:
    """Tell every known address but one what became of the second factor: a key of `letters.factors.words` (T28)."""
    language = account.language or desk.service(account.service).language
    for to in known_addresses(account, but, desk.now()):
        outbox.letter(tx, desk, "second_factor_changed", about, to, language=language, detail=what)


async def stood_in(tx: Transaction, desk: Desk, account: Account) -> None:
    """Say that a code by mail was taken in place of a second factor that nobody can check any more: never silently."""
    if account.second_factor == "unusable":
        await audit.of_account(tx, desk, "account.factor_replaced", account, detail="a code by mail")
        tell(tx, desk, account, account, "unusable")


async def _at(reader: Reader, desk: Desk, token: str) -> tuple[Session, Account]:
    """The sign-in that waits for a second factor; who cannot get the codes by mail may have a recovery code."""
    session, account = await sessions.at(reader, desk, token, "factor", "code")
    if session.stage == "code" and account.second_factor != "mail":
        raise SignInNeeded(session.service, session.stage)
    return session, account


def _use_step(tx: Transaction, desk: Desk, factor: SecondFactor, digits: str) -> bool:
    step = totp.step_of(secret_of(desk, factor).value, digits, desk.now())
    if step is None or step <= factor.last_step:
        return False
    tx.put(replace(factor, last_step=step))
    return True


async def _use_recovery(tx: Transaction, desk: Desk, account: Account, factor: SecondFactor, code: str) -> bool:
    digests = desk.vault.digests(RECOVERY, f"{account.id} {code}")
    left = tuple(one for one in factor.recovery if one not in digests)
    if len(left) == len(factor.recovery):
        return False
    tx.put(replace(factor, recovery=left))
    await audit.of_account(tx, desk, "account.recovery_code_used", account, detail=f"{len(left)} left")
    tell(tx, desk, account, account, f"recovery_used {len(left)}")
    return True
