"""From settings to a desk that works."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.resources import files

import structlog

from handlers import audit
from handlers.clock import Clock, system_clock
from handlers.configuration import services
from handlers.configuration.known_settings import Keys
from handlers.configuration.settings import Settings, keep_key
from handlers.desk import Desk
from handlers.files.blobs import Blobs
from handlers.files.scanner import Scanner
from handlers.limits import Tally
from handlers.model.account import Account
from handlers.model.address_change import AddressChange
from handlers.model.audit import AuditEntry, AuditHead
from handlers.model.case import Case, Received
from handlers.model.checklist import Checklist
from handlers.model.closing import Purge, Reminder, Sweep, Tombstone
from handlers.model.document import Document
from handlers.model.errors import Unknown
from handlers.model.example import Example
from handlers.model.grant import Grant
from handlers.model.kept_mail import Mail, Unchecked
from handlers.model.outbox import Alert, Card, CardRefresh, Expiry, Letter, PortalRequest, Sent, SetAside
from handlers.model.paper import Keeping, Paper, ViewerTicket
from handlers.model.second_factor import SecondFactor
from handlers.model.session import Device, Session
from handlers.rules import passwords
from handlers.store.tiny import TinyStore
from handlers.vault import Vault, new_key

log = structlog.get_logger()

# Read when the store opens, so that one that cannot be read stops the start and not the first click.
KINDS: tuple[type[Document], ...] = (
    Account,
    AddressChange,
    Alert,
    AuditEntry,
    AuditHead,
    Card,
    CardRefresh,
    Case,
    Checklist,
    Device,
    Example,
    Expiry,
    Grant,
    Keeping,
    Letter,
    Mail,
    Paper,
    PortalRequest,
    Purge,
    Received,
    Reminder,
    SecondFactor,
    Sent,
    Session,
    SetAside,
    Sweep,
    Tally,
    Tombstone,
    Unchecked,
    ViewerTicket,
)


@asynccontextmanager
async def opened(settings: Settings, *, read_only: bool = False, clock: Clock = system_clock) -> AsyncIterator[Desk]:
    """The desk of these settings, its store open while the block runs.

    Read only, it can look while another process writes, makes nothing, and raises Unknown where no desk ever ran.
    Raises SettingsError, StoreLocked, StoreDamaged, StoreFailed.
    """
    loaded = services.load(settings.services)
    keys = _known_keys(settings) if read_only else settings.keys or _first_keys(settings)
    if not read_only:
        settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    store = await TinyStore.open(settings.store.path, kinds=KINDS, read_only=read_only)
    vault = Vault(keys)
    desk = Desk(
        store=store,
        services=loaded,
        vault=vault,
        portal_url=settings.portal_url.rstrip("/"),
        common_passwords=common_passwords(),
        clock=clock,
        blobs=Blobs(settings.data / "documents", vault, clock),
        scanner=Scanner(settings.clamd),
    )
    try:
        if not read_only:
            await audit.begin(desk)
        yield desk
    finally:
        await store.close()


def _known_keys(settings: Settings) -> Keys:
    folder = settings.store.path.parent
    if not settings.keys or not folder.is_dir():
        raise Unknown(f"There is no desk in {folder.absolute()} yet: `init` and `serve` make one. Is DESK_DATA right?")
    return settings.keys


def _first_keys(settings: Settings) -> Keys:
    kept = keep_key(settings, new_key()).keys
    log.warning("keys.made", file=str(settings.data / "keys"), why="DESK_KEYS is not set; keep a copy of this file")
    return kept


def common_passwords() -> frozenset[str]:
    """Words that are no passwords, in English, French and Turkish."""
    return passwords.words(files("handlers.rules").joinpath("common_passwords.txt").read_text("utf-8"))
