"""Signed HTTP: the same listeners, and nothing unsigned gets near them (THREATS T24)."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qsl, urlencode

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from slack_sdk.signature import SignatureVerifier
from structlog.testing import capture_logs

from bot import dialogs
from bot.app import MOST_BYTES, Bot
from demo.slack import AYSE, SIGNING_SECRET, VISITOR
from handlers.desk import Desk
from handlers.model.audit import AuditEntry
from handlers.model.case import Case
from handlers.vault import Secret
from tests.bot.builders import make_connection, open_case
from tests.bot.stub import Stub
from tests.waiting import until

Client = TestClient[web.Request, web.Application]
MEMBER = {"team_id": "T01DESK", "profile": {"real_name": "Ayşe Demir"}}


@pytest.fixture
async def client(desk: Desk, stub: Stub) -> AsyncIterator[Client]:
    """The desk's address for Slack, as a web server would mount it."""
    stub.users = {AYSE.id: MEMBER, VISITOR.id: MEMBER}
    connection = make_connection(
        app_token=None, signing_secret=Secret(SIGNING_SECRET), api_url=stub.api, agents=frozenset({AYSE.id})
    )
    bot = Bot(desk, connection)
    app = web.Application()
    app.router.add_post("/slack/events", bot.events)
    async with TestClient(TestServer(app)) as client:
        yield client
    await bot.stop()


def signed(body: str, *, secret: str = SIGNING_SECRET, age: int = 0) -> dict[str, str]:
    """The headers with which Slack signs a body."""
    timestamp = str(int(time.time()) - age)
    return {
        "Content-Type": "application/x-www-form-urlencoded",
        "X-Slack-Request-Timestamp": timestamp,
        "X-Slack-Signature": str(SignatureVerifier(secret).generate_signature(timestamp=timestamp, body=body)),
    }


def click(case: Case, action: str, user: str = AYSE.id, home: str = "T01DESK") -> str:
    """A click as Slack posts it."""
    payload = {
        "type": "block_actions",
        "team": {"id": "T01DESK"},
        "user": {"id": user, "team_id": home},
        "trigger_id": "1.2.3",
        "actions": [{"type": "button", "action_id": action, "value": f"{case.id}:{case.version}"}],
    }
    return urlencode({"payload": json.dumps(payload)})


def submission(case: Case, reason: str, user: str = AYSE.id) -> str:
    """The refusal dialog as Slack posts it when it is sent off."""
    chosen = {"reason": {"reason": {"type": "radio_buttons", "selected_option": {"value": reason}}}}
    view = {
        "type": "modal",
        "callback_id": "refuse",
        "private_metadata": f"{case.id}:{case.version}",
        "state": {"values": chosen},
    }
    payload = {
        "type": "view_submission",
        "team": {"id": "T01DESK"},
        "user": {"id": user, "team_id": "T01DESK"},
        "view": view,
    }
    return urlencode({"payload": json.dumps(payload)})


async def post(client: Client, body: str, **headers: str) -> tuple[int, str]:
    """Post a body, signed unless headers say otherwise."""
    async with client.post("/slack/events", data=body, headers=headers or signed(body)) as response:
        return response.status, await response.text()


async def state(desk: Desk, case: Case) -> str:
    found = await desk.store.get(Case, case.id)
    assert found is not None
    return found.state


async def test_a_signed_click_is_decided_before_it_is_answered(desk: Desk, client: Client) -> None:
    """200 means: committed."""
    case = await open_case(desk)
    assert await post(client, click(case, "send_link")) == (200, "")
    assert await state(desk, case) == "issued"


@pytest.mark.parametrize(
    "broken",
    [
        {},
        {"secret": "another"},
        {"age": 301},
        {"age": -301},
    ],
    ids=["unsigned", "wrong secret", "too old", "from the future"],
)
async def test_what_slack_did_not_sign_now_is_turned_away(desk: Desk, client: Client, broken: dict[str, Any]) -> None:
    """A forged or replayed request changes nothing, and is told nothing."""
    case = await open_case(desk)
    body = click(case, "send_link")
    headers = signed(body, **broken) if broken else {"Content-Type": "application/x-www-form-urlencoded"}
    assert await post(client, body, **headers) == (401, "")
    assert await state(desk, case) == "new"


