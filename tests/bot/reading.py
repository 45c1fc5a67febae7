"""Reading a drawn card as a person does."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from bot import cards
from bot.text import Times
from tests.builders import NOW

PLAIN = Times(NOW + timedelta(minutes=5), local=False)


def strings(value: Any) -> Iterator[str]:
    """Every text in a message, wherever it stands."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from strings(inner)


def shown(message: cards.Message) -> str:
    """All that a person reads on the card."""
    return "\n".join(strings(message.blocks))


def buttons(message: cards.Message) -> list[dict[str, Any]]:
    """The card's buttons, in order."""
    elements = [one for block in message.blocks if block["type"] == "actions" for one in block["elements"]]
    return [one for one in elements if one["type"] == "button"]


def wishes(message: cards.Message) -> list[dict[str, Any]]:
    """The card's lists of wishes."""
    found = [one for block in message.blocks for one in (*block.get("elements", ()), block.get("accessory", {}))]
    return [one for one in found if one.get("type") == "static_select"]
