"""Who may act: nobody by default, and nobody Slack does not vouch for."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot import roster as module
from bot.roster import Caller, Roster
from handlers.model.errors import Unavailable
from handlers.model.staff import Role
from tests.bot.stub import Stub, failed, proxy_failed
from tests.builders import MovingClock

AYSE = Caller(user="U01AYSE", team="T01DESK", home="T01DESK")
MEMBER: dict[str, Any] = {"team_id": "T01DESK", "profile": {"real_name": "Ayşe Demir"}}


def make_roster(
    stub: Stub, agents: Iterable[str] = (), clock: MovingClock | None = None, **others: Iterable[str]
) -> Roster:
    client = AsyncWebClient(token="xoxb-test", base_url=stub.api, retry_handlers=[])
    listed: dict[Role, frozenset[str]] = {
        "agent": frozenset(agents),
        "approver": frozenset(others.get("approvers", ())),
        "admin": frozenset(others.get("admins", ())),
    }
    return Roster(client, listed, clock or MovingClock())


async def test_nobody_is_staff_by_default(stub: Stub) -> None:
    """An operator has to name people before anything can be clicked."""
    stub.users["U01AYSE"] = MEMBER
    staff = await make_roster(stub).staff(AYSE)
    assert (staff.id, staff.name, staff.roles) == ("U01AYSE", "Ayşe Demir", frozenset())


async def test_listed_people_have_exactly_their_roles(stub: Stub) -> None:
    """An approver is not an agent unless listed as one."""
    stub.users["U01AYSE"] = MEMBER
    found = await make_roster(stub, agents=["U01AYSE"], admins=["U01AYSE"], approvers=["U02MARC"]).staff(AYSE)
    assert found.roles == {"agent", "admin"}


async def test_members_of_a_listed_group_have_its_role(stub: Stub) -> None:
    """A user group is asked of Slack."""
    stub.users["U01AYSE"] = MEMBER
    stub.groups["S0AGENTS"] = ["U02MARC", "U01AYSE"]
    assert (await make_roster(stub, agents=["S0AGENTS"]).staff(AYSE)).roles == {"agent"}


async def test_a_group_that_slack_does_not_tell_gives_nobody_a_role(stub: Stub) -> None:
    """Deny when Slack cannot say; and ask again next time."""
    stub.users["U01AYSE"] = MEMBER
    roster = make_roster(stub, agents=["S0AGENTS"])
    assert (await roster.staff(AYSE)).roles == frozenset()
    stub.groups["S0AGENTS"] = ["U01AYSE"]
    assert (await roster.staff(AYSE)).roles == {"agent"}


async def test_groups_and_people_are_remembered_for_five_minutes_only(stub: Stub) -> None:
    """Whoever leaves the team loses their rights within five minutes."""
    stub.users["U01AYSE"], stub.groups["S0AGENTS"] = MEMBER, ["U01AYSE"]
    clock = MovingClock()
    roster = make_roster(stub, ["S0AGENTS"], clock)
    await roster.staff(AYSE)
    stub.groups["S0AGENTS"] = []
    clock.advance(minutes=4, seconds=59)
    assert (await roster.staff(AYSE)).roles == {"agent"}
    assert stub.count("users.info") == 1
    clock.advance(seconds=1)
    assert (await roster.staff(AYSE)).roles == frozenset()
    assert stub.count("users.info") == 2


@pytest.mark.parametrize("mark", ["deleted", "is_bot", "is_restricted", "is_ultra_restricted", "is_stranger"])
async def test_bots_guests_and_the_deactivated_have_no_role(stub: Stub, mark: str) -> None:
    """Even when somebody listed them."""
    stub.users["U01AYSE"] = MEMBER | {mark: True}
    assert (await make_roster(stub, agents=["U01AYSE"]).staff(AYSE)).roles == frozenset()


@pytest.mark.parametrize(
    "caller",
    [
        Caller(user="U01AYSE", team="T0OTHER", home="T01DESK"),
        Caller(user="U01AYSE", team="", home="none"),
        Caller(user="", team="T01DESK", home="T01DESK"),
        Caller(user="u01ayse", team="T01DESK", home="T01DESK"),
        Caller(user="U01AYSE\n", team="T01DESK", home="T01DESK"),
        Caller(user="S0AGENTS", team="T01DESK", home="T01DESK"),
    ],
)
async def test_callers_from_elsewhere_have_no_role(stub: Stub, caller: Caller) -> None:
    """Another workspace, or something that is no user id, is nobody (THREATS T24)."""
    stub.users["U01AYSE"] = MEMBER
    listed = ["U01AYSE", "", "u01ayse", "U01AYSE\n", "S0AGENTS"]
    assert (await make_roster(stub, agents=listed).staff(caller)).roles == frozenset()


async def test_a_person_whose_home_is_elsewhere_has_no_role(stub: Stub) -> None:
    """Slack Connect brings people from other companies into a channel."""
    stub.users["U01AYSE"] = MEMBER | {"team_id": "T0OTHER"}
    assert (await make_roster(stub, agents=["U01AYSE"]).staff(AYSE)).roles == frozenset()


async def test_a_person_of_the_same_organisation_is_an_insider(stub: Stub) -> None:
    """On Enterprise Grid a user's first team may be another one."""
    stub.users["U01AYSE"] = MEMBER | {"team_id": "T0FIRST", "enterprise_user": {"teams": ["T0FIRST", "T01DESK"]}}
    assert (await make_roster(stub, agents=["U01AYSE"]).staff(AYSE)).roles == {"agent"}


async def test_somebody_slack_does_not_know_has_no_role(stub: Stub) -> None:
    """A user id that was made up is refused, and named as it came."""
    staff = await make_roster(stub, agents=["U01AYSE"]).staff(AYSE)
    assert (staff.name, staff.roles) == ("U01AYSE", frozenset())


async def test_nothing_is_decided_while_slack_cannot_say_who_it_is(stub: Stub, monkeypatch: pytest.MonkeyPatch) -> None:
    """Errors and silence both end in Unavailable, within the time a click has."""
    stub.users["U01AYSE"] = MEMBER
    monkeypatch.setattr(module, "PATIENCE", 0.2)
    roster = make_roster(stub, agents=["U01AYSE"])
    stub.script["users.info"] = [failed("internal_error", 500)]
    with pytest.raises(Unavailable):
        await roster.staff(AYSE)
    stub.script["users.info"] = [proxy_failed()]
    with pytest.raises(Unavailable):
        await roster.staff(AYSE)
    stub.hold.clear()
    start = asyncio.get_running_loop().time()
    with pytest.raises(Unavailable):
        await roster.staff(AYSE)
    assert asyncio.get_running_loop().time() - start < 2
    stub.hold.set()
    assert (await roster.staff(AYSE)).roles == {"agent"}
