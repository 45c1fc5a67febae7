"""Customers with a password, and short ways to what is mailed to them while they sign in."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from handlers import passwords, temporary
from handlers.model.account import Account
from handlers.model.case import Case
from handlers.model.outbox import Letter, LetterKind
from handlers.model.staff import DESK
from tests.builders import GOOD_PASSWORD
from tests.portal.conftest import Client, House, Page, fill, make_account, post, token_of

NAME = "jean.durand@mail.example"


async def customer(house: House, service: str, **changes: Any) -> Account:
    """An account whose password, `GOOD_PASSWORD`, was set now."""
    hash = await passwords.hashed(GOOD_PASSWORD)
    account = replace(make_account(service=service), password_hash=hash, password_changed_at=house.clock(), **changes)
    return await house.add(account)


async def newest(house: House, kind: LetterKind) -> str:
    """The secret in the newest letter of that kind."""
    letters = [one for one in await house.desk.store.find(Letter) if one.kind == kind]
    return house.desk.vault.open("letter", max(letters, key=lambda one: one.written_at).sealed).value


async def temporary_password(house: House, account: Account) -> str:
    """One that was just mailed to the account's owner."""
    async with house.desk.store.transaction() as tx:
        case = await tx.get(Case, f"R-{account.id}")
        assert case
        await temporary.issue(tx, house.desk, case, account, DESK)
    return await newest(house, "temporary_password")


async def sign_in(client: Client, service: str, password: str = GOOD_PASSWORD, name: str = NAME) -> Page:
    """Both pages; the answer to the password."""
    second = await fill(client, f"/sign-in/{service}", name=name)
    assert second.status == 200, second.text
    sent = {"token": token_of(second), "name": name, "password": password}
    return await post(client, f"/sign-in/{service}", sent, **{"Sec-Fetch-Site": "same-origin"})


async def pressed(client: Client, page: Page, path: str, **fields: str) -> Page:
    """The page's form, sent without opening it again."""
    return await post(client, path, {"token": token_of(page), **fields}, **{"Sec-Fetch-Site": "same-origin"})
