"""`/case/<token>`: where a request stands."""

from __future__ import annotations

from tests.builders import make_case
from tests.portal.closing import asked, keep, page
from tests.portal.gallery import Stage, scene


@scene()
async def waiting(stage: Stage) -> None:
    """For some details, until a day."""
    await stage.open(page(stage.house, "case", await asked(stage.house)))


@scene()
async def sent(stage: Stage) -> None:
    """An e-mail is out."""
    case = make_case(service="opcommerce", state="issued", language="")
    await keep(stage.house, case)
    await stage.open(page(stage.house, "case", case))


@scene()
async def cancelled(stage: Stage) -> None:
    """Taken back with the button."""
    await sent(stage)
    await stage.send()
