"""Customers with a second factor on the portal: the app's codes by the desk's clock, and what the pages show of it."""

from __future__ import annotations

import html
import re

import pyotp

from handlers import decide
from handlers.factors.second_factor import take_over
from handlers.model.case import Case
from handlers.model.staff import Staff
from handlers.vault import Secret
from tests.builders import AYSE
from tests.portal.conftest import House
from tests.portal.signing import customer, newest

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
CHIEF = Staff(id="U0CHIEF", name="Chief", roles=frozenset({"agent", "approver"}))


async def customer_with_app(house: House, service: str = "connectprof", secret: str = SECRET) -> pyotp.TOTP:
    """A customer whose app was linked elsewhere and taken over by an import; the app."""
    account = await customer(house, service)
    async with house.desk.store.transaction() as tx:
        tx.put(await take_over(tx, house.desk, account, Secret(secret)))
    house.clock.advance(days=8)
    return pyotp.TOTP(SECRET)


def code(house: House, app: pyotp.TOTP) -> str:
    """What the app shows now."""
    return app.at(house.clock.now)


def key_of(page: str) -> pyotp.TOTP:
    """An app that was given the key which stands on the page as text."""
    found = re.search(r'class="copy">([A-Z2-7 ]+)<', html.unescape(page))
    assert found, page
    return pyotp.TOTP(found.group(1).replace(" ", ""))


async def reset_link(house: House) -> str:
    """The raw token of a link that staff approved, for the case about the second factor."""
    case = next(one for one in await house.desk.store.find(Case) if one.asked == "second_factor")
    await decide.act(house.desk, case.id, "reset_second_factor", AYSE, None)
    await decide.act(house.desk, case.id, "approve", CHIEF, None)
    return await newest(house, "second_factor_reset")
