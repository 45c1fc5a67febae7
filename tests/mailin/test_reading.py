"""Mails are understood: the corpus of `tests/mails`, and the rules that it alone would not show."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable

import msgspec
import pytest

from handlers.model.mail import InboundMail
from mailin.contents import READ_LENGTH, TEXT_LENGTH
from mailin.reader import understand
from tests.mailin.reading import MAILS, NOW, SERVICES, expectations, make_mail, read, text_of

EXPECTED = expectations()
FIELDS: dict[str, Callable[[InboundMail], object]] = {
    "automatic": lambda mail: mail.automatic.kind if mail.automatic else "none",
    "attachments": lambda mail: [file.name for file in mail.attachments],
    "defects": lambda mail: bool(mail.defects),
    "logins": lambda mail: list(mail.claims.logins),
    "addresses": lambda mail: list(mail.claims.addresses),
    "service": lambda mail: mail.claims.service,
    "new_address": lambda mail: mail.claims.new_address,
    "account_kind": lambda mail: mail.claims.account_kind,
    "not_owner": lambda mail: mail.claims.not_owner,
}


def seen(mail: InboundMail, key: str) -> object:
    """One field of a mail in the words of expected.toml."""
    return FIELDS[key](mail) if key in FIELDS else getattr(mail, key)


@pytest.mark.parametrize("path", sorted(EXPECTED))
def test_each_mail_of_the_corpus_is_understood(path: str) -> None:
    """Intent, language, claims, robots and visible text are what a person reads in the mail."""
    mail = read((MAILS / f"{path}.eml").read_bytes())
    expected = EXPECTED[path]
    assert {key: seen(mail, key) for key in expected} == expected


def test_every_mail_of_the_corpus_is_judged() -> None:
    """No mail lies in the folder without an expectation, and at least 75 do."""
    names = {str(path.relative_to(MAILS).with_suffix("")) for path in MAILS.rglob("*.eml")}
    assert names == set(EXPECTED)
    assert len(names) >= 75


def test_only_robots_are_robots() -> None:
    """No mail that a person of the corpus wrote is taken for a machine's."""
    people = [path for path in EXPECTED if not path.startswith("robots/")]
    assert [path for path in people if read((MAILS / f"{path}.eml").read_bytes()).automatic] == []


def test_nothing_quoted_is_claimed_or_wanted() -> None:
    """Logins, addresses and wishes in the answered mail are not the writer's."""
    quoted = (
        "Merci\n\nLe 20/11/2026 à 10:02, Bob a écrit :\n> supprimez mon compte, identifiant : bob77, b@bob.example\n"
    )
    mail = read(make_mail(quoted))
    assert mail.text == "Merci"
    assert (mail.intent, mail.claims.logins, mail.claims.addresses) == ("other", (), ())


def test_the_subject_of_an_answer_is_the_answered_mails() -> None:
    """What our own letter's subject says is not what the customer wants; a subject of their own counts."""
    answer = make_mail("Merci de m'aider", subject="Re: mot de passe oublié", headers="In-Reply-To: <l@x.example>\n")
    assert read(answer).intent == "other"
    assert read(answer.replace("Re: ", "")).intent == "password_reset"


def test_a_missing_message_id_is_made_from_sender_date_subject_and_body() -> None:
    """The same mail gets the same id, another writer's same words another one."""
    raw = make_mail("mot de passe perdu").replace("Message-ID: <m1@clients.example>\n", "")
    first, again, other = read(raw), read(raw), read(raw.replace("marie@", "paul@"))
    assert first.message_id == again.message_id != other.message_id
    assert first.message_id.startswith("sha256-")
    assert first.message_id.endswith("@missing")


def test_a_message_id_and_references_come_without_brackets() -> None:
    """Ids are bare, references in order and once each."""
    headers = "In-Reply-To: <b@x.example>\nReferences: <a@x.example>\n <b@x.example>\n"
    mail = read(make_mail("x", headers=headers))
    assert mail.message_id == "m1@clients.example"
    assert mail.references == ("a@x.example", "b@x.example")


def test_the_envelope_counts_more_than_return_path() -> None:
    """An empty envelope sender makes a bounce of a mail whose headers say nothing."""
    assert read(make_mail("user unknown"), mail_from="").automatic is not None
    assert read(make_mail("bonjour", headers="Return-Path: <>\n"), mail_from="marie@clients.example").automatic is None


def test_recipients_name_the_service_when_the_words_do_not() -> None:
    """The mailbox that was written to tells the service."""
    mail = understand(
        b"Subject: mot de passe\n\nperdu",
        services=SERVICES,
        received_at=NOW,
        recipients=["support@o2switch.example"],
    )
    assert mail.claims.service == "o2switch"


