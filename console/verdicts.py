"""Reading the verdicts of a review from the command line: options that each speak of one document, `kbis=accepted`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, get_args

import typer

from handlers.model.paper import Outcome
from handlers.model.service import PieceName

PIECES: tuple[PieceName, ...] = get_args(PieceName)
OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)
FIELDS = {
    "--dated": "dated",
    "--name-read": "name_read",
    "--president-read": "president_read",
    "--new-address": "address_matches",
    "--file": "paper",
}
"""The field of a verdict behind each option."""


def read(verdicts: Sequence[str], more: Mapping[str, Sequence[str]]) -> list[dict[str, Any]]:
    """The verdicts as plain JSON, one for each `--verdict`; raises typer.BadParameter where one cannot be understood.

    `more` is what was read from the documents, by option.
    """
    found: dict[str, dict[str, Any]] = {}
    for said in verdicts:
        piece, outcome = _apart("--verdict", said)
        if outcome not in OUTCOMES:
            raise _wrong("--verdict", said, f"the verdict must be one of {', '.join(OUTCOMES)}")
        found[piece] = {"piece": piece, "outcome": outcome}
    for option, lines in more.items():
        for said in lines:
            piece, value = _apart(option, said)
            if piece not in found:
                raise _wrong(option, said, f"there is no --verdict {piece}=… beside it")
            found[piece][FIELDS[option]] = _value(option, said, value)
    return list(found.values())


def _apart(option: str, said: str) -> tuple[str, str]:
    piece, equals, value = said.partition("=")
    if piece not in PIECES or not equals or not value.strip():
        raise _wrong(option, said, f"write PIECE=…, where the piece is one of {', '.join(PIECES)}")
    return piece, value.strip()


def _value(option: str, said: str, value: str) -> str | bool:
    if option == "--dated":
        try:
            return date.fromisoformat(value).isoformat()
        except ValueError:
            raise _wrong(option, said, "the date must be like 2026-10-01") from None
    if option == "--new-address":
        if value not in ("yes", "no"):
            raise _wrong(option, said, "say yes when the document states the address that was asked for, else no")
        return value == "yes"
    return value[:200]


def _wrong(option: str, said: str, why: str) -> typer.BadParameter:
    return typer.BadParameter(f"{said}: {why}", param_hint=option)
