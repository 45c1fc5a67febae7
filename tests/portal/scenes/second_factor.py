"""`/account/second-factor`: setting one up, recovery codes, taking it off."""

from __future__ import annotations

from tests.builders import GOOD_PASSWORD
from tests.portal.factored import code, customer_with_app, key_of
from tests.portal.gallery import Stage, scene
from tests.portal.scenes.sign_in import sign_in
from tests.portal.signing import customer, newest

HERE = "/account/second-factor"


@scene()
async def choice(stage: Stage) -> None:
    """CP.4: two methods, and what mail means (CP.28)."""
    await sign_in(stage, await customer(stage.house, "connectprof"))
    await stage.open(HERE)


@scene()
async def app(stage: Stage) -> None:
    """CP.9: the key as QR code and as text."""
    await choice(stage)
    await stage.send(password=GOOD_PASSWORD)


@scene(status=422)
async def app_wrong(stage: Stage) -> None:
    """CP.10: another code."""
    await app(stage)
    await stage.send(code="000000")


@scene()
async def codes(stage: Stage) -> None:
    """The recovery codes, this once."""
    await app(stage)
    await stage.send(code=code(stage.house, key_of(await stage.page.content())))


@scene()
async def mail(stage: Stage) -> None:
    """CP.12: a code was mailed."""
    await choice(stage)
    await stage.send("[value=mail]", password=GOOD_PASSWORD)


@scene(status=422)
async def mail_late(stage: Stage) -> None:
    """Typed after ten minutes."""
    await mail(stage)
    stage.house.clock.advance(minutes=10)
    await stage.send(code=await newest(stage.house, "second_factor_code"))


@scene()
async def mail_again(stage: Stage) -> None:
    """Another code was asked for."""
    await mail(stage)
    await stage.send("form + form button")


@scene()
async def pending(stage: Stage) -> None:
    """Begun, and left alone."""
    await app(stage)
    await stage.open(HERE)


@scene()
async def on(stage: Stage) -> None:
    """Switched on; ten codes left."""
    await codes(stage)
    await stage.open(HERE)


@scene()
async def renew(stage: Stage) -> None:
    """New recovery codes."""
    await on(stage)
    await stage.open(f"{HERE}/codes")


@scene()
async def renewed(stage: Stage) -> None:
    """They replace the old ones."""
    await app(stage)
    linked = key_of(await stage.page.content())
    await stage.send(code=code(stage.house, linked))
    stage.house.clock.advance(minutes=1)
    await stage.open(f"{HERE}/codes")
    await stage.send(code=code(stage.house, linked))


@scene()
async def remove(stage: Stage) -> None:
    """Password and code."""
    await on(stage)
    await stage.open(f"{HERE}/remove")


@scene(status=422)
async def remove_wrong(stage: Stage) -> None:
    """A wrong password."""
    await remove(stage)
    await stage.send(password="not this one", code="000000")


@scene()
async def remove_by_mail(stage: Stage) -> None:
    """A code by mail was asked for."""
    await mail(stage)
    await stage.send(code=await newest(stage.house, "second_factor_code"))
    await stage.open(f"{HERE}/remove")
    await stage.send()


@scene()
async def off(stage: Stage) -> None:
    """Taken off."""
    await app(stage)
    linked = key_of(await stage.page.content())
    await stage.send(code=code(stage.house, linked))
    stage.house.clock.advance(minutes=1)
    await stage.open(f"{HERE}/remove")
    await stage.send(password=GOOD_PASSWORD, code=code(stage.house, linked))


@scene()
async def unusable(stage: Stage) -> None:
    """An imported key that no library checks: straight to the set-up."""
    await customer_with_app(stage.house, secret="JBSWY3DPEHPK3PXP")
    await stage.open("/sign-in/connectprof")
    await stage.send(name="durand42")
    await stage.send(password=GOOD_PASSWORD)
    await stage.send(code=await newest(stage.house, "sign_in_code"))
