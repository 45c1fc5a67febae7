"""Builders for the tests of letters, addresses and the courier."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from handlers.desk import Desk
from handlers.letters import Facts
from handlers.model.account import Account
from handlers.model.case import Case
from handlers.model.grant import Grant
from handlers.model.outbox import Letter, LetterKind
from handlers.model.service import Service, Wording
from handlers.services import Services
from handlers.store.contract import Store
from handlers.vault import Secret, Vault

NOON = datetime(2026, 11, 22, 14, 5, tzinfo=UTC)
TOKEN = "kX9vB2nLq0TzYfWmRc7sUe4hJd1gPa8oIx3wNy6tVbE"
DIGITS = "482913"
PORTAL = "https://recovery.shop.example"
STEPS_FR = ("Enregistrez votre logiciel avec le nouveau mot de passe.", "Publiez à nouveau votre boutique.")


class MovingClock:
    """A clock that stands still until a test moves it."""

    def __init__(self, now: datetime = NOON) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **by: float) -> None:
        self.now += timedelta(**by)


def make_service(**changes: Any) -> Service:
    fields: dict[str, Any] = {
        "id": "shopfactory",
        "name": "ShopFactory",
        "language": "fr",
        "mailboxes": ("support@shop.example",),
        "sender": "ShopFactory <support@shop.example>",
        "letters": {"reset": Wording(after_care={"fr": STEPS_FR})},
    }
    return Service(**fields | changes)


def make_account(**changes: Any) -> Account:
    fields: dict[str, Any] = {
        "id": "A-1",
        "service": "shopfactory",
        "login": "durand42",
        "login_key": "durand42",
        "address": "claire.durand@mail.example",
        "address_key": "claire.durand@mail.example",
    }
    return Account(**fields | changes)


def make_case(**changes: Any) -> Case:
    fields: dict[str, Any] = {
        "id": "R-7F3K2M",
        "service": "shopfactory",
        "source": "mail",
        "asked": "password_reset",
        "language": "fr",
        "account": "A-1",
        "requester": "claire.durand@mail.example",
        "requester_key": "claire.durand@mail.example",
        "state": "issued",
        "grant": "G-1",
        "opened_at": NOON - timedelta(minutes=3),
        "changed_at": NOON,
    }
    return Case(**fields | changes)


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


def make_letter(kind: LetterKind = "reset", **changes: Any) -> Letter:
    fields: dict[str, Any] = {
        "id": "L-7F3K2M7F3K2M",
        "queue": "letters",
        "due": NOON,
        "kind": kind,
        "service": "shopfactory",
        "case": "R-7F3K2M",
        "to": "claire.durand@mail.example",
        "language": "fr",
        "grant": "G-1" if kind in ("reset", "code") else "",
        "written_at": NOON,
    }
    return Letter(**fields | changes)


def make_facts(kind: LetterKind = "reset", language: str = "fr", **changes: Any) -> Facts:
    secrets = {"reset": Secret(TOKEN), "code": Secret(f"{TOKEN} {DIGITS}")}
    fields: dict[str, Any] = {
        "letter": make_letter(kind, language=language),
        "service": make_service(),
        "account": make_account(),
        "grant": make_grant() if kind == "reset" else make_grant(kind="code", expires_at=NOON + timedelta(minutes=10)),
        "case": make_case(),
        "secret": secrets.get(kind),
        "portal_url": PORTAL,
    }
    return Facts(**fields | changes)


def make_desk(store: Store, clock: MovingClock | None = None, *services: Service) -> Desk:
    answered = services or (make_service(),)
    return Desk(
        store=store,
        services=Services({service.id: service for service in answered}),
        vault=Vault([b"a key for tests, 32 bytes or more"]),
        portal_url=PORTAL,
        clock=clock or MovingClock(),
    )
