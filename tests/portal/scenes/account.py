"""`/account` and the pages behind it."""

from __future__ import annotations

from tests.builders import GOOD_PASSWORD
from tests.portal.gallery import Stage, scene
from tests.portal.scenes.sign_in import sign_in
from tests.portal.signing import customer


@scene()
async def overview(stage: Stage) -> None:
    """Who is signed in, and what they can do."""
    await sign_in(stage, await customer(stage.house, "shopfactory", hosted=True))


@scene()
async def password(stage: Stage) -> None:
    """ESP.12: old, new, again; and the account's address."""
    await sign_in(stage, await customer(stage.house, "esp"))
    await stage.open("/account/password")


@scene(status=422)
async def password_faults(stage: Stage) -> None:
    """Not repeated."""
    await password(stage)
    await stage.send(old=GOOD_PASSWORD, password="one thing", again="another")


@scene()
async def hosting(stage: Stage) -> None:
    """SF.18: the second password."""
    await overview(stage)
    await stage.open("/account/hosting")


@scene(status=422)
async def hosting_faults(stage: Stage) -> None:
    """Too short."""
    await hosting(stage)
    await stage.send(old=GOOD_PASSWORD, password="durand", again="durand")


@scene()
async def changed(stage: Stage) -> None:
    """Done; steps remain."""
    await sign_in(stage, await customer(stage.house, "shopfactory"))
    await stage.open("/account/password")
    await stage.send(old=GOOD_PASSWORD, password="my own memorable sentence 4", again="my own memorable sentence 4")


@scene()
async def steps(stage: Stage) -> None:
    """SF.13: two are done, the third is next."""
    await changed(stage)
    await stage.open("/account/steps")
    await stage.send()
    await stage.send()


@scene()
async def signed_out(stage: Stage) -> None:
    """Back at the first page."""
    await overview(stage)
    await stage.send(".second button")
