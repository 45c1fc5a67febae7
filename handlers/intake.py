"""How a mail becomes a case, or goes on with one."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import timedelta

from msgspec.structs import replace

from handlers import answers, audit, bounces, cases, evidence, information, limits, mails, rechecks, threads
from handlers.desk import Desk
from handlers.languages import choose
from handlers.model.account import Account
from handlers.model.case import Case, Received
from handlers.model.errors import Invalid, Limited, Unavailable
from handlers.model.mail import Claims, InboundMail
from handlers.model.outbox import SetAside
from handlers.model.service import Service
from handlers.model.staff import CUSTOMER, DESK
from handlers.paperwork import attached, documents, papers
from handlers.paperwork.papers import Kept, Prepared
from handlers.post.addressing import Addressed, read_address
from handlers.rechecks import Facts
from handlers.registered_address import new_address
from handlers.rules import wishes
from handlers.rules.address_changes import is_fixed
from handlers.rules.addresses import canonical, canonical_login, parse_one
from handlers.rules.documents import are_taken
from handlers.rules.identity import Asked, Match, merged, warned
from handlers.rules.origins import is_nobodys, key_of, sender_of
from handlers.store.contract import Transaction

TEXT_LIMIT = 4000
"""How many characters of what a customer wrote a case keeps."""

LATER_LIMIT = 1000
"""How many of them a further mail may take: it must not push the first one off the card."""

BETWEEN_MAILS = "\n\n— — —\n\n"
"""Stands between the mails of a case, the newest first."""

REMEMBERED = timedelta(days=30)
"""For so long the same mail is recognised when it comes again."""

MOST_NUMBERS = 5
NUMBER_LENGTH = 40
"""How many numbers of customers, contracts and orders a case keeps, and how long each may be."""


def wanted(desk: Desk, mail: InboundMail) -> tuple[int, ...]:
    """The places of the attachments whose bytes `receive` needs: none where the service asks for no documents."""
    return attached.places(mail.attachments) if _asked_for(desk, mail) else ()


async def receive(desk: Desk, mail: InboundMail, files: Sequence[bytes] = (), facts: Facts | None = None) -> str | None:
    """Take a mail in, once: go on with its case or open one. Returns the case's id, or None for a mail without one.

    `files` are the bytes of the attachments that are `wanted`; they are on disk, encrypted, before the case has them.
    `facts` are what the door can check the sender by again later; None where that would find out nothing new.

    The same Message-ID from the same sender again changes nothing and returns the same case: some mailers give all
    their mails one Message-ID, and nobody can spend somebody else's. Robots open no case and are never answered.
    """
    id = hashlib.sha256(f"{key_of(mail)} {mail.message_id}".encode()).hexdigest()
    came = () if await desk.store.get(Received, id) else await _prepared(desk, mail, files)
    spare: Sequence[str] = _blobs(came)
    again = facts if facts and not mail.automatic and await rechecks.has_room(desk, facts) else None
    async with desk.store.transaction() as tx:
        seen = await tx.get(Received, id)
        kept = None if seen else await _taken_in(tx, desk, mail, came)
        if kept:
            spare = kept.spare
            tx.put(Received(id=id, queue="received", due=desk.now() + REMEMBERED, case=kept.case.id))
            if again:
                await rechecks.note(tx, desk, kept.case, _asked(mail), again)
    await papers.discard(desk, spare)
    return seen.case if seen else kept.case.id if kept else None


async def set_aside(desk: Desk, mail: str, why: str) -> None:
    """Note that a mail, by its number in the spool, could not be taken in, so that staff see it."""
    async with desk.store.transaction() as tx:
        if await tx.get(SetAside, mail) is None:
            tx.put(SetAside(id=mail, why=why, at=desk.now()))
            await audit.add(tx, desk, "mail.set_aside", DESK, detail=f"{mail}: {why}")


async def _prepared(desk: Desk, mail: InboundMail, files: Sequence[bytes]) -> tuple[Prepared, ...]:
    """The files, if the mail may bring any: that is settled and counted before the first is opened (T33)."""
    addressed = _asked_for(desk, mail)
    if addressed is None:
        return ()
    service = addressed.service
    async with desk.store.transaction() as tx:
        found = await evidence.gather(tx, desk, service, _asked(mail))
        thread = await threads.find(tx, desk, mail, addressed, found)
        case = thread.own
        counted = documents.limits_of(service.id, case, key_of(mail)) if files and not thread.shown else ()
        room = all([await limits.within(tx, desk, limit, subject) for limit, subject in counted])
    if thread.shown or (case and not are_taken(case)):
        return ()
    if not room:
        return attached.unopened(mail.attachments)
    try:
        return await attached.prepare(desk, mail.attachments, files)
    except Unavailable:  # the mail comes again: it is one mail
        async with desk.store.transaction() as tx:
            for limit, subject in counted:
                await limits.give_back(tx, desk, limit, subject)
        raise


def _asked_for(desk: Desk, mail: InboundMail) -> Addressed | None:
    """Whom a mail is for that may bring documents: a person's, not forged, to a service that asks for any."""
    if mail.automatic or is_nobodys(mail):
        return None
    addressed = _addressed(desk, mail)
    return addressed if addressed and addressed.service.documents else None


