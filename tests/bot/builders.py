"""Builders for the tests of the Slack side: a desk, a case with everything on it, and what Slack is told of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from bot.app import Connection
from demo.slack import APP_TOKEN, AYSE, BOT_TOKEN, CHANNEL, MARC, Workspace
from handlers import audit, cases
from handlers.clock import Clock, system_clock
from handlers.desk import Desk
from handlers.lookups import CardView
from handlers.model.account import Account
from handlers.model.case import Action, Case, Step
from handlers.model.paper import Paper
from handlers.model.staff import DESK, Staff
from handlers.rules.permits import Permit
from handlers.vault import Secret
from tests import builders
from tests.builders import NOW, make_account, make_desk, open_store

OFFERED: tuple[Action, ...] = ("claim", "send_link", "send_code", "refuse", "freeze", "reveal")
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


def make_case(**changes: Any) -> Case:
    """A case with everything on it that a card can show."""
    at = changes.get("opened_at", NOW)
    wrote = {
        "subject": "Mot de passe oublié",
        "text": "Bonjour,\n\nj'ai oublié mon mot de passe, mon identifiant est durand42.\n\nMerci, Marie Durand",
        "history": (make_step("case.opened", at=at),),
    }
    return builders.make_case("login_known", "address_on_file", "sender_unproven", **wrote | changes)


def make_step(event: str, name: str = "the customer", at: datetime = NOW, **changes: Any) -> Step:
    return Step(event=event, by=changes.pop("by", "customer"), name=name, at=at, **changes)


def make_view(case: Case | None = None, **changes: Any) -> CardView:
    fields: dict[str, Any] = {
        "case": case or make_case(),
        "service_name": "ShopFactory",
        "channel": "",
        "login": "durand42",
        "address": "m•••@m••••.example",
        "account_name": "Marie Durand",
        "account_kind": "individual",
        "requester": "m•••@m••••.example",
        "permits": tuple(Permit(action=action, allowed=True) for action in OFFERED),
        "grant": None,
        "failure": "",
        "new_address": "",
        "change": None,
        "papers": (),
        "waits_for": (),
        "pieces": {},
        "approvals_needed": 0,
        "address_rules": None,
        "closed_until": None,
        "frozen_with": "",
    }
    return CardView(**fields | changes)


def make_paper(**changes: Any) -> Paper:
    """A file that came by mail and that nobody judged or scanned."""
    fields: dict[str, Any] = {
        "id": "P-1",
        "case": "R-7F3K2M",
        "account": "A-DURAND",
        "name": "carte.pdf",
        "type": "application/pdf",
        "bytes": 348_160,
        "pages": 2,
        "fingerprint": "0" * 64,
        "source": "mail",
        "received_at": NOW,
        "scan": "not_scanned",
    }
    return Paper(**fields | changes)


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
async def open_desk(folder: Path, clock: Clock = system_clock) -> AsyncIterator[Desk]:
    """One shop's desk on a store in `folder`, at the machine's time: Slack's answers take as long as they take."""
    async with open_store(folder) as store:
        yield make_desk(store, clock=clock)


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
