"""What mails wrap up: attached mails, `winmail.dat`, signatures and encryption around the words."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from handlers.model.mail import Attachment
from tests.mailin.parcels import PDF, attribute, mail_with, names, nested, smime, taken, winmail, wrapped
from tests.mailin.reading import read

LONG = b"\xff\xff\xff\x7f"
CLEAR_SIGNED = (
    "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\nmot de passe perdu\n- - un\n"
    "-----BEGIN PGP SIGNATURE-----\n\niQEz\n-----END PGP SIGNATURE-----"
)


def test_an_attached_mail_is_listed_with_its_files() -> None:
    """Under its subject; its text is not the writer's, its documents can be asked for."""
    inner = mail_with(("kbis.pdf", "application/pdf", PDF), text="supprimez mon compte")
    outer = mail_with(text="voir ci-joint")
    outer.add_attachment(inner)
    raw = outer.as_bytes()
    mail = read(raw)
    assert mail.text == "voir ci-joint"
    assert names(mail) == ["bonjour.eml", "kbis.pdf"]
    assert (mail.attachments[0].type, mail.attachments[1].verdict) == ("message/rfc822", "plausible")
    assert "attached mail" in mail.attachments[1].why
    assert taken(raw, 1) == PDF


def test_mails_in_mails_are_opened_to_a_depth() -> None:
    """And the rest is named."""
    mail = read(nested(40))
    assert len(mail.attachments) <= 5
    assert any("not opened" in defect for defect in mail.defects)


def test_the_files_in_winmail_dat_can_be_asked_for() -> None:
    """What customers with Outlook attach arrives, under its long name and judged as any file."""
    raw = mail_with(("winmail.dat", "application/ms-tnef", winmail("Kbis été.pdf", PDF))).as_bytes()
    mail = read(raw)
    assert names(mail) == ["winmail.dat", "Kbis été.pdf"]
    assert (mail.attachments[1].type, mail.attachments[1].verdict) == ("application/pdf", "plausible")
    assert taken(raw, 1) == PDF


def test_the_text_in_winmail_dat_is_read_where_there_is_no_other() -> None:
    """Some servers send nothing else."""
    data = winmail("a.pdf", PDF, "j'ai oublié mon mot de passe".encode("cp1252"))
    assert (
        read(mail_with(("winmail.dat", "application/ms-tnef", data), text="").as_bytes()).text
        == "j'ai oublié mon mot de passe"
    )
    both = mail_with(("winmail.dat", "application/ms-tnef", data), text="bonjour")
    assert read(both.as_bytes()).text == "bonjour"


def test_a_broken_winmail_dat_is_named() -> None:
    """And nothing of it is guessed."""
    mail = read(mail_with(("winmail.dat", "application/ms-tnef", b"garbage")).as_bytes())
    assert names(mail) == ["winmail.dat"]
    assert any("winmail.dat" in defect for defect in mail.defects)


@pytest.mark.parametrize("endless", [False, True])
def test_a_mail_inside_its_signature_is_read(endless: bool) -> None:
    """S/MIME as Outlook and as streaming programs write it: text and files are the mail's own."""
    inner = mail_with(("kbis.pdf", "application/pdf", PDF), text="mon identifiant est durand42")
    del inner["From"], inner["Subject"], inner["Message-ID"]
    raw = wrapped(smime(inner.as_bytes(), endless=endless))
    mail = read(raw)
    assert (mail.text, mail.claims.logins) == ("mon identifiant est durand42", ("durand42",))
    assert names(mail) == ["kbis.pdf"]
    assert taken(raw, 0) == PDF


def test_an_encrypted_mail_is_named() -> None:
    """S/MIME and PGP: nothing can be read, and staff are told."""
    mails = [
        wrapped(smime(b"x", "2a864886f70d010703")),
        b'Content-Type: multipart/encrypted; protocol="application/pgp-encrypted"; boundary=b\n\n'
        b"--b\nContent-Type: application/pgp-encrypted\n\nVersion: 1\n"
        b"--b\nContent-Type: application/octet-stream\n\nx\n--b--\n",
    ]
    for raw in mails:
        assert any("encrypted, cannot be read" in defect for defect in read(raw).defects)


@pytest.mark.parametrize(
    ("text", "shown", "defect"),
    [
        (CLEAR_SIGNED, "mot de passe perdu\n- un", ""),
        ("voici\n-----BEGIN PGP MESSAGE-----\n\nhQEM\n-----END PGP MESSAGE-----\n", "voici", "PGP"),
        ("voici\n\nbegin 644 kbis.pdf\n#0V%T\n`\nend\n", "voici", "uuencode"),
        ("voici\n=ybegin line=128 size=3 name=a.pdf\nxyz\n=yend size=3\n", "voici", "yEnc"),
        ("je commence\nbegin again", "je commence\nbegin again", ""),
    ],
)  # fmt: skip
def test_armour_is_taken_off_or_named(text: str, shown: str, defect: str) -> None:
    """Clear-signed words are read; what is encrypted or encoded in the text is no text."""
    mail = read(mail_with(text=text).as_bytes())
    assert mail.text == shown
    assert [defect in one for one in mail.defects] == [True] * bool(defect)


@pytest.mark.parametrize("kind", ["message/partial", "message/external-body"])
def test_what_is_not_here_is_named(kind: str) -> None:
    """Pieces of mails and files that lie elsewhere are not fetched."""
    mail = read(f'Content-Type: {kind}; id=x; number=1; access-type=URL; URL="http://x.example/"\n\nSubject: a\n\nb')
    assert any(kind in defect for defect in mail.defects)


WRAPPERS: dict[str, Callable[[], bytes]] = {
    "values in values": lambda: b"\x30\x80" * 100_000,
    "strings in strings": lambda: b"\x24\x80" * 100_000,
    "values that are too long": lambda: b"\x30\x84\xff\xff\xff\xff" * 50_000,
    "files without end": lambda: winmail("a", bytes(1_000_000)) + attribute(0x00069002, b"") * 200_000,
    "properties without end": lambda: (
        b"\x78\x9f\x3e\x22\x01\x00" + attribute(0x00069003, LONG + (b"\x1e\0\1\0" + LONG) * 100_000)
    ),
    "mails in mails": lambda: nested(3000),
}  # fmt: skip


@pytest.mark.parametrize("make", WRAPPERS.values(), ids=WRAPPERS.keys())
def test_hostile_wrappers_end_soon(make: Callable[[], bytes]) -> None:
    """Depth, number and size are bounded before anything is believed (T33, T34)."""
    data = make()
    started = time.process_time()
    mails = [wrapped(data), mail_with(("winmail.dat", "application/ms-tnef", data)).as_bytes(), data]
    found: list[tuple[Attachment, ...]] = [read(raw).attachments for raw in mails]
    assert time.process_time() - started < 2.0
    assert all(len(files) <= 50 for files in found)
