"""Authenticator keys from elsewhere: taken over, or found to be of no use."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pyotp
import pytest

from handlers import accounts
from handlers.factors import second_factor
from handlers.model.account import Account
from handlers.signing_in import risk_codes
from handlers.vault import Secret
from tests.builders import AYSE, DeskUnderTest
from tests.handlers.factored import (
    LOGIN,
    account_of,
    begun,
    code,
    events,
    letters,
    mailed,
    open_customers_desk,
    proves,
    signed_in,
    told,
)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[DeskUnderTest]:
    """Marie Durand at ConnectProf, without a second factor."""
    async with open_customers_desk(tmp_path) as house:
        yield house


async def test_an_imported_key_of_sixteen_characters_leads_to_a_new_one(house: DeskUnderTest) -> None:
    """No library checks 80 bits: password, a code by mail, straight to the set-up; told and on the trail."""
    async with house.desk.store.transaction() as tx:
        tx.put(await second_factor.take_over(tx, house.desk, await account_of(house), Secret("JBSW Y3DP EHPK 3PXP")))
    assert (await account_of(house)).second_factor == "unusable"
    waiting = await signed_in(house)
    assert waiting.stage == "code"
    assert (await letters(house, "sign_in_code"))[-1].to == (await account_of(house)).address
    onward = await risk_codes.verify(house.desk, waiting.session.value, await mailed(house, "sign_in_code"))
    assert (onward.stage, onward.enrol) == ("open", True)
    assert await told(house) == ["unusable"]
    assert await events(house, "account.factor_replaced")
    token = onward.session.value
    app = pyotp.TOTP((await begun(house, token)).key.value)
    assert await second_factor.activate(house.desk, token, "", code(house, app))
    assert (await account_of(house)).second_factor == "totp"


@pytest.mark.parametrize("secret", ["", "not base 32!", "1" * 32, "JBSWY3DPEHPK3PXP"])
async def test_an_imported_key_that_cannot_be_checked_is_no_second_factor(house: DeskUnderTest, secret: str) -> None:
    """Nothing is nothing; anything else that is no key of 112 bits is unusable."""
    async with house.desk.store.transaction() as tx:
        account = await second_factor.take_over(tx, house.desk, await account_of(house), Secret(secret))
    assert account.second_factor == ("unusable" if secret else "")


async def test_an_imported_key_goes_on_working(house: DeskUnderTest) -> None:
    """As other systems write it; but it never replaces a factor that the customer has here."""
    secret = pyotp.random_base32()
    async with house.desk.store.transaction() as tx:
        tx.put(await second_factor.take_over(tx, house.desk, await account_of(house), Secret(secret.lower())))
    assert await proves(house, code(house, pyotp.TOTP(secret)))
    async with house.desk.store.transaction() as tx:
        tx.put(await second_factor.take_over(tx, house.desk, await account_of(house), Secret(pyotp.random_base32())))
    house.clock.advance(minutes=1)
    assert await proves(house, code(house, pyotp.TOTP(secret)))


async def test_a_file_of_accounts_can_bring_keys_and_gives_none_out(house: DeskUnderTest) -> None:
    """One usable, one of sixteen characters, one line without; what was kept is no text of the file."""
    secret = pyotp.random_base32()
    lines = [
        "service,login,address,totp_secret",
        f"connectprof,{LOGIN},marie.durand@mail.example,{secret}",
        "connectprof,short,short@mail.example,JBSWY3DPEHPK3PXP",
        "connectprof,none,none@mail.example,",
    ]
    await accounts.import_csv(house.desk, lines, AYSE)
    found = {one.login: one for one in await house.desk.store.find(Account)}
    assert {login: one.second_factor for login, one in found.items()} == {
        LOGIN: "totp",
        "short": "unusable",
        "none": "",
    }
    assert await proves(house, code(house, pyotp.TOTP(secret)))
    assert secret not in str(await accounts.export(house.desk))
