"""`/reset/<token>`: choosing a new password."""

from __future__ import annotations

from tests.builders import GOOD_PASSWORD
from tests.portal.conftest import make_account
from tests.portal.gallery import Stage, scene


@scene()
async def form(stage: Stage) -> None:
    """As the link opens it, three minutes after it was mailed."""
    token = await stage.house.link(await stage.house.add(make_account(service="shopfactory")))
    stage.house.clock.advance(minutes=3)
    await stage.open(f"/reset/{token}")


@scene(status=422)
async def faults(stage: Stage) -> None:
    """A password that is too short and too easy to guess."""
    await form(stage)
    await stage.send(password="durand", again="durand")


@scene(status=422)
async def not_repeated(stage: Stage) -> None:
    """Two passwords that are not the same."""
    await form(stage)
    await stage.send(password=GOOD_PASSWORD, again=GOOD_PASSWORD + "!")


@scene()
async def done(stage: Stage) -> None:
    """The password is set; what remains to be done."""
    await form(stage)
    await stage.send(password=GOOD_PASSWORD, again=GOOD_PASSWORD)
