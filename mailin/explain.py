"""What the desk understands of mails in files, for operators and for judging the reader: one explanation a mail."""

from __future__ import annotations

import asyncio
import os
import sys
from collections import deque
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
from msgspec.structs import replace

from handlers.model.document import Value
from handlers.model.mail import (
    Attachment,
    Automatic,
    Claims,
    InboundMail,
    Intent,
    Language,
    Origin,
    ServiceNames,
)
from handlers.rules.origin_words import meaning
from handlers.unseen import LOOSE
from mailin.origin.checks import Checks
from mailin.origin.clues import NO_TRUST, Clues, Trust, clues_of
from mailin.origin.words import reasons
from mailin.reader import understand

READ_BYTES = 64 * 1024 * 1024
STANDARD_INPUT = "-"
AT_ONCE = 50  # mails whose senders are looked up at the same time
UNDATED = datetime(1970, 1, 1, tzinfo=UTC)  # an explanation shows no time of receipt

CONTRACT: dict[str, tuple[str, ...]] = {
    "origin": ("spf", "dkim", "dmarc", "aligned", "grade"),
    "claims": ("service", "logins", "addresses", "new_address", "account_kind", "not_owner"),
    "attachments": ("name", "type", "bytes", "sha256", "verdict"),
}
"""The keys of what is nested; all else that is known is for people, in the text form."""


class Explanation(Value, frozen=True, kw_only=True):
    """One line of `explain`; the keys are a contract, in this order."""

    path: str
    automatic: Automatic | None
    from_: str = msgspec.field(name="from")
    reply_to: str
    subject: str
    origin: Origin | None
    language: Language
    intent: Intent
    confidence: float
    because: tuple[str, ...]
    claims: Claims
    text: str
    hidden_lines: int
    attachments: tuple[Attachment, ...]
    defects: tuple[str, ...]
    reasons: tuple[tuple[str, str], ...] = ()

    def as_json(self) -> str:
        """One JSON object on one line, with the keys of the contract and no others."""
        row = msgspec.to_builtins(self)
        del row["reasons"]
        return msgspec.json.encode({key: _promised(key, value) for key, value in row.items()}).decode()

    def as_text(self) -> str:
        """For people: what was understood, and why."""
        return "\n".join(f"{label:>11}  {value}" for label, value in self._rows() if value)

    def _rows(self) -> Iterator[tuple[str, str]]:
        claims = self.claims
        yield "mail", _on_one_line(self.path)
        yield "from", self.from_ or "(nobody)"
        yield "reply to", self.reply_to
        yield "subject", self.subject
        yield "automatic", f"{self.automatic.kind}: {self.automatic.why}" if self.automatic else ""
        yield "origin", f"{self.origin.grade}: {' '.join(meaning(self.origin))}" if self.origin else ""
        yield from self.reasons
        yield "asks for", f"{self.intent} ({self.confidence:.0%}) because of {', '.join(self.because) or 'nothing'}"
        yield "language", self.language or "unknown"
        yield "service", claims.service or ""
        yield "logins", ", ".join(claims.logins)
        yield "addresses", ", ".join(claims.addresses)
        yield "numbers", ", ".join(claims.numbers)
        yield "new address", claims.new_address or ""
        yield "account of", claims.account_kind or ""
        yield "not owner", "says that the account is somebody else's" if claims.not_owner else ""
        yield "files", f"\n{' ' * 13}".join(map(_file, self.attachments))
        yield "defects", "; ".join(self.defects)
        yield "text", self.text.replace("\n", "\n" + " " * 13)
        lines = f"{self.hidden_lines} line{'s' * (self.hidden_lines > 1)} of quotes and signature"
        yield "left out", lines if self.hidden_lines else ""


def _on_one_line(path: str) -> str:
    """A path with signs for what would end its line or steer a terminal: whoever sends mails may name their files."""
    return "".join(sign if sign.isprintable() else "�" for sign in LOOSE.sub("�", path))


