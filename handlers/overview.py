"""What whoever is signed in sees first: who they are, and what there is to do."""

from __future__ import annotations

from handlers import checklists, hosting
from handlers.desk import Desk
from handlers.model.document import Value
from handlers.model.service import Service
from handlers.signing_in import sessions


class Overview(Value, frozen=True, kw_only=True):
    """The customer's own particulars, whether there is a second realm, and how many steps wait to be ticked off.

    `stopped` are the integrations that closing the account ended for good (CP.20).
    """

    service: Service
    language: str
    login: str
    address: str
    name: str
    hosted: bool
    steps_left: int
    stopped: tuple[str, ...]


async def look(desk: Desk, token: str) -> Overview:
    """The account of whoever is signed in; changes nothing. Raises SignInNeeded."""
    session, account = await sessions.require(desk.store, desk, token)
    steps = (await checklists.look(desk, token)).lists
    return Overview(
        service=desk.service(account.service),
        language=session.language,
        login=account.login,
        address=account.address,
        name=account.name,
        hosted=hosting.has(account, desk.service(account.service)),
        steps_left=sum(len(one.steps) - one.done for one in steps),
        stopped=account.closed_integrations,
    )
