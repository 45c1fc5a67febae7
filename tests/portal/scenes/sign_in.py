"""`/sign-in/<service>`: two pages, the code, and the new password on the way in."""

from __future__ import annotations

from handlers.model.account import Account
from tests.builders import GOOD_PASSWORD
from tests.portal.gallery import Stage, scene
from tests.portal.signing import customer, newest, temporary_password


@scene()
async def first(stage: Stage) -> None:
    """Who it is."""
    await stage.open("/sign-in/opcommerce")


@scene(status=422)
async def nameless(stage: Stage) -> None:
    """Sent empty."""
    await first(stage)
    await stage.send(name="")


@scene()
async def second(stage: Stage) -> None:
    """The password; the same for everybody."""
    await first(stage)
    await stage.send(name="jean.durand@mail.example")


@scene(status=422)
async def wrong(stage: Stage) -> None:
    """A wrong password."""
    await second(stage)
    await stage.send(password="not this one")


@scene()
async def forgotten(stage: Stage) -> None:
    """OC.13: the address is kept, one press goes on."""
    await second(stage)
    await stage.send(".second button")


@scene()
async def code(stage: Stage) -> None:
    """OC.8: a code was mailed."""
    await sign_in(stage, await customer(stage.house, "opcommerce"))


@scene(status=422)
async def code_wrong(stage: Stage) -> None:
    """Too old."""
    await code(stage)
    stage.house.clock.advance(minutes=10)
    await stage.send(code="123456")


@scene()
async def temporary(stage: Stage) -> None:
    """ESP.13: what a temporary password leads to."""
    account = await customer(stage.house, "esp")
    await sign_in(stage, account, await temporary_password(stage.house, account))


@scene()
async def renewal(stage: Stage) -> None:
    """CP.17: the password is older than ninety days."""
    account = await customer(stage.house, "connectprof", second_factor="mail")
    stage.house.clock.advance(days=90)
    await sign_in(stage, account)
    await stage.send(code=await newest(stage.house, "sign_in_code"))


@scene(status=422)
async def renewal_faults(stage: Stage) -> None:
    """A wrong old one, and no new one."""
    await renewal(stage)
    await stage.send(old="not this one", password="", again="")


async def sign_in(stage: Stage, account: Account, password: str = GOOD_PASSWORD) -> None:
    """Both pages."""
    await stage.open(f"/sign-in/{account.service}")
    await stage.send(name=account.login)
    await stage.send(password=password)