def _file(file: Attachment) -> str:
    why = f": {file.why}" if file.why else ""
    return f"{file.name} ({file.type}, {file.bytes} bytes, {file.verdict}{why})"


def _promised(key: str, value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_promised(key, one) for one in value]
    return {name: value[name] for name in CONTRACT[key]} if key in CONTRACT and isinstance(value, dict) else value


def explain(paths: Sequence[str], services: Sequence[ServiceNames]) -> Iterator[Explanation]:
    """One explanation for each mail: a file, every file below a folder, or `-` for standard input."""
    for path in _mails(paths):
        yield _explanation(path, _read(path, services).mail)


async def explain_origins(
    paths: Sequence[str], services: Sequence[ServiceNames], checks: Checks
) -> AsyncIterator[Explanation]:
    """The same, in the same order, with what each mail proves: the DNS is asked about many of them at once."""
    under_way: deque[asyncio.Task[Explanation]] = deque()
    for path in _mails(paths):
        read = await asyncio.to_thread(_read, path, services, checks.trust)
        under_way.append(asyncio.create_task(_proven(path, read, checks)))
        if len(under_way) == AT_ONCE:
            yield await under_way.popleft()
    while under_way:
        yield await under_way.popleft()


async def _proven(path: str, read: _Read, checks: Checks) -> Explanation:
    if read.clues is None:
        return _explanation(path, read.mail)
    proof = await checks.proof(read.clues, read.clues.trace)
    return _explanation(path, replace(read.mail, origin=proof.origin), tuple(reasons(proof)))


def absent(paths: Sequence[str]) -> tuple[str, ...]:
    """The paths that lead nowhere: typing errors of whoever asks, unlike mails that cannot be read."""
    return tuple(path for path in paths if path != STANDARD_INPUT and not os.path.exists(path))


def _mails(paths: Sequence[str]) -> Iterator[str]:
    for path in paths:
        if path != STANDARD_INPUT and Path(path).is_dir():
            yield from _files(path)
        else:
            yield path


def _files(folder: str) -> Iterator[str]:
    """Every file below a folder in order of names, except hidden ones; links to folders are not followed."""
    for base, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            if not name.startswith("."):
                yield str(Path(base) / name)


class _Read(NamedTuple):
    """A mail as it was read; `clues` is None where there was nothing to read."""

    mail: InboundMail
    clues: Clues | None = None


def _read(path: str, services: Sequence[ServiceNames], trust: Trust = NO_TRUST) -> _Read:
    try:
        if path == STANDARD_INPUT:
            if sys.stdin is None:
                return _unread("is closed")
            return _understood(sys.stdin.buffer.read(READ_BYTES), services, trust)
        if not Path(path).is_file():
            return _unread("is no file" if Path(path).exists() else "does not exist")
        with Path(path).open("rb") as file:
            return _understood(file.read(READ_BYTES), services, trust)
    except (OSError, ValueError) as error:
        return _unread(str(getattr(error, "strerror", None) or error))


def _unread(reason: str) -> _Read:
    mail = understand(b"", services=(), received_at=UNDATED)
    return _Read(replace(mail, defects=(f"cannot be read: {reason}",)))


def _understood(raw: bytes, services: Sequence[ServiceNames], trust: Trust) -> _Read:
    mail = understand(raw, services=services, received_at=UNDATED)
    return _Read(mail, clues_of(raw, mail.from_address, None, trust))


def _explanation(path: str, mail: InboundMail, why: tuple[tuple[str, str], ...] = ()) -> Explanation:
    return Explanation(
        path=os.fsencode(path).decode("utf-8", "replace"),
        automatic=mail.automatic,
        from_=mail.from_address,
        reply_to=mail.reply_to,
        subject=mail.subject,
        origin=mail.origin,
        language=mail.language,
        intent=mail.intent,
        confidence=mail.confidence,
        because=mail.because,
        claims=mail.claims,
        text=mail.text,
        hidden_lines=mail.hidden_lines,
        attachments=mail.attachments,
        defects=mail.defects,
        reasons=why,
    )
