"""`/code/<token>`: typing the one-time code."""

from __future__ import annotations

from tests.portal.conftest import make_account
from tests.portal.gallery import Stage, scene


@scene()
async def form(stage: Stage) -> None:
    """As the letter's link opens it."""
    await _open(stage)


@scene(status=422)
async def wrong(stage: Stage) -> None:
    """Another code than the one that was mailed."""
    digits = await _open(stage)
    await stage.send(code=f"{(int(digits) + 1) % 10**6:06}")


@scene()
async def sent_again(stage: Stage) -> None:
    """A new code was asked for."""
    await _open(stage)
    stage.house.clock.advance(minutes=2)
    await stage.send(".second button")


@scene(status=429)
async def too_soon(stage: Stage) -> None:
    """A new code was asked for twice in a row."""
    await sent_again(stage)
    await stage.send(".second button")


async def _open(stage: Stage) -> str:
    """The form; returns the digits that were mailed."""
    token, digits = await stage.house.code(await stage.house.add(make_account(service="opcommerce")))
    stage.house.clock.advance(minutes=1)
    await stage.open(f"/code/{token}")
    return digits