async def test_a_signature_fits_one_body_only(desk: Desk, client: Client) -> None:
    """Another case under an honest signature is turned away."""
    case, other = await open_case(desk), await open_case(desk, id="R-000001")
    assert (await post(client, click(other, "send_link"), **signed(click(case, "send_link"))))[0] == 401
    assert await state(desk, other) == "new"


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Slack-Request-Timestamp": "soon", "X-Slack-Signature": "v0=00"},
        {"X-Slack-Request-Timestamp": "9" * 5000, "X-Slack-Signature": "v0=00"},
        {"X-Slack-Request-Timestamp": "1", "X-Slack-Signature": "v0=é"},
    ],
)
async def test_strange_headers_are_turned_away(client: Client, headers: dict[str, str]) -> None:
    """No header of a stranger raises anything."""
    assert (await post(client, "payload={}", **headers))[0] == 401


@pytest.mark.parametrize("body", ["payload={", "payload=" + "[" * 50_000, "payload=1", ""])
async def test_signed_nonsense_is_not_an_error_of_ours(client: Client, body: str) -> None:
    """Even Slack may send what we cannot read."""
    assert (await post(client, body))[0] in (400, 404)


@pytest.mark.parametrize("view", [{"callback_id": "refuse"}, {}, 1, None])
async def test_a_dialog_that_cannot_be_read_is_a_line_and_no_traceback(client: Client, view: object) -> None:
    """Bolt itself stumbles over a view without state."""
    sent = {"type": "view_submission", "team": {"id": "T01DESK"}, "user": {"id": AYSE.id}, "view": view}
    with capture_logs() as logged:
        status, _ = await post(client, urlencode({"payload": json.dumps(sent)}))
    assert status in (400, 404)
    assert [line["event"] for line in logged if status == 400] == ["slack sent what cannot be read"] * (status == 400)
    assert not any("exc_info" in line for line in logged)


