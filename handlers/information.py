"""Account information: asked for where a service needs it before it helps, given on the portal, kept up to date there.

It is asked at the address on file, and given through a page whose address stands in that letter alone: whoever writes
to us in a customer's name neither learns what is missing nor fills it in.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from msgspec.structs import replace

from handlers import answers, audit, cases, limits, outbox, passwords, signed
from handlers.desk import Desk
from handlers.model.account import Account
from handlers.model.case import Case, State
from handlers.model.document import Value
from handlers.model.errors import Invalid, Refused, Spent
from handlers.model.service import Particular, Service
from handlers.model.staff import CUSTOMER, DESK
from handlers.rules.following import waits_for_information
from handlers.rules.identity import fact, joined
from handlers.rules.information import GIVEN, Blunder, in_words, lacking, read, renamed
from handlers.rules.states import is_over
from handlers.signing_in import sessions
from handlers.store.contract import Reader, Transaction

WAIT = timedelta(days=30)
"""For so long a case waits for its customer; then it lapses, and a new mail takes it up again."""

ASKABLE: tuple[State, ...] = ("new", "claimed", "expired")
"""Where nothing else is under way that the customer was asked for."""


class BadInformation(Invalid):
    """Something typed cannot be used; `blunders` say what and why. Nothing was kept."""

    def __init__(self, blunders: tuple[Blunder, ...]) -> None:
        super().__init__("; ".join(f"{one.field}: {one.code}" for one in blunders))
        self.blunders = blunders


class InformationView(Value, frozen=True, kw_only=True):
    """What a case still waits for, and until when (UTC); `missing` is empty once everything was given."""

    service: Service
    language: str
    missing: tuple[Particular, ...]
    deadline: datetime | None


class Profile(Value, frozen=True, kw_only=True):
    """What a signed-in customer sees of their own: the address, and the particulars that `GIVEN` names."""

    service: Service
    language: str
    address: str
    particulars: dict[str, str]
    required: tuple[Particular, ...]


async def ask(tx: Transaction, desk: Desk, service: Service, case: Case) -> Case:
    """Ask the customer for what the service needs to know first; the case waits. Once a day, whoever writes how often.

    A mail that says the account is somebody else's asks its owner for nothing.
    """
    account = await cases.account_of(tx, case)
    missing = lacking(account, service) if account and case.source == "mail" else ()
    if account is None or not missing or case.state not in ASKABLE or account.frozen or _is_strangers(case):
        return case
    language = account.language or case.language
    once = ((limits.INFORMATION_PER_ACCOUNT, account.id),)
    if await answers.may_send(tx, desk, "information", case, account.address, once):
        outbox.letter(tx, desk, "information", case, account.address, language=language, detail=" ".join(missing))
    case = replace(case, deadline=desk.now() + WAIT)
    return await cases.record(tx, desk, case, "information.asked", DESK, to="waiting", detail=in_words(missing))


async def look(desk: Desk, token: str) -> InformationView:
    """What the page of the letter asks for; changes nothing. Raises Spent."""
    case, account = await _asked(desk.store, desk, token)
    return _view(desk, case, account)


async def give(desk: Desk, token: str, typed: Mapping[str, str]) -> InformationView:
    """Keep what was typed for particulars that are missing, and no others; once none is, the case goes on by itself.

    Raises Spent, BadInformation, Refused while the account is frozen.
    """
    async with desk.store.transaction() as tx:
        case, account = await _asked(tx, desk, token)
        if account.frozen:
            raise Refused(f"The account is frozen by case {account.frozen}.")
        missing = [one for one in lacking(account, desk.service(case.service)) if one in GIVEN]
        account, given = _with(desk, account, {one: typed.get(one, "") for one in missing})
        if missing and not given:
            raise BadInformation(tuple(Blunder(field=one, code="missing") for one in missing))
        if given:
            tx.put(account)
            await _go_on(tx, desk, account, given)
    return _view(desk, await cases.load(desk.store, case.id), account)


async def profile(desk: Desk, token: str) -> Profile:
    """The particulars of whoever is signed in; changes nothing. Raises SignInNeeded."""
    session, account = await sessions.require(desk.store, desk, token)
    service = desk.service(account.service)
    return Profile(
        service=service,
        language=session.language,
        address=account.address,
        particulars={one: _text(getattr(account, one)) for one in GIVEN},
        required=service.account_information.require,
    )


async def save(desk: Desk, token: str, typed: Mapping[str, str], password: str) -> None:
    """Keep what a signed-in customer says of themselves (CP.8); a notice goes to the address on file.

    What the service requires cannot be left blank. It takes the password: these are the particulars that documents are
    compared with. Raises SignInNeeded, WrongPassword, Limited, BadInformation.
    """
    await passwords.prove(desk, token, password)
    async with desk.store.transaction() as tx:
        _session, account = await sessions.use(tx, desk, token)
        service = desk.service(account.service)
        blank = [one for one in service.account_information.require if one in typed and not typed[one].strip()]
        if blank:
            raise BadInformation(tuple(Blunder(field=one, code="missing") for one in blank))
        before = account
        account, changed = _with(desk, account, typed)
        account = renamed(before, account, desk.now())
        if changed:
            tx.put(account)
            if account.former_names != before.former_names:
                await _doubt(tx, desk, account)
            await audit.of_account(tx, desk, "account.profile_changed", account, detail=", ".join(changed))
            outbox.letter(tx, desk, "profile", account, account.address, language=account.language)
            await _go_on(tx, desk, account, changed)


async def _doubt(tx: Transaction, desk: Desk, account: Account) -> None:
    """Say on every open case that the name is another one than when it was opened (T37)."""
    doubt = fact("name_changed", "record", desk.now())
    for case in await tx.find(Case, account=account.id):
        if not is_over(case.state):
            doubted = replace(case, evidence=joined(case.evidence, doubt))
            await cases.record(tx, desk, doubted, "case.noted", DESK, detail="the customer changed name or company")


async def _go_on(tx: Transaction, desk: Desk, account: Account, given: list[str]) -> None:
    """Say on every case that waits for the account's information what was given; they go on if nothing is missing."""
    still = lacking(account, desk.service(account.service))
    detail = in_words([one for one in GIVEN if one in given]) + (f"; still missing: {in_words(still)}" if still else "")
    for case in await tx.find(Case, account=account.id):
        if case.state == "waiting" and waits_for_information(case):
            to: State | None = None if still else ("claimed" if case.claimed_by else "new")
            told = replace(case, deadline=case.deadline if still else None)
            await cases.record(tx, desk, told, "information.given", CUSTOMER, to=to, detail=detail)


