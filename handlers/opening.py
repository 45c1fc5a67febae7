"""From settings to a desk that works."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.resources import files

from handlers import services
from handlers.desk import Desk
from handlers.settings import Settings, keep_key
from handlers.store.tiny import TinyStore
from handlers.vault import Vault, new_key


@asynccontextmanager
async def opened(settings: Settings, *, read_only: bool = False) -> AsyncIterator[Desk]:
    """The desk of these settings, its store open while the block runs.

    Read only, it can look while another process writes. Raises SettingsError, StoreLocked, StoreDamaged, StoreFailed.
    """
    loaded = services.load(settings.services)
    settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    keys = settings.keys or keep_key(settings, new_key()).keys
    store = await TinyStore.open(settings.store.path, read_only=read_only)
    try:
        yield Desk(
            store=store,
            services=loaded,
            vault=Vault(keys),
            portal_url=settings.portal_url.rstrip("/"),
            common_passwords=common_passwords(),
        )
    finally:
        await store.close()


def common_passwords() -> frozenset[str]:
    """Words that are no passwords, in English, French and Turkish."""
    return frozenset(files("handlers.rules").joinpath("common_passwords.txt").read_text("utf-8").split())
