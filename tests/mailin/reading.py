"""What the tests of the reader share: the services' names, the corpus, and the short way to read a mail."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from handlers.model.mail import InboundMail, Language, ServiceNames
from mailin.reader import understand

MAILS = Path(__file__).resolve().parent.parent / "mails"
EXPECTED = Path(__file__).with_name("expected.toml")
WISHES = Path(__file__).with_name("wishes.toml")
NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


def service(id: str, name: str, language: Language, *aliases: str) -> ServiceNames:
    """A service with its mailbox."""
    return ServiceNames(id=id, name=name, aliases=aliases, mailboxes=(f"support@{id}.example",), language=language)


SERVICES = (
    service("shopfactory", "ShopFactory", "fr", "ShopFactory Cloud", "Total Care"),
    service("esp", "ESP Websites", "fr", "ESP"),
    service("connectprof", "ConnectProf", "tr", "T-Soft"),
    service("opcommerce", "L'Opcommerce", "fr", "Opcommerce"),
    service("o2switch", "o2switch", "fr"),
)


def read(raw: bytes | str, mail_from: str | None = None) -> InboundMail:
    """The mail, understood with the example services."""
    data = raw.encode() if isinstance(raw, str) else raw
    return understand(data, services=SERVICES, received_at=NOW, mail_from=mail_from)


def make_mail(text: str, *, subject: str = "", headers: str = "") -> str:
    """A plain mail to ShopFactory; `headers` are whole lines, each with its line end."""
    return (
        f"From: Marie Durand <marie@clients.example>\nTo: support@shopfactory.example\nSubject: {subject}\n"
        f"Message-ID: <m1@clients.example>\n{headers}Content-Type: text/plain; charset=utf-8\n\n{text}\n"
    )


def text_of(text: str) -> str:
    """What is shown of a plain mail with this text."""
    return read(make_mail(text)).text


def expectations() -> dict[str, dict[str, object]]:
    """What is expected of each mail of the corpus, by its path without suffix."""
    return tomllib.loads(EXPECTED.read_text("utf-8"))


def wishes() -> Iterator[tuple[str, str, str]]:
    """Language, intent and words of the labelled wishes."""
    for language, rows in tomllib.loads(WISHES.read_text("utf-8")).items():
        yield from ((language, intent, words) for intent, words in rows)
