"""What went wrong, and the page that is nobody's."""

from __future__ import annotations

from tests.portal.gallery import Stage, scene


@scene(status=404)
async def nothing_here(stage: Stage) -> None:
    """An address that leads nowhere."""
    await stage.open("/nothing")


@scene(status=403)
async def no_cookie(stage: Stage) -> None:
    """A form from a browser that keeps no cookies."""
    await stage.open("/lost/shopfactory")
    await stage.page.context.clear_cookies()
    await stage.send(login="durand42", address="jean.durand@mail.example")


@scene()
async def start(stage: Stage) -> None:
    """The root."""
    await stage.open("/")
