"""From settings to a desk that works."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.resources import files
from typing import NamedTuple

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
from handlers.model.errors import Unavailable, Unknown
from handlers.model.example import Example
from handlers.model.grant import Grant
from handlers.model.kept_mail import Mail, Unchecked
from handlers.model.outbox import Alert, Card, CardRefresh, Expiry, Letter, PortalRequest, Sent, SetAside
from handlers.model.paper import Keeping, Paper, ViewerTicket
from handlers.model.second_factor import SecondFactor
from handlers.model.session import Device, Session
from handlers.rules import passwords
from handlers.store.contract import Reader
from handlers.store.tiny import TinyStore
from handlers.vault import Vault, name_of, new_key

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
    Raises SettingsError, StoreLocked, StoreDamaged, StoreFailed, and Unavailable where the store's key is lost.
    """
    loaded = services.load(settings.services)
    if not read_only:
        settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    elif not settings.store.path.parent.is_dir():
        raise _no_desk(settings)
    store = await TinyStore.open(settings.store.path, kinds=KINDS, read_only=read_only)
    try:
        vault = Vault(await _keys(settings, store, read_only))
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
        if not read_only:
            await audit.begin(desk)
        yield desk
    finally:
        await store.close()


class LostKey(NamedTuple):
    """The key that the store's newest data was sealed with is not here: what is wrong, and what to do about it."""

    says: str
    fix: str


async def lost_key(settings: Settings) -> LostKey | None:
    """What to tell an operator who has not got the store's key, or None; raises StoreDamaged, StoreFailed."""
    if not settings.store.path.parent.is_dir():
        return None
    store = await TinyStore.open(settings.store.path, read_only=True)
    try:
        return await _lost_key(settings, store)
    finally:
        await store.close()


async def _lost_key(settings: Settings, store: Reader) -> LostKey | None:
    # Every change of state writes an entry of the trail, so that its end names the key that was last in use.
    head = await store.get(AuditHead, audit.HEAD)
    names = list(map(name_of, settings.keys))
    if head is None or head.key in names:
        return None
    file = settings.data / "keys"
    where = f"is not among the desk's ({', '.join(names)})" if names else f"is not here: there is no file {file}"
    return LostKey(
        f"the store {settings.store.path} was sealed with key {head.key}, which {where}",
        f"restore {file} from your copy, or add that key to DESK_KEYS, which wins over the file; "
        "without it nothing that was sealed can be read",
    )


async def _keys(settings: Settings, store: Reader, read_only: bool) -> Keys:
    """The desk's keys, made at the first start; a store that was sealed with another one is at most looked at."""
    lost = await _lost_key(settings, store)
    if lost and not (read_only and settings.keys):
        raise Unavailable(f"{lost.says[:1].upper()}{lost.says[1:]}. {lost.fix[:1].upper()}{lost.fix[1:]}.")
    if settings.keys or not read_only:
        return settings.keys or _first_keys(settings)
    raise _no_desk(settings)


def _no_desk(settings: Settings) -> Unknown:
    folder = settings.store.path.parent.absolute()
    return Unknown(f"There is no desk in {folder} yet: `init` and `serve` make one. Is DESK_DATA right?")


def _first_keys(settings: Settings) -> Keys:
    kept = keep_key(settings, new_key()).keys
    log.warning("keys.made", file=str(settings.data / "keys"), why="DESK_KEYS is not set; keep a copy of this file")
    return kept


def common_passwords() -> frozenset[str]:
    """Words that are no passwords, in English, French and Turkish."""
    return passwords.words(files("handlers.rules").joinpath("common_passwords.txt").read_text("utf-8"))
