"""A customer who is signed in asks for another registered address: the same steps, but nobody has to approve."""

from __future__ import annotations

from datetime import timedelta

from msgspec.structs import replace

from handlers import audit, cases, limits, passwords
from handlers.desk import Desk
from handlers.limits import Limit
from handlers.model.account import Account
from handlers.model.address_change import AddressChange
from handlers.model.case import Case, Proposal
from handlers.model.document import Value
from handlers.model.errors import Invalid, Refused
from handlers.model.service import ChangeAddress, Service
from handlers.model.staff import CUSTOMER
from handlers.registered_address import address_changes, addresses
from handlers.rules.address_changes import with_new_address
from handlers.rules.addresses import canonical, mask, parse_one
from handlers.rules.identity import Match, fact
from handlers.signing_in import sessions
from handlers.store.contract import Reader, Transaction

ASKED = Limit(name="own address", most=5, within=limits.DAY, said="5 new addresses were asked to confirm today.")
"""Each makes us write to somebody who may never have heard of us (T16)."""


class OwnAddress(Value, frozen=True, kw_only=True):
    """What the customer's page shows, addresses masked: the one on file, and one that a change under way leads to.

    `changed` says that this change was made and can still be undone. Where `follows` is true, the only address that can
    be asked for is `profile` (SF.4), which is empty when there is none or when it is on file already.
    """

    service: Service
    language: str
    address: str
    under_way: str
    changed: bool
    follows: bool
    profile: str


async def look(desk: Desk, session: str) -> OwnAddress:
    """What the page shows; changes nothing. Raises SignInNeeded, Refused where the service changes no addresses."""
    signed_in, account = await sessions.require(desk.store, desk, session)
    service = desk.service(account.service)
    follows = addresses.policy_of(service).follows == "profile"
    change = await _under_way(desk.store, account)
    profile = account.profile_address if canonical(account.profile_address) != account.address_key else ""
    return OwnAddress(
        service=service,
        language=signed_in.language,
        address=mask(account.address),
        under_way=mask(change.new) if change else "",
        changed=bool(change and change.state == "changed"),
        follows=follows,
        profile=mask(profile) if follows and profile else "",
    )


async def ask(desk: Desk, session: str, typed: str, password: str) -> None:
    """Ask the new address to confirm, and tell the known ones; the change then waits as any other does.

    An address of another account takes the same way as a free one, but for the letter to it (O2.19, rule 5): staff see
    why, and it can only run out. It takes the password: a stolen cookie must not take the account along (T28).

    Raises SignInNeeded, WrongPassword, Refused, Limited, and Invalid for what cannot be the new address.
    """
    await passwords.prove(desk, session, password)
    async with desk.store.transaction() as tx:
        signed_in, account = await sessions.use(tx, desk, session)
        policy = addresses.policy_of(desk.service(account.service))
        new = account.profile_address if policy.follows == "profile" else parse_one(typed)
        if not new or canonical(new) == account.address_key:
            raise Invalid("The new address has to be another one than the one on file.")
        if await _under_way(tx, account):
            raise Refused("Another change of this account's address is under way, or can still be undone.")
        await limits.take(tx, desk, ASKED, account.id)
        await limits.take(tx, desk, limits.of_grants(CUSTOMER), account.id)
        case = await _opened(tx, desk, account, new, signed_in.language, policy)
        taken = await address_changes.is_taken(tx, account.service, account.id, canonical(new))
        if taken:
            why = "change_address: The new address belongs to another account."
            await audit.add(tx, desk, "action.denied", CUSTOMER, case=case, detail=why)
        await addresses.begin(tx, desk, case, account, CUSTOMER, approvals_needed=0, silent=taken)


async def _under_way(reader: Reader, account: Account) -> AddressChange | None:
    return next(iter(await address_changes.under_way(reader, account.id)), None)


async def _opened(
    tx: Transaction, desk: Desk, account: Account, new: str, language: str, policy: ChangeAddress
) -> Case:
    """The case of the change, pending from the start."""
    now, service = desk.now(), desk.service(account.service)
    found = Match(account=account, evidence=(fact("password_known", "portal", now),))
    case = cases.begin(desk, service, "portal", "address_change", language, account.address, found)
    case = await cases.record(tx, desk, with_new_address(case, account, new, now), "case.opened", CUSTOMER)
    proposal = Proposal(action="change_address", by=CUSTOMER.id, name=CUSTOMER.name, at=now)
    case = replace(case, proposal=proposal, deadline=now + timedelta(hours=policy.confirm_hours))
    return await cases.record(tx, desk, case, "action.proposed", CUSTOMER, to="pending", detail="change_address")