async def _taken_in(tx: Transaction, desk: Desk, mail: InboundMail, came: Sequence[Prepared]) -> Kept | None:
    addressed = _addressed(desk, mail)
    if addressed is None:
        await audit.note(tx, desk, "mail.ignored", detail="not for a service of ours")
        return None
    if mail.automatic:
        case = await _from_robot(tx, desk, mail, addressed)
        return Kept(case=case, filed=(), new=0, spare=()) if case else None
    service = addressed.service
    found = await evidence.gather(tx, desk, service, _asked(mail))
    thread = await threads.find(tx, desk, mail, addressed, found)
    if thread.shown:
        shown = await threads.show(tx, desk, thread.shown, mail)
        await answers.acknowledge(tx, desk, service, shown, mail)
        return Kept(case=shown, filed=(), new=0, spare=_blobs(came))
    taken = await (_go_on(tx, desk, thread.own, mail, found) if thread.own else _open(tx, desk, service, mail, found))
    if is_nobodys(mail):  # nobody is answered, and no file of it was opened
        await mails.keep(tx, desk, taken, mail, left_out=attached.left_out(mail.attachments))
        return Kept(case=taken, filed=(), new=0, spare=())
    await answers.acknowledge(tx, desk, service, taken, mail)
    kept = await documents.take_in(tx, desk, taken, came, mail.text)
    await mails.keep(tx, desk, taken, mail, left_out=attached.left_out(mail.attachments, came, kept.filed))
    return replace(kept, case=await information.ask(tx, desk, service, kept.case))


def _blobs(came: Sequence[Prepared]) -> tuple[str, ...]:
    return tuple(one.blob for one in came if one.blob)


async def _from_robot(tx: Transaction, desk: Desk, mail: InboundMail, addressed: Addressed) -> Case | None:
    """A bounce of our own letter, by its keyed return path, tells its case; any other machine's mail is left alone."""
    kind = mail.automatic.kind if mail.automatic else ""
    if kind == "bounce" and addressed.letter_id:
        case = await bounces.receive(tx, desk, addressed.letter_id, mail.bounce)
        if case:
            await mails.keep(tx, desk, case, mail, others=True)
            return case
    await audit.note(tx, desk, "mail.ignored", service=addressed.service.id, detail=f"automatic: {kind}")
    return None


async def _open(tx: Transaction, desk: Desk, service: Service, mail: InboundMail, found: Match) -> Case:
    language = choose(mail.language, service.language)
    case = cases.begin(desk, service, "mail", mail.intent, language, sender_of(mail), found, mail.origin, key_of(mail))
    case = replace(
        case,
        subject=mail.subject,
        text=_plain(mail.text)[:TEXT_LIMIT],
        confidence=mail.confidence,
        numbers=_numbers(mail.claims),
    )
    case = await _with_new_address(tx, desk, case, found.account, mail)
    wait = await _flooded(tx, desk, service, case, found)
    return await cases.record(tx, desk, case, "case.opened", CUSTOMER, card_in=wait)


