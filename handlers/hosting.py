"""The second password, for a second realm: set by whoever is signed in, and apart from the account's own (SF.15-18)."""

from __future__ import annotations

from msgspec.structs import replace

from handlers import audit, checklists, outbox, passwords
from handlers.desk import Desk
from handlers.model.account import Account
from handlers.model.document import Value
from handlers.model.errors import Unknown, WeakPassword
from handlers.model.service import Service
from handlers.model.session import Session
from handlers.signing_in import sessions
from handlers.store.contract import Reader


class HostingView(Value, frozen=True, kw_only=True):
    """What the page shows: whose it is; `login` is the customer's own."""

    service: Service
    language: str
    login: str

    def name(self, language: str) -> str:
        """What the service calls its second realm."""
        names = self.service.hosting.name.items() if self.service.hosting else ()
        return next((name for known, name in names if known == language), self.service.name)


def has(account: Account, service: Service) -> bool:
    """Whether the account has a second realm at all."""
    return account.hosted and service.hosting is not None


async def look(desk: Desk, token: str) -> HostingView:
    """What the page shows; changes nothing. Raises SignInNeeded, Unknown for a customer who is not hosted."""
    session, account = await _require(desk.store, desk, token)
    return HostingView(service=desk.service(account.service), language=session.language, login=account.login)


async def change(desk: Desk, token: str, password: str, current: str) -> None:
    """Set the second password; the account's own, its sessions and its grants stay as they are (SF.15).

    It takes the account's own as `current`: a stolen cookie must not open the second realm as well (T28). Raises
    SignInNeeded, Unknown, WrongPassword, Limited, WeakPassword.
    """
    _, account = await _require(desk.store, desk, token)
    await passwords.prove(desk, token, current)
    broken = passwords.broken_rules(desk, desk.service(account.service), account, password)
    if broken:
        raise WeakPassword(broken)
    hash = await passwords.hashed(password)
    async with desk.store.transaction() as tx:
        session, account = await sessions.use(tx, desk, token)
        account = replace(account, hosting_hash=hash)
        tx.put(account)
        checklists.begin(tx, desk, account, "hosting_changed")
        outbox.letter(tx, desk, "hosting_changed", account, account.address, language=session.language)
        await audit.of_account(tx, desk, "account.hosting_changed", account)


async def _require(reader: Reader, desk: Desk, token: str) -> tuple[Session, Account]:
    session, account = await sessions.require(reader, desk, token)
    if not has(account, desk.service(account.service)):
        raise Unknown("This account has no hosting.")
    return session, account
