"""`/account/address`: a signed-in customer asks for another registered address."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from handlers import passwords
from handlers.signing_in import sessions
from tests.builders import GOOD_PASSWORD
from tests.portal.conftest import make_account
from tests.portal.gallery import Stage, scene


@scene()
async def form(stage: Stage) -> None:
    """As it is opened."""
    await _open(stage, service="o2switch")


@scene(status=422)
async def wrong(stage: Stage) -> None:
    """The address that is registered already."""
    await form(stage)
    await stage.send(address="jean.durand@mail.example", password=GOOD_PASSWORD)


@scene()
async def under_way(stage: Stage) -> None:
    """Asked for."""
    await form(stage)
    await stage.send(address="jean@neuf.example", password=GOOD_PASSWORD)


@scene()
async def profile(stage: Stage) -> None:
    """SF.4: the registered address can only follow the one in the profile."""
    await _open(stage, service="shopfactory", profile_address="jean@neuf.example")


@scene()
async def no_profile(stage: Stage) -> None:
    """SF.4: there is nothing to follow."""
    await _open(stage, service="shopfactory")


async def _open(stage: Stage, **account: Any) -> None:
    """The page, for somebody who is signed in."""
    desk, owner = stage.house.desk, make_account(password_hash=await passwords.hashed(GOOD_PASSWORD), **account)
    async with desk.store.transaction() as tx:
        tx.put(owner)
        session, onward = await sessions.begin(tx, desk, owner, language=stage.language, browser="")
        tx.put(replace(session, stage="open"))
    cookie = {"name": "session", "value": onward.session.value, "url": stage.address}
    await stage.page.context.add_cookies([cookie])  # type: ignore[list-item]
    await stage.open("/account/address")
