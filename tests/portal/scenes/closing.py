"""Closing an account, and coming back."""

from __future__ import annotations

from tests.builders import GOOD_PASSWORD
from tests.portal.closing import closed as closed_account
from tests.portal.closing import customer, link_back, signed_in
from tests.portal.gallery import Stage, scene


async def enter(stage: Stage, token: str) -> None:
    """The browser has the cookie of a sign-in."""
    await stage.page.context.add_cookies([{"name": "session", "value": token, "url": stage.address}])


@scene()
async def form(stage: Stage) -> None:
    """What happens, in its order, and two boxes."""
    await enter(stage, await signed_in(stage.house, await customer(stage.house)))
    await stage.open("/account/close")


@scene(status=422)
async def not_ticked(stage: Stage) -> None:
    """One box and no password."""
    await form(stage)
    await stage.send(warnings=True)


@scene()
async def done(stage: Stage) -> None:
    """Closed, and until when it can be reopened."""
    await form(stage)
    await stage.send(warnings=True, deletion=True, password=GOOD_PASSWORD)


@scene()
async def back(stage: Stage) -> None:
    """A sign-in to a closed account: told before it happens."""
    await enter(stage, await signed_in(stage.house, await closed_account(stage.house), "closed"))
    await stage.open("/sign-in/connectprof/closed")


@scene()
async def back_in(stage: Stage) -> None:
    """CP.20: open again, and what stays off."""
    await back(stage)
    await stage.send()


@scene()
async def reopened(stage: Stage) -> None:
    """By the link that staff sent."""
    await stage.open(f"/reactivate/{await link_back(stage.house)}")
    await stage.send()


@scene()
async def reset(stage: Stage) -> None:
    """A reset link to a closed account says what signing in will do."""
    account = await closed_account(stage.house)
    await stage.open(f"/reset/{await stage.house.link(await stage.house.add(account))}")
