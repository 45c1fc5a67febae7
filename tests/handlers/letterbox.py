"""Builders for the tests of letters and the courier: what goes into an envelope, and how it reads."""

from __future__ import annotations

from datetime import timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from html.parser import HTMLParser
from typing import Any

from handlers.letters import Facts, render
from handlers.model.case import Case
from handlers.model.outbox import Letter, LetterKind
from handlers.vault import Secret, Vault
from tests.builders import ADDRESS, KEY, NOW, PORTAL, make_account, make_case, make_grant, make_service

TOKEN = "kX9vB2nLq0TzYfWmRc7sUe4hJd1gPa8oIx3wNy6tVbE"
DIGITS = "482913"
MESSAGE_ID = "<r7f3k2m.aaaaaaaaaaaaaaaaaaaa.bbbbbbbbbbbbbbbbbbbb@shop.example>"
REPLY_TO = "support+c-r7f3k2m-aaaaaaaaaaaaaaaaaaaa@shop.example"


def make_issued_case(**changes: Any) -> Case:
    """A case whose link was sent three minutes after it was opened."""
    opened = {"state": "issued", "grant": "G-1", "opened_at": NOW - timedelta(minutes=3), "changed_at": NOW}
    return make_case(**opened | changes)


def make_letter(kind: LetterKind = "reset", **changes: Any) -> Letter:
    """A letter of that kind to Marie Durand, due now."""
    fields: dict[str, Any] = {
        "id": "L-7F3K2M7F3K2M",
        "queue": "letters",
        "due": NOW,
        "kind": kind,
        "service": "shopfactory",
        "case": "R-7F3K2M",
        "to": ADDRESS,
        "language": "fr",
        "grant": "G-1" if kind in ("reset", "code") else "",
        "written_at": NOW,
    }
    return Letter(**fields | changes)


def make_facts(kind: LetterKind = "reset", language: str = "fr", **changes: Any) -> Facts:
    """All that a letter of that kind is written from."""
    secrets = {"reset": Secret(TOKEN), "code": Secret(f"{TOKEN} {DIGITS}")}
    fields: dict[str, Any] = {
        "letter": make_letter(kind, language=language),
        "service": make_service(),
        "account": make_account(),
        "grant": make_grant() if kind == "reset" else make_grant(kind="code", expires_at=NOW + timedelta(minutes=10)),
        "case": make_issued_case(),
        "secret": secrets.get(kind),
        "portal_url": PORTAL,
        "vault": Vault((KEY,)),
    }
    return Facts(**fields | changes)


def written(facts: Facts) -> EmailMessage:
    """The letter as a mail program reads it."""
    return message_from_bytes(render(facts, MESSAGE_ID, REPLY_TO).as_bytes(), policy=default)


def part(mail: EmailMessage, kind: str) -> str:
    body = mail.get_body((kind,))
    assert body is not None
    content: str = body.get_content()
    return content.replace("\r\n", "\n")


def text_of(facts: Facts) -> str:
    return part(written(facts), "plain")


class Page(HTMLParser):
    """The words a reader sees, the links, and every tag with what it says about itself."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.links: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self._hidden = 0
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._hidden += tag in ("style", "title")
        if tag == "a":
            self.links.append(dict(attrs)["href"] or "")

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag in ("style", "title")

    def handle_data(self, data: str) -> None:
        if data.strip() and not self._hidden:
            self.words.append(data.strip())
