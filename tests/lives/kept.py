"""What is kept for a time, what the desk waits for, and how old a document may be."""

from __future__ import annotations

from datetime import datetime, timedelta

from msgspec.structs import replace

from handlers import bounces, checklists, decide, information, intake, outbox
from handlers.model.case import Case
from handlers.model.checklist import Checklist
from handlers.model.mail import Claims
from handlers.model.outbox import Letter
from handlers.paperwork import documents
from handlers.post import endings
from handlers.post.carriers import Deferred, Parcel
from handlers.post.courier import Courier
from handlers.rules import documents as rules
from handlers.rules import retention
from handlers.rules.deliveries import BOUNCES
from tests.builders import AYSE, PROVEN, DeskUnderTest, make_account, make_case, make_mail, shipped_service
from tests.handlers import dossiers
from tests.handlers.closing import FULL, keep_arda
from tests.lives.granted import CASE, is_in, link
from tests.lives.life import Holds, Life, fall_due

KBIS = shipped_service("o2switch").documents["company"]["kbis"]
STATUTES = shipped_service("o2switch").documents["association"]["statutes"]


async def waits_for_documents(house: DeskUnderTest) -> Holds:
    """Staff asked for documents, and one of three came."""
    await dossiers.asked(house)
    await documents.upload(house.desk, dossiers.page(house), [dossiers.file("kbis", dossiers.pdf())], "")

    async def holds() -> bool:
        waiting = await is_in(house, "waiting")
        await dossiers.destroy_due(house)
        return waiting and bool(await dossiers.lying(house))

    return holds


async def waits_for_information(house: DeskUnderTest) -> Holds:
    """A mail came of somebody who left particulars blank."""
    await keep_arda(house, country="", city="")
    mail = make_mail(
        from_address=FULL["address"],
        recipients=("support@connectprof.example",),
        claims=Claims(),
        received_at=house.clock(),
    )
    id = await intake.receive(house.desk, mail)
    return lambda: is_in(house, "waiting", id or "")


async def undecided_documents(house: DeskUnderTest) -> Holds:
    """A whole dossier came, and nobody decides."""
    await dossiers.asked(house)
    await documents.upload(house.desk, dossiers.page(house), dossiers.dossier(), "marie@nouvelle.example")

    async def holds() -> bool:
        await dossiers.destroy_due(house)
        return bool(await dossiers.lying(house))

    return holds


async def fresh_kbis(house: DeskUnderTest) -> Holds:
    """An extract of today lies on a customer's desk; it comes later, and is looked at later still."""
    dated = house.clock().date()
    verdicts = (replace(dossiers.ACCEPTED[0], dated=dated), *dossiers.ACCEPTED[1:])

    async def holds() -> bool:
        await dossiers.asked(house)
        await documents.upload(house.desk, dossiers.page(house), dossiers.dossier(), "marie@nouvelle.example")
        house.clock.advance(days=9)
        answers = decide.Answers(verdicts=verdicts)
        case = await decide.act(house.desk, CASE, "review_documents", AYSE, None, answers)
        return case.state == "claimed"

    return holds


async def fresh_statutes(house: DeskUnderTest) -> Holds:
    """An association's statutes of today; when they come is what counts."""
    dated = house.clock().date()

    async def holds() -> bool:
        return rules.is_fresh(dated, house.clock(), STATUTES.max_age_days)

    return holds


async def words(house: DeskUnderTest) -> Holds:
    """A case ended; what its customer wrote is kept."""
    await house.keep(make_account(), make_case(*PROVEN, text="Ma question."))
    await decide.act(house.desk, CASE, "refuse", AYSE, None, decide.Answers(reason="other"))

    async def holds() -> bool:
        await fall_due(house)
        case = await house.desk.store.get(Case, CASE)
        return case is not None and case.text == "Ma question."

    return holds


class Deferring:
    """A relay that takes nothing now."""

    async def hand_over(self, parcel: Parcel) -> None:
        """Not now."""
        raise Deferred("451 4.3.0 not now")

    async def close(self) -> None:
        """There is no connection to let go of."""


async def undelivered(house: DeskUnderTest) -> Holds:
    """A notice that its relay does not take."""
    account = make_account()
    await house.keep(account)
    async with house.desk.store.transaction() as tx:
        id = outbox.letter(tx, house.desk, "changed", account, account.address, language="fr").id
    courier = Courier(house.desk, Deferring())

    async def holds() -> bool:
        moment = house.clock()
        while (due := await _due(house, id)) and due <= moment:
            house.clock.now = due
            await courier.deliver()
        house.clock.now = moment
        return due is not None

    return holds


async def _due(house: DeskUnderTest, id: str) -> datetime | None:
    letter = await house.desk.store.get(Letter, id)
    return letter.due if letter else None


