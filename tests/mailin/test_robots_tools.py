"""Programs of a team, payments and other sites write without a header that tells; people write about all of them."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from handlers.model.mail import InboundMail
from tests.mailin.reading import read

MAILS = tomllib.loads(Path(__file__).with_name("robots_tools.toml").read_text("utf-8"))


def received(sender: str, subject: str, text: str) -> InboundMail:
    """A plain mail without any header that tells a machine."""
    return read(
        f"From: <{sender}>\nTo: support@o2switch.example\nSubject: {subject}\nMessage-ID: <a1@x.example>\n"
        f"Content-Type: text/plain; charset=utf-8\n\n{text}\n",
        mail_from=sender,
    )


@pytest.mark.parametrize("mail", MAILS["machine"], ids=lambda mail: mail["subject"])
def test_a_program_is_known_by_its_words(mail: dict[str, str]) -> None:
    """Tickets, pages, pipelines, receipts, and codes and links of other sites get no answer and no case (T17, T18)."""
    assert received(mail["sender"], mail["subject"], mail["text"]).automatic is not None


@pytest.mark.parametrize("mail", MAILS["person"], ids=lambda mail: mail["subject"])
def test_a_person_who_writes_of_such_mails_is_answered(mail: dict[str, str]) -> None:
    """Their own words tell."""
    assert received("anna@clients.example", mail["subject"], mail["text"]).automatic is None
