"""The three reasons of a grade with their results and what was found besides, for people who ask why."""

from __future__ import annotations

from collections.abc import Iterator

from handlers.rules import origin_words
from mailin.origin.checks import Proof


def reasons(proof: Proof) -> Iterator[tuple[str, str]]:
    """Name, result and reason of each of the three."""
    origin = proof.origin
    results, found = (origin.spf, origin.dkim, origin.dmarc), (_handed_in(proof), _why(proof), _wish(proof))
    for (name, said), result, besides in zip(origin_words.reasons(origin), results, found, strict=True):
        yield name, f"{result}: {said}{f' ({besides})' if besides else ''}"


def _handed_in(proof: Proof) -> str:
    said = ", as the file says, which anybody can write" if proof.spf.is_hearsay else ""
    return f"{proof.spf.peer}{said}" if proof.origin.spf_domain else ""


def _why(proof: Proof) -> str:
    return proof.signature.why if proof.signature else ""


def _wish(proof: Proof) -> str:
    wish = proof.verdict.wish
    asked = proof.origin.dmarc == "fail" and wish not in ("", "none")
    return f"{proof.verdict.at} asks to {wish} such mails" if asked else ""
