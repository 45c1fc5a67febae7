"""Asks clamd whether a file is known to do harm. No answer is no verdict: staff read "not scanned", never "clean"."""

from __future__ import annotations

from io import BytesIO

import structlog
from aioclamd import ClamdAsyncClient, ClamdError

from handlers.configuration.endpoints import HostPort
from handlers.model.paper import Scan

SECONDS = 30.0
PIECE = 128 * 1024  # clamd takes pieces up to its StreamMaxLength, 100 MB unless changed

log = structlog.get_logger()


class Scanner:
    """The clamd of this installation, or none."""

    def __init__(self, clamd: HostPort | None = None, seconds: float = SECONDS) -> None:
        self._clamd = clamd
        self._seconds = seconds

    async def scan(self, content: bytes) -> Scan:
        """What clamd says of a file; `not_scanned` without one, or when it is down, too slow or fails. Never raises."""
        if self._clamd is None:
            return "not_scanned"
        client = ClamdAsyncClient(self._clamd.host, self._clamd.port, timeout=self._seconds)
        try:
            answer = await client.instream(_Pieces(content))
        except (ClamdError, OSError) as error:
            log.error("scanner.failed", clamd=str(self._clamd), error=f"{type(error).__name__}: {error}"[:200])
            return "not_scanned"
        return _verdict(answer)


class _Pieces(BytesIO):
    """A file that is read in pieces of a size of ours: the client asks for a kilobyte, and changes threads for each."""

    def read(self, size: int | None = -1) -> bytes:
        return super().read(PIECE)


def _verdict(answer: dict[str, tuple[str, str | None]] | None) -> Scan:
    """What clamd's answer says; anything but its two verdicts is none."""
    status, reason = (answer or {}).get("stream", ("", ""))
    if status == "FOUND":
        log.warning("scanner.found", signature=str(reason).strip()[:100])
        return "infected"
    if status == "OK":
        return "clean"
    log.error("scanner.failed", error=f"clamd answered {status or 'nothing'}")
    return "not_scanned"
