"""What older programs and OpenPGP write into a mail's text: signatures around it, and files as letters."""

from __future__ import annotations

import re

# OpenPGP (RFC 9580 7): the words stand between two headers and a signature; lines that begin with a dash got another.
LINES = re.MULTILINE | re.DOTALL
SIGNED = re.compile(
    r"^-----BEGIN PGP SIGNED MESSAGE-----\n(?:[A-Z][\w-]{0,30}: [^\n]*\n)*\n?(?P<words>.*?)"
    r"(?:^-----BEGIN PGP SIGNATURE-----\n.*?(?:^-----END PGP SIGNATURE-----\n?|\Z)|\Z)",
    LINES,
)


def _block(begin: str, end: str) -> re.Pattern[str]:
    return re.compile(rf"^{begin}[^\n]*\n.*?(?:^{end}[^\n]*\n?|\Z)", LINES)


BLOCKS = (
    (_block("-----BEGIN PGP MESSAGE-----", "-----END PGP MESSAGE-----"), "an encrypted text (PGP), cannot be read"),
    (_block("-----BEGIN PGP PUBLIC KEY BLOCK-----", "-----END PGP PUBLIC KEY BLOCK-----"), ""),
    (
        re.compile(r"^begin [0-7]{3,4} [^\n]{1,200}\n(?:[ -`]{1,70}\n){1,20000}`?\n?(?:end\n?|\Z)", re.MULTILINE),
        "a file written into the text (uuencode)",
    ),
    (
        re.compile(
            r"^begin-base64 [0-7]{3,4} [^\n]{1,200}\n(?:[\w+/]{1,80}={0,2}\n){1,20000}(?:====\n?|\Z)?", re.MULTILINE
        ),
        "a file written into the text (uuencode)",
    ),
    (_block("=ybegin ", "=yend"), "a file written into the text (yEnc)"),
    (_block(r"\(This file must be converted with BinHex", ":$"), "a file written into the text (BinHex)"),
)
MARKS = ("-----BEGIN PGP", "begin ", "begin-base64 ", "=ybegin", "(This file must be")


def unarmoured(text: str) -> tuple[str, list[str]]:
    """The text without armour, and names for what could not be read in it."""
    if not any(mark in text for mark in MARKS):
        return text, []
    if "-----BEGIN PGP SIGNED" in text:
        text = SIGNED.sub(lambda match: re.sub(r"(?m)^- ", "", match["words"]), text)
    named: list[str] = []
    for pattern, name in BLOCKS:
        text, count = pattern.subn("", text)
        if count and name:
            named.append(name)
    return text, named
