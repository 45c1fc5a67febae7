"""HTML mail as text: what a reader sees, and which lines of it the markup knows to be quoted or a signature.

The walk is linear and lays out nothing: no widths, no margins, no table columns, which a hostile mail could make huge.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from lxml import etree

from mailin.markings import (
    BESIDE,
    CONTAINERS,
    INDENTED,
    QUOTE_NAMES,
    SIGNATURES,
    begins_the_rest,
    is_hidden,
    names_of,
    style_of,
)
from mailin.quotes import QUOTED, SIGNED
from mailin.text import clean_words, tidy

HTML_CHARACTERS = 256 * 1024
LINES = {
    "div",
    "tr",
    "li",
    "table",
    "ul",
    "ol",
    "dl",
    "dt",
    "dd",
    "section",
    "article",
    "center",
    "form",
    "header",
    "footer",
}
PARAGRAPHS = {"p", "h1", "h2", "h3", "h4", "h5", "h6", "pre", "blockquote", "hr"}
LETTER_SIZE = re.compile(r"font-size:(\d*\.?\d+)")
KEPT_SPACES = re.compile(r"white-space:pre")
CONTAINERS_LOOKED_INTO = 20
LINK = re.compile(r"https?://[!-;=?-~]{3,500}", re.IGNORECASE)
EMOJI = re.compile(r"(?:[^\x00-\u203b]|\u200d){1,12}")
SPACING = re.compile(r"[\t\r\n\f][ \t\r\n\f]*| [ \t\r\n\f]+")
# Breaks inside of a line, and where the lines of a quote, a signature and the writer begin.
PARAGRAPH, BREAK, CELL = "\x1d", "\x1e", "\x1f"
NO_BREAK = "\u00a0"
QUOTE_LINES, SIGNED_LINES, SOFT_LINES, OWN_LINES = "\x02", "\x03", "\x04", "\x05"
STARTS = {QUOTE_LINES: QUOTED, SIGNED_LINES: SIGNED, SOFT_LINES: "> ", OWN_LINES: ""}
BREAKS = re.compile("\n? ?[\x1d\x1e][\x1d\x1e ]*")
UNSHOWN = re.compile(r"<(script|style|head)\b", re.IGNORECASE | re.ASCII)
SHOWN_AGAIN = {tag: re.compile(f"</{tag}>", re.IGNORECASE | re.ASCII) for tag in ("script", "style", "head")}
TAG = re.compile(r"<[^<>]{0,5000}>")
# A tag with as many attributes as any mailer writes, and then the rest: the parser compares each with all before it.
# Every tag matches, so that none is looked at twice.
ATTRIBUTE = r"""(?:[\s/]++|[^\s/>=]++(?:\s*+=\s*+(?:"[^"]*+"?+|'[^']*+'?+|[^\s>]*+))?+|=)"""
ATTRIBUTES = re.compile(rf"(<[a-zA-Z][^\s/>]*+{ATTRIBUTE}{{0,400}}+){ATTRIBUTE}*+")


def text_of_html(html: str) -> str:
    """What a reader of an HTML mail sees; lines that the markup quotes or signs begin with `QUOTED` or `SIGNED`."""
    html = _cleaned(html[:HTML_CHARACTERS])[:HTML_CHARACTERS]  # composed, some letters are three
    root = _parse(ATTRIBUTES.sub(r"\1", html))
    if root is None:
        return _without_tags(html)
    walk = _Walk()
    text = walk.text(root)
    # Nested more deeply than the parser goes, a text is dropped by it; better shown without its form than not at all.
    return text if text or walk.hides else _without_tags(html)


def _cleaned(text: str) -> str:
    """Cleaned but for the spaces that do not break: they hold empty lines open."""
    return NO_BREAK.join(map(clean_words, text.split(NO_BREAK)))


def _parse(html: str) -> etree._Element | None:
    parser = etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True)
    try:
        return etree.fromstring(html.encode(), parser)
    except (etree.LxmlError, ValueError):
        return None


def _without_tags(html: str) -> str:
    text = TAG.sub(" ", " ".join(_shown_pieces(html)))
    return tidy([" ".join(line.split()) for line in text.split("\n")])


def _shown_pieces(html: str) -> Iterator[str]:
    """The source without scripts and styles."""
    at = 0
    while opened := UNSHOWN.search(html, at):
        yield html[at : opened.start()]
        closed = SHOWN_AGAIN[opened[1].lower()].search(html, opened.end())
        at = closed.end() if closed else len(html)
    yield html[at:]


class _State(NamedTuple):
    """How the words inside of an element are shown."""

    lines: str = OWN_LINES
    small: bool = False  # in letters without size
    kept: bool = False  # with all their spaces


class _Walk:
    """One walk through a document: its words with breaks and marks between them."""

    def __init__(self) -> None:
        self.hides = False
        self._pieces: list[str] = []
        self._states = [_State()]
        self._rest = False
        self._containers = 0

    def text(self, root: etree._Element) -> str:
        """The text below an element, one line for each block, words separated by single spaces."""
        walk = etree.iterwalk(root, events=("start", "end"))
        skipped: etree._Element | None = None
        for event, element in walk:
            tag = str(element.tag)
            if event == "end":
                if element is skipped:
                    skipped = None
                else:
                    self._leave(tag, element)
                self._say(element.tail if element is not root else None)
            elif element is not root and is_hidden(tag, element):
                self.hides = True
                skipped = element
                walk.skip_subtree()
            else:
                self._enter(tag, element)
        return _lines("".join(self._pieces))

    def _enter(self, tag: str, element: etree._Element) -> None:
        before = self._states[-1]
        state = self._state(tag, element, before)
        self._states.append(state)
        self._pieces.append(_break(tag))
        if state.lines != before.lines:
            self._pieces += [BREAK, state.lines]
        if tag == "li":
            self._pieces.append("- ")
        elif tag == "img":
            self._pieces.append(_emoji(element))
        # An empty line of the writer's whose no-break space became a space on the way; indentation has a line end.
        blank = tag == "div" and element.text == " " and not len(element)
        self._say(NO_BREAK if blank else element.text)

    def _leave(self, tag: str, element: etree._Element) -> None:
        state = self._states.pop()
        back = self._states[-1].lines
        if state.lines != back and not self._rest:
            self._pieces += [BREAK, back]
        if tag == "a":
            self._say(_link(element))
        self._pieces.append("\n" if tag == "br" else CELL if tag in {"td", "th"} else _break(tag))

    def _say(self, text: str | None) -> None:
        state = self._states[-1]
        if not text or (state.small and not text.isspace()):
            return
        if not state.kept and SPACING.search(text):
            text = SPACING.sub(" ", text)
        # Entities may spell what was cleaned from the source.
        self._pieces.append(text if text.isascii() and text.isprintable() else _cleaned(text))

    def _state(self, tag: str, element: etree._Element, state: _State) -> _State:
        if not element.attrib:
            plain = tag == "blockquote" and state.lines == OWN_LINES and not self._rest
            return state._replace(lines=SOFT_LINES) if plain else state._replace(kept=True) if tag == "pre" else state
        style = style_of(element)
        size = LETTER_SIZE.search(style)
        if size:
            state = state._replace(small=float(size[1]) == 0)
        if tag == "pre" or (style and KEPT_SPACES.search(style)):
            state = state._replace(kept=True)
        if self._rest or state.lines == QUOTE_LINES:
            return state
        names = names_of(element)
        if begins_the_rest(element, names, style):
            self._rest = True
            return state._replace(lines=QUOTE_LINES)
        return state._replace(lines=self._kind_of_lines(tag, element, names, style, state.lines))

    def _kind_of_lines(self, tag: str, element: etree._Element, names: str, style: str, lines: str) -> str:
        if tag == "blockquote":
            if element.get("type") == "cite" or self._containers or QUOTE_NAMES.search(names):
                return QUOTE_LINES
            return lines if INDENTED.search(style) and not CONTAINERS.search(names) else SOFT_LINES
        if style and BESIDE.search(style):
            return QUOTE_LINES
        if not names:
            return lines
        if CONTAINERS.search(names):
            self._containers += 1
            return lines if self._holds_both(element) else QUOTE_LINES
        if element.get("name") == "quote" or QUOTE_NAMES.search(names):
            return QUOTE_LINES
        return SIGNED_LINES if SIGNATURES.search(names) else lines

    def _holds_both(self, element: etree._Element) -> bool:
        """Whether the quoted words in here have marks of their own; those of a mail passed on have none."""
        if self._containers > CONTAINERS_LOOKED_INTO:
            return False
        begin = "".join(map(str, islice(element.itertext(), 20)))
        return not begin.lstrip().startswith("--") and element.find(".//blockquote") is not None


def _link(element: etree._Element) -> str:
    """Where a link leads, as plain text says it; nothing where its words say so themselves."""
    leads = (element.get("href") or "").strip()
    if not LINK.fullmatch(leads):
        return ""
    words = "".join("".join(map(str, islice(element.itertext(), 20)))[:1000].split()).lower()
    bare = leads.lower().partition("://")[2].removeprefix("www.").rstrip("/")
    said = words.partition("://")[2] or words
    said = said.removeprefix("www.").rstrip("/")
    return "" if not said or bare.startswith(said) else f" <{leads}>"


def _emoji(element: etree._Element) -> str:
    """What a picture stands for, if that is a letter that programs draw."""
    alt = clean_words((element.get("alt") or element.get("data-emoji") or "")[:20])
    return alt if EMOJI.fullmatch(alt) and not any(map(str.isalnum, alt)) else ""


def _break(tag: str) -> str:
    """A line end for blocks; two for paragraphs."""
    if tag in PARAGRAPHS:
        return PARAGRAPH
    return BREAK if tag in LINES else ""


def _lines(text: str) -> str:
    """Breaks as line ends, neighbouring ones as one, a paragraph's as a blank line; marks as what lines begin with."""
    broken = BREAKS.sub(_line_ends, text).replace(CELL, " ").replace(NO_BREAK, " ")
    lines: list[str] = []
    start = ""
    for line in broken.split("\n"):
        words = line.strip()
        if words[:1] in STARTS or words[-1:] in STARTS:
            marks, words = _marks(words)
            if marks[0]:
                start = STARTS[marks[0][-1]]
            if words or not marks[0].startswith(SIGNED_LINES):  # a signature's mark by itself is no blank line
                lines.append(f"{start}{words}" if words else "")
            if marks[1]:
                start = STARTS[marks[1][-1]]
        else:
            lines.append(f"{start}{words}" if words else "")
    return tidy(lines)


def _marks(line: str) -> tuple[tuple[str, str], str]:
    """The marks before and behind the words of a line, and the words."""
    signs = "".join(STARTS) + " "
    behind = line.lstrip(signs)
    words = behind.rstrip(signs)
    before = "".join(sign for sign in line[: len(line) - len(behind)] if sign in STARTS)
    return (before, "".join(sign for sign in behind[len(words) :] if sign in STARTS)), words


def _line_ends(breaks: re.Match[str]) -> str:
    """A `<br>` at the end of a block breaks nothing that the block's end does not."""
    return "\n\n" if PARAGRAPH in breaks[0] else "\n"
