"""What a link says that no longer works."""

from __future__ import annotations

from tests.builders import GOOD_PASSWORD
from tests.portal.conftest import make_account
from tests.portal.gallery import Stage, scene


@scene(status=410)
async def expired(stage: Stage) -> None:
    """SF.12: after its half hour, with one click to a new one."""
    token = await _link(stage)
    stage.house.clock.advance(minutes=31)
    await stage.open(f"/reset/{token}")


@scene(status=410)
async def used(stage: Stage) -> None:
    """After the password was set with it."""
    token = await _link(stage)
    await stage.open(f"/reset/{token}")
    await stage.send(password=GOOD_PASSWORD, again=GOOD_PASSWORD)
    await stage.open(f"/reset/{token}")


@scene(status=410)
async def replaced(stage: Stage) -> None:
    """A newer e-mail was sent."""
    account = await stage.house.add(make_account(service="shopfactory"))
    token = await stage.house.link(account)
    await stage.house.link(account)
    await stage.open(f"/reset/{token}")


@scene(status=410)
async def unknown(stage: Stage) -> None:
    """It never existed."""
    await stage.open(f"/reset/{'x' * 43}")


async def _link(stage: Stage) -> str:
    return await stage.house.link(await stage.house.add(make_account(service="shopfactory")))
