"""Header text made readable: encoded words (RFC 2047) and addresses (RFC 5322), read the forgiving way."""

from __future__ import annotations

import binascii
import re
from itertools import groupby

from mailin.charsets import decode_loose
from mailin.text import one_line

ENCODED_WORD = re.compile(r"=\?([\w:.+-]{1,40})(?:\*[\w-]{0,20})?\?([bBqQ])\?([^?]{0,4000})\?=")
BETWEEN_WORDS = re.compile(r"(\?=)\s+(=\?)")
ADDRESS = re.compile(r"[^\s<>()\[\],;:\"\\@]{1,64}@[^\s<>()\[\],;:\"\\@]{1,253}")
QUOTED = re.compile(r'"(?:[^"\\]|\\.)*+"')
MESSAGE_ID = re.compile(r"<([^<>\s]{1,250})>")
ADDRESS_LENGTH = 254
NAME_LENGTH = 120
FIELD_LENGTH = 2000


def header_words(value: str) -> str:
    """The text of an unstructured field, encoded words decoded, on one line and free of what hides or controls."""
    if "=?" not in value:
        return one_line(value)
    joined = BETWEEN_WORDS.sub(r"\1\2", value)
    pieces = [(match[1].lower(), match) for match in ENCODED_WORD.finditer(joined)]
    text, at = [], 0
    for charset, run in groupby(_runs(pieces), key=lambda item: item[0]):
        matches = [match for _, match in run]
        text += [joined[at : matches[0].start()], decode_loose(b"".join(map(_payload, matches)), charset[1])]
        at = matches[-1].end()
    return one_line("".join([*text, joined[at:]]))


def _runs(pieces: list[tuple[str, re.Match[str]]]) -> list[tuple[tuple[int, str], re.Match[str]]]:
    """Encoded words that touch and share a charset get the same key: mailers split letters across them."""
    keyed: list[tuple[tuple[int, str], re.Match[str]]] = []
    for charset, match in pieces:
        last = keyed[-1] if keyed else None
        touching = last is not None and last[1].end() == match.start() and last[0][1] == charset
        number = last[0][0] if touching and last is not None else len(keyed)
        keyed.append(((number, charset), match))
    return keyed


def _payload(match: re.Match[str]) -> bytes:
    data = match[3].encode("ascii", "replace")
    if match[2] in "qQ":
        return binascii.a2b_qp(data, header=True)
    try:
        return binascii.a2b_base64(data + b"===")
    except binascii.Error:
        return b""


def mailbox(value: str) -> tuple[str, str]:
    """Name and address of the first mailbox in a From or Reply-To field; empty where there is none.

    The address is read before encoded words are decoded, so that a display name cannot smuggle one in. One that can be
    read in two ways is none: the server that judged the sender may have read the other.
    """
    first, _ = _first_mailbox(value)
    bare = QUOTED.sub(lambda quoted: " " * len(quoted[0]), first)  # a quoted name may hold anything
    opened = bare.find("<")
    if opened < 0:
        words = [word for word in bare.split() if "@" in word]
        return ("", _address(words[0])) if len(words) == 1 else (_name(first), "")
    inside, _, behind = bare[opened + 1 :].partition(">")
    return _name(first[:opened]), "" if "@" in behind or "<" in behind else _address(inside.strip())


def several_mailboxes(value: str) -> bool:
    """Whether a From field names more than its first mailbox, or is longer than anybody reads."""
    _, end = _first_mailbox(value)
    return "@" in value[end:]


def _address(text: str) -> str:
    """The text if it is an address and holds nothing that nobody sees: cleaned, it would be another's."""
    whole = ADDRESS.fullmatch(text) is not None and len(text) <= ADDRESS_LENGTH
    return text if whole and one_line(text) == text else ""


def _first_mailbox(value: str) -> tuple[str, int]:
    """The field up to the first comma after an address, outside of quotes and comments; comments left out.

    And where it ends in the field.
    """
    kept: list[str] = []
    end = min(len(value), FIELD_LENGTH)
    quoted, depth, seen = False, 0, False
    previous = ""
    for at, letter in enumerate(value[:FIELD_LENGTH]):
        if letter == '"' and previous != "\\" and not depth:
            quoted = not quoted
        if not quoted and letter in "()":
            depth = max(0, depth + (1 if letter == "(" else -1))
        elif not depth:
            if seen and not quoted and letter in ",;":
                end = at
                break
            seen = seen or (letter == "@" and not quoted)
            kept.append(letter)
        previous = letter
    return "".join(kept), end


def _name(phrase: str) -> str:
    text = header_words(re.sub(r"\\(.)", r"\1", phrase.replace('"', "").strip()))
    return text.strip(" '")[:NAME_LENGTH]


def message_ids(value: str) -> list[str]:
    """The message ids of an In-Reply-To, References or Message-ID field, without their brackets."""
    return MESSAGE_ID.findall(value)
