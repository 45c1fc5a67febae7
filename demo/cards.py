"""What staff see of a case in the channel, read off the message itself."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from time import monotonic
from typing import Any

from demo.slack import BOT_USER, Workspace

_CASE = re.compile(r"R-[0-9A-Z]{6}")
BETWEEN_LOOKS = 0.01


@dataclass(frozen=True)
class Card:
    """One message of the bot that shows a case."""

    case: str
    text: str
    buttons: tuple[str, ...]
    message: dict[str, Any]

    def shows(self, word: str) -> bool:
        """Whether the card says that the case's state is `word`, such as `Sent`."""
        return f"*{word}:*" in self.text


async def cards(slack: Workspace) -> list[Card]:
    """Every card in the channel, oldest first; a case that stands there twice is there twice."""
    found = (read(message) for message in await slack.messages() if message.get("subtype") != "ephemeral")
    return [card for card in found if card]


def read(message: dict[str, Any]) -> Card | None:
    """The card a message is, or None for any other message."""
    blocks = message.get("blocks") or []
    case = _CASE.search(" ".join(_words(blocks[:1])))
    replies = message.get("thread_ts", message.get("ts")) != message.get("ts")
    if case is None or replies or message.get("user") not in (BOT_USER, None):
        return None
    buttons = [
        element["action_id"] for block in blocks for element in block.get("elements", []) if "action_id" in element
    ]
    return Card(case[0], "\n".join(_words(blocks)), tuple(buttons), message)


async def wait(slack: Workspace, wanted: Callable[[Card], bool], seconds: float) -> Card | None:
    """The first card of that description, as soon as there is one, or None after so many seconds."""
    end = monotonic() + seconds
    while True:
        found = next((card for card in await cards(slack) if wanted(card)), None)
        if found or monotonic() > end:
            return found
        await asyncio.sleep(BETWEEN_LOOKS)


def _words(part: object) -> Iterator[str]:
    """Every text a reader sees in a block."""
    if isinstance(part, list):
        for one in part:
            yield from _words(one)
    elif isinstance(part, dict):
        for name, value in part.items():
            if name == "text" and isinstance(value, str):
                yield value
            elif name != "confirm":
                yield from _words(value)