async def _flooded(tx: Transaction, desk: Desk, service: Service, case: Case, found: Match) -> timedelta:
    """How long the card of a new case has to wait: the case is kept, the channel is not flooded.

    A mail from the account's own address never waits, whatever others send in its name: there is one such case at most.
    """
    if found.account and found.account.address_key == case.requester_key:
        return timedelta(0)
    try:
        await limits.take(tx, desk, limits.CASES_PER_SENDER, f"{service.id} {case.requester_key}")
        await limits.take(tx, desk, limits.CASES_PER_SERVICE, service.id)
    except Limited as error:
        return timedelta(seconds=error.retry_after)
    return timedelta(0)


async def _go_on(tx: Transaction, desk: Desk, before: Case, mail: InboundMail, found: Match) -> Case:
    case = _continued(before, mail, found)
    same = found.account is not None and found.account.id == case.account
    case = await _with_new_address(tx, desk, case, found.account if same else None, mail)
    return await cases.go_on(tx, desk, case, new_address.NAMED if case.new_address != before.new_address else "")


def _continued(case: Case, mail: InboundMail, found: Match) -> Case:
    """The case after one more mail: a full one takes nothing but its words, and what it does to pass for another's."""
    text = _joined_texts(mail.text, case.text) if mail.text else case.text
    if cases.is_full(case):
        return replace(case, text=text, evidence=warned(case.evidence, found.evidence))
    account = case.account or (found.account.id if found.account else None)
    same = found.account is not None and found.account.id == account
    return replace(
        wishes.clearer(case, mail),
        account=account,
        origin=mail.origin or case.origin,
        numbers=_numbers(mail.claims, case.numbers),
        text=text,
        evidence=(merged if same else warned)(case.evidence, found.evidence),
    )


def _numbers(claims: Claims, known: tuple[str, ...] = ()) -> tuple[str, ...]:
    """The numbers a writer names, after those that are known already; bounded, for a card."""
    return tuple(dict.fromkeys((*known, *(one[:NUMBER_LENGTH] for one in claims.numbers))))[:MOST_NUMBERS]


def _joined_texts(new: str, known: str) -> str:
    """What the customer wrote, the newest first; the first mail of all stays, whoever writes in her name (T31)."""
    *later, first = known.split(BETWEEN_MAILS)
    first = first[: TEXT_LIMIT - LATER_LIMIT - len(BETWEEN_MAILS)]
    newer = BETWEEN_MAILS.join([_plain(new)[:LATER_LIMIT], *later])[: TEXT_LIMIT - len(first) - len(BETWEEN_MAILS)]
    return f"{newer}{BETWEEN_MAILS}{first}"


def _plain(text: str) -> str:
    """The text of one mail: none pretends to be several."""
    while (mark := BETWEEN_MAILS.strip()) in text:
        text = text.replace(mark, "")
    return text


async def _with_new_address(
    tx: Transaction, desk: Desk, case: Case, account: Account | None, mail: InboundMail
) -> Case:
    """The case with the one address that the writer wants registered, if the mail names one (T6)."""
    try:
        new = parse_one(mail.claims.new_address or "")
    except Invalid:
        return case
    fixed = is_fixed(case) or cases.is_full(case)
    return await new_address.take(tx, desk, case, account, new, fixed=fixed)


def _asked(mail: InboundMail) -> Asked:
    claims = mail.claims
    return Asked(
        source="mail",
        sender=canonical(mail.from_address),
        logins=tuple(canonical_login(login) for login in claims.logins),
        addresses=tuple(canonical(address) for address in claims.addresses if address != claims.new_address),
        not_owner=claims.not_owner,
        grade=mail.origin.grade if mail.origin else None,
        tricks=mail.tricks,
        reply_elsewhere=bool(mail.reply_to) and canonical(mail.reply_to) != canonical(mail.from_address),
    )


def _addressed(desk: Desk, mail: InboundMail) -> Addressed | None:
    """Which of our addresses a mail is for: one that names a case, else the service it speaks of, else the first."""
    ours = [found for found in (read_address(desk, recipient) for recipient in mail.recipients) if found]
    named: Sequence[Addressed] = [found for found in ours if found.kind != "plain"]
    spoken = [found for found in ours if found.service.id == mail.claims.service]
    return next(iter((*named, *spoken, *ours)), None)
