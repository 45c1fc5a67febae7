"""Short ways to a signed-in customer, for the tests of everything that needs one."""

from __future__ import annotations

from typing import Any

from handlers import decide, passwords
from handlers.desk import Desk
from handlers.model.account import Account
from handlers.model.case import Case
from handlers.model.outbox import Letter, LetterKind
from handlers.signing_in import sign_in
from handlers.signing_in.sessions import Onward
from handlers.signing_in.sign_in import Visitor
from tests.builders import ADDRESS, AYSE, GOOD_PASSWORD, DeskUnderTest, make_account, make_case

VISITOR = Visitor(language="fr")


async def make_customer(house: DeskUnderTest, service: str = "shopfactory", **changes: Any) -> Account:
    """An account whose password is `GOOD_PASSWORD`, set a moment ago."""
    fields: dict[str, Any] = {
        "service": service,
        "password_hash": await passwords.hashed(GOOD_PASSWORD),
        "password_changed_at": house.clock(),
    }
    account = make_account(**fields | changes)
    await house.keep(account)
    return account


async def enter(
    desk: Desk, service: str = "shopfactory", name: str = ADDRESS, password: str = GOOD_PASSWORD, browser: str = ""
) -> Onward:
    """Sign in, from a browser with that cookie."""
    return await sign_in.begin(desk, service, name, password, Visitor(language="fr", browser=browser))


async def mailed(desk: Desk, kind: LetterKind) -> str:
    """The secret in the newest letter of that kind."""
    letters = [one for one in await desk.store.find(Letter) if one.kind == kind]
    return desk.vault.open("letter", max(letters, key=lambda one: one.written_at).sealed).value


async def kinds_mailed(desk: Desk) -> list[str]:
    """The kinds of all letters written, by name: those of one moment have no other order."""
    return sorted(letter.kind for letter in await desk.store.find(Letter))


async def send_temporary(house: DeskUnderTest, case_id: str = "R-7F3K2M") -> str:
    """Have staff send a temporary password, on a case of its own; returns what was mailed."""
    case = await house.desk.store.get(Case, case_id)
    if case is None:
        case = make_case("address_on_file", service="esp", id=case_id)
        await house.keep(case)
    await decide.act(house.desk, case_id, "send_temporary_password", AYSE, None)
    return await mailed(house.desk, "temporary_password")
