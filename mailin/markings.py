"""What the markup of HTML mail says of an element, by its names and its style: hidden, quoted, signed."""

from __future__ import annotations

import re
from itertools import islice

from lxml import etree

NOT_TEXT = {"script", "style", "head", "title", "template", "object", "svg", "iframe", "noframes", "select", "math"}
HIDDEN_STYLE = re.compile(
    r"display:none|visibility:hidden|mso-hide:all|opacity:0(?![.\d]*[1-9])|max-height:0(?![.\d]*[1-9])"
)
TINY_LETTERS = re.compile(r"font-size:[01]p[xt]")
STYLE_CHARACTERS = 2000
WHITE = r"(?:#f{3}(?:f{3})?|white|rgb\(255,255,255\))(?=;|$|!)"
WHITE_LETTERS = re.compile(rf"(?<![-\w])color:{WHITE}")
WHITE_GROUND = re.compile(rf"background(?:-color)?:{WHITE}")
# What mail programs put around the mail they answer.
QUOTE_NAMES = re.compile(
    r"gmail_attr|yahoo_quoted|moz-cite-prefix|zmail_extra|orange_quote|mail-quote-collapse|iosymail_quote|ik_mail_quote"
    r"|reply-intro|front-blockquote|clean_bq"
)
# What holds both the mail they answer, in a `<blockquote>`, and what its reader wrote between and below.
CONTAINERS = re.compile(r"(?<![\w-])(?:gmail_quote|protonmail_quote|tutanota_quote)(?![\w-])")
SIGNATURES = re.compile(
    r"gmail_signature|moz-signature|ms-outlook-mobile-signature|mobile-signature|BloopEmailSignature|yahooMailSignature"
    r"|yahoo-signature|lmMailSignature|protonmail_signature_block|composer_signature|messageSignatureSection|k9-signature"
    r"|zimbra_signature|Zm-_Id_-Sgn(?!\d)|_rc_sig|io-ox-signature|editorUserSignature|missive_signature|edo-signature"
    r"|front-signature|(?<![\w-])(?:x_)?(?:Signature|signature)(?![\w-])"
)
# From here to the end, everything is the answered mail.
REST_IS_QUOTE = re.compile(
    r"(?<![\w-])(?:(?:x_)?(?:divRplyFwdMsg|appendonsend)|mail-editor-reference-message-container|isForwardContent"
    r"|OutlookMessageHeader|zwchr|__DIVIDER__|__HEADERS__|__QUOTED_TEXT__)(?![\w-])"
)
NAMES = ("class", "id", "name", "data-marker")
# Word draws a line above the headers of the mail that it answers, and a blue one beside it.
DIVIDER = re.compile(r"border:none;border-top:solid#?\w{3,12}1\.0pt;padding:3\.0pt0(?:cm|in)0(?:cm|in)0(?:cm|in)")
BESIDE = re.compile(r"border:none;border-left:solidblue1\.5pt")
# How programs indent what their writer wrote.
INDENTED = re.compile(
    r"border(?:-style)?:(?:none|0)|border-left(?:-width|-style)?:(?:none|0)|margin:00040px|margin:0px0px0px40px"
)


def is_hidden(tag: str, element: etree._Element) -> bool:
    """Whether readers of the mail do not see what is inside."""
    if tag in NOT_TEXT:
        return True
    if not element.attrib:
        return False
    style = style_of(element)
    if element.get("hidden") is not None or (style and HIDDEN_STYLE.search(style)):
        return True
    if not style or WHITE_LETTERS.search(style) is None:
        return False
    return WHITE_GROUND.search(style) is not None or TINY_LETTERS.search(style) is not None


def style_of(element: etree._Element) -> str:
    """Its own style in lower case without spaces; only the beginning of a long one."""
    return (element.get("style") or "")[:STYLE_CHARACTERS].replace(" ", "").lower()


def names_of(element: etree._Element) -> str:
    """All that programs call it."""
    return " ".join(filter(None, map(element.get, NAMES)))


def begins_the_rest(element: etree._Element, names: str, style: str) -> bool:
    """Whether from here to the end everything is the answered mail."""
    if names and REST_IS_QUOTE.search(names):
        return True
    return bool(style and DIVIDER.search(style)) and _names_headers(element)


def _names_headers(element: etree._Element) -> bool:
    """Whether a block begins as the headers of a mail do."""
    return "".join(map(str, islice(element.itertext(), 40)))[:2000].count(":") >= 3
