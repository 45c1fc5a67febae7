"""How a request becomes a case: from a mail, or from the portal's form."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from msgspec.structs import replace

from handlers import audit, cases, decide, limits, outbox
from handlers.addressing import Addressed, read_address, read_message_id
from handlers.desk import Desk
from handlers.languages import choose
from handlers.model.account import Account
from handlers.model.case import Action, Case, Received, State
from handlers.model.errors import Limited
from handlers.model.evidence import Evidence
from handlers.model.mail import InboundMail, Intent
from handlers.model.outbox import PortalRequest, SetAside
from handlers.model.service import Service
from handlers.model.staff import CUSTOMER, DESK
from handlers.rules.addresses import canonical, canonical_login, parse_one
from handlers.rules.identity import Asked, Match, match
from handlers.rules.permits import allowed
from handlers.rules.states import is_over
from handlers.store.contract import Transaction

TEXT_LIMIT = 4000
"""How many characters of what a customer wrote a case keeps."""

MAILS_PER_CASE = 50
"""How many mails a case takes; what comes after is on the trail only."""


async def receive(desk: Desk, mail: InboundMail) -> str | None:
    """Take a mail in, once: continue its case or open one. Returns the case's id, or None for a mail without one.

    The same Message-ID from the same sender again changes nothing and returns the same case: some mailers give all
    their mails one Message-ID, and nobody can spend somebody else's. Robots open no case and are never answered.
    """
    id = hashlib.sha256(f"{canonical(mail.from_address)} {mail.message_id}".encode()).hexdigest()
    async with desk.store.transaction() as tx:
        seen = await tx.get(Received, id)
        if seen:
            return seen.case or None
        case = await _taken_in(tx, desk, mail)
        tx.put(Received(id=id, case=case.id if case else "", at=desk.now()))
        return case.id if case else None


async def set_aside(desk: Desk, mail: str, why: str) -> None:
    """Note that a mail, by its number in the spool, could not be taken in, so that staff see it."""
    async with desk.store.transaction() as tx:
        if await tx.get(SetAside, mail) is None:
            tx.put(SetAside(id=mail, why=why, at=desk.now()))
            await audit.add(tx, desk, "mail.set_aside", DESK, detail=f"{mail}: {why}")


async def ask(desk: Desk, service_id: str, login: str, address: str, language: str) -> None:
    """Take a request from the portal's form; known and unknown accounts take the same way and the same time.

    What the service does not require is not looked at. What it leads to is found out later, by `answer`. Raises Invalid
    for what is no address, Limited.
    """
    required = desk.service(service_id).identify.require
    login = login.strip() if "login" in required else ""
    address = parse_one(address) if "address" in required else ""
    async with desk.store.transaction() as tx:
        await limits.take(tx, desk, limits.PORTAL_PER_SERVICE, service_id)
        person = f"{service_id} {canonical(address)} {canonical_login(login)}"
        await limits.take(tx, desk, limits.PORTAL_PER_PERSON, person)
        tx.put(
            PortalRequest(
                id=desk.vault.name("P", 12),
                queue="requests",
                due=desk.now(),
                service=service_id,
                login=login[:100],
                address=address,
                language=language,
                asked_at=desk.now(),
            )
        )


async def answer(desk: Desk, request: PortalRequest) -> None:
    """Open the case of a portal request and, where the service lets the desk act alone, send what was asked for.

    An account that does not match everything the service requires opens no case; an address that several accounts
    share opens one without an account, for staff to ask which.
    """
    async with desk.store.transaction() as tx:
        if await tx.get(PortalRequest, request.id) is None:
            return
        tx.delete(PortalRequest, request.id)
        service = desk.services.get(request.service)
        if service is None:
            return
        logins = (canonical_login(request.login),) if request.login else ()
        asked = Asked(source="portal", sender=canonical(request.address), logins=logins)
        found = await _match(tx, desk, service, asked)
        if not _enough(found, service):
            await audit.add(tx, desk, "portal.asked", CUSTOMER, service=service.id, detail="no account matches")
            return
        case = await _case_for_portal(tx, desk, service, request, found)
        if found.account:
            await _act_alone(tx, desk, case, found.account, service)


async def _taken_in(tx: Transaction, desk: Desk, mail: InboundMail) -> Case | None:
    addressed = _addressed(desk, mail.recipients)
    if addressed is None:
        await audit.add(tx, desk, "mail.ignored", DESK, detail="not for a service of ours")
        return None
    if mail.automatic:
        return await _from_robot(tx, desk, mail, addressed)
    service = addressed.service
    found = await _match(tx, desk, service, _asked(mail))
    case = await _open_case(tx, desk, mail, addressed, found)
    taken = await (_continue(tx, desk, case, mail, found) if case else _open(tx, desk, service, mail, found))
    if taken:
        await _acknowledge(tx, desk, service, taken, mail)
    return taken


async def _from_robot(tx: Transaction, desk: Desk, mail: InboundMail, addressed: Addressed) -> Case | None:
    """A bounce of our own letter, by its keyed return path, tells its case; any other machine's mail is left alone."""
    kind = mail.automatic.kind if mail.automatic else ""
    case = await tx.get(Case, addressed.case_id) if addressed.kind == "bounce" and addressed.case_id else None
    if kind == "bounce" and case and not is_over(case.state):
        to: State = "undelivered" if case.state == "issued" else case.state
        return await cases.record(tx, desk, case, "letter.bounced", DESK, to=to, detail="the mailbox refused it")
    await audit.add(tx, desk, "mail.ignored", DESK, service=addressed.service.id, detail=f"automatic: {kind}")
    return None


