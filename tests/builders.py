"""Values and desks for tests, with sane defaults; what a test is about, it says itself."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from handlers.configuration import services
from handlers.configuration.services import Services
from handlers.desk import Desk
from handlers.files.blobs import Blobs
from handlers.model.account import Account
from handlers.model.case import Case
from handlers.model.evidence import Evidence, EvidenceKind
from handlers.model.grant import Grant
from handlers.model.mail import Claims, InboundMail
from handlers.model.paper import Paper
from handlers.model.service import Offer, Service, Wording
from handlers.model.staff import Staff
from handlers.rules.addresses import canonical, canonical_login
from handlers.rules.identity import WEIGHTS
from handlers.store.contract import Store
from handlers.store.tiny import TinyStore
from handlers.vault import Vault

NOW = datetime(2026, 11, 22, 14, 5, tzinfo=UTC)
SERVICES = Path(__file__).parents[1] / "services"
KEY = bytes(range(32))
GOOD_PASSWORD = "correct horse battery staple 7!"
ADDRESS = "marie.durand@mail.example"
PORTAL = "https://recovery.shop.example"
STEPS_FR = ("Enregistrez votre logiciel avec le nouveau mot de passe.", "Publiez à nouveau votre boutique.")

AYSE = Staff(id="U0AYSE", name="Ayşe", roles=frozenset({"agent"}))
BORIS = Staff(id="U0BORIS", name="Boris", roles=frozenset({"agent"}))
STRANGER = Staff(id="U0EVE", name="Eve")


class MovingClock:
    """A clock that stands still until a test moves it."""

    def __init__(self, now: datetime = NOW) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **by: float) -> None:
        """Let time pass: `advance(minutes=31)`."""
        self.now += timedelta(**by)


class DeskUnderTest:
    """A real desk on a TinyDB store, and the clock that moves it."""

    def __init__(self, desk: Desk, clock: MovingClock) -> None:
        self.desk = desk
        self.clock = clock

    async def keep(self, *documents: Any) -> None:
        """Put documents into the store."""
        async with self.desk.store.transaction() as tx:
            tx.put(*documents)


def make_desk(store: Store, *answered: Service, **changes: Any) -> Desk:
    """A desk that answers for those services, or for one shop, at a time that only a test moves."""
    fields: dict[str, Any] = {
        "store": store,
        "services": Services({service.id: service for service in answered or (make_service(),)}),
        "vault": Vault((KEY,)),
        "portal_url": PORTAL,
        "clock": MovingClock(),
    }
    fields |= changes
    folder = store.path.parent if isinstance(store, TinyStore) else Path("nowhere")
    return Desk(**{"blobs": Blobs(folder / "documents", fields["vault"], fields["clock"])} | fields)


@asynccontextmanager
async def open_store(folder: Path) -> AsyncIterator[TinyStore]:
    """The store that lies in `folder`."""
    store = await TinyStore.open(folder / "desk.json")
    try:
        yield store
    finally:
        await store.close()


@asynccontextmanager
async def open_desk(folder: Path, keys: tuple[bytes, ...] = (KEY,)) -> AsyncIterator[DeskUnderTest]:
    """The five services' desk on a store in `folder`."""
    clock = MovingClock()
    async with open_store(folder) as store:
        desk = make_desk(store, services=shipped_services(), vault=Vault(keys), clock=clock)
        yield DeskUnderTest(desk, clock)


@cache
def shipped_services() -> Services:
    """The five services as they are shipped; nobody can change them, so they are read once."""
    return services.load(SERVICES)


def shipped_service(id: str = "shopfactory") -> Service:
    """One of them."""
    return shipped_services()[id]


def make_service(**changes: Any) -> Service:
    """A shop in French that sends links and codes, with steps to take after a reset."""
    fields: dict[str, Any] = {
        "id": "shopfactory",
        "name": "ShopFactory",
        "language": "fr",
        "mailboxes": ("support@shop.example",),
        "sender": "ShopFactory <support@shop.example>",
        "offer": Offer(actions=("send_link", "send_code")),
        "letters": {"reset": Wording(after_care={"fr": STEPS_FR})},
    }
    return Service(**fields | changes)


def make_account(**changes: Any) -> Account:
    """Marie Durand's account at ShopFactory."""
    login, address = changes.get("login", "durand42"), changes.get("address", ADDRESS)
    fields: dict[str, Any] = {
        "id": "A-DURAND",
        "service": "shopfactory",
        "login": login,
        "login_key": canonical_login(login),
        "address": address,
        "address_key": canonical(address),
        "name": "Marie Durand",
        "language": "fr",
    }
    return Account(**fields | changes)


def make_case(*evidence: EvidenceKind, **changes: Any) -> Case:
    """A new case about Marie Durand's account, with that evidence, all of it of one moment."""
    at = changes.get("opened_at", NOW)
    fields: dict[str, Any] = {
        "id": "R-7F3K2M",
        "service": "shopfactory",
        "source": "mail",
        "asked": "password_reset",
        "language": "fr",
        "account": "A-DURAND",
        "requester": ADDRESS,
        "requester_key": ADDRESS,
        "evidence": tuple(Evidence(kind=kind, weight=WEIGHTS[kind], source="mail", at=at) for kind in evidence),
        "opened_at": at,
        "changed_at": at,
    }
    return Case(**fields | changes)


def make_grant(**changes: Any) -> Grant:
    """A reset link to Marie Durand's account, valid for half an hour."""
    fields: dict[str, Any] = {
        "id": "G-1",
        "kind": "link",
        "service": "shopfactory",
        "account": "A-DURAND",
        "case": "R-7F3K2M",
        "token": "0" * 64,
        "credentials": 0,
        "by": AYSE.id,
        "issued_at": NOW,
        "expires_at": NOW + timedelta(minutes=30),
        "language": "fr",
    }
    return Grant(**fields | changes)


def make_paper(**changes: Any) -> Paper:
    """A clean one-page PDF of Marie Durand's case, uploaded now, that nobody looked at."""
    fields: dict[str, Any] = {
        "id": "D-1",
        "case": "R-7F3K2M",
        "account": "A-DURAND",
        "name": "scan.pdf",
        "type": "application/pdf",
        "bytes": 1234,
        "pages": 1,
        "fingerprint": "0" * 64,
        "blob": "b",
        "sealed_key": "k",
        "source": "portal",
        "received_at": NOW,
        "scan": "clean",
    }
    return Paper(**fields | changes)


PROVEN: tuple[EvidenceKind, ...] = ("login_known", "address_on_file", "login_and_address_agree", "sender_unproven")
"""What a good mail to ShopFactory shows."""


def make_mail(**changes: Any) -> InboundMail:
    """Marie Durand's mail: she forgot her password, and names her login."""
    fields: dict[str, Any] = {
        "message_id": "1@mail.example",
        "received_at": NOW,
        "mail_from": changes.get("from_address", ADDRESS),
        "recipients": ("support@shopfactory.example",),
        "from_address": ADDRESS,
        "from_name": "Marie Durand",
        "reply_to": "",
        "subject": "mot de passe",
        "automatic": None,
        "origin": None,
        "language": "fr",
        "intent": "password_reset",
        "confidence": 0.9,
        "because": ("mot de passe",),
        "claims": Claims(logins=("durand42",)),
        "text": "J'ai oublié mon mot de passe, mon identifiant est durand42.",
        "hidden_lines": 0,
        "attachments": (),
        "defects": (),
        "references": (),
    }
    return InboundMail(**fields | changes)
