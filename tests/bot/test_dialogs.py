"""Dialogs open within Slack's three seconds, for those who may, and hold what is theirs alone."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot import dialogs
from bot.clicks import Click
from bot.dialogs import Dialogs
from bot.roster import Caller, Roster
from demo.slack import AYSE, VISITOR
from handlers.clock import system_clock
from handlers.desk import Desk
from handlers.model.audit import AuditEntry
from handlers.model.case import Action, Case
from handlers.model.staff import Role
from tests.bot.builders import make_paper, open_case
from tests.bot.stub import Stub, failed

MEMBER = {"team_id": "T01DESK", "profile": {"real_name": "Ayşe Demir"}}


class Office:
    """The dialogs of a desk, a client to the stub, and what whoever clicked was told."""

    def __init__(self, desk: Desk, stub: Stub) -> None:
        stub.users = {AYSE.id: MEMBER, VISITOR.id: MEMBER}
        self.stub = stub
        self.client = AsyncWebClient(token="xoxb-test", base_url=stub.api, retry_handlers=[], timeout=5)
        listed: dict[Role, frozenset[str]] = {"agent": frozenset({AYSE.id})}
        self.dialogs = Dialogs(desk, Roster(self.client, listed, system_clock))
        self.told: list[str] = []

    async def click(self, case: Case, action: Action, user: str = AYSE.id, version: int = 0) -> None:
        click = Click(case=case.id, version=version or case.version, action=action)
        drawing = await self.dialogs.begin(click, self.caller(user))
        await self.dialogs.open(drawing, self.client, "T.1", self._tell)

    def caller(self, user: str = AYSE.id) -> Caller:
        return Caller(user=user, team="T01DESK", home="T01DESK")

    def views(self, method: str) -> list[dict[str, Any]]:
        """The dialogs that Slack was given by that method, oldest first."""
        return [said["view"] for _, name, said in self.stub.calls if name == method]

    async def _tell(self, sentence: str) -> None:
        self.told.append(sentence)


@pytest.fixture
async def office(desk: Desk, stub: Stub) -> Office:
    """An office whose one agent is Ayşe."""
    return Office(desk, stub)


async def denied(desk: Desk) -> list[AuditEntry]:
    return [entry for entry in await desk.store.find(AuditEntry) if entry.event == "action.denied"]


async def test_a_dialog_opens_at_once_when_all_is_known(desk: Desk, office: Office) -> None:
    """One call, with the real thing."""
    await office.click(await open_case(desk), "refuse")
    assert [view["callback_id"] for view in office.views("views.open")] == ["refuse"]
    assert office.views("views.update") == []


async def test_a_dialog_that_takes_a_moment_says_so_and_follows(
    desk: Desk, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Slack lets us open one for three seconds only; after that we may still change it."""
    monkeypatch.setattr(dialogs, "PATIENCE", 0.05)
    case = await open_case(desk)
    office.stub.slow["users.info"] = 0.3
    await office.click(case, "refuse")
    [first] = office.views("views.open")
    [second] = office.views("views.update")
    assert "One moment" in str(first)
    assert "callback_id" not in first
    assert second["callback_id"] == "refuse"


async def test_a_click_that_is_too_long_ago_is_answered(desk: Desk, office: Office) -> None:
    """Instead of a button that does nothing; other troubles are the log's."""
    case = await open_case(desk)
    office.stub.script["views.open"] = [failed("expired_trigger_id"), failed("fatal_error")]
    await office.click(case, "refuse")
    assert "Please click again" in office.told[0]
    with pytest.raises(SlackApiError):
        await office.click(case, "refuse")


@pytest.mark.parametrize("slow", [False, True])
async def test_who_may_not_is_told_and_gets_no_dialog(
    desk: Desk, office: Office, monkeypatch: pytest.MonkeyPatch, slow: bool
) -> None:
    """Before a form is filled in; the attempt is on the trail."""
    monkeypatch.setattr(dialogs, "PATIENCE", 0.05)
    office.stub.slow["users.info"] = 0.3 if slow else 0.0
    await office.click(await open_case(desk), "refuse", VISITOR.id)
    said = office.told if not slow else [str(office.views("views.update"))]
    assert "not on the list of agents" in said[0]
    assert "callback_id" not in str(office.views("views.open"))
    assert [entry.by for entry in await denied(desk)] == [VISITOR.id]


async def test_a_dialog_of_an_old_card_is_not_opened(desk: Desk, office: Office) -> None:
    """Nobody fills in a form that is refused at its end."""
    case = await open_case(desk)
    await office.click(case, "refuse", version=case.version + 1)
    assert "This case has changed" in office.told[0]
    assert office.views("views.open") == []


async def test_what_policy_forbids_has_no_dialog(desk: Desk, office: Office) -> None:
    """The same answer as to a click."""
    await office.click(await open_case(desk), "review_documents")
    assert office.told == ["✋ No documents wait for a verdict."]


async def test_a_link_to_the_documents_is_one_persons(desk: Desk, office: Office) -> None:
    """It is put into the dialog of whoever asked, and the trail says so."""
    case = await with_papers(desk)
    await office.dialogs.link(case.id, case.version, "V7", office.caller(), office.client)
    [drawn] = office.views("views.update")
    assert f"<{desk.portal_url}/staff/documents/" in str(drawn)
    assert [entry.by for entry in await desk.store.find(AuditEntry) if entry.event == "document.ticket_issued"] == [
        AYSE.id
    ]


async def test_a_review_opens_with_a_link_to_its_documents(desk: Desk, office: Office) -> None:
    """Made at the click, for whoever clicked."""
    await office.click(await with_papers(desk), "review_documents")
    [drawn] = office.views("views.open")
    assert f"<{desk.portal_url}/staff/documents/" in str(drawn)


async def test_others_get_no_link_to_the_documents(desk: Desk, office: Office) -> None:
    """The dialog then says why."""
    case = await with_papers(desk)
    await office.dialogs.link(case.id, case.version, "V7", office.caller(VISITOR.id), office.client)
    [drawn] = office.views("views.update")
    assert "not on the list of agents" in str(drawn)
    assert "https://" not in str(drawn)


async def with_papers(desk: Desk) -> Case:
    """A case whose one document waits for its verdict."""
    case = await open_case(desk, papers=1)
    async with desk.store.transaction() as tx:
        tx.put(replace(make_paper(piece="identity", case=case.id), blob="blob", sealed_key="key"))
    return case
