"""Closed accounts: until when they come back, and when their data are destroyed."""

from __future__ import annotations

from datetime import timedelta

from handlers import decide, freeze, signed
from handlers.closing import closures
from handlers.model.account import Account
from handlers.model.case import Case
from handlers.model.errors import Refused, Spent, WrongPassword
from handlers.model.service import Closure
from handlers.rules import closing
from tests.builders import AYSE, GOOD_PASSWORD, DeskUnderTest, make_case, shipped_service
from tests.handlers import changing
from tests.handlers.closing import BOTH, FULL, arda, signed_in
from tests.handlers.signing import enter, mailed
from tests.lives.life import Holds, Life, fall_due, works
from tests.lives.signed_in import keep_customer

GRACE = timedelta(days=(shipped_service("connectprof").closure or Closure()).grace_days)


async def closed(house: DeskUnderTest) -> Account:
    """Arda closes the account."""
    account = await keep_customer(
        house, "connectprof", **{name: value for name, value in FULL.items() if name != "service"}
    )
    await closures.close(house.desk, await signed_in(house, account), GOOD_PASSWORD, BOTH)
    return await arda(house)


async def grace(house: DeskUnderTest) -> Holds:
    """Signing in and saying yes opens it again."""
    await closed(house)
    return lambda: works(_comes_back(house), WrongPassword, Spent)


async def grace_at_the_button(house: DeskUnderTest) -> Holds:
    """The page that says so is open already."""
    account = await closed(house)

    async def presses() -> None:
        token = await signed_in(house, account, "closed")
        await closures.reopen_signing_in(house.desk, token, "")

    return lambda: works(presses(), Spent)


async def grace_by_mail(house: DeskUnderTest) -> Holds:
    """Staff can send a link that opens it."""
    await closed(house)
    await house.keep(_request(house))
    act = decide.act
    return lambda: works(act(house.desk, "R-ARDA01", "reactivate_account", AYSE, None), Refused)


async def reactivation(house: DeskUnderTest) -> Holds:
    """Such a link was sent on the first day."""
    await closed(house)
    await house.keep(_request(house))
    await decide.act(house.desk, "R-ARDA01", "reactivate_account", AYSE, None)
    token = await mailed(house.desk, "reactivation")
    return lambda: works(closures.reopen(house.desk, token), Spent)


async def last_reactivation(house: DeskUnderTest) -> Holds:
    """Such a link was sent a minute before the end."""
    end = house.clock() + timedelta(minutes=1)
    house.clock.now = end - GRACE
    await closed(house)
    house.clock.now = end - timedelta(minutes=1)
    await house.keep(_request(house))
    await decide.act(house.desk, "R-ARDA01", "reactivate_account", AYSE, None)
    token = await mailed(house.desk, "reactivation")
    return lambda: works(closures.look_back(house.desk, token), Spent)


async def deletion(house: DeskUnderTest) -> Holds:
    """The data of the closed account are there."""
    await closed(house)
    return lambda: _is_kept(house)


async def held_deletion(house: DeskUnderTest) -> Holds:
    """The owner asked to come back in time, and nobody answered; the timers looked late, and not on the hour."""
    end = house.clock()
    house.clock.now = end - GRACE
    await closed(house)
    await house.keep(_request(house))
    house.clock.now = end
    for _ in range(24 * 7 - 1):
        house.clock.advance(minutes=60, seconds=20)
        await fall_due(house)
    return lambda: _is_kept(house)


async def unfrozen(house: DeskUnderTest) -> Holds:
    """The owner said "it was not me" on the last day, and staff lift it later, a while after the timers came by."""
    lifted = house.clock()
    house.clock.now = lifted - GRACE - timedelta(days=3)
    account = await closed(house)
    house.clock.now = lifted - timedelta(days=4)
    await freeze.stop(house.desk, signed.token(house.desk.vault, "stop", account.id, house.clock()))
    house.clock.now = lifted - timedelta(minutes=50)
    await fall_due(house)
    house.clock.now = lifted
    [case] = await house.desk.store.find(Case)
    await decide.act(house.desk, case.id, "approve", changing.CEM, None)
    return lambda: works(_comes_back(house), WrongPassword, Spent)


async def _comes_back(house: DeskUnderTest) -> None:
    onward = await enter(house.desk, "connectprof", name="arda.yilmaz.77")
    await closures.reopen_signing_in(house.desk, onward.session.value, "")


async def _is_kept(house: DeskUnderTest) -> bool:
    await fall_due(house)
    return await house.desk.store.get(Account, "A-ARDA") is not None


def _request(house: DeskUnderTest) -> Case:
    """The owner's own request about the closed account, of now."""
    address = str(FULL["address"])
    return make_case(
        *("address_on_file", "account_closed"),
        id="R-ARDA01",
        service="connectprof",
        account="A-ARDA",
        asked="reactivate_account",
        source="portal",
        requester=address,
        requester_key=address,
        opened_at=house.clock(),
    )


LIVES = {
    "grace": Life(
        what="a closed account can be reopened by signing in",
        since="when it was closed, in days of 24 hours",
        then="the sign-in is as of an account that never was",
        length=GRACE,
        begin=grace,
        keys=("closure.grace_days",),
        once=True,
    ),
    "grace at the button": Life(
        what="the button that reopens it, on a page that is open already",
        since="when it was closed",
        then="the page says that it is too late",
        length=GRACE,
        begin=grace_at_the_button,
        keys=("closure.grace_days",),
        once=True,
    ),
    "grace by mail": Life(
        what="staff can send a link that reopens it",
        since="when it was closed",
        then="staff are told that it is too late",
        length=GRACE,
        begin=grace_by_mail,
        keys=("closure.grace_days",),
        once=True,
    ),
    "reactivation link": Life(
        what="a link that reopens it",
        since="when it is sent",
        then="the page says that it ran out",
        length=timedelta(minutes=shipped_service("connectprof").offer.link_minutes),
        begin=reactivation,
        keys=("offer.link_minutes",),
        once=True,
    ),
    "last reactivation link": Life(
        what="a link that reopens it, sent a minute before the end of the grace",
        since="when it is sent; never beyond the days of grace",
        then="the page says that it ran out",
        length=timedelta(minutes=1),
        begin=last_reactivation,
        keys=("closure.grace_days", "offer.link_minutes"),
    ),
    "deletion": Life(
        what="the data of a closed account",
        since="when it was closed",
        then="they are destroyed",
        length=GRACE,
        begin=deletion,
        keys=("closure.grace_days",),
    ),
    "held deletion": Life(
        what="a request that came in time puts that off, at most",
        since="the end of the grace",
        then="they are destroyed, whether or not it was answered",
        length=closing.HELD,
        begin=held_deletion,
        of=("handlers.rules.closing.HELD",),
    ),
    "unfrozen": Life(
        what="a closed account that was frozen can be reopened, at least",
        since="when staff lift the freeze",
        then="the sign-in is as of an account that never was, and the data are destroyed",
        length=closing.HELD,
        begin=unfrozen,
        of=("handlers.rules.closing.HELD",),
        once=True,
    ),
}
