"""Changes of address and of passwords: who can object or undo, is told, or is warned, and until when."""

from __future__ import annotations

from datetime import timedelta

from msgspec.structs import replace

from handlers import evidence, freeze, signed
from handlers.model.errors import Spent
from handlers.model.service import ChangeAddress
from handlers.registered_address import addresses
from handlers.rules import address_changes, identity, information
from tests.builders import ADDRESS, DeskUnderTest, shipped_service
from tests.handlers import changing
from tests.lives.life import Holds, Life, fall_due, works
from tests.lives.signed_in import keep_customer

HOST = shipped_service("o2switch").change_address or ChangeAddress()


async def unconfirmed(house: DeskUnderTest) -> Holds:
    """A change was proposed; the new address is asked."""
    await changing.proposed(house)
    token, digits = await changing.mailed(house)
    return lambda: works(addresses.confirm(house.desk, token, digits), Spent)


async def unconfirmed_case(house: DeskUnderTest) -> Holds:
    """Its case waits."""
    await changing.proposed(house)

    async def holds() -> bool:
        await fall_due(house)
        return (await changing.case_of(house)).state == "pending"

    return holds


async def objection(house: DeskUnderTest) -> Holds:
    """The change was confirmed and agreed to; the old address is the one on file."""
    await changing.waiting(house)

    async def holds() -> bool:
        await fall_due(house)
        return (await changing.account_of(house)).address == ADDRESS

    return holds


async def stopped(house: DeskUnderTest) -> Holds:
    """The old address says "it was not me" before the timers come by."""
    await changing.waiting(house)

    async def holds() -> bool:
        due = await changing.due(house)
        await freeze.stop(house.desk, signed.token(house.desk.vault, "stop", changing.CASE, house.clock()))
        return not due and (await changing.change(house)).state == "stopped"

    return holds


async def undoing(house: DeskUnderTest) -> Holds:
    """The change was made; the old address says that it was not them."""
    began = house.clock()
    house.clock.now = began - timedelta(hours=HOST.wait_hours)
    await changing.changed(house)
    assert house.clock() == began

    async def holds() -> bool:
        await freeze.stop(house.desk, signed.token(house.desk.vault, "stop", changing.CASE, house.clock()))
        return (await changing.account_of(house)).address == ADDRESS

    return holds


async def former_address(house: DeskUnderTest) -> Holds:
    """The change was made; the old address is told what happens to the account."""
    house.clock.now -= timedelta(hours=HOST.wait_hours)
    await changing.changed(house)

    async def holds() -> bool:
        account = await changing.account_of(house)
        return ADDRESS in address_changes.known_addresses(account, "", house.clock())

    return holds


async def recent_change(house: DeskUnderTest) -> Holds:
    """A password was changed; staff see it on new cases."""
    await keep_customer(house, "esp")

    async def holds() -> bool:
        asked = identity.Asked(source="mail", sender=ADDRESS)
        async with house.desk.store.transaction() as tx:
            found = await evidence.gather(tx, house.desk, house.desk.service("esp"), asked)
        return "recently_changed" in [one.kind for one in found.evidence]

    return holds


async def new_name(house: DeskUnderTest) -> Holds:
    """A customer changed the name; new cases say so, and documents have to carry the old one."""
    account = await keep_customer(house, "esp", name="Marie Durand")
    other = replace(account, name="Mallory")
    await house.keep(information.renamed(account, other, house.clock()))

    async def holds() -> bool:
        asked = identity.Asked(source="mail", sender=ADDRESS)
        async with house.desk.store.transaction() as tx:
            found = await evidence.gather(tx, house.desk, house.desk.service("esp"), asked)
        assert found.account
        doubted = "name_changed" in [one.kind for one in found.evidence]
        assert doubted == (information.as_it_was(found.account, house.clock()).name == "Marie Durand")
        return doubted

    return holds


LIVES = {
    "confirmation": Life(
        what="the code that confirms a new address",
        since="when the change is proposed; another code changes nothing",
        then="it confirms nothing",
        length=timedelta(hours=HOST.confirm_hours),
        begin=unconfirmed,
        keys=("change_address.confirm_hours",),
        once=True,
    ),
    "unconfirmed change": Life(
        what="a change that the new address does not confirm",
        since="when it is proposed",
        then="it is over, and its case is `expired`",
        length=timedelta(hours=HOST.confirm_hours),
        begin=unconfirmed_case,
        keys=("change_address.confirm_hours",),
    ),
    "wait": Life(
        what="the wait in which the old address can object",
        since="the later of confirmation and last approval",
        then="the address is changed",
        length=timedelta(hours=HOST.wait_hours),
        begin=objection,
        keys=("change_address.wait_hours",),
    ),
    "objection": Life(
        what="“it was not me” stops a change that waits",
        since="the later of confirmation and last approval",
        then="the change is made; it can be undone from then on",
        length=timedelta(hours=HOST.wait_hours),
        begin=stopped,
        keys=("change_address.wait_hours",),
        once=True,
    ),
    "undo": Life(
        what="“it was not me” undoes a change that was made",
        since="when it was made",
        then="the new address stays; the account is frozen all the same",
        length=timedelta(hours=HOST.undo_hours),
        begin=undoing,
        keys=("change_address.undo_hours",),
        once=True,
    ),
    "former address": Life(
        what="a replaced address is told what happens to the account",
        since="when it was replaced",
        then="it gets no more notices",
        length=address_changes.REMEMBERED,
        begin=former_address,
        of=("handlers.rules.address_changes.REMEMBERED",),
    ),
    "new name": Life(
        what="documents are held against the name from before, and new cases say that it changed",
        since="when it was changed",
        then="the new name counts",
        length=information.SETTLES,
        begin=new_name,
        of=("handlers.rules.information.SETTLES",),
    ),
    "recent change": Life(
        what="staff see that a password was changed lately",
        since="when it was changed",
        then="new cases do not say so",
        length=identity.RECENTLY,
        begin=recent_change,
        of=("handlers.rules.identity.RECENTLY",),
    ),
}
