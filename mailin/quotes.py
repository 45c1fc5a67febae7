"""What the writer wrote, without the mail it answers, the signature and the legal notice.

The words are in `lexicon/quotes.toml`; `openings` finds where somebody else's words begin, `endings` what stands below
the writer's. Markup says by a mark at the beginning of a line what it knows better (`mailin.markup`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from mailin.endings import Ending
from mailin.lexicon import patterns
from mailin.openings import DATE, SOFT_SEPARATOR, TIME, VERB, Openings, header_kind
from mailin.text import fold, tidy

LINE_LENGTH = 600
QUOTED, SIGNED = "\x02", "\x03"  # what begins a line that markup knows to be quoted, or a signature
MARKS = (">", "|>")
DEPTH = re.compile(r"\|?>+ ?")
WRAPPED_BY_FORCE = 60  # characters of a quoted line whose end was pushed to the next
INTRODUCTION = 8  # lines of a quoted block in which it may say whose it is
LONGEST_HEAD = 12  # lines
FORWARDS = 3  # how often forwarded mails are opened that forward another
ANNOUNCING = re.compile(f"@|{VERB.pattern}|{DATE.pattern}|{TIME.pattern}")
NO_HTML = patterns("quotes.toml")["no_html"]
NO_HTML_LENGTH = 400
PLACEHOLDER = re.compile(r"\[cid:[^\]\s]{1,200}\]|\[image:[^\]\n]{0,200}\]|^<image\d*\.(?:png|jpe?g|gif)>$")


class Visible(NamedTuple):
    """What the writer wrote, how many lines that are not blank were left out, the whole, and if a quote was seen."""

    text: str
    hidden_lines: int
    whole: str = ""
    quotes: bool = False


def visible(
    text: str, *, answers: bool = False, first: bool = True, sender: str = "", forwards: int = FORWARDS
) -> Visible:
    """The writer's own lines of a cleaned text; where there are none and a mail is forwarded, that one's.

    `answers` says that the mail answers another by its headers; `first` is False for a text below the writer's own;
    `sender` is the name in From.
    """
    page = _Page(text, answers)
    own, opening = page.own(first, sender)
    shown = page.shown(own)
    if not shown and forwards:
        shown = visible(page.forwarded(opening), answers=True, forwards=forwards - 1).text
    if not shown and not answers:
        shown = page.shown(page.signed())
    hidden = len(page.folded) - page.folded.count("") - sum(map(bool, map(str.strip, shown.split("\n"))))
    return Visible(shown, max(0, hidden), tidy(page.whole()), opening is not None or any(page.quoted))


def sends_to_html(text: str) -> bool:
    """Whether a plain text only says that the mail is to be read as HTML."""
    return len(text) < NO_HTML_LENGTH and NO_HTML.search(_folded(text)) is not None


def same_beginning(text: str, begins: str) -> str:
    """The beginning of a text, whole lines of it, that has the same letters and digits as another; else nothing."""
    wanted = "".join(filter(str.isalnum, begins))
    behind = "".join(begins[len(begins) - _signs_at_end(begins) :].split())
    seen = signs = end = 0
    for letter in text:
        end += 1
        if seen < len(wanted):
            if letter.isalnum() and letter != wanted[seen]:
                return ""
            seen += letter.isalnum()
        elif not letter.isspace():
            if not behind.startswith(letter, signs):
                break
            signs += 1
    else:
        return text.rstrip() if seen == len(wanted) else ""
    line = text.find("\n", end - 1)
    rest = text[end - 1 : line if line >= 0 else len(text)]
    return (text[: end - 1] if not rest.strip() or "\n" in text[: end - 1][-2:] else text[: end - 1] + rest).rstrip()


def _signs_at_end(text: str) -> int:
    return next((count for count, letter in enumerate(reversed(text)) if letter.isalnum()), len(text))


class _Page:
    """The lines of a text, folded beside them, and which of them are marked as a quote or a signature."""

    def __init__(self, text: str, answers: bool) -> None:
        self._answers = answers
        self.lines = text.split("\n")
        self.marks = [""] * len(self.lines)
        if QUOTED in text or SIGNED in text:
            self.marks = [line[:1] if line[:1] in {QUOTED, SIGNED} else "" for line in self.lines]
            self.lines = [line[1:] if mark else line for line, mark in zip(self.lines, self.marks, strict=True)]
        self.quoted = [
            mark == QUOTED or line.startswith(MARKS) for line, mark in zip(self.lines, self.marks, strict=True)
        ]
        self.folded = [
            (">" if quoted else _folded(line)) if line else ""
            for line, quoted in zip(self.lines, self.quoted, strict=True)
        ]
        self._openings = Openings(self.folded, self.quoted, answers)
        self._heads: set[int] = set()  # where only the headers of the answered mail are marked, and not its words

    def own(self, first: bool, sender: str) -> tuple[list[int], int | None]:
        """The numbers of the lines that the writer wrote, and that of the line which opens a quote without marks."""
        if any(self.quoted):
            self._judge_marks()
        ending = Ending(self.folded, self.lines, sender)
        if SIGNED in self.marks:
            self._judge_signatures(ending)
        runs, opening = self._runs()
        kept: list[int] = []
        for run in runs:
            kept += ending.cut(run, first and not any(self.folded[number] for number in kept))
        return kept, opening

    def shown(self, own: list[int]) -> str:
        """These lines, without what stands for pictures."""
        return tidy(
            [
                PLACEHOLDER.sub("", line) if "[" in line or "<" in line else line
                for line in map(self.lines.__getitem__, own)
            ]
        )

    def signed(self) -> list[int]:
        """The lines of the signatures: some programs take for one what was typed where one would stand."""
        signed = [number for number, mark in enumerate(self.marks) if mark == SIGNED]
        return [number for number in range(signed[0], signed[-1] + 1) if not self.quoted[number]] if signed else []

    def whole(self) -> list[str]:
        """All lines, those that markup quotes marked as in plain text."""
        if QUOTED not in self.marks:
            return self.lines
        return [
            f"> {line}" if mark == QUOTED and line else line for line, mark in zip(self.lines, self.marks, strict=True)
        ]

    def forwarded(self, opening: int | None) -> str:
        """The mail below the writer's empty page, if it was passed on and not answered; else nothing."""
        start = next((at for at, quoted in enumerate(self.quoted) if quoted), None) if opening is None else opening
        if start is None:
            return ""
        rest = [DEPTH.sub("", line, count=1) if line.startswith(MARKS) else line for line in self.lines[start:]]
        inner = _Page("\n".join(rest), self._answers)
        at = inner._openings.next_line(0)
        found = inner._openings.at(at) if at < len(rest) and not inner.quoted[at] else None
        if found is None or found.passes_on == "no" or (found.passes_on == "maybe" and self._answers):
            return ""
        return "\n".join(rest[at + found.length :])

    def _runs(self) -> tuple[list[list[int]], int | None]:
        """Runs of lines that nobody else wrote, between quotes, up to where only somebody else's words follow."""
        runs: list[list[int]] = [[]]
        number = 0
        while number < len(self.folded):
            if number in self._heads and any(self.folded[at] for run in runs for at in run):
                return runs, number
            length = 1 if self.quoted[number] or self.marks[number] else 0
            if not length and self.folded[number]:
                opening = self._openings.at(number)
                if opening is not None and opening.rest:
                    return runs, number
                length = opening.length if opening else 0
            if length:
                runs += [[]] if runs[-1] else []
            else:
                runs[-1].append(number)
            number += length or 1
        return runs, None

    def _judge_signatures(self, ending: Ending) -> None:
        """Closing words and a name at the top of a marked signature are the writer's, as they are without a mark."""
        number, last = 0, len(self.marks)
        above: list[int] = []  # the writer's last two lines
        while number < last:
            end = number + 1
            if self.marks[number] == SIGNED:
                while end < last and (self.marks[end] == SIGNED or not self.folded[end]):
                    end += 1
                if above and not any(ending.closing([at]) for at in above):
                    kept = number + ending.closing(range(number, end))
                    self.marks[number:kept] = [""] * (kept - number)
            elif self.folded[number] and not self.quoted[number]:
                above = [*above[-1:], number]
            number = end

    def _judge_marks(self) -> None:
        """Lines that begin with ">" are quoted, unless nothing says so; what a quote was wrapped over is quoted too.

        Above the announcement of a quote, or in a mail that answers none, a writer uses the mark as others use dashes.
        """
        blocks = [(start, end) for start, end in self._blocks() if self.marks[start] != QUOTED]
        self._heads = {start for start, end in blocks if self._is_head(start, end)}
        announced = self._announced(blocks)
        everything = not any(line and not quoted for line, quoted in zip(self.folded, self.quoted, strict=True))
        for start, end in blocks:
            if announced is not None:
                own = end < announced
            else:
                own = not everything and (not self._answers or self._is_cited(start, end, len(blocks)))
            if own:
                for number in range(start, end + 1):
                    self.quoted[number] = False
                    self.folded[number] = _folded(self.lines[number])
        if len(blocks) > 1:
            self._quote_orphans()

    def _is_cited(self, start: int, end: int, blocks: int) -> bool:
        """Whether the writer of an answer shows something with this mark: below a line that says so, or few words."""
        above = next((at for at in range(start - 1, -1, -1) if self.folded[at]), None)
        if above is None:
            return False
        line = self.folded[above]
        if line.endswith(":"):
            return not ANNOUNCING.search(line)
        return blocks == 1 and start == end and self.lines[start].rstrip()[-1:].isalnum()

    def _blocks(self) -> Iterator[tuple[int, int]]:
        """The first and last line of each run of quoted lines, blank ones between them included."""
        start = end = -1
        for number, quoted in enumerate(self.quoted):
            if quoted:
                start, end = (number if start < 0 else start), number
            elif self.folded[number] and start >= 0:
                yield start, end
                start = -1
        if start >= 0:
            yield start, end

    def _announced(self, blocks: list[tuple[int, int]]) -> int | None:
        """The first line that says whose words follow, outside or inside of quoted lines."""
        last = len(self.folded)
        known = self.marks.index(QUOTED) if QUOTED in self.marks else last
        at = 0
        for start, end in [*blocks, (last, last)]:
            for number in range(at, min(start, known)):
                if self.folded[number] and not self.quoted[number] and self._openings.at(number):
                    return number
            if known <= start:
                break
            if self._says_whose(start, end):
                return start
            at = end + 1
        return known if known < last else None

    def _says_whose(self, start: int, end: int) -> bool:
        lines = [DEPTH.sub("", line, count=1) for line in self.lines[start : min(end + 1, start + INTRODUCTION)]]
        inner = [">" if line.startswith(MARKS) else _folded(line) for line in lines]
        openings = Openings(inner, [line == ">" for line in inner], self._answers)
        at = openings.next_line(0)
        return at < len(inner) and inner[at] != ">" and openings.at(at) is not None

    def _is_head(self, start: int, end: int) -> bool:
        if end - start >= LONGEST_HEAD:
            return False
        lines = [DEPTH.sub("", line, count=1) for line in self.lines[start : end + 1]]
        inner = [folded for line in lines if (folded := _folded(line))]
        if len(inner) < 3 or not all(map(header_kind, inner[1:])):
            return False
        return header_kind(inner[0]) != "" or SOFT_SEPARATOR.fullmatch(inner[0]) is not None

    def _quote_orphans(self) -> None:
        """A line between two quoted ones is the end of the first if that was too long to be whole."""
        for number in range(1, len(self.lines) - 1):
            if (
                self.quoted[number]
                or not self.folded[number]
                or not (self.quoted[number - 1] and self.quoted[number + 1])
            ):
                continue
            above, line = self.lines[number - 1], self.lines[number]
            if (
                len(above) >= WRAPPED_BY_FORCE
                and above[-1:].isalnum()
                and line[:1].islower()
                and len(line) < len(above)
            ):
                self.quoted[number] = True


def _folded(line: str) -> str:
    return " ".join(fold(line[:LINE_LENGTH]).split())
