"""Writes the reply corpus that the reader is tuned on: `python -m tests.mailin.write_replies`."""

from __future__ import annotations

import base64
import quopri
from pathlib import Path

from tests.mailin.reply_clients import Reply, replies
from tests.mailin.reply_traps import traps

TUNING = Path(__file__).resolve().parent.parent / "corpus" / "replies" / "tuning"


def mail(reply: Reply) -> bytes:
    """The reply as it comes over the wire."""
    head = (
        f"From: Marie Durand <marie@clients.example>\nTo: Support <support@lantern.example>\nSubject: {reply.subject}\n"
        f"Date: Thu, 05 Mar 2026 09:12:44 +0100\nMessage-ID: <{reply.name}@clients.example>\n"
    )
    if reply.answers:
        head += "In-Reply-To: <l1@lantern.example>\nReferences: <l1@lantern.example>\n"
    parts = [_part(kind, text, reply) for kind, text in (("plain", reply.plain), ("html", reply.html)) if text]
    head += "MIME-Version: 1.0\n"
    if len(parts) == 1:
        return head.encode() + parts[0]
    joined = b"".join(b"--b1f0\n" + part + b"\n" for part in parts)
    return head.encode() + b'Content-Type: multipart/alternative; boundary="b1f0"\n\n' + joined + b"--b1f0--\n"


def _part(kind: str, text: str, reply: Reply) -> bytes:
    data = text.encode(reply.charset)
    encoded = {"base64": base64.encodebytes, "quoted-printable": quopri.encodestring}.get(reply.encoding, bytes)(data)
    head = f"Content-Type: text/{kind}; charset={reply.charset}{reply.parameters if kind == 'plain' else ''}\n"
    return f"{head}Content-Transfer-Encoding: {reply.encoding}\n\n".encode() + encoded


def main() -> None:
    """Write every reply, and beside it what is shown of it."""
    TUNING.mkdir(parents=True, exist_ok=True)
    for reply in (*replies(), *traps()):
        (TUNING / f"{reply.name}.eml").write_bytes(mail(reply))
        (TUNING / f"{reply.name}.txt").write_text(reply.expected, "utf-8")


if __name__ == "__main__":
    main()
