"""Files such as customers send, and such as they should not: made here, byte by byte where no library would."""

from __future__ import annotations

import base64
import struct
import zlib
from io import BytesIO
from typing import Any

from PIL import Image

HEIC = base64.b64decode(
    "AAAAHGZ0eXBoZWljAAAAAG1pZjFoZWljbWlhZgAAAX1tZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAAAAAAACJpbG9jAAAA"
    "AERAAAEAAQAAAAABoQABAAAAAAAAAB0AAAAjaWluZgAAAAAAAQAAABVpbmZlAgAAAAABAABodmMxAAAAAA5waXRtAAAAAAABAAAA/WlwcnAAAADd"
    "aXBjbwAAAHZodmNDAQNwAAAAkAAAAAAAHvAA/P34+AAADwNgAAEAGEABDAH//wNwAAADAJAAAAMAAAMAHroCQGEAAQAqQgEBA3AAAAMAkAAAAwAA"
    "AwAeoCCBBZbq5Ka5uAhoMCAAAAMDIAAAAwAhYgABAAZEAcFzwIkAAAATY29scm5jbHgAAQANAAaAAAAAFGlzcGUAAAAAAAAAQAAAAEAAAAAoY2xh"
    "cAAAAEAAAAABAAAAMAAAAAEAAAAAAAAAAv////AAAAACAAAAEHBpeGkAAAAAAwgICAAAABhpcG1hAAAAAAAAAAEAAQWBAgMFhAAAACVtZGF0AAAA"
    "GSgBrxOA9SeBP//gpUf/utZ4fg8Lfnny1PA="
)
"""A telephone's photograph of 64 by 48 pixels, all red; our library only reads this format."""


def image(form: str, size: tuple[int, int] = (64, 48), mode: str = "RGB", color: Any = "red", **options: Any) -> bytes:
    """A picture of one colour in that format."""
    made = BytesIO()
    Image.new(mode, size, color).save(made, form, **options)
    return made.getvalue()


def png_of(width: int, height: int) -> bytes:
    """A PNG of a hundred bytes that says it has so many pixels."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(b"")), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body)) for name, body in chunks
    )


def pdf(pages: int = 1, content: bytes = b"", box: str = "0 0 595 842", trailer: str = "") -> bytes:
    """A PDF of so many pages, all with that content; `trailer` goes where the key of an encrypted one would stand."""
    stream = zlib.compress(content)
    kids = " ".join(f"{number} 0 R" for number in range(4, 4 + pages))
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        f"<</Type/Pages/Count {pages}/Kids[{kids}]>>".encode(),
        b"<</Length %d/Filter/FlateDecode>>stream\n%b\nendstream" % (len(stream), stream),
        *[f"<</Type/Page/Parent 2 0 R/MediaBox[{box}]/Contents 3 0 R/Resources<<>>>>".encode()] * pages,
    ]
    return _assembled(objects, trailer)


def encrypted_pdf() -> bytes:
    """A PDF that wants a password nobody knows (standard security handler, revision 3)."""
    security = f"/Encrypt<</Filter/Standard/V 2/R 3/Length 128/P -44/O<{'41' * 32}>/U<{'42' * 32}>>>/ID[<00><00>]"
    return pdf(trailer=security)


def slow_pdf() -> bytes:
    """A PDF of a few kilobytes that takes minutes to draw."""
    return pdf(content=b"0 0 m 590 1 1 840 590 840 c S\n" * 3_000_000)


def large_pdf() -> bytes:
    """A PDF that is drawn soon when small, and not when large: twenty pages, each filled over and over."""
    return pdf(20, b"0 0 595 842 re f\n" * 3000)


def _assembled(objects: list[bytes], trailer: str) -> bytes:
    made, places = bytearray(b"%PDF-1.7\n"), []
    for number, body in enumerate(objects, 1):
        places.append(len(made))
        made += b"%d 0 obj" % number + body + b"endobj\n"
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    at = len(made)
    made += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}trailer".encode()
    made += f"<</Size {len(objects) + 1}/Root 1 0 R{trailer}>>\nstartxref\n{at}\n%%EOF".encode()
    return bytes(made)
