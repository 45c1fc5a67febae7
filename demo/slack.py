"""A local Slack workspace for tests and the demonstration: a third party's emulator, started and driven from here.

It listens on every interface and its control calls ask for no password, so it is only ever given the test tokens below.
"""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

import aiohttp

BINARY = Path(__file__).parent.parent / ".tools" / "local-slack"
SAID = "said.txt"
BOT_TOKEN = "xoxb-local-test"
APP_TOKEN = "xapp-local-test"
SIGNING_SECRET = "local-test-signing-secret"
TEAM = "T01DESK"
BOT_USER = "U0DESK"
CHANNEL = "C01RECOVERY"


class Person(NamedTuple):
    """Somebody in the workspace."""

    id: str
    name: str
    real_name: str


AYSE = Person("U01AYSE", "ayse", "Ayşe Demir")
MARC = Person("U02MARC", "marc", "Marc Petit")
VISITOR = Person("U03VISITOR", "visitor", "Vera Visitor")
NORA = Person("U04NORA", "nora", "Nora Haddad")
PEOPLE = (AYSE, MARC, VISITOR, NORA)


class Workspace:
    """A running emulator: `url` is its web page, `api` what a Slack client calls."""

    def __init__(self, url: str, process: asyncio.subprocess.Process, http: aiohttp.ClientSession) -> None:
        self.url = url
        self.api = f"{url}/api/"
        self.process = process
        self._http = http

    async def messages(self, channel: str = CHANNEL) -> list[dict[str, Any]]:
        """What stands in the channel, oldest first; ephemeral messages have `subtype: ephemeral` and `ephemeral_to`."""
        answer = await self._get(f"messages/{channel}")
        return list(answer["messages"])

    async def click(self, message: dict[str, Any], action_id: str, user: str) -> None:
        """Click a message's button; returns when the app has answered. Raises LookupError if it has none."""
        block, button = find_button(message, action_id)
        await self.interact(message, {**button, "block_id": block["block_id"]}, user)

    async def submit(self, values: dict[str, Any], user: str) -> None:
        """Fill in the dialog that is open, block by block, and send it. Raises LookupError when it is not taken."""
        async with asyncio.timeout(10), self._http.ws_connect(f"{self.url}/ui") as page:
            while not _dialogs(await page.receive_json()):
                pass
            await page.send_json({"t": "view_submit", "user": user, "values": values})
            while (said := await page.receive_json())["t"] not in ("view", "view_errors"):
                pass
            if said["t"] == "view_errors":
                raise LookupError(f"the dialog was not taken: {said}")

    async def interact(self, message: dict[str, Any], action: dict[str, Any], user: str) -> None:
        """Send any action in a message's name, whether or not the message offers it."""
        body = {"channel": message["channel"], "messageTs": message["ts"], "user": user, "action": action}
        await self._post("interact", body)

    async def command(self, text: str, user: str, command: str = "/recover", channel: str = CHANNEL) -> None:
        """Type a slash command."""
        await self._post("command", {"channel": channel, "user": user, "command": command, "text": text})

    async def delete(self, message: dict[str, Any]) -> None:
        """Delete the app's message as the app itself would."""
        await self.call("chat.delete", channel=message["channel"], ts=message["ts"])

    async def call(self, method: str, **arguments: Any) -> dict[str, Any]:
        """Call the Web API as the app."""
        headers = {"Authorization": f"Bearer {BOT_TOKEN}"}
        async with self._http.post(f"{self.api}{method}", json=arguments, headers=headers) as response:
            answer: dict[str, Any] = await response.json()
            return answer

    async def log(self) -> list[dict[str, Any]]:
        """Everything that went between the emulator and the app, oldest first."""
        return list((await self._get("log"))["log"])

    async def reset(self) -> None:
        """Empty the workspace."""
        await self._post("reset", {})

    async def _get(self, path: str) -> dict[str, Any]:
        async with self._http.get(f"{self.url}/_control/{path}") as response:
            response.raise_for_status()
            answer: dict[str, Any] = await response.json()
            return answer

    async def _post(self, path: str, body: dict[str, Any]) -> None:
        async with self._http.post(f"{self.url}/_control/{path}", json=body) as response:
            response.raise_for_status()