def _with(desk: Desk, account: Account, typed: Mapping[str, str]) -> tuple[Account, list[str]]:
    """The account with what was typed, and the names of what that changed; raises BadInformation."""
    values, wrong = read(typed, desk.now().date())
    if wrong:
        raise BadInformation(wrong)
    changed: dict[str, Any] = {one: value for one, value in values.items() if value != getattr(account, one)}
    return replace(account, **changed), list(changed)


async def _asked(reader: Reader, desk: Desk, token: str) -> tuple[Case, Account]:
    """The open case and the account that the page is about; raises Spent."""
    link = signed.opened(desk.vault, "information", token, desk.now())
    case = await reader.get(Case, link.subject)
    account = await cases.account_of(reader, case) if case else None
    if case is None or account is None:
        raise Spent("unknown")
    if account.address_changed_at and link.was_written_before(account.address_changed_at):
        raise Spent("replaced", case.service, case.language)  # whoever reads the old mailbox is not asked any more
    if is_over(case.state):
        raise Spent("over", case.service, case.language)
    if case.state == "expired" or (case.deadline and desk.now() >= case.deadline):
        raise Spent("expired", case.service, case.language)
    return case, account


def _view(desk: Desk, case: Case, account: Account) -> InformationView:
    service = desk.service(case.service)
    return InformationView(
        service=service,
        language=account.language or case.language,
        missing=lacking(account, service),
        deadline=case.deadline if case.state == "waiting" else None,
    )


def _is_strangers(case: Case) -> bool:
    kinds = {one.kind for one in case.evidence}
    return "not_the_owner" in kinds and "address_on_file" not in kinds


def _text(value: object) -> str:
    return str(value) if value else ""
