"""The second factor at sign-in, and the way on for whoever lost it."""

from __future__ import annotations

from tests.builders import GOOD_PASSWORD
from tests.portal.factored import customer_with_app, reset_link
from tests.portal.gallery import Stage, scene

NAME = "durand42"


@scene()
async def form(stage: Stage) -> None:
    """CP.11: asked for after the password."""
    await customer_with_app(stage.house)
    await _sign_in(stage)


@scene(status=422)
async def wrong(stage: Stage) -> None:
    """A code that is not the app's."""
    await form(stage)
    await stage.send(code="000000")


@scene(status=429)
async def too_many(stage: Stage) -> None:
    """Eleven tries in a row."""
    await form(stage)
    for _ in range(11):
        await stage.send(code="000000")


@scene()
async def recovery(stage: Stage) -> None:
    """The field for a recovery code."""
    await form(stage)
    await stage.page.click(".second a")


@scene(status=422)
async def recovery_wrong(stage: Stage) -> None:
    """None of the ten."""
    await recovery(stage)
    await stage.send(code="AAAAA-AAAAA")


@scene()
async def lost(stage: Stage) -> None:
    """What to try first, and asking the team."""
    await form(stage)
    await stage.page.click(".second p:last-child a")


@scene()
async def lost_sent(stage: Stage) -> None:
    """What happens now."""
    await lost(stage)
    await stage.send()


@scene()
async def reset(stage: Stage) -> None:
    """What the link in the letter takes off."""
    await lost_sent(stage)
    await stage.open(f"/second-factor/{await reset_link(stage.house)}")


@scene()
async def reset_done(stage: Stage) -> None:
    """It is gone."""
    await reset(stage)
    await stage.send()


@scene()
async def set_up_again(stage: Stage) -> None:
    """The next sign-in leads to a new set-up."""
    await reset_done(stage)
    await _sign_in(stage)


async def _sign_in(stage: Stage) -> None:
    await stage.open("/sign-in/connectprof")
    await stage.send(name=NAME)
    await stage.send(password=GOOD_PASSWORD)
