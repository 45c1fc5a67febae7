"""The desk: what every capability is given as its first argument."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from handlers.clock import Clock, system_clock
from handlers.configuration.services import Services
from handlers.files.blobs import Blobs
from handlers.files.inspection import Inspector
from handlers.files.scanner import Scanner
from handlers.model.errors import Unknown
from handlers.model.service import Service
from handlers.store.contract import Store
from handlers.vault import Vault


@dataclass(frozen=True)
class Desk:
    """Store, services, keys and clock; `portal_url` is the only base that links are made of, without a final slash.

    `blobs` keeps the documents customers send, `inspector` opens them, `scanner` asks clamd about them.
    """

    store: Store
    services: Services
    vault: Vault
    portal_url: str
    clock: Clock = system_clock
    common_passwords: frozenset[str] = field(default_factory=frozenset)
    blobs: Blobs = field(kw_only=True)
    inspector: Inspector = field(default_factory=Inspector)
    scanner: Scanner = field(default_factory=Scanner)

    def now(self) -> datetime:
        """The time, in aware UTC."""
        return self.clock()

    def service(self, id: str) -> Service:
        """The service of that id; raises Unknown if the desk does not answer for it."""
        service = self.services.get(id)
        if service is None:
            raise Unknown(f"The desk has no service file for {id}.")
        return service
