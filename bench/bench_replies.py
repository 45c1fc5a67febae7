"""What of an answer is shown exactly, ours beside mail-parser-reply on the same mails (goal I2)."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import NamedTuple

from mailparser_reply import EmailReplyParser

from bench import Row
from mailin.attachments import decoded
from mailin.charsets import decode_body
from mailin.contents import contents
from mailin.markup import text_of_html
from mailin.mime import outline
from mailin.text import clean

CORPUS = Path(__file__).resolve().parent.parent / "tests" / "corpus" / "replies"
GOAL = "at least 95"
PEER_LANGUAGES = ["en", "fr", "de", "es", "it", "nl", "pl"]  # all it knows of ours; it has no Turkish
LANGUAGES = ("fr", "en", "tr")


class Reply(NamedTuple):
    """A mail of the corpus and what of it shall be shown."""

    name: str
    raw: bytes
    expected: str


async def run(rounds: int) -> list[Row]:
    """Read every folder of the corpus in both ways by turns; shares do not depend on the rounds, times do."""
    folders = sorted(path for path in CORPUS.iterdir() if any(path.glob("*.eml")))
    return [row for folder in folders for row in _judged(folder.name, _replies(folder), max(5, rounds // 40))]


def _replies(folder: Path) -> list[Reply]:
    return [
        Reply(path.stem, path.read_bytes(), path.with_suffix(".txt").read_text("utf-8").strip())
        for path in sorted(folder.glob("*.eml"))
    ]


def _judged(folder: str, replies: list[Reply], rounds: int) -> list[Row]:
    turns = [(_seconds(_ours, replies), _seconds(_theirs, replies)) for _ in range(rounds)]
    ours, theirs = (median(column) / len(replies) for column in zip(*turns, strict=True))
    shares = [
        row
        for language in ("", *LANGUAGES)
        if (some := [reply for reply in replies if not language or _language(reply.name) == language])
        for row in _shares(f"{folder}{language and ' ' + language}", some)
    ]
    return [
        *shares,
        Row(f"{folder}: a reply read", ours * 1e6, "us"),
        Row(f"{folder}: by mail-parser-reply", theirs * 1e6, "us"),
    ]


def _shares(what: str, replies: list[Reply]) -> list[Row]:
    return [
        Row(f"{what}: exact, of {len(replies)}", _exact(_ours, replies), "%", goal=GOAL),
        Row(f"{what}: exact but for white space", _exact(_ours, replies, _squeezed), "%"),
        Row(f"{what}: mail-parser-reply", _exact(_theirs, replies), "%"),
        Row(f"{what}: mail-parser-reply, but for white space", _exact(_theirs, replies, _squeezed), "%"),
    ]


def _exact(read: Callable[[bytes], str], replies: list[Reply], alike: Callable[[str], str] = str) -> float:
    return 100 * sum(alike(read(reply.raw)) == alike(reply.expected) for reply in replies) / len(replies)


def _squeezed(text: str) -> str:
    return "".join(text.split())


def _language(name: str) -> str:
    """The tuning part names its language first, the judging part last."""
    return next(
        (piece for piece in (name.split("-", maxsplit=1)[0], name.rsplit("-", maxsplit=1)[-1]) if piece in LANGUAGES),
        "other",
    )


def _seconds(read: Callable[[bytes], str], replies: list[Reply]) -> float:
    started = time.perf_counter()
    for reply in replies:
        read(reply.raw)
    return time.perf_counter() - started


def _ours(raw: bytes) -> str:
    return contents(raw, outline(raw)).shown.text


def _theirs(raw: bytes) -> str:
    """The peer reads text alone: it gets the plain part, or our rendering of the HTML with its quotes marked."""
    mail = outline(raw)
    leaf = min(
        (leaf for leaf in mail.leaves if leaf.type.startswith("text/")), key=lambda leaf: leaf.type == "text/html"
    )
    text = decode_body(b"".join(decoded(raw, leaf)), leaf.parameters.get("charset", ""))
    if leaf.type == "text/html":
        text = "\n".join(
            f"> {line[1:]}" if line[:1] == "\x02" else line.lstrip("\x03") for line in text_of_html(text).split("\n")
        )
    return str(_parser.parse_reply(text=clean(text))).strip()


_parser = EmailReplyParser(languages=PEER_LANGUAGES)
