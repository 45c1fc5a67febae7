"""What a server that we trust says of a mail in Authentication-Results (RFC 8601)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from time import monotonic
from typing import Literal, get_args

import structlog
from authres import AuthenticationResultsHeader
from authres.core import AuthResError

from handlers.excerpts import one_line, shortened
from handlers.model.document import Value
from handlers.model.mail import Result
from mailin.origin.content import Content
from mailin.origin.domains import ascii_domain

log = structlog.get_logger()

Method = Literal["spf", "dkim", "dmarc"]

FIELDS = 5
FIELD_BYTES = 4 * 1024
SAID = 20
NAME = 80
QUIET_SECONDS = 600.0
"""So long nothing more is logged of fields that others wrote: a stranger may send as many as the door takes."""

RESULTS: dict[str, Result] = {result: result for result in get_args(Result)} | {
    "hardfail": "fail",
    "bestguesspass": "none",
}
ID = re.compile(rb"\s*(?:\([^()]*\)\s*)?\"?([A-Za-z0-9._-]{1,253})\"?\s*(?:\d+\s*)?(?:\([^()]*\)\s*)?;")
PROPERTIES: dict[Method, tuple[tuple[str, str], ...]] = {
    "spf": (("smtp", "mailfrom"), ("smtp", "helo")),
    "dkim": (("header", "d"), ("header", "i")),
    "dmarc": (("header", "from"),),
}


class Said(Value, frozen=True, kw_only=True):
    """One result, and the domain it is about; "" where that is not said."""

    method: Method
    result: Result
    domain: str = ""


def border_says(content: Content, authserv_id: str) -> tuple[Said, ...] | None:
    """What our border server says: the topmost fields of its name, and those of its name directly under it (T2).

    None where the topmost field is somebody else's, or there is none. Whatever comes later came with the mail.
    """
    if not authserv_id:
        return None
    said: dict[Method, list[Said]] = {}
    ours = 0
    for field in content.fields:
        is_results = field.name == b"authentication-results"
        match = ID.match(field.text) if is_results else None
        if match and match[1].decode().lower() == authserv_id.lower() and ours < FIELDS:
            ours += 1
            new = list(spoken(b"x;" + field.text[match.end() :]))
            said |= {
                one.method: [other for other in new if other.method == one.method]
                for one in new
                if one.method not in said
            }
        elif is_results or ours:
            break
    return tuple(one for of_method in said.values() for one in of_method)[:SAID] if ours else None


def another_speaks(content: Content, authserv_id: str) -> str:
    """Who else wrote the topmost field, in a stranger's words: cut, and on one line; "" where it is our border's.

    Where a border server is set, that is how it shows that it calls itself something else.
    """
    found = content.every(b"authentication-results")[:1] if authserv_id else []
    for field in found:
        match = ID.match(field.text)
        name = match[1] if match else field.text.partition(b";")[0][: 4 * NAME]
        if name.decode("utf-8", "replace").lower() != authserv_id.lower():
            return shortened(one_line(name.decode("utf-8", "replace")), NAME) or "?"
    return ""


class Strangers:
    """Says in the log, once in a while, who wrote on top of mails instead of our border server."""

    def __init__(self, authserv_id: str) -> None:
        self._authserv_id = authserv_id
        self._quiet_until, self._mails = 0.0, 0

    def note(self, name: str) -> None:
        """Count a mail with somebody else's name on top; "" for one that has none."""
        self._mails += bool(name)
        if name and self._quiet_until <= monotonic():
            fix = "set DESK_MAIL_AUTHSERV_ID to the name that your border server writes"
            log.warning("border.unknown", seen=name, awaited=self._authserv_id, mails=self._mails, fix=fix)
            self._quiet_until, self._mails = monotonic() + QUIET_SECONDS, 0


def spoken(text: bytes) -> Iterator[Said]:
    """The results in the value of a field; none where it cannot be read."""
    if len(text) > FIELD_BYTES:
        return
    try:
        results = AuthenticationResultsHeader.parse_value(text.decode("utf-8", "replace")).results
    except (AuthResError, ValueError, IndexError, AttributeError, TypeError, RecursionError):
        return
    for one in results:
        method, result = getattr(one, "method", ""), str(getattr(one, "result", "")).lower()
        properties = {(item.type, item.name): str(item.value or "") for item in getattr(one, "properties", ())}
        for known, names in PROPERTIES.items():
            if method == known:
                value = next((properties[name] for name in names if properties.get(name)), "")
                domain = ascii_domain(value.rpartition("@")[2])
                yield Said(method=known, result=RESULTS.get(result, "neutral"), domain=domain)
