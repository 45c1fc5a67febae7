"""Text from strangers made safe to show and easy to compare."""

from __future__ import annotations

import re
import unicodedata

from handlers.unseen import JOINER, KEPT, LOOSE, SELECTOR, UNSEEN

# Control, zero-width, direction, blank and private characters: nothing a writer means, everything a trickster needs.
INVISIBLE = re.compile(f"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ue000-\uf8ff\U000f0000-\U0010ffff{UNSEEN}]")
SPACES = re.compile("[\t\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")
LINE_ENDS = re.compile("\r\n?|\x0b|\x0c|\x85|\u2028|\u2029")
# What passes for printable and may still hide, stack or stand decomposed.
UNUSUAL = re.compile(f"[\u0300-\u036f{UNSEEN}]")
STACKED = re.compile("([\u0300-\u036f]{2})[\u0300-\u036f]+")
MARKS = re.compile(r"[^\w\s!-~]{32,}")  # letters never, so a run of them may be combining marks
BLANK_LINES = re.compile(r"\n{3,}")
SUBJECT_LENGTH = 300
LETTERS = 5000


def clean(text: str) -> str:
    """The text with one kind of line end and space, composed letters, and nothing invisible."""
    if not text.isascii() or "\r" in text or "\x0c" in text or "\x0b" in text:
        text = LINE_ENDS.sub("\n", text)
    if text.replace("\n", "").isprintable() and not UNUSUAL.search(text):
        return text
    text = STACKED.sub(r"\1", INVISIBLE.sub("", SPACES.sub(" ", text)))
    # Long runs of marks are put in order one by one, each moved over all before it.
    text = unicodedata.normalize("NFC", MARKS.sub(_unstacked, text))
    if not text.replace("\n", "").isprintable():  # letters that no alphabet has yet
        text = "".join(letter for letter in text if letter.isprintable() or letter == "\n")
    return text


def clean_words(text: str) -> str:
    """What people wrote, cleaned: emoji that are made of several stay whole, which names and addresses do not need."""
    if JOINER not in text and SELECTOR not in text:
        return clean(text)
    pieces = KEPT.split(text)  # every other one is kept
    pieces[::2] = map(clean, pieces[::2])
    return LOOSE.sub("", "".join(pieces))


def _unstacked(run: re.Match[str]) -> str:
    """The run without marks that stand on two others."""
    marks = [unicodedata.combining(letter) > 0 for letter in run[0]]
    return "".join(letter for at, letter in enumerate(run[0]) if at < 2 or not all(marks[at - 2 : at + 1]))


def one_line(text: str) -> str:
    """The text on one line, for subjects, names and file names; bounded."""
    return " ".join(clean(text[: 4 * SUBJECT_LENGTH]).split())[:SUBJECT_LENGTH]


def tidy(lines: list[str]) -> str:
    """Lines as one text: no trailing spaces, at most one blank line in a row, nothing blank at the ends."""
    text = "\n".join(map(str.rstrip, lines))
    return (BLANK_LINES.sub("\n\n", text) if "\n\n\n" in text else text).strip("\n ")


class _Folding(dict[int, str]):
    """Letters without accents and case, one for one, made on first use; Turkish dotted and dotless i are both `i`.

    Beyond what an alphabet has they are not kept: there are a million.
    """

    def __missing__(self, code: int) -> str:
        letter = chr(code)
        base = unicodedata.normalize("NFKD", letter)[:1].lower()
        folded = {"ı": "i", "œ": "o", "æ": "a", "ß": "s", "’": "'", "‘": "'", "`": "'", "´": "'"}.get(letter, base)
        folded = folded if len(folded) == 1 else letter
        if len(self) < LETTERS:
            self[code] = folded
        return folded


_folding = _Folding()
"".join(map(chr, range(0x250))).translate(_folding)  # Latin ones are there, whoever writes first


def fold(text: str) -> str:
    """The text in lower case, without accents, of the same length: a place in one is a place in the other."""
    return text.translate(_folding)


def unflow(text: str, delete_space: bool) -> str:
    """The paragraphs of a `format=flowed` text (RFC 3676), each on one line; quote marks are kept."""
    lines: list[list[str]] = []  # of the pieces of each
    open_depth = -1
    for line in text.split("\n"):
        body = line.lstrip(">")
        depth = len(line) - len(body)
        body = body.removeprefix(" ")
        flows = body.endswith(" ") and body != "-- "
        content = body[:-1] if flows and delete_space else body
        if depth == open_depth and content:
            lines[-1].append(content)
        else:
            lines.append([f"{'>' * depth}{' ' if depth else ''}{content}"])
        open_depth = depth if flows else -1
    return "\n".join(map("".join, lines))