async def dead_letter(house: DeskUnderTest) -> Holds:
    """A letter could not be delivered."""
    await link(house)
    [letter] = [one for one in await house.desk.store.find(Letter) if one.kind == "reset"]
    await endings.bury(house.desk, letter, "no such mailbox")

    async def holds() -> bool:
        await fall_due(house)
        return await house.desk.store.get(Letter, letter.id) is not None

    return holds


async def checklist(house: DeskUnderTest) -> Holds:
    """A password was changed; what remains to be done is there to tick off."""
    account = make_account()
    await house.keep(account)
    async with house.desk.store.transaction() as tx:
        checklists.begin(tx, house.desk, account, "reset")

    async def holds() -> bool:
        await fall_due(house)
        return bool(await house.desk.store.find(Checklist))

    return holds


async def same_mail(house: DeskUnderTest) -> Holds:
    """A mail came, and its case is over; it comes once more."""
    await house.keep(make_account())
    id = await intake.receive(house.desk, make_mail())
    await decide.act(house.desk, id or "", "refuse", AYSE, None, decide.Answers(reason="other"))

    async def holds() -> bool:
        await fall_due(house)
        return await intake.receive(house.desk, make_mail()) == id

    return holds


async def letter_that_left(house: DeskUnderTest) -> Holds:
    """A reset link went out, and is reported back."""
    await house.keep(make_account(), make_case(*PROVEN))
    await decide.act(house.desk, CASE, "send_link", AYSE, None)
    [letter] = await house.desk.store.find(Letter)
    await endings.sent(house.desk, letter, 1)

    async def holds() -> bool:
        async with house.desk.store.transaction() as tx:
            return await bounces.receive(tx, house.desk, letter.id, None) is not None

    return holds


LIVES = {
    "bounces": Life(
        what="a letter that left the house can come back",
        since="when the relay took it",
        then="a report about it changes nothing",
        length=BOUNCES,
        begin=letter_that_left,
        of=("handlers.rules.deliveries.BOUNCES",),
        once=True,
    ),
    "documents": Life(
        what="a case that waits for documents",
        since="when staff ask for them, and anew when something has to be sent again",
        then="the case is `expired`, and what came is destroyed",
        length=documents.WAIT,
        begin=waits_for_documents,
        of=("handlers.paperwork.documents.WAIT",),
    ),
    "information": Life(
        what="a case that waits for account information",
        since="when it is asked for",
        then="the case is `expired`; a new mail takes it up again",
        length=information.WAIT,
        begin=waits_for_information,
        of=("handlers.information.WAIT",),
    ),
    "undecided documents": Life(
        what="documents that nobody decides about",
        since="when the last one came",
        then="they are destroyed",
        length=timedelta(days=rules.KEPT_DAYS),
        begin=undecided_documents,
        of=("handlers.rules.documents.KEPT_DAYS",),
    ),
    "kbis": Life(
        what="the oldest age of a document, such as an extract of the register",
        since="the day it is dated, to the day we receive it (UTC), that day included",
        then="a review comes to “too old”, and it has to be sent again",
        length=timedelta(days=KBIS.max_age_days),
        begin=fresh_kbis,
        keys=("documents.max_age_days",),
        once=True,
        by_day=True,
    ),
    "statutes": Life(
        what="the same of an association’s statutes",
        since="the day they are dated, to the day we receive them (UTC), that day included",
        then="a review comes to “too old”, and they have to be sent again",
        length=timedelta(days=STATUTES.max_age_days),
        begin=fresh_statutes,
        keys=("documents.max_age_days",),
        by_day=True,
    ),
    "words": Life(
        what="what was written in a case that nobody works on",
        since="its last step",
        then="nothing personal stays in it; its steps do",
        length=retention.KEPT,
        begin=words,
        of=("handlers.rules.retention.KEPT",),
    ),
    "undelivered letter": Life(
        what="a letter that is tried again and again, where what it carries lives no shorter",
        since="when it is written",
        then="it is given up, and staff see why",
        length=endings.GIVE_UP,
        begin=undelivered,
        of=("handlers.post.endings.GIVE_UP",),
    ),
    "dead letter": Life(
        what="a letter that could not be delivered",
        since="when it was given up",
        then="it is deleted",
        length=retention.DEAD_LETTERS,
        begin=dead_letter,
        of=("handlers.rules.retention.DEAD_LETTERS",),
    ),
    "checklist": Life(
        what="the list of what remains to be done after a change",
        since="the change",
        then="it is gone from the account's pages",
        length=checklists.KEPT,
        begin=checklist,
        of=("handlers.checklists.KEPT",),
    ),
    "same mail": Life(
        what="the same mail is recognised when it comes again",
        since="when it came first",
        then="it is a new one",
        length=intake.REMEMBERED,
        begin=same_mail,
        of=("handlers.intake.REMEMBERED",),
        once=True,
    ),
}
