"""What staff or the desk send: links, codes, temporary passwords, and the pages that letters lead to."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta

from handlers import codes, decide, following, freeze, information, links, requests, signed
from handlers.desk import Desk
from handlers.model.case import Case
from handlers.model.errors import Limited, Spent, WrongPassword
from handlers.model.outbox import Letter, PortalRequest
from handlers.paperwork import documents, viewing
from handlers.signing_in import sessions
from tests.builders import ADDRESS, AYSE, GOOD_PASSWORD, PROVEN, DeskUnderTest, make_account, make_case, shipped_service
from tests.handlers import dossiers
from tests.handlers.signing import enter, mailed, send_temporary
from tests.lives.life import Begin, Holds, Life, fall_due, works

CASE = "R-7F3K2M"
SHOP, ESP, CARD = (shipped_service(id).offer for id in ("shopfactory", "esp", "opcommerce"))


async def link(house: DeskUnderTest) -> Holds:
    """Staff send a reset link."""
    await house.keep(make_account(), make_case(*PROVEN))
    await decide.act(house.desk, CASE, "send_link", AYSE, None)
    token = await mailed(house.desk, "reset")
    return lambda: works(links.redeem(house.desk, token, GOOD_PASSWORD), Spent)


async def coded(house: DeskUnderTest) -> tuple[str, str]:
    """Staff send a code: the token of its page, and its digits."""
    await house.keep(make_account(service="opcommerce"), make_case("address_on_file", service="opcommerce"))
    await decide.act(house.desk, CASE, "send_code", AYSE, None)
    token, _, digits = (await mailed(house.desk, "code")).partition(" ")
    return token, digits


async def code(house: DeskUnderTest) -> Holds:
    """A code is typed."""
    token, digits = await coded(house)
    return lambda: works(codes.verify(house.desk, token, digits), Spent)


async def link_of_code(house: DeskUnderTest) -> Holds:
    """A code was typed after four minutes, and its link lies open."""
    token, digits = await coded(house)
    house.clock.advance(minutes=4)
    raw = await codes.verify(house.desk, token, digits)
    return lambda: works(links.look(house.desk, raw.value), Spent)


async def no_other_code(house: DeskUnderTest) -> Holds:
    """Another code is not sent yet."""
    token, _ = await coded(house)

    async def holds() -> bool:
        return not await works(codes.resend(house.desk, token), Limited)

    return holds


async def temporary_password(house: DeskUnderTest) -> Holds:
    """Staff send a temporary password."""
    await house.keep(make_account(service="esp"))
    raw = await send_temporary(house)
    return lambda: works(enter(house.desk, "esp", password=raw), WrongPassword)


async def used_temporary_password(house: DeskUnderTest) -> Holds:
    """It was used, and no password chosen."""
    await house.keep(make_account(service="esp"))
    await enter(house.desk, "esp", password=await send_temporary(house))
    return lambda: is_in(house, "opened")


async def is_in(house: DeskUnderTest, state: str, id: str = CASE) -> bool:
    """Whether the case is in that state, once the timers have done what was due."""
    await fall_due(house)
    case = await house.desk.store.get(Case, id)
    return case is not None and case.state == state


async def case_of_link(house: DeskUnderTest) -> Holds:
    """A link that nobody uses."""
    await link(house)
    return lambda: is_in(house, "issued")


async def sent_alone(house: DeskUnderTest) -> Holds:
    """Who asks on the portal twice gets one link."""
    await house.keep(make_account())

    async def ask() -> None:
        await requests.ask(house.desk, "shopfactory", "durand42", ADDRESS, "fr")
        for request in await house.desk.store.find(PortalRequest):
            await requests.answer(house.desk, request)

    async def holds() -> bool:
        await ask()
        return len([one for one in await house.desk.store.find(Letter) if one.kind == "reset"]) == 1

    await ask()
    return holds


def page(purpose: signed.Purpose, look: Callable[[Desk, str], Awaitable[object]]) -> Begin:
    """The address of a page as a letter of now has it; it is looked at."""

    async def begin(house: DeskUnderTest) -> Holds:
        await dossiers.asked(house)
        token = signed.token(house.desk.vault, purpose, CASE, house.clock())
        return lambda: works(look(house.desk, token), Spent)

    return begin


async def information_page(house: DeskUnderTest) -> Holds:
    """The page of a case that staff have taken up, and that has no deadline any more."""
    await house.keep(make_account(service="connectprof"), make_case(*PROVEN, service="connectprof", state="claimed"))
    token = signed.token(house.desk.vault, "information", CASE, house.clock())
    return lambda: works(information.look(house.desk, token), Spent)


async def ticket(house: DeskUnderTest) -> Holds:
    """Staff want to see the documents of a case."""
    await dossiers.asked(house)
    token, files = dossiers.page(house), [dossiers.file("identity", dossiers.photo())]
    await documents.upload(house.desk, token, files, "")
    path = (await viewing.open_ticket(house.desk, CASE, AYSE)).value.rpartition("/")[2]
    return lambda: works(viewing.look(house.desk, path), Spent)


LIVES = {
    "reset link": Life(
        what="a reset link",
        since="when it is sent",
        then="the page says that it ran out; a new one has to be asked for",
        length=timedelta(minutes=SHOP.link_minutes),
        begin=link,
        keys=("offer.link_minutes",),
        once=True,
    ),
    "case of a link": Life(
        what="a case whose link nobody uses",
        since="when the link is sent",
        then="the case is `expired`, and staff see it",
        length=timedelta(minutes=SHOP.link_minutes),
        begin=case_of_link,
        keys=("offer.link_minutes",),
    ),
    "code": Life(
        what="a one-time code",
        since="when it is sent, and anew when it is sent again",
        then="it opens nothing",
        length=timedelta(minutes=CARD.code_minutes),
        begin=code,
        keys=("offer.code_minutes",),
        once=True,
    ),
    "link of a code": Life(
        what="the link that a right code becomes",
        since="when the code was sent",
        then="it ends with the code's own life",
        length=timedelta(minutes=CARD.code_minutes),
        begin=link_of_code,
        keys=("offer.code_minutes",),
    ),
    "resend": Life(
        what="the wait before another code",
        since="when the last one was sent",
        then="another one can be sent",
        length=timedelta(seconds=CARD.resend_wait_seconds),
        begin=no_other_code,
        keys=("offer.resend_wait_seconds",),
        once=True,
    ),
    "temporary password": Life(
        what="a temporary password",
        since="when it is sent",
        then="it opens nothing",
        length=timedelta(minutes=ESP.temporary_minutes),
        begin=temporary_password,
        keys=("offer.temporary_minutes",),
        once=True,
    ),
    "used temporary password": Life(
        what="a case whose temporary password was used, and no other chosen",
        since="when it was used",
        then="the case is `expired`, and staff see it",
        length=sessions.LONGEST,
        begin=used_temporary_password,
        of=("handlers.signing_in.sessions.LONGEST",),
    ),
    "sent alone": Life(
        what="a link that the desk sent by itself is not replaced",
        since="when it is sent",
        then="whoever asks again on the portal is sent another",
        length=requests.SETTLED,
        begin=sent_alone,
        of=("handlers.requests.SETTLED",),
        once=True,
    ),
    "stop page": Life(
        what="the page “it was not me”",
        since="the letter, to the end of its last day (UTC)",
        then="the page says that the address ran out",
        length=signed.LIVES["stop"],
        begin=page("stop", freeze.look),
        of=("handlers.signed.LIVES",),
        by_day=True,
    ),
    "documents page": Life(
        what="the page that takes documents",
        since="the letter, to the end of its last day (UTC)",
        then="the page says that the address ran out; the next letter has a new one",
        length=signed.LIVES["documents"],
        begin=page("documents", documents.look),
        of=("handlers.signed.LIVES",),
        by_day=True,
    ),
    "case page": Life(
        what="the page of a request",
        since="the letter, to the end of its last day (UTC)",
        then="the page says that the address ran out",
        length=signed.LIVES["case"],
        begin=page("case", following.look),
        of=("handlers.signed.LIVES",),
        by_day=True,
    ),
    "information page": Life(
        what="the page that asks for missing information",
        since="the letter, to the end of its last day (UTC)",
        then="the page says that the address ran out",
        length=signed.LIVES["information"],
        begin=information_page,
        of=("handlers.signed.LIVES",),
        by_day=True,
    ),
    "viewer ticket": Life(
        what="a ticket to look at documents",
        since="when staff ask for it",
        then="it shows nothing; another one can be had",
        length=viewing.LIFE,
        begin=ticket,
        of=("handlers.paperwork.viewing.LIFE",),
    ),
}
