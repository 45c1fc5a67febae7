"""Domain names as they are compared: in the form the DNS knows."""

from __future__ import annotations

import re

from handlers.rules.addresses import canonical

DOMAIN = re.compile(
    r"(?=.{1,253}$)[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)*"
)


def ascii_domain(text: str) -> str:
    """The domain in lower case and ASCII (`xn--…`), without a final dot; "" for what cannot be one."""
    domain = text.strip().removesuffix(".").lower() if text.isascii() else _from_unicode(text.strip().removesuffix("."))
    return domain if DOMAIN.fullmatch(domain) else ""


def _from_unicode(text: str) -> str:
    return canonical(f"x@{text}").removeprefix("x@") if len(text) <= 253 else ""


def is_below(domain: str, parent: str) -> bool:
    """Whether a domain is another one, or lies under it."""
    return domain == parent or domain.endswith(f".{parent}")


def labels(domain: str) -> list[str]:
    """The parts of a domain, the most particular first."""
    return domain.split(".")
