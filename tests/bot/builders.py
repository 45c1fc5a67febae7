"""Builders for the tests of the Slack side: values with sane defaults, a desk, and a case with everything on it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from bot.app import Connection
from demo.slack import APP_TOKEN, AYSE, BOT_TOKEN, CHANNEL, MARC, Workspace
from handlers import audit, cases
from handlers.desk import Desk
from handlers.lookups import CardView
from handlers.model.account import Account
from handlers.model.case import Action, Case, Step
from handlers.model.evidence import Evidence
from handlers.model.grant import Grant
from handlers.model.service import Offer, Service
from handlers.model.staff import DESK, Staff
from handlers.rules.permits import Permit
from handlers.services import Services
from handlers.store.tiny import TinyStore
from handlers.vault import Secret, Vault

NOON = datetime(2026, 11, 22, 14, 5, tzinfo=UTC)
ADDRESS = "claire.durand@mail.example"
KEYS = [b"k" * 32]
OFFERED: tuple[Action, ...] = ("claim", "send_link", "send_code", "refuse")
HOSTILE = st.text(max_size=200) | st.sampled_from(
    [
        "<!channel> <@U01AYSE> <https://evil.example|Reset>",
        "*bold* _it_ ~gone~ `code` ```pre```",
        "&lt;!here&gt; &amp; \u202egnp.exe\u2066 \x00\x1b[31m",
        "https://xn--80ak6aa92e.com http://аррӏе.com www.evil.example mailto:a@b.example",
        "a@b.example, victim+tag@sub.mail.example;x@аррӏе.com",
        "\n" * 3000,
        "ﷺ" * 3000,
    ]
)
"""What a customer, or somebody who plays one, might write."""
AGENT = Staff(id=AYSE.id, name=AYSE.real_name, roles=frozenset({"agent"}))


def make_service(**changes: Any) -> Service:
    fields: dict[str, Any] = {
        "id": "shopfactory",
        "name": "ShopFactory",
        "language": "fr",
        "mailboxes": ("support@shop.example",),
        "sender": "ShopFactory <support@shop.example>",
        "offer": Offer(actions=("send_link", "send_code")),
    }
    return Service(**fields | changes)


def make_account(**changes: Any) -> Account:
    fields: dict[str, Any] = {
        "id": "A-1",
        "service": "shopfactory",
        "login": "durand42",
        "login_key": "durand42",
        "address": ADDRESS,
        "address_key": ADDRESS,
        "name": "Claire Durand",
        "language": "fr",
    }
    return Account(**fields | changes)


def make_evidence(at: datetime = NOON) -> tuple[Evidence, ...]:
    return (
        Evidence(kind="login_known", weight="for", source="mail", at=at),
        Evidence(kind="address_on_file", weight="for", source="mail", at=at),
        Evidence(kind="sender_unproven", weight="neutral", source="mail", at=at),
    )


def make_case(**changes: Any) -> Case:
    at = changes.get("opened_at", NOON)
    fields: dict[str, Any] = {
        "id": "R-7F3K2M",
        "service": "shopfactory",
        "source": "mail",
        "asked": "password_reset",
        "language": "fr",
        "account": "A-1",
        "requester": ADDRESS,
        "requester_key": ADDRESS,
        "subject": "Mot de passe oublié",
        "text": "Bonjour,\n\nj'ai oublié mon mot de passe, mon identifiant est durand42.\n\nMerci, Claire Durand",
        "evidence": make_evidence(at),
        "history": (make_step("case.opened", at=at),),
        "opened_at": at,
        "changed_at": at,
    }
    return Case(**fields | changes)


def make_step(event: str, name: str = "the customer", at: datetime = NOON, **changes: Any) -> Step:
    return Step(event=event, by=changes.pop("by", "customer"), name=name, at=at, **changes)


def make_grant(**changes: Any) -> Grant:
    fields: dict[str, Any] = {
        "id": "G-1",
        "kind": "link",
        "service": "shopfactory",
        "account": "A-1",
        "case": "R-7F3K2M",
        "token": "0" * 64,
        "credentials": 0,
        "issued_at": NOON,
        "expires_at": NOON + timedelta(minutes=30),
        "language": "fr",
    }
    return Grant(**fields | changes)


def make_view(case: Case | None = None, **changes: Any) -> CardView:
    fields: dict[str, Any] = {
        "case": case or make_case(),
        "service_name": "ShopFactory",
        "channel": "",
        "login": "durand42",
        "address": "c•••@m••••.example",
        "account_name": "Claire Durand",
        "account_kind": "individual",
        "requester": "c•••@m••••.example",
        "permits": tuple(Permit(action=action, allowed=True) for action in OFFERED),
        "grant": None,
        "failure": "",
    }
    return CardView(**fields | changes)


def make_connection(slack: Workspace | None = None, **changes: Any) -> Connection:
    fields: dict[str, Any] = {
        "bot_token": Secret(BOT_TOKEN),
        "app_token": Secret(APP_TOKEN),
        "api_url": slack.api if slack else "http://127.0.0.1:9/api/",
        "channel": CHANNEL,
        "agents": frozenset({AYSE.id, MARC.id}),
    }
    return Connection(**fields | changes)


@asynccontextmanager
async def open_desk(folder: Path, **changes: Any) -> AsyncIterator[Desk]:
    """A desk on a TinyDB store in `folder`, with one service."""
    service = make_service()
    store = await TinyStore.open(folder / "desk.json")
    fields: dict[str, Any] = {
        "store": store,
        "services": Services({service.id: service}),
        "vault": Vault(KEYS),
        "portal_url": "https://recovery.shop.example",
    }
    try:
        yield Desk(**fields | changes)
    finally:
        await store.close()


async def open_case(desk: Desk, **changes: Any) -> Case:
    """A case as a mail would open it, its account on file and its card due."""
    now = desk.now()
    case = make_case(**{"opened_at": now, "changed_at": now, "version": 0, "history": ()} | changes)
    async with desk.store.transaction() as tx:
        if case.account and await tx.get(Account, case.account) is None:
            tx.put(make_account(id=case.account))
        opened = await cases.record(tx, desk, case, "case.opened", DESK)
        await audit.add(tx, desk, "lookup.made", DESK, detail="builder")
    return opened


async def until(check: Callable[[], object], seconds: float = 5.0) -> None:
    """Wait until `check` is true; raises TimeoutError when it does not become so."""
    for _ in range(int(seconds * 100)):
        if check():
            return
        await asyncio.sleep(0.01)
    raise TimeoutError(f"not so within {seconds} s")
