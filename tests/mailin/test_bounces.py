"""What a delivery report says: for whom the letter was, what became of it, and in whose words."""

from __future__ import annotations

import pytest

from handlers.model.mail import Bounce
from tests.mailin.reading import read

HEAD = (
    "Return-Path: <>\nFrom: Mail Delivery System <MAILER-DAEMON@mx.example>\nTo: support@shopfactory.example\n"
    "Subject: Undelivered Mail Returned to Sender\n"
)


def report(*recipients: str) -> Bounce | None:
    """A delivery report (RFC 3464) with these blocks of fields, read."""
    blocks = "\n\n".join(("Reporting-MTA: dns; mx.example", *recipients))
    raw = (
        f"{HEAD}Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n\nIt failed.\n"
        f"--b\nContent-Type: message/delivery-status\n\n{blocks}\n\n--b--\n"
    )
    return read(raw).bounce


def plain(text: str, subject: str = "failure notice") -> Bounce | None:
    """A report in words alone, read."""
    return read(f"{HEAD.replace('Undelivered Mail Returned to Sender', subject)}\n{text}\n").bounce


def fields(action: str, status: str, diagnostic: str = "", recipient: str = "a@clients.example") -> str:
    """One recipient's block."""
    said = f"\nDiagnostic-Code: smtp; {diagnostic}" if diagnostic else ""
    return f"Final-Recipient: rfc822; {recipient}\nAction: {action}\nStatus: {status}{said}"


@pytest.mark.parametrize(
    ("action", "status", "diagnostic", "expected"),
    [
        ("failed", "5.1.1", "550 5.1.1 User unknown", "5.1.1"),
        ("failed", "5.0.0", "550 5.1.1 User unknown", "5.1.1"),
        ("failed", "5.0.0", "550 mailbox full", "5.2.2"),
        ("failed", "5.0.0", "", "5.0.0"),
        ("failed", "", "550 no such user", "5.1.1"),
        ("failed", "4.4.1", "connection timed out", "5.4.1"),
        ("delayed", "4.4.1", "connection timed out", "4.4.1"),
        ("relayed", "2.0.0", "", "2.0.0"),
        ("delivered", "2.1.5", "250 Ok", "2.1.5"),
        ("expanded", "", "", "2.0.0"),
    ],
)
def test_the_class_tells_what_became_of_the_letter(action: str, status: str, diagnostic: str, expected: str) -> None:
    """5 it failed, 4 it is late, 2 it arrived: the action says so, the status or else the words say why."""
    found = report(fields(action, status, diagnostic))
    assert found is not None
    assert (found.status, found.recipient) == (expected, "a@clients.example")


def test_the_worst_recipient_counts() -> None:
    """Of several, the one it failed for is told, wherever it stands."""
    late, failed = fields("delayed", "4.4.1"), fields("failed", "5.2.2", "552 full", "b@clients.example")
    assert report(late, failed) == Bounce(status="5.2.2", recipient="b@clients.example", said="552 full")


def test_the_address_that_was_written_to_is_the_recipient() -> None:
    """Not the one it was passed on to, which is nobody's business; in UTF-8 and in xtext too (RFC 6533, 3461)."""
    passed_on = fields("failed", "5.1.1", recipient="private@else.example")
    assert report(f"Original-Recipient: rfc822; marie+2Bx@clients.example\n{passed_on}") == Bounce(
        status="5.1.1", recipient="marie+x@clients.example"
    )
    utf8 = fields("failed", "5.6.7").replace("rfc822; a@", "utf-8; h\\x{E9}l\\x{E8}ne@")
    assert report(utf8) == Bounce(status="5.6.7", recipient="hélène@clients.example")


def test_the_servers_words_are_cleaned_and_bounded() -> None:
    """One line of at most 200 characters, without what hides."""
    found = report(fields("failed", "5.7.1", "550 5.7.1 no\u202eway\n\tand " + "more " * 100))
    assert found is not None
    assert found.said.startswith("550 5.7.1 noway and more")
    assert len(found.said) == 200


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hi. This is the qmail-send program at mx.example.\n\n<a@b.example>:\nNo mailbox here. (#5.1.1)", "5.1.1"),
        ("<a@b.example>: host mx said: 552-5.2.2 The account is over quota", "5.2.2"),
        ("La boîte aux lettres de a@b.example est pleine.", "5.2.2"),
        ("a@b.example: alıcının posta kutusu dolu", "5.2.2"),
        ("a@b.example: kullanıcı bulunamadı", "5.1.1"),
        ("a@b.example : destinataire inconnu", "5.1.1"),
        ("a@b.example: Host or domain name not found", "5.1.2"),
        ("a@b.example: message size exceeds limit", "5.3.4"),
        ("a@b.example: rejected as spam", "5.7.1"),
        ("a@b.example: has not yet been delivered, connection timed out", "4.4.1"),
        ("mx 10.5.1.1, version 4.94.2: a@b.example", ""),
    ],
)
def test_a_report_in_words_means_a_code(text: str, expected: str) -> None:
    """An SMTP reply or a code in it, else words of three languages; neither addresses of machines nor versions."""
    found = plain(text)
    assert found is not None
    assert (found.status, found.recipient) == (expected, "a@b.example")


def test_the_returned_letter_tells_the_recipient_when_nothing_else_does() -> None:
    """A field names it, or the letter that comes back; never one of our own addresses."""
    raw = (
        f"{HEAD}Content-Type: multipart/mixed; boundary=b\n\n--b\n\nUnknown user. From: support@shopfactory.example\n"
        "--b\nContent-Type: message/rfc822\n\nTo: Marie <marie@clients.example>\nSubject: x\n\nx\n--b--\n"
    )
    found = read(raw).bounce
    assert found is not None
    assert found.recipient == "marie@clients.example"
    named = read(raw.replace("Return-Path: <>", "Return-Path: <>\nX-Failed-Recipients: paul@clients.example")).bounce
    assert named is not None
    assert named.recipient == "paul@clients.example"


def test_only_bounces_have_one() -> None:
    """A person's mail that cites a report is none."""
    assert read("From: marie@clients.example\nSubject: code\n\nUser unknown 550 5.1.1, pourquoi ?\n").bounce is None
