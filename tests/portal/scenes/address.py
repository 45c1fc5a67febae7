"""`/address/<token>`: the new address confirms."""

from __future__ import annotations

from msgspec.structs import replace

from handlers.model.case import Case
from handlers.model.outbox import Letter
from handlers.registered_address import addresses
from tests.builders import AYSE
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


@scene(status=429)
async def too_soon(stage: Stage) -> None:
    """A new code was asked for at once."""
    await _open(stage)
    await stage.send(".second button")


@scene()
async def confirmed(stage: Stage) -> None:
    """The address is confirmed; what happens next."""
    await stage.send(code=await _open(stage))


@scene(status=410)
async def again(stage: Stage) -> None:
    """The letter's link once more, after the right code."""
    digits = await _open(stage)
    where = stage.page.url.removeprefix(stage.address).partition("?")[0]
    await stage.send(code=digits)
    await stage.open(where)


async def _open(stage: Stage) -> str:
    """The form; returns the digits that were mailed."""
    account = await stage.house.add(make_account(service="o2switch"))
    desk = stage.house.desk
    async with desk.store.transaction() as tx:
        case = await tx.get(Case, f"R-{account.id}")
        assert case
        await addresses.propose(tx, desk, replace(case, new_address="jean@neuf.example"), account, AYSE)
    [letter] = [one for one in await desk.store.find(Letter) if one.kind == "confirm_address"]
    token, digits = desk.vault.open("letter", letter.sealed).value.split()
    await stage.open(f"/address/{token}")
    return digits
