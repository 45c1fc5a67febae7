"""HTML mail as text: what a reader sees, without what somebody else wrote and without what is hidden.

The walk is linear and lays out nothing: no widths, no margins, no table columns, which a hostile mail could make huge.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

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
UNSHOWN = re.compile(r"<(script|style|head)\b.{0,200000}?(</\1>|\Z)", re.DOTALL | re.IGNORECASE)
TAG = re.compile(r"<[^<>]{0,5000}>")


def text_of_html(html: str) -> tuple[str, int]:
    """What the writer of an HTML mail shows, and how many lines of quotes and hidden text were left out."""
    html = html[:HTML_CHARACTERS]
    root = _parse(html)
    if root is None:
        return _without_tags(html), 0
    hidden = _drop_the_rest(root) + sum(_drop(element) for element in list(_unwanted(root)))
    text = _render(root)
    # Nested more deeply than the parser goes, a text is dropped by it; better shown without its form than not at all.
    return (text, hidden) if text or hidden else (_without_tags(html), 0)


def _parse(html: str) -> etree._Element | None:
    parser = etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True)
    try:
        return etree.fromstring(clean(html).encode(), parser)
    except (etree.LxmlError, ValueError):
        return None


def _without_tags(html: str) -> str:
    return tidy([" ".join(line.split()) for line in TAG.sub(" ", UNSHOWN.sub(" ", clean(html))).split("\n")])


def _unwanted(root: etree._Element) -> Iterator[etree._Element]:
    return (element for element in root.iter("*") if _is_hidden(element) or _is_quote(element))


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
        for later in list(child.itersiblings()):
            hidden += _drop(later, tail=True)
        child.tail = None
        child = parent
    return hidden + (_drop(opening) if opening is not None else 0)


def _drop(element: etree._Element, tail: bool = False) -> int:
    """Take an element out, keep the text behind it unless that goes too, and count its lines."""
    parent = element.getparent()
    if parent is None:
        return 0
    lines = 0 if element.tag in NOT_TEXT else sum(1 for line in _render(element).split("\n") if line.strip())
    rest = "" if tail else (element.tail or "")
    before = element.getprevious()
    if before is not None:
        before.tail = (before.tail or "") + rest
    else:
        parent.text = (parent.text or "") + rest
    parent.remove(element)
    return lines


def _render(root: etree._Element) -> str:
    """The text below an element, one line for each block, words separated by single spaces."""
    pieces: list[str] = []
    kept = 0
    for event, element in etree.iterwalk(root, events=("start", "end")):
        tag = str(element.tag)
        if event == "start":
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
