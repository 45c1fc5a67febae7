"""Why a server was not reached, in words for people: Python's names say nothing to whoever mends a network."""

from __future__ import annotations

import errno
import os
import re
import socket
import ssl
from collections.abc import Iterator

from aiosmtplib import SMTPAuthenticationError, SMTPResponseException, SMTPServerDisconnected

LONGEST = 200
NOT_SMTP = -1
"""The code aiosmtplib gives an answer that is none."""

NUMBER = re.compile(r"\[Errno (\d+)\]")


def why(error: BaseException) -> str:
    """What went wrong, by the first error of its chain that we have words for."""
    words = next(filter(None, map(_words, _chain(error))), "") or str(error) or "it failed without a word"
    return " ".join(words.split())[:LONGEST]


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__


def _words(error: BaseException) -> str:
    match error:
        case SMTPAuthenticationError():
            return f"it refuses this user and password ({error.code})"
        case SMTPResponseException(code=code):
            return "what answers there is no mail server" if code == NOT_SMTP else f"it answers {code} {error.message}"
        case ssl.SSLCertVerificationError():
            return f"TLS failed, its certificate cannot be trusted: {error.verify_message}"
        case ssl.SSLError():
            return "TLS failed: does this port speak TLS from the start?"
        case socket.gaierror():
            return _unknown_name(error)
        case TimeoutError():
            return "timed out, nothing answers"
        case SMTPServerDisconnected() | ConnectionResetError():
            return "it closed the connection"
        case OSError():
            return _of_the_system(error)
    return ""


def _unknown_name(error: socket.gaierror) -> str:
    if error.errno == socket.EAI_AGAIN:
        return "its name cannot be looked up now: does the DNS answer?"
    return "no such host"


def _of_the_system(error: OSError) -> str:
    """What the system calls it; asyncio keeps the number in a text where several addresses failed."""
    found = NUMBER.search(str(error))
    number = error.errno or (int(found[1]) if found else 0)
    if number == errno.ECONNREFUSED:
        return "connection refused, nothing listens there"
    return os.strerror(number).lower() if number > 0 else ""
