"""How the desk logs: one line per unit of work, as text or JSON, on standard error."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any, Literal

import structlog

ADDRESS = re.compile(r"[^\s@<>\"']+@[^\s@<>\"']+")
LONG_SECRET = re.compile(r"[A-Za-z0-9_-]{38,}")
"""The shortest is the signed address of a case's page: 38 signs."""

TRACES = ("exception", "stack")
"""What has lines of its own; anything else on a second line could pass for an entry."""

AGAIN_AFTER = 1.0
"""Seconds until a library may say the same thing again."""

MOST_SAYINGS = 256

CHATTY = ("mail.log", "mail.debug", "aiohttp.access", "asyncio", "slack_bolt", "slack_sdk", "aiosmtplib")


def configure(form: Literal["text", "json"], level: int = logging.INFO) -> None:
    """Log in this form, from this level on, libraries from WARNING on; addresses and tokens never pass."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        redact,
    ]
    renderer: Any = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if form == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[*shared, renderer],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        wrapper_class=structlog.make_filtering_bound_logger(level),
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(Repeated())
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processor=renderer))
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    for name in CHATTY:
        logging.getLogger(name).setLevel(logging.ERROR)


class Repeated(logging.Filter):
    """Holds back what a library said less than a second ago, and tells the next time how often that was.

    A listener out of file descriptors would otherwise fill the disk: asyncio reports every attempt, with a traceback.
    """

    def __init__(self) -> None:
        super().__init__()
        self._told: dict[tuple[object, ...], tuple[float, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether to let this one through; times are the records' own."""
        # Below the first line asyncio writes the object that failed, which is another one each time.
        error = record.exc_info[0] if record.exc_info else None
        saying = record.name, record.levelno, error, str(record.msg).partition("\n")[0]
        at, held = self._told.get(saying, (float("-inf"), 0))
        if 0 <= record.created - at < AGAIN_AFTER:
            self._told[saying] = at, held + 1
            return False
        if len(self._told) >= MOST_SAYINGS:
            self._told.clear()
        self._told[saying] = record.created, 0
        if held:
            record.msg = f"{record.msg} (and {held} times before)"
        return True


def redact(logger: object, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Put stars in place of mail addresses and of what is long and random enough to be a secret; keep a line a line."""
    for key, value in event.items():
        if not key.startswith("_") and not isinstance(value, int | float | None):
            event[key] = _safe(str(value), lines=key in TRACES)
    return event


def _safe(text: str, *, lines: bool) -> str:
    starred = LONG_SECRET.sub("***", ADDRESS.sub("***@***", text))
    return "".join(sign if sign.isprintable() or (lines and sign == "\n") else "�" for sign in starred)
