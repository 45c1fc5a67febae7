"""What a service wants to know of a customer: only what is missing, and all of it when signed in."""

from __future__ import annotations

from tests.builders import GOOD_PASSWORD
from tests.portal.closing import asked, customer, page, signed_in
from tests.portal.gallery import Stage, scene
from tests.portal.scenes.closing import enter


@scene()
async def missing(stage: Stage) -> None:
    """Four of the seven."""
    case = await asked(stage.house, company="Durand SARL", city="Lyon")
    await stage.open(page(stage.house, "information", case))


@scene(status=422)
async def wrong(stage: Stage) -> None:
    """A birthday to come, and half a telephone number."""
    await missing(stage)
    await stage.send(born="2031-01-01", phone="12")


@scene()
async def some_left(stage: Stage) -> None:
    """Two were given, one is left."""
    await missing(stage)
    await stage.send(country="France", phone="+33 4 00 00 00 00")


@scene()
async def given(stage: Stage) -> None:
    """Nothing is missing any more."""
    await missing(stage)
    await stage.send(country="France", born="1980-02-29", phone="+33 4 00 00 00 00")


@scene()
async def profile(stage: Stage) -> None:
    """The seven fields of a signed-in customer."""
    await enter(stage, await signed_in(stage.house, await customer(stage.house, city="Lyon", country="France")))
    await stage.open("/account/information")


@scene(status=422)
async def profile_wrong(stage: Stage) -> None:
    """A required one left blank."""
    await profile(stage)
    await stage.send(city="", password=GOOD_PASSWORD, born="1980-02-29", company="Durand", phone="+33 4 00 00 00 00")
