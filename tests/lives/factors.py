"""Second factors: how long their codes are good for, and what it takes to have one taken off."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pyotp

from handlers import decide
from handlers.factors import factor_checks, factor_resets, second_factor, totp
from handlers.model.account import Account
from handlers.model.case import Case
from handlers.model.errors import Refused, SignInNeeded, Spent
from handlers.model.outbox import Letter
from handlers.model.second_factor import SecondFactor
from handlers.model.staff import Staff
from handlers.rules import second_factor as rules
from handlers.signing_in import sessions
from handlers.vault import Secret
from tests.builders import AYSE, GOOD_PASSWORD, DeskUnderTest, shipped_service
from tests.handlers.signing import enter, mailed
from tests.lives.life import Holds, Life, works
from tests.lives.signed_in import keep_customer

PROF = shipped_service("connectprof")
CHIEF = Staff(id="U0CHIEF", name="Chief", roles=frozenset({"agent", "approver"}))
SEED = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


async def factor_code(house: DeskUnderTest) -> Holds:
    """Somebody who is signed in switches codes by mail on."""
    await keep_customer(house, "connectprof")
    token = (await enter(house.desk, "connectprof")).session.value
    await second_factor.enrol(house.desk, token, "mail", GOOD_PASSWORD)
    digits = await mailed(house.desk, "second_factor_code")
    return lambda: works(second_factor.activate(house.desk, token, "", digits), Spent)


async def begun_key(house: DeskUnderTest) -> Holds:
    """Somebody who is signed in began an authenticator app."""
    await keep_customer(house, "connectprof")
    token = (await enter(house.desk, "connectprof")).session.value
    await second_factor.enrol(house.desk, token, "totp", GOOD_PASSWORD)

    async def holds() -> bool:
        return await second_factor.enrolment(house.desk, token) is not None

    return holds


async def last_factor_code(house: DeskUnderTest) -> Holds:
    """The same, three minutes before the sign-in ends however busy it is."""
    end = house.clock() + timedelta(minutes=3)
    await keep_customer(house, "connectprof")
    house.clock.now = end - sessions.LONGEST
    token = (await enter(house.desk, "connectprof")).session.value
    while house.clock() < end - timedelta(minutes=3):
        house.clock.now = min(house.clock() + timedelta(minutes=20), end - timedelta(minutes=3))
        async with house.desk.store.transaction() as tx:
            await sessions.use(tx, house.desk, token)
    await second_factor.enrol(house.desk, token, "mail", GOOD_PASSWORD)
    digits = await mailed(house.desk, "second_factor_code")
    [letter] = [one for one in await house.desk.store.find(Letter) if one.kind == "second_factor_code"]
    assert letter.until == end
    return lambda: works(second_factor.activate(house.desk, token, "", digits), Spent, SignInNeeded)


async def keep_factored(house: DeskUnderTest, **changes: Any) -> Account:
    """A customer with an authenticator app."""
    account = await keep_customer(house, "connectprof", second_factor="totp", **changes)
    sealed = factor_checks.sealed(house.desk, account, Secret(SEED))
    began = house.clock() - timedelta(days=300)
    await house.keep(SecondFactor(id=account.id, method="totp", sealed=sealed, active_since=began))
    return account


async def app_code(house: DeskUnderTest) -> Holds:
    """The code that the app shows from now on."""
    await keep_factored(house)
    digits = pyotp.TOTP(SEED).at(house.clock())

    async def holds() -> bool:
        token = (await enter(house.desk, "connectprof")).session.value
        return await factor_checks.prove(house.desk, token, "", digits) is not None

    return holds


async def young_password(house: DeskUnderTest) -> Holds:
    """A password was chosen, and says nothing yet for whoever lost the second factor."""
    await keep_factored(house)

    async def holds() -> bool:
        case = await _lost(house)
        return "password_known" not in [one.kind for one in case.evidence]

    return holds


async def typed_password(house: DeskUnderTest) -> Holds:
    """A password was typed for a lost second factor, and staff have not decided yet."""
    await keep_factored(house, password_changed_at=house.clock() - timedelta(days=30))
    case = await _lost(house)
    return lambda: works(decide.may(house.desk, case.id, "reset_second_factor", AYSE, None), Refused)


async def _lost(house: DeskUnderTest) -> Case:
    await factor_resets.ask(house.desk, (await enter(house.desk, "connectprof")).session.value)
    [case] = await house.desk.store.find(Case)
    return case


async def factor_reset(house: DeskUnderTest) -> Holds:
    """Staff agreed that a second factor is taken off."""
    await keep_factored(house, password_changed_at=house.clock() - timedelta(days=30))
    case = await _lost(house)
    await decide.act(house.desk, case.id, "reset_second_factor", AYSE, None)
    await decide.act(house.desk, case.id, "approve", CHIEF, None)
    token = await mailed(house.desk, "second_factor_reset")
    return lambda: works(factor_resets.redeem(house.desk, token), Spent)


LIVES = {
    "factor code": Life(
        what="a code by mail for whoever is signed in",
        since="when it is sent; at most until the sign-in ends",
        then="it opens nothing; another one can be sent",
        length=timedelta(minutes=PROF.offer.code_minutes),
        begin=factor_code,
        keys=("offer.code_minutes",),
        once=True,
    ),
    "begun key": Life(
        what="a key that was begun for an authenticator app, in the session that began it",
        since="when it was begun",
        then="the page begins anew, with another key",
        length=second_factor.KEY_LIVES,
        begin=begun_key,
        of=("handlers.factors.second_factor.KEY_LIVES",),
    ),
    "last factor code": Life(
        what="such a code, sent three minutes before the sign-in ends",
        since="when it is sent; its letter names the same end",
        then="the page leads to the sign-in",
        length=timedelta(minutes=3),
        begin=last_factor_code,
        keys=("offer.code_minutes",),
        of=("handlers.signing_in.sessions.LONGEST",),
        once=True,
    ),
    "app code": Life(
        what="a code of an authenticator app",
        since="when the app first shows it",
        then="it opens nothing: the app has shown another for half a minute",
        length=timedelta(seconds=totp.PERIOD * (1 + totp.WINDOW)),
        begin=app_code,
        once=True,
        steps=totp.PERIOD,
    ),
    "young password": Life(
        what="a password that says nothing for whoever lost the second factor",
        since="when it was chosen",
        then="it counts as evidence",
        length=rules.SETTLED,
        begin=young_password,
        of=("handlers.rules.second_factor.SETTLED",),
        once=True,
    ),
    "typed password": Life(
        what="a password that was typed at sign-in, as evidence for whoever lost the second factor",
        since="when it was typed; at most until another one is set",
        then="it leaves the card; asking again counts anew",
        length=rules.SPEAKS_FOR,
        begin=typed_password,
        of=("handlers.rules.second_factor.SPEAKS_FOR",),
        once=True,
    ),
    "factor reset": Life(
        what="a link that takes the second factor off",
        since="when it is sent",
        then="the page says that it ran out",
        length=factor_resets.LIFE,
        begin=factor_reset,
        of=("handlers.factors.factor_resets.LIFE",),
        once=True,
    ),
}
