"""`/stop/<token>`: it was not me."""

from __future__ import annotations

from handlers import signed
from tests.builders import NOW, make_case
from tests.portal.conftest import make_account
from tests.portal.gallery import Stage, scene


@scene()
async def question(stage: Stage) -> None:
    """As the link in a notice opens it."""
    case = make_case(service="o2switch", account="A-1")
    async with stage.house.desk.store.transaction() as tx:
        tx.put(make_account(service="o2switch"), case)
    await stage.open(f"/stop/{signed.token(stage.house.desk.vault, 'stop', case.id, NOW)}")


@scene()
async def stopped(stage: Stage) -> None:
    """The button was pressed."""
    await question(stage)
    await stage.send()
