"""Browsers that proved themselves for an account: asked for fewer codes, and not shut out by what strangers try.

A browser's cookie holds a few random values, newest first: one for each of the accounts that are used on it.
"""

from __future__ import annotations

import re
from datetime import timedelta

from msgspec.structs import replace

from handlers.desk import Desk
from handlers.model.account import Account
from handlers.model.session import Device
from handlers.store.contract import Reader, Transaction
from handlers.vault import Secret

REMEMBERED = timedelta(days=365)
MOST = 4
"""How many accounts one browser is remembered for."""

_VALUE = re.compile(r"[A-Za-z0-9_-]{43}")


async def known(reader: Reader, desk: Desk, account: Account, browser: str) -> Device | None:
    """The device that the cookie `browser` proves for the account, if it is still remembered."""
    return next(iter([device for _, device in await _found(reader, desk, account, browser)]), None)


async def remember(tx: Transaction, desk: Desk, account: Account, browser: str) -> Secret:
    """Take the browser for known to the account from now on; returns its cookie's new value.

    A value is never taken over: one that somebody planted in the browser beforehand must not become a key.
    """
    values, now = _values(browser), desk.now()
    found = await _found(tx, desk, account, browser)
    device = (
        found[0][1]
        if found
        else Device(id=desk.vault.name("D", 12), queue="devices", due=None, token="", account=account.id, proved_at=now)
    )
    fresh = desk.vault.token()
    tx.put(replace(device, token=desk.vault.digest("device", fresh.value), proved_at=now, due=now + REMEMBERED))
    others = [value for value in values if value not in [old for old, _ in found]]
    return Secret(".".join([fresh.value, *others][:MOST]))


async def _found(reader: Reader, desk: Desk, account: Account, browser: str) -> list[tuple[str, Device]]:
    return [
        (value, device)
        for value in _values(browser)
        for digest in desk.vault.digests("device", value)
        for device in await reader.find(Device, token=digest)
        if device.account == account.id and device.due and desk.now() < device.due
    ]


def _values(browser: str) -> list[str]:
    return [value for value in browser.split(".", MOST)[:MOST] if _VALUE.fullmatch(value)]