async def _open_case(tx: Transaction, desk: Desk, mail: InboundMail, addressed: Addressed, found: Match) -> Case | None:
    """The case a mail continues: one that our keyed address or Message-ID names, or the writer's own."""
    sender, service = canonical(mail.from_address), addressed.service.id
    answered = (read_message_id(desk, reference) for reference in mail.references)
    for id in (addressed.case_id if addressed.kind == "reply" else "", *answered):
        named = await tx.get(Case, id) if id else None
        if named and not is_over(named.state) and (named.service, named.requester_key) == (service, sender):
            return named
    about = found.account.id if found.account else None
    mine = await tx.find(Case, service=service, requester_key=sender)
    same = [case for case in mine if not is_over(case.state) and about in (None, case.account)]
    return max(same, key=lambda case: case.opened_at, default=None)


async def _open(tx: Transaction, desk: Desk, service: Service, mail: InboundMail, found: Match) -> Case | None:
    sender = canonical(mail.from_address)
    try:
        await limits.take(tx, desk, limits.CASES_PER_SENDER, f"{service.id} {sender}")
        await limits.take(tx, desk, limits.CASES_PER_SERVICE, service.id)
    except Limited as error:
        await audit.add(tx, desk, "mail.ignored", DESK, service=service.id, detail=str(error))
        return None
    language = choose(found.account.language if found.account else None, mail.language, service.language)
    case = _new_case(desk, service, "mail", mail.intent, language, mail.from_address, found)
    case = replace(case, subject=mail.subject, text=mail.text[:TEXT_LIMIT])
    return await cases.record(tx, desk, case, "case.opened", CUSTOMER)


async def _continue(tx: Transaction, desk: Desk, case: Case, mail: InboundMail, found: Match) -> Case:
    if sum(step.event == "case.continued" for step in case.history) >= MAILS_PER_CASE:
        await audit.add(tx, desk, "mail.ignored", DESK, case=case, detail=f"{MAILS_PER_CASE} mails on this case")
        return case
    account = case.account or (found.account.id if found.account else None)
    same = found.account is not None and found.account.id == account
    case = replace(
        case,
        account=account,
        asked=mail.intent if case.asked == "other" else case.asked,
        text=f"{mail.text}\n\n{case.text}"[:TEXT_LIMIT] if mail.text else case.text,
        evidence=_merged(case.evidence, found.evidence) if same else case.evidence,
    )
    return await cases.record(tx, desk, case, "case.continued", CUSTOMER)


