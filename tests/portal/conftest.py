"""A real desk on a store of its own, and the portal in front of it."""

from __future__ import annotations

import html
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientResponse
from aiohttp.test_utils import TestClient, TestServer
from aiohttp.web import Application, Request

from handlers import codes, links
from handlers.desk import Desk
from handlers.model.account import Account
from handlers.model.case import Case
from handlers.model.outbox import Letter, LetterKind
from handlers.model.service import Identify, Language, Offer, PasswordPolicy, Service, Wording
from handlers.model.staff import DESK
from portal.app import build
from tests import builders
from tests.builders import MovingClock, make_desk, open_store, shipped_services

Client = TestClient[Request, Application]
AFTER_CARE: dict[Language, tuple[str, ...]] = {
    "fr": ("Réenregistrez votre logiciel.", "Republiez votre boutique."),
    "en": ("Register again.",),
}


def make_service(id: str = "shop", **changes: Any) -> Service:
    """A service in French that wants login and address, and sends links."""
    fields: dict[str, Any] = {
        "id": id,
        "mailboxes": (f"support@{id}.example",),
        "sender": f"Support <support@{id}.example>",
        "identify": Identify(require=("login", "address")),
        "offer": Offer(),
        "letters": {"reset": Wording(after_care=AFTER_CARE)},
    }
    return builders.make_service(**fields | changes)


def make_account(id: str = "A-1", **changes: Any) -> Account:
    """Jean Durand's account at the shop, with an address that was registered in capitals."""
    fields = {"id": id, "service": "shop", "address": "Jean.Durand@mail.example", "name": "Jean Durand"}
    return builders.make_account(**fields | changes)


def make_claimed_case(account: Account, now: datetime) -> Case:
    """A case of that account that somebody has taken."""
    asked = {"service": account.service, "language": account.language, "account": account.id, "opened_at": now}
    by = {"requester": account.address, "requester_key": account.address_key}
    return builders.make_case(id=f"R-{account.id}", state="claimed", **asked, **by)


CODES = {
    "name": "L'Opcommerce",
    "identify": Identify(require=("address",)),
    "offer": Offer(actions=("send_code", "send_link")),
    "password": PasswordPolicy(min_length=13, advise=("upper", "lower", "digit", "symbol")),
}
STRICT = {
    "name": "ConnectProf",
    "language": "en",
    "password": PasswordPolicy(min_length=8, max_length=20, require=("upper", "lower", "digit", "symbol")),
}


@dataclass(frozen=True)
class House:
    """A desk, its clock, and short ways to what a customer would find in the mailbox."""

    desk: Desk
    clock: MovingClock
    file: Path

    async def add(self, account: Account) -> Account:
        """Keep the account and a case for it."""
        async with self.desk.store.transaction() as tx:
            tx.put(account, make_claimed_case(account, self.clock()))
        return account

    async def link(self, account: Account) -> str:
        """The raw token of a reset link, as mailed to the account's owner."""
        return (await self._issued(account, links.issue)).split()[0]

    async def code(self, account: Account) -> tuple[str, str]:
        """The raw token of a code's page, and the code's digits, as mailed."""
        token, digits = (await self._issued(account, codes.issue)).split()
        return token, digits

    async def mailed(self, account: Account, kind: LetterKind = "code") -> str:
        """The secret in the newest letter of that kind to the account's owner."""
        case = await self.desk.store.get(Case, f"R-{account.id}")
        assert case
        letters = await self.desk.store.find(Letter, case=case.id)
        usable = [letter for letter in letters if letter.kind == kind and letter.grant == case.grant]
        newest = max(usable, key=lambda letter: letter.written_at)
        return self.desk.vault.open("letter", newest.sealed).value

    def bytes(self) -> bytes:
        """Everything the store has on disk."""
        return b"".join(file.read_bytes() for file in sorted(self.file.parent.iterdir()) if file.is_file())

    async def _issued(self, account: Account, issue: Callable[..., Awaitable[Case]]) -> str:
        async with self.desk.store.transaction() as tx:
            case = await tx.get(Case, f"R-{account.id}")
            assert case
            await issue(tx, self.desk, case, account, DESK)
        return await self.mailed(account, "reset" if issue is links.issue else "code")


@dataclass(frozen=True)
class Page:
    """An answer as a test reads it."""

    status: int
    text: str
    headers: Mapping[str, str]

    @classmethod
    async def read(cls, response: ClientResponse) -> Page:
        """The answer, read to its end, its entities written as the characters they stand for."""
        return cls(response.status, html.unescape(await response.text()), response.headers)

    @property
    def location(self) -> str:
        """Where a redirection leads."""
        return self.headers["Location"]


async def get(client: Client, path: str, **headers: str) -> Page:
    """GET, following nothing."""
    async with client.get(path, headers=headers, allow_redirects=False) as response:
        return await Page.read(response)


async def post(client: Client, path: str, data: object, **headers: str) -> Page:
    """POST, following nothing."""
    async with client.post(path, data=data, headers=headers, allow_redirects=False) as response:
        return await Page.read(response)


async def fill(client: Client, path: str, **fields: str) -> Page:
    """Open the page, fill its form in and send it, as a browser does."""
    page = await get(client, path)
    assert page.status == 200, page.text
    return await post(client, path, {"token": token_of(page), **fields}, **{"Sec-Fetch-Site": "same-origin"})


def token_of(page: Page) -> str:
    """The hidden token of the page's form."""
    found = re.search(r'name="token" value="([^"]+)"', page.text)
    assert found, page.text
    return found.group(1)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    """A desk at http://portal.example with three services: shop (links), opc (codes), prof (strict passwords)."""
    (tmp_path / "store").mkdir()
    services = (make_service(), make_service("opc", **CODES), make_service("prof", **STRICT))
    clock = MovingClock()
    async with open_store(tmp_path / "store") as store:
        yield House(make_desk(store, *services, portal_url="http://portal.example", clock=clock), clock, store.path)


@pytest.fixture
async def client(house: House) -> AsyncIterator[Client]:
    """A browser without JavaScript: keeps cookies, follows nothing by itself."""
    async with TestClient(TestServer(build(house.desk))) as client:
        client.session.headers["Host"] = "portal.example"
        yield client


@pytest.fixture
async def https_client(house: House) -> AsyncIterator[Client]:
    """The same portal behind TLS."""
    desk = replace(house.desk, portal_url="https://portal.example")
    async with TestClient(TestServer(build(desk))) as client:
        client.session.headers["Host"] = "portal.example"
        yield client


@pytest.fixture
def five(house: House) -> House:
    """A house that answers for the five services."""
    return replace(house, desk=replace(house.desk, services=shipped_services()))


@pytest.fixture
async def browser(five: House) -> AsyncIterator[Client]:
    """A browser before the five services' portal."""
    async with TestClient(TestServer(build(five.desk))) as client:
        client.session.headers["Host"] = "portal.example"
        yield client


@pytest.fixture
async def elsewhere(five: House) -> AsyncIterator[Client]:
    """Another browser before it."""
    async with TestClient(TestServer(build(five.desk))) as client:
        client.session.headers["Host"] = "portal.example"
        yield client