def test_a_display_name_cannot_smuggle_an_address() -> None:
    """The address is the one of the field, whatever an encoded display name says."""
    trick = "=?utf-8?q?ceo=40bank=2Eexample_=3Cceo=40bank=2Eexample=3E?= <thief@evil.example>"
    mail = read(make_mail("x").replace("Marie Durand <marie@clients.example>", trick))
    assert mail.from_address == "thief@evil.example"


@pytest.mark.parametrize(
    ("field", "name", "address"),
    [
        ('"Durand, Marie" <m@clients.example>', "Durand, Marie", "m@clients.example"),
        ("m@clients.example (Marie)", "", "m@clients.example"),
        ("=?iso-8859-1?q?H=E9l=E8ne?= <h@clients.example>", "Hélène", "h@clients.example"),
        ("=?utf-8?b?w4k=?= =?utf-8?b?bWlsZQ==?= <e@clients.example>", "Émile", "e@clients.example"),
        ("a@clients.example, b@clients.example", "", ""),
        ('"a" <hugo@clients.example@evil.example>', "a", ""),
        ("hugo@clients.example@evil.example", "", ""),
        ("hugo@clients.example evil@evil.example", "hugo@clients.example evil@evil.example", ""),
        ("<hugo@clients.example> <evil@evil.example>", "", ""),
        ("<evil@evil.example> hugo@clients.example", "", ""),
        ('<evil@evil.example> "<hugo@clients.example>"', "", "evil@evil.example"),
        ('evil@evil.example "<hugo@clients.example>"', "", "evil@evil.example"),
        (f"hugo@clients.example{' ' * 3000}<evil@evil.example>", "", ""),
        ("hugo@clients.example <evil@evil.example>", "hugo@clients.example", "evil@evil.example"),
        ("Nobody", "Nobody", ""),
        ("Eve <mar\u200bie@clients.example>", "Eve", ""),
        ("<>", "", ""),
        ("", "", ""),
    ],
)
def test_senders_are_read_as_they_are_written(field: str, name: str, address: str) -> None:
    """Quotes, comments and encoded words give one name and one address; what can be read in two ways gives none."""
    mail = read(f"From: {field}\nSubject: x\n\nx")
    assert (mail.from_name, mail.from_address) == (name, address)


def test_attachments_are_measured_and_judged_by_their_bytes() -> None:
    """Size and digest are of the decoded bytes; a program that calls itself a PDF is dangerous."""
    content = b"MZ" + bytes(range(256)) * 700
    raw = (
        'From: a@clients.example\nContent-Type: multipart/mixed; boundary="b"\n\n--b\n\nmot de passe perdu\n--b\n'
        'Content-Type: application/pdf; name="id.pdf"\nContent-Transfer-Encoding: base64\n\n'
        + base64.encodebytes(content).decode()
        + "--b--\n"
    )
    (file,) = read(raw).attachments
    assert (file.bytes, file.sha256) == (len(content), hashlib.sha256(content).hexdigest())
    assert (file.name, file.type, file.verdict) == ("id.pdf", "application/x-dosexec", "dangerous")


def test_a_forwarded_mail_is_a_file_and_no_text() -> None:
    """The words of an attached mail are not the writer's."""
    raw = (
        "From: a@clients.example\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nvoir ci-dessous\n--b\n"
        "Content-Type: message/rfc822\n\nSubject: x\n\nsupprimez mon compte\n--b--\n"
    )
    mail = read(raw)
    assert mail.text == "voir ci-dessous"
    assert [file.type for file in mail.attachments] == ["message/rfc822"]


def test_a_long_text_is_cut() -> None:
    """Ten megabytes of words are as much work as a page, and the mail says that it was cut."""
    mail = read(make_mail("mot de passe perdu\n" + "bla bla bla bla\n" * 600_000))
    assert len(mail.text) <= TEXT_LENGTH < READ_LENGTH
    assert mail.intent == "password_reset"
    assert "the text is too long, cut" in mail.defects


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("a\u202ecod.exe", "acod.exe"),
        ("mot\u00a0de\u2009passe", "mot de passe"),
        ("e\u0301te\u0301", "été"),
        ("un\u200b deux\u2060 trois\ufeff", "un deux trois"),
        ("a\n\n\n\n\nb", "a\n\nb"),
    ],
)
def test_what_hides_or_controls_is_taken_out(written: str, shown: str) -> None:
    """Staff see the letters and nothing that turns, hides or stacks them."""
    assert text_of(written) == shown


def test_a_mail_is_one_serialisable_value() -> None:
    """What is understood survives JSON and strict reading back."""
    mail = read(make_mail("j'ai oublié mon mot de passe, mon identifiant est durand42"))
    assert msgspec.json.decode(msgspec.json.encode(mail), type=InboundMail) == mail


def test_of_several_from_fields_none_is_believed() -> None:
    """Who judged the sender may have read another field than we do."""
    mail = read("From: evil@evil.example\nFrom: hugo@clients.example\nSubject: x\n\nx")
    assert mail.from_address == ""
    assert "several senders, none believed" in mail.defects
