"""Sign-ins: how long they last, and what they ask for again after a time."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import argon2

from handlers.model.account import Account
from handlers.model.errors import Limited, SignInNeeded, Spent
from handlers.rules import sign_in as rules
from handlers.signing_in import devices, risk_codes, sessions
from tests.builders import GOOD_PASSWORD, DeskUnderTest, make_account, shipped_service
from tests.handlers.signing import enter, mailed
from tests.lives.life import Holds, Life, works

CARD, PROF = shipped_service("opcommerce"), shipped_service("connectprof")
HASH = argon2.PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1).hash(GOOD_PASSWORD)


async def keep_customer(house: DeskUnderTest, service: str, **changes: Any) -> Account:
    """A customer who has just chosen her password."""
    fields: dict[str, Any] = {"service": service, "password_hash": HASH, "password_changed_at": house.clock()}
    account = make_account(**fields | changes)
    await house.keep(account)
    return account


async def idle(house: DeskUnderTest) -> Holds:
    """Signed in, and nothing is done."""
    await keep_customer(house, "shopfactory")
    token = (await enter(house.desk)).session.value
    return lambda: works(sessions.require(house.desk.store, house.desk, token), SignInNeeded)


async def busy(house: DeskUnderTest) -> Holds:
    """Signed in, and something is done every quarter of an hour."""
    await keep_customer(house, "shopfactory")
    token = (await enter(house.desk)).session.value
    for _ in range(47):
        house.clock.advance(minutes=15)
        async with house.desk.store.transaction() as tx:
            await sessions.use(tx, house.desk, token)
    return lambda: works(sessions.require(house.desk.store, house.desk, token), SignInNeeded)


async def sign_in_code(house: DeskUnderTest) -> Holds:
    """A sign-in waits for a code by mail."""
    await keep_customer(house, "opcommerce")
    token = (await enter(house.desk, "opcommerce")).session.value
    digits = await mailed(house.desk, "sign_in_code")
    return lambda: works(risk_codes.verify(house.desk, token, digits), Spent, SignInNeeded)


async def late_sign_in_code(house: DeskUnderTest) -> Holds:
    """It waits for one that was sent anew a minute before the sign-in would have ended."""
    began = house.clock()
    await keep_customer(house, "opcommerce")
    house.clock.now = began - timedelta(minutes=CARD.sign_in.session_minutes - 1)
    token = (await enter(house.desk, "opcommerce")).session.value
    house.clock.now = began
    await risk_codes.resend(house.desk, token)
    digits = await mailed(house.desk, "sign_in_code")
    return lambda: works(risk_codes.verify(house.desk, token, digits), Spent, SignInNeeded)


async def no_other_sign_in_code(house: DeskUnderTest) -> Holds:
    """Another one is not sent yet."""
    await keep_customer(house, "opcommerce")
    token = (await enter(house.desk, "opcommerce")).session.value

    async def holds() -> bool:
        return not await works(risk_codes.resend(house.desk, token), Limited)

    return holds


async def known_browser(house: DeskUnderTest) -> Holds:
    """A browser typed a code, and is not asked for another."""
    account = await keep_customer(house, "opcommerce")
    browser = await _proved(house)

    async def holds() -> bool:
        await house.keep(account)
        return (await enter(house.desk, "opcommerce", browser=browser)).stage == "open"

    return holds


async def remembered_browser(house: DeskUnderTest) -> Holds:
    """A browser typed a code, and wrong passwords of strangers do not shut it out."""
    account = await keep_customer(house, "opcommerce")
    browser = await _proved(house)

    async def holds() -> bool:
        return await devices.known(house.desk.store, house.desk, account, browser) is not None

    return holds


async def _proved(house: DeskUnderTest) -> str:
    token = (await enter(house.desk, "opcommerce")).session.value
    onward = await risk_codes.verify(house.desk, token, await mailed(house.desk, "sign_in_code"))
    assert onward.browser
    return onward.browser.value


async def password(house: DeskUnderTest) -> Holds:
    """A password was chosen, and sign-ins do not ask for another."""
    await keep_customer(house, "connectprof")

    async def holds() -> bool:
        return (await enter(house.desk, "connectprof")).stage == "open"

    return holds


LIVES = {
    "idle sign-in": Life(
        what="a sign-in in which nothing is done",
        since="the last thing done",
        then="the page leads to the sign-in",
        length=timedelta(minutes=shipped_service().sign_in.session_minutes),
        begin=idle,
        keys=("sign_in.session_minutes",),
    ),
    "busy sign-in": Life(
        what="any sign-in",
        since="its begin",
        then="the page leads to the sign-in",
        length=sessions.LONGEST,
        begin=busy,
        of=("handlers.signing_in.sessions.LONGEST",),
    ),
    "sign-in code": Life(
        what="a code that a sign-in asks for",
        since="when it is sent",
        then="it opens nothing; another one can be sent",
        length=timedelta(minutes=CARD.offer.code_minutes),
        begin=sign_in_code,
        keys=("offer.code_minutes",),
        once=True,
    ),
    "late sign-in code": Life(
        what="such a code that is sent late in a sign-in",
        since="when it is sent; the sign-in waits for it",
        then="it opens nothing",
        length=timedelta(minutes=CARD.offer.code_minutes),
        begin=late_sign_in_code,
        keys=("offer.code_minutes",),
        once=True,
    ),
    "sign-in resend": Life(
        what="the wait before another such code",
        since="when the last one was sent",
        then="another one can be sent",
        length=timedelta(seconds=CARD.offer.resend_wait_seconds),
        begin=no_other_sign_in_code,
        keys=("offer.resend_wait_seconds",),
        once=True,
    ),
    "known browser": Life(
        what="a browser that typed a code, where `code_on` has `every_30_days`",
        since="the code",
        then="a code is asked for again",
        length=rules.PROOF_LASTS,
        begin=known_browser,
        of=("handlers.rules.sign_in.PROOF_LASTS",),
    ),
    "remembered browser": Life(
        what="a browser that proved itself",
        since="its last proof",
        then="it is forgotten, and is a new one",
        length=devices.REMEMBERED,
        begin=remembered_browser,
        of=("handlers.signing_in.devices.REMEMBERED",),
    ),
    "password": Life(
        what="a password, where the service wants it renewed",
        since="when it was chosen",
        then="sign-ins ask for a new one, or for “later”",
        length=timedelta(days=PROF.password.max_age_days),
        begin=password,
        keys=("password.max_age_days",),
    ),
}
