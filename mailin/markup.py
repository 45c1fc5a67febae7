"""HTML mail as text: what a reader sees, without what somebody else wrote and without what is hidden.

The walk is linear and lays out nothing: no widths, no margins, no table columns, which a hostile mail could make huge.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Set

from lxml import etree

from mailin.text import clean, tidy

HTML_CHARACTERS = 256 * 1024
NOT_TEXT = {"script", "style", "head", "title", "template", "object", "svg", "iframe", "noframes", "select", "math"}
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
HIDDEN_STYLE = re.compile(
    r"display:none|visibility:hidden|mso-hide:all|opacity:0(?![.\d]*[1-9])|font-size:0(?![.\d]*[1-9])|max-height:0(?![.\d]*[1-9])"
)
# Classes and ids with which mail programs mark the mail they answer, and the signature they add.
QUOTE_NAMES = re.compile(
    r"gmail_quote|gmail_attr|yahoo_quoted|moz-cite-prefix|protonmail_quote|zmail_extra|OutlookMessageHeader|gmail_signature"
    r"|moz-signature|tutanota_quote|ms-outlook-mobile-signature|mobile-signature|BloopEmailSignature|orange_quote"
    r"|mail-quote-collapse|(?<!\S)Signature(?!\S)|iosymail_quote|yahooMailSignature|lmMailSignature"
)
# From here to the end, everything is the answered mail.
REST_IS_QUOTE = {
    "divRplyFwdMsg",
    "appendonsend",
    "mail-editor-reference-message-container",
    "reply-intro",
    "isForwardContent",
}
SPACING = re.compile(r"[\t\r\n\f][ \t\r\n\f]*| [ \t\r\n\f]+")
BREAKS = re.compile("\n? ?[\x1d\x1e][\x1d\x1e ]*")
UNSHOWN = re.compile(r"<(script|style|head)\b", re.IGNORECASE | re.ASCII)
SHOWN_AGAIN = {tag: re.compile(f"</{tag}>", re.IGNORECASE | re.ASCII) for tag in ("script", "style", "head")}
TAG = re.compile(r"<[^<>]{0,5000}>")
# A tag with as many attributes as any mailer writes, and then the rest: the parser compares each with all before it.
# Every tag matches, so that none is looked at twice.
ATTRIBUTE = r"""(?:[\s/]++|[^\s/>=]++(?:\s*+=\s*+(?:"[^"]*+"?+|'[^']*+'?+|[^\s>]*+))?+|=)"""
ATTRIBUTES = re.compile(rf"(<[a-zA-Z][^\s/>]*+{ATTRIBUTE}{{0,400}}+){ATTRIBUTE}*+")


def text_of_html(html: str) -> tuple[str, int]:
    """What the writer of an HTML mail shows, and how many lines of quotes and hidden text were left out."""
    html = clean(html[:HTML_CHARACTERS])[:HTML_CHARACTERS]  # composed, some letters are three
    root = _parse(ATTRIBUTES.sub(r"\1", html))
    if root is None:
        return _without_tags(html), 0
    hidden = _drop_the_rest(root)
    unwanted = list(_unwanted(root))
    hidden += sum(map(_lines_below, unwanted))
    text = _render(root, frozenset(unwanted))
    # Nested more deeply than the parser goes, a text is dropped by it; better shown without its form than not at all.
    return (text, hidden) if text or hidden else (_without_tags(html), 0)


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


def _unwanted(root: etree._Element) -> Iterator[etree._Element]:
    """What is hidden or quoted; what is inside of that goes with it and is not looked at again."""
    walk = etree.iterwalk(root, events=("start",))
    for _, element in walk:
        if element is not root and (_is_hidden(element) or _is_quote(element)):
            walk.skip_subtree()
            yield element


def _is_hidden(element: etree._Element) -> bool:
    if element.tag in NOT_TEXT or element.get("hidden") is not None:
        return True
    return HIDDEN_STYLE.search((element.get("style") or "").replace(" ", "").lower()) is not None


def _is_quote(element: etree._Element) -> bool:
    names = f"{element.get('class') or ''} {element.get('id') or ''}"
    return element.tag == "blockquote" or QUOTE_NAMES.search(names) is not None


def _drop_the_rest(root: etree._Element) -> int:
    """Drop the element that opens the answered mail and everything after it in reading order."""
    opening = next((element for element in root.iter("*") if element.get("id") in REST_IS_QUOTE), None)
    hidden, child = 0, opening
    while child is not None:
        parent = child.getparent()
        if parent is None:
            break
        for later in [*([child] if child is opening else []), *child.itersiblings()]:
            hidden += _lines_below(later)
            parent.remove(later)  # and the text behind it
        if child is not opening:
            child.tail = None
        child = parent
    return hidden


def _lines_below(element: etree._Element) -> int:
    return 0 if element.tag in NOT_TEXT else sum(1 for line in _render(element).split("\n") if line.strip())


def _render(root: etree._Element, without: Set[etree._Element] = frozenset()) -> str:
    """The text below an element, one line for each block, words separated by single spaces; some elements left out."""
    pieces: list[str] = []
    kept = 0
    walk = etree.iterwalk(root, events=("start", "end"))
    for event, element in walk:
        tag = str(element.tag)
        if element in without:
            if event == "start":
                walk.skip_subtree()
            else:
                pieces.append(_words(element.tail, kept))
        elif event == "start":
            pieces += [_break(tag, element), "- " if tag == "li" else "", _words(element.text, kept or tag == "pre")]
            kept += tag == "pre"
        else:
            kept -= tag == "pre"
            pieces.append("\n" if tag == "br" else "\x1f" if tag in {"td", "th"} else _break(tag, element))
            pieces.append(_words(element.tail, kept) if element is not root else "")
    return _lines("".join(pieces))


def _break(tag: str, element: etree._Element) -> str:
    """A line end for blocks; two for paragraphs, except Outlook's, whose every line is one."""
    if tag in PARAGRAPHS and "MsoNormal" not in (element.get("class") or ""):
        return "\x1d"
    return "\x1e" if tag in LINES or tag == "p" else ""


def _words(text: str | None, kept: int | bool) -> str:
    """A text's words with single spaces between them, as browsers show them outside of `<pre>`."""
    if not text or kept or not SPACING.search(text):
        return text or ""
    return SPACING.sub(" ", text)


def _lines(text: str) -> str:
    """Breaks as line ends: neighbouring block breaks are one, a paragraph's leaves a blank line."""
    broken = BREAKS.sub(_line_ends, text).replace("\x1f", " ")
    return tidy([line.strip() for line in broken.split("\n")])


def _line_ends(breaks: re.Match[str]) -> str:
    """A `<br>` at the end of a block breaks nothing that the block's end does not."""
    return "\n\n" if "\x1d" in breaks[0] else "\n"