async def _acknowledge(tx: Transaction, desk: Desk, service: Service, case: Case, mail: InboundMail) -> None:
    """Answer the return path (RFC 3834, 4), once a day, in words that do not depend on what we know of the writer."""
    to = mail.mail_from
    if to and await limits.within(tx, desk, limits.ACKNOWLEDGEMENTS, f"{service.id} {canonical(to)}"):
        language = choose(mail.language, service.language)
        outbox.letter(tx, desk, "acknowledgement", case, to, language=language, in_reply_to=mail.message_id)


async def _case_for_portal(tx: Transaction, desk: Desk, service: Service, request: PortalRequest, found: Match) -> Case:
    mine = await tx.find(Case, service=service.id, requester_key=canonical(request.address))
    account = found.account.id if found.account else None
    for case in mine:
        if case.account == account and not is_over(case.state):
            return await cases.record(
                tx, desk, replace(case, evidence=_merged(case.evidence, found.evidence)), "case.continued", CUSTOMER
            )
    case = _new_case(desk, service, "portal", "password_reset", request.language, request.address, found)
    return await cases.record(tx, desk, case, "case.opened", CUSTOMER)


async def _act_alone(tx: Transaction, desk: Desk, case: Case, account: Account, service: Service) -> None:
    actions: Sequence[Action] = service.offer.automatic
    for action in actions:
        if allowed(action, case, account, service, DESK).allowed:
            try:
                await decide.REMEDIES[action](tx, desk, case, account, DESK)
            except Limited as error:
                await audit.add(tx, desk, "action.denied", DESK, case=case, detail=f"{action}: {error}")
            return


def _new_case(
    desk: Desk, service: Service, source: str, asked: Intent, language: str, requester: str, found: Match
) -> Case:
    return Case(
        id=desk.vault.name("R"),
        service=service.id,
        source="portal" if source == "portal" else "mail",
        version=0,
        asked=asked,
        language=language,
        account=found.account.id if found.account else None,
        requester=requester,
        requester_key=canonical(requester),
        evidence=found.evidence,
        opened_at=desk.now(),
        changed_at=desk.now(),
    )


async def _match(tx: Transaction, desk: Desk, service: Service, asked: Asked) -> Match:
    by_login = [
        account for login in asked.logins for account in await tx.find(Account, service=service.id, login_key=login)
    ]
    addresses = dict.fromkeys((asked.sender, *asked.addresses))
    by_address = [
        account
        for address in addresses
        if address
        for account in await tx.find(Account, service=service.id, address_key=address)
    ]
    return match(asked, by_login, by_address, desk.now())


def _enough(found: Match, service: Service) -> bool:
    kinds = {one.kind for one in found.evidence}
    needs = {"login": "login_known", "address": "address_on_file"}
    return "several_accounts" in kinds or all(needs[need] in kinds for need in service.identify.require)


def _asked(mail: InboundMail) -> Asked:
    claims = mail.claims
    return Asked(
        source="mail",
        sender=canonical(mail.from_address),
        logins=tuple(canonical_login(login) for login in claims.logins),
        addresses=tuple(canonical(address) for address in claims.addresses if address != claims.new_address),
        not_owner=claims.not_owner,
        reply_elsewhere=bool(mail.reply_to) and canonical(mail.reply_to) != canonical(mail.from_address),
    )


def _addressed(desk: Desk, recipients: Sequence[str]) -> Addressed | None:
    """The first of our addresses among the recipients; one that names a case goes before a plain mailbox."""
    ours = [found for found in (read_address(desk, recipient) for recipient in recipients) if found]
    return next((found for found in ours if found.kind != "plain"), ours[0] if ours else None)


def _merged(old: Sequence[Evidence], new: Sequence[Evidence]) -> tuple[Evidence, ...]:
    kinds = {one.kind for one in new}
    return (*(one for one in old if one.kind not in kinds), *new)
