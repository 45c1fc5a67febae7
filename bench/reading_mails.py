"""The mails that reading is measured on: the sizes and shapes of everyday support mail."""

from __future__ import annotations

import base64
import quopri

HEADERS = (
    "Return-Path: <marie.durand@clients.example>\n"
    "Received: from mx1.clients.example (mx1.clients.example [192.0.2.7]) by border.example with ESMTPS id 4Xq9Zk;\n"
    "\tFri, 20 Nov 2026 09:12:45 +0100 (CET)\n"
    "Received: from webmail (unknown [198.51.100.9]) by mx1.clients.example with ESMTPSA id 88ab1;\n"
    "\tFri, 20 Nov 2026 09:12:44 +0100\n"
    "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=clients.example; s=s2026; t=1795162364;\n"
    "\th=from:to:subject:date:message-id:mime-version:content-type; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=;\n"
    "\tb=" + "Qk1vQ2l0aG9uZ1NpZ25hdHVyZU9mQmFzZTY0" * 8 + "\n"
    "From: =?utf-8?q?Marie_Durand?= <marie.durand@clients.example>\n"
    "Reply-To: Marie Durand <marie.durand@clients.example>\n"
    "To: Support <support@lantern.example>\n"
    "Cc: Compta <compta@clients.example>\n"
    "Subject: =?utf-8?q?Mot_de_passe_oubli=C3=A9_pour_mon_compte?=\n"
    "Date: Fri, 20 Nov 2026 09:12:44 +0100\n"
    "Message-ID: <a1b2c3d4e5f6@clients.example>\n"
    "In-Reply-To: <ack-77@lantern.example>\n"
    "References: <m1@clients.example> <ack-77@lantern.example>\n"
    "X-Mailer: Webmail 7.3\n"
    "MIME-Version: 1.0\n"
)
WISH = "Bonjour,\n\nj'ai oublié mon mot de passe, mon identifiant est durand42.\n\nMerci d'avance,\nMarie Durand\n\n"
FILLING = "Depuis la mise à jour de notre boutique nous suivons les étapes de votre page sans y parvenir tout à fait.\n"
TURKISH = "Merhaba,\n\nşifremi unuttum, kullanıcı adım ayse34. Yardımcı olur musunuz?\n\nTeşekkürler\n\n"
TURKISH_FILLING = "Güncellemeden beri sayfanızdaki adımları izliyoruz ama bir türlü sonuca ulaşamıyoruz, teşekkürler.\n"


def mails() -> dict[str, bytes]:
    """Each shape by its name."""
    return {
        "plain 3 KB": _mail(_text(WISH + FILLING * 12, "utf-8", "8bit")),
        "alternative 22 KB": _mail(
            _multipart("alternative", _text(WISH + FILLING * 60, "utf-8", "quoted-printable"), _html(120))
        ),
        "HTML only 14 KB": _mail(_html(120)),
        "reply 11 KB": _mail(_text(WISH + _quote(80), "utf-8", "8bit")),
        "Turkish 4 KB": _mail(_text(TURKISH + TURKISH_FILLING * 20, "windows-1254", "base64")),
        "attachment 1.4 MB": with_attachment(1 << 20),
    }


def with_attachment(size: int) -> bytes:
    """A plain mail with one file of `size` bytes."""
    file = b'Content-Type: application/pdf; name="kbis.pdf"\nContent-Transfer-Encoding: base64\n\n'
    data = base64.encodebytes((b"%PDF-1.4\n" + bytes(range(256)) * (size // 256 + 1))[:size])
    return _mail(_multipart("mixed", _text(WISH, "utf-8", "8bit"), file + data))


def _mail(body: bytes) -> bytes:
    return (HEADERS.encode() + body).replace(b"\n", b"\r\n")


def _text(text: str, charset: str, encoding: str, kind: str = "plain") -> bytes:
    data = text.encode(charset)
    if encoding == "base64":
        data = base64.encodebytes(data)
    elif encoding == "quoted-printable":
        data = quopri.encodestring(data)
    return f"Content-Type: text/{kind}; charset={charset}\nContent-Transfer-Encoding: {encoding}\n\n".encode() + data


def _html(paragraphs: int) -> bytes:
    text = "".join(f'<p style="margin:0"><span>{line}</span></p>' for line in WISH.split("\n") + [FILLING] * paragraphs)
    return _text(f"<html><body>{text}</body></html>", "utf-8", "8bit", "html")


def _multipart(kind: str, *parts: bytes) -> bytes:
    head = f'Content-Type: multipart/{kind}; boundary="=_b7f3k2m9"\n\n'.encode()
    return head + b"".join(b"--=_b7f3k2m9\n" + part + b"\n" for part in parts) + b"--=_b7f3k2m9--\n"


def _quote(lines: int) -> str:
    return "Le ven. 20 nov. 2026 à 09:14, Lantern <support@lantern.example> a écrit :\n\n" + f"> {FILLING}" * lines