async def test_a_body_that_does_not_come_is_not_waited_for(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is known of the sender yet, so it may hold no connection open."""
    monkeypatch.setattr("bot.app.SECONDS", 0.1)
    reader, writer = await asyncio.open_connection(client.host, client.port)
    writer.write(b"POST /slack/events HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\npayload")
    assert await asyncio.wait_for(reader.readline(), 5) == b"HTTP/1.1 408 Request Timeout\r\n"
    writer.close()


async def test_bytes_that_are_no_text_are_turned_away(client: Client) -> None:
    """They cannot have been signed."""
    async with client.post("/slack/events", data=b"payload=\xff\xfe", headers=signed("")) as response:
        assert response.status == 401


async def test_a_body_larger_than_slacks_is_not_read(client: Client) -> None:
    """Bounded before anything else."""
    assert (await post(client, "x" * (MOST_BYTES + 1)))[0] == 413


async def test_a_stranger_in_the_workspace_is_refused_and_audited(desk: Desk, client: Client) -> None:
    """Somebody unlisted may click; the trail has it, and nothing else happens."""
    case = await open_case(desk)
    for action in ("send_link", "refuse", "claim"):
        assert await post(client, click(case, action, VISITOR.id)) == (200, "")
    assert await state(desk, case) == "new"
    denied = [entry for entry in await desk.store.find(AuditEntry) if entry.event == "action.denied"]
    assert [entry.by for entry in denied] == [VISITOR.id] * 3


async def test_a_click_from_another_workspace_is_refused(desk: Desk, client: Client) -> None:
    """A listed id under another team is not the person who was listed."""
    case = await open_case(desk)
    assert await post(client, click(case, "send_link", home="T0OTHER")) == (200, "")
    assert await state(desk, case) == "new"


async def test_a_refusal_is_decided_when_its_dialog_is_sent(desk: Desk, client: Client, stub: Stub) -> None:
    """The button opens the dialog, the dialog refuses, with the reason that was chosen."""
    case = await open_case(desk)
    assert await post(client, click(case, "refuse")) == (200, "")
    assert await state(desk, case) == "new"
    assert await post(client, submission(case, "suspicious")) == (200, "")
    found = await desk.store.get(Case, case.id)
    assert found is not None
    assert (found.state, found.reason) == ("refused", "suspicious")


async def test_rights_are_asked_again_when_a_dialog_is_sent(desk: Desk, client: Client) -> None:
    """A dialog that was opened is not a right to act."""
    case = await open_case(desk)
    status, said = await post(client, submission(case, "suspicious", VISITOR.id))
    assert (status, json.loads(said)["response_action"]) == (200, "errors")
    assert "not on the list of agents" in said
    assert await state(desk, case) == "new"


async def test_a_dialog_over_a_case_that_moved_on_says_so(desk: Desk, client: Client) -> None:
    """Two people at once: the later one reads what the first one did, inside the dialog."""
    case = await open_case(desk)
    await post(client, click(case, "send_link"))
    _, said = await post(client, submission(case, "suspicious"))
    assert "You sent a reset link" in json.loads(said)["errors"]["reason"]


async def test_a_click_is_answered_though_its_dialog_takes_a_while(
    desk: Desk, client: Client, stub: Stub, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is slow runs after the answer, and the dialog follows."""
    monkeypatch.setattr(dialogs, "PATIENCE", 0.05)
    stub.slow["users.info"] = 1.0
    case, began = await open_case(desk), time.monotonic()
    assert await post(client, click(case, "refuse")) == (200, "")
    assert time.monotonic() - began < 1.0
    await until(lambda: stub.count("views.update"))


async def test_a_button_inside_a_dialog_is_answered(desk: Desk, client: Client, stub: Stub) -> None:
    """The one that asks for a link is refused to others than agents; a value that was tampered with does nothing."""
    case = await open_case(desk, papers=1)
    for value in (f"{case.id}:{case.version}", "R-7F3K2M:1; drop"):
        payload = json.loads(dict(parse_qsl(click(case, "view_documents", VISITOR.id)))["payload"])
        payload["actions"][0]["value"] = value
        body = urlencode({"payload": json.dumps(payload | {"view": {"id": "V1", "state": {"values": {}}}})})
        with capture_logs() as logged:
            assert await post(client, body) == (200, "")
            await asyncio.sleep(0)
        assert not any("exc_info" in line for line in logged)
    await until(lambda: stub.count("views.update"))
    [said] = [arguments for _, method, arguments in stub.calls if method == "views.update"]
    assert "not on the list of agents" in str(said)


async def test_slacks_check_of_the_address_is_answered(client: Client) -> None:
    """Saving the address in Slack sends a challenge."""
    body = json.dumps({"type": "url_verification", "challenge": "abc123"})
    status, said = await post(client, body, **(signed(body) | {"Content-Type": "application/json"}))
    assert status == 200
    assert "abc123" in said


async def test_a_look_up_is_answered_in_the_response_itself(desk: Desk, client: Client) -> None:
    """No second call to Slack, and only the asker sees it."""
    await open_case(desk)
    body = urlencode({"command": "/recover", "text": "queue", "user_id": AYSE.id, "team_id": "T01DESK"})
    status, said = await post(client, body)
    assert status == 200
    assert json.loads(said)["response_type"] == "ephemeral"
    assert "R-7F3K2M" in said


async def test_without_a_signing_secret_the_address_is_shut(desk: Desk, stub: Stub) -> None:
    """Socket Mode opens no door beside itself."""
    bot = Bot(desk, make_connection(api_url=stub.api))
    app = web.Application()
    app.router.add_post("/slack/events", bot.events)
    async with TestClient(TestServer(app)) as client:
        assert (await post(client, click(await open_case(desk), "send_link")))[0] == 401


@pytest.mark.parametrize(
    ("api_url", "local"), [("", True), ("https://slack.com/api/", True), ("http://127.0.0.1:3000/api/", False)]
)
def test_times_are_left_to_slack_but_not_to_the_emulator(api_url: str, local: bool) -> None:
    """The emulator shows Slack's date tokens as they are."""
    assert make_connection(api_url=api_url).local_times is local


def test_a_connection_does_not_show_its_tokens() -> None:
    """Not in a log, not in a traceback."""
    connection = make_connection(signing_secret=Secret(SIGNING_SECRET))
    assert SIGNING_SECRET not in repr(connection)
    assert "xoxb" not in repr(connection)
