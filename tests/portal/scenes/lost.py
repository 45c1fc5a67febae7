"""`/lost/<service>`: the form, what is wrong with it, and what happens next."""

from __future__ import annotations

from tests.portal.gallery import Stage, scene


@scene()
async def form(stage: Stage) -> None:
    """As it is opened."""
    await stage.open("/lost/shopfactory")


@scene(status=422)
async def faults(stage: Stage) -> None:
    """Sent without a login, and with something that is no address."""
    await form(stage)
    await stage.send(login="", address="jean.durand")


@scene()
async def sent(stage: Stage) -> None:
    """Handed in."""
    await form(stage)
    await stage.send(login="durand42", address="jean.durand@mail.example")
