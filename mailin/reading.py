"""A process that reads mails for the desk: whatever a stranger sends, only this process suffers.

It hears its terms once and then mails, each as two frames (what is asked, with what the envelope says, and the bytes),
and answers a frame to each. A frame is a length of four bytes and so many bytes. The process ends when its input
closes, even if the desk was killed, and the kernel ends it when a mail takes too long.
"""

from __future__ import annotations

import signal
import struct
import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import BinaryIO

import msgspec

from handlers.model.document import Value
from handlers.model.mail import InboundMail, ServiceNames
from handlers.rules.files import FILE_BYTES
from mailin.contents import file_bytes
from mailin.mime import outline
from mailin.origin.clues import NO_TRUST, Clues, Trust, clues_of
from mailin.reader import understand

LENGTH = struct.Struct(">I")
EXAMPLE = b"From: a@clients.example\nSubject: mot de passe\nContent-Type: text/html; charset=utf-8\n\n<p>perdu</p>"


class Terms(Value, frozen=True, kw_only=True):
    """What holds for all mails; `seconds` are of the processor's time, so that a busy machine takes nothing away."""

    services: tuple[ServiceNames, ...]
    seconds: float
    trust: Trust = NO_TRUST


class Wrapping(Value, frozen=True, kw_only=True, tag=True):
    """A mail to be understood: what is known of it beside its bytes."""

    received_at: datetime
    mail_from: str
    recipients: tuple[str, ...]


class Wanted(Value, frozen=True, kw_only=True, tag=True):
    """A mail whose files at these places in `InboundMail.attachments` are asked for."""

    places: tuple[int, ...]


class Understood(Value, frozen=True, kw_only=True):
    """What a mail says, and what its origin can be told by."""

    mail: InboundMail
    clues: Clues


Request = Wrapping | Wanted


FIRST = Wrapping(received_at=datetime.fromtimestamp(0, UTC), mail_from="", recipients=())


def serve() -> None:
    """Read mails from standard input until it closes; the process's whole life."""
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    source, sink = sys.stdin.buffer, sys.stdout.buffer
    terms = msgspec.json.decode(_receive(source), type=Terms)
    _understood(terms, FIRST, EXAMPLE)  # loads words and patterns
    _send(sink, b"")
    while request := _receive(source):
        content = _receive(source)
        # Nothing catches SIGPROF, so the kernel ends the process even where the interpreter would not look at signals.
        signal.setitimer(signal.ITIMER_PROF, terms.seconds)
        answer = _answer(terms, msgspec.json.decode(request, type=Request), content)
        signal.setitimer(signal.ITIMER_PROF, 0)
        _send(sink, answer)


def _answer(terms: Terms, request: Request, content: bytes) -> bytes:
    if isinstance(request, Wanted):
        return msgspec.msgpack.encode(_taken(content, request.places))
    return _understood(terms, request, content)


def _taken(content: bytes, places: Sequence[int]) -> list[bytes]:
    """The files, each cut one byte after what one may have: so it shows that it is too large, and takes no more."""
    mail = outline(content)
    return [_bounded(file_bytes(content, mail, place), FILE_BYTES + 1) for place in places]


def _bounded(pieces: Iterable[bytes], most: int) -> bytes:
    taken = bytearray()
    for piece in pieces:
        taken += piece[: most - len(taken)]
        if len(taken) == most:
            break
    return bytes(taken)


def _understood(terms: Terms, wrapping: Wrapping, content: bytes) -> bytes:
    mail = understand(
        content,
        services=terms.services,
        received_at=wrapping.received_at,
        mail_from=wrapping.mail_from,
        recipients=wrapping.recipients,
    )
    clues = clues_of(content, mail.from_address, wrapping.received_at, terms.trust)
    return msgspec.json.encode(Understood(mail=mail, clues=clues))


def _receive(source: BinaryIO) -> bytes:
    """The next frame; ends the process when there is no whole one more."""
    head = source.read(LENGTH.size)
    size = LENGTH.unpack(head)[0] if len(head) == LENGTH.size else 0
    frame = source.read(size)
    if not head or len(frame) < size:
        raise SystemExit
    return frame


def _send(sink: BinaryIO, frame: bytes) -> None:
    sink.write(LENGTH.pack(len(frame)) + frame)
    sink.flush()