def ticked(block_id: str, value: str) -> dict[str, Any]:
    """For `submit`: the one box of a block whose action has the block's name, ticked."""
    return {block_id: {block_id: {"type": "checkboxes", "selected_options": [{"value": value}]}}}


def _dialogs(said: dict[str, Any]) -> list[Any]:
    """The dialogs that are open, by what the web page was told of them; none when it was told of something else."""
    return list(said.get("state", {}).get("modalStack") or said.get("stack") or [])


def find_button(message: dict[str, Any], action_id: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The block and the button of that action id; raises LookupError if the message has none."""
    for block in message.get("blocks") or []:
        for element in block.get("elements", []):
            if element.get("action_id") == action_id:
                return block, element
    raise LookupError(f"no button {action_id}")


@asynccontextmanager
async def workspace(
    *, events_url: str = "", port: int = 0, people: Sequence[Person] = PEOPLE, private: bool = False
) -> AsyncIterator[Workspace]:
    """A fresh workspace on a free port, gone at the end; with `events_url` it talks signed HTTP instead of Socket Mode.

    Raises FileNotFoundError when the emulator was not fetched (`scripts/system.sh emulator`).
    """
    with tempfile.TemporaryDirectory(prefix="local-slack-") as folder:
        config = Path(folder) / "config.json"
        config.write_text(json.dumps(_config(events_url, people, private)), encoding="utf-8")
        process = await _start(config, port)
        try:
            async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=20)) as http:
                yield Workspace(await _address(Path(folder) / SAID, process), process, http)
        finally:
            await _stop(process)


def _config(events_url: str, people: Sequence[Person], private: bool) -> dict[str, Any]:
    app = {
        "appId": "A01DESK",
        "botUserId": BOT_USER,
        "botName": "recovery",
        "botToken": BOT_TOKEN,
        "appToken": APP_TOKEN,
        "signingSecret": SIGNING_SECRET,
        "mode": "events" if events_url else "socket",
        **({"requestUrl": events_url} if events_url else {}),
    }
    members = [*(person.id for person in people), BOT_USER]
    return {
        "workspace": {"name": "Support", "domain": "support", "teamId": TEAM},
        "app": app,
        "users": [person._asdict() for person in people],
        "channels": [{"id": CHANNEL, "name": "recovery", "is_private": private, "members": members}],
    }


async def _start(config: Path, port: int) -> asyncio.subprocess.Process:
    folder = config.parent
    where = ["--config", str(config), "--files-dir", str(folder / "files")]
    address = ["--port", str(port), "--base-host", "127.0.0.1"]
    with (folder / SAID).open("wb") as said:
        # In a session of its own: Ctrl-C is for whoever started it, who then ends it in order.
        return await asyncio.create_subprocess_exec(
            str(BINARY), *where, *address, start_new_session=True,
            stdin=subprocess.DEVNULL, stdout=said, stderr=subprocess.STDOUT,
        )  # fmt: skip


async def _address(said: Path, process: asyncio.subprocess.Process) -> str:
    """The web page's address, which the emulator prints when it is ready."""
    for _ in range(400):
        found = re.search(r"Web UI:\s+(http://127\.0\.0\.1:\d+)", _read(said))
        if found:
            return found[1]
        if process.returncode is not None:
            break
        await asyncio.sleep(0.05)
    raise RuntimeError(f"The Slack emulator did not start: {_read(said)}")


def _read(file: Path) -> str:
    return file.read_text(encoding="utf-8", errors="replace")


async def _stop(process: asyncio.subprocess.Process) -> None:
    with suppress(ProcessLookupError):
        process.terminate()
    try:
        await asyncio.wait_for(process.wait(), 5)
    except TimeoutError:
        process.kill()
        await process.wait()
