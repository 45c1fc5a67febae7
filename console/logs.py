"""How the desk logs: one line per unit of work, as text or JSON, on standard error."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any, Literal

import structlog

ADDRESS = re.compile(r"[^\s@<>\"']+@[^\s@<>\"']+")
LONG_SECRET = re.compile(r"[A-Za-z0-9_-]{40,}")
TRACES = ("exception", "stack")
"""What has lines of its own; anything else on a second line could pass for an entry."""

CHATTY = ("mail.log", "aiohttp.access", "asyncio", "slack_bolt", "slack_sdk", "aiosmtplib")


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
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processor=renderer))
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    for name in CHATTY:
        logging.getLogger(name).setLevel(logging.ERROR)


def redact(logger: object, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Put stars in place of mail addresses and of what is long and random enough to be a secret; keep a line a line."""
    for key, value in event.items():
        if not key.startswith("_") and not isinstance(value, int | float | None):
            event[key] = _safe(str(value), lines=key in TRACES)
    return event


def _safe(text: str, *, lines: bool) -> str:
    starred = LONG_SECRET.sub("***", ADDRESS.sub("***@***", text))
    return "".join(sign if sign.isprintable() or (lines and sign == "\n") else "�" for sign in starred)
