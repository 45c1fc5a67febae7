"""A process that reads mails for the desk: whatever a stranger sends, only this process suffers.

It hears its terms once and then mails, each as two frames (what the envelope says, the bytes), and answers a frame to
each. A frame is a length of four bytes and so many bytes. The process ends when its input closes, even if the desk was
killed, and the kernel ends it when a mail takes too long.
"""

from __future__ import annotations

import signal
import struct
import sys
from datetime import UTC, datetime
from typing import BinaryIO

import msgspec

from handlers.model.document import Value
from handlers.model.mail import ServiceNames
from mailin.reader import understand

LENGTH = struct.Struct(">I")
EXAMPLE = b"From: a@clients.example\nSubject: mot de passe\nContent-Type: text/html; charset=utf-8\n\n<p>perdu</p>"


class Terms(Value, frozen=True, kw_only=True):
    """What holds for all mails; `seconds` are of the processor's time, so that a busy machine takes nothing away."""

    services: tuple[ServiceNames, ...]
    seconds: float


class Wrapping(Value, frozen=True, kw_only=True):
    """What is known of a mail beside its bytes."""

    received_at: datetime
    mail_from: str
    recipients: tuple[str, ...]


def serve() -> None:
    """Read mails from standard input until it closes; the process's whole life."""
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    source, sink = sys.stdin.buffer, sys.stdout.buffer
    terms = msgspec.json.decode(_receive(source), type=Terms)
    understand(EXAMPLE, services=terms.services, received_at=datetime.fromtimestamp(0, UTC))  # loads words and patterns
    _send(sink, b"")
    while wrapping := _receive(source):
        content = _receive(source)
        # Nothing catches SIGPROF, so the kernel ends the process even where the interpreter would not look at signals.
        signal.setitimer(signal.ITIMER_PROF, terms.seconds)
        answer = _understood(terms, msgspec.json.decode(wrapping, type=Wrapping), content)
        signal.setitimer(signal.ITIMER_PROF, 0)
        _send(sink, answer)


def _understood(terms: Terms, wrapping: Wrapping, content: bytes) -> bytes:
    mail = understand(
        content,
        services=terms.services,
        received_at=wrapping.received_at,
        mail_from=wrapping.mail_from,
        recipients=wrapping.recipients,
    )
    return msgspec.json.encode(mail)


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
