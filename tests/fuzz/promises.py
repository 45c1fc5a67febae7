"""What the reader promises of any mail, checked from outside: bounds, closed lists, nothing hidden, nothing made up."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import sha256
from html import escape
from typing import Any, get_args

import msgspec

from handlers.model.mail import AutomaticKind, FileVerdict, InboundMail, Intent, Language, ServiceNames, Trick
from handlers.unseen import KEPT
from mailin.contents import ATTACHMENTS, TEXT_LENGTH, file_bytes
from mailin.explain import CONTRACT, Explanation
from mailin.mime import Outline, outline
from mailin.reader import RECIPIENTS, REFERENCES, understand

AT = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
SERVICES = (
    ServiceNames(
        id="shop", name="Shop Works", aliases=("Total Care",), mailboxes=("support@shop.example",), language="fr"
    ),
    ServiceNames(id="host", name="L'Hébergeur", aliases=("HEB",), mailboxes=("aide@host.example",), language="tr"),
)
RECIPIENT = "support@shop.example"
HIDING = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u2800\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffc\U00016fe4\U0001bca0-\U0001bca3\U0001d159\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
LINES = {"text", "whole"}  # the only fields of several lines
LONGEST = {"text": TEXT_LENGTH, "whole": TEXT_LENGTH, "subject": 300, "message_id": 260}
OTHERS_LONGEST = 400
MOST_OF_A_LIST = 60
KEYS = (
    "path", "automatic", "from", "reply_to", "subject", "origin", "language", "intent", "confidence", "because",
    "claims", "text", "hidden_lines", "attachments", "defects",
)  # fmt: skip
TYPE = re.compile(r"[a-z0-9!#$&^_.+-]{1,80}/[a-z0-9!#$&^_.+-]{1,80}")
QUOTED_LOGIN, QUOTED_ADDRESS, QUOTED_NUMBER = "zq7login", "zq7@quoted.example", "7790417"
"""What the one whose words are quoted says of themselves; no writer's words hold it."""

QUOTE = f"""

On Mon, 3 Nov 2025 at 10:00, Zed <{QUOTED_ADDRESS}> wrote:
> Hello,
> my login is {QUOTED_LOGIN}
> Identifiant : {QUOTED_LOGIN}
> my customer number is {QUOTED_NUMBER}
> please use my new address {QUOTED_ADDRESS}
"""

ANSWER = (
    "From: Marie <marie@clients.example>\nTo: support@shop.example\nSubject: Re: help\nMessage-ID: <m@c.example>\n"
    "In-Reply-To: <a@shop.example>\nContent-Type: text/{kind}; charset=utf-8\nContent-Transfer-Encoding: base64\n\n"
)


def read(raw: bytes, mail_from: str | None = None) -> InboundMail:
    """The mail, understood with two services; `mail_from` as the envelope says."""
    return understand(raw, services=SERVICES, received_at=AT, mail_from=mail_from, recipients=[RECIPIENT])


def check(raw: bytes, mail: InboundMail) -> None:
    """All that holds for every mail; raises AssertionError."""
    _check_values(mail)
    for key, text in _texts(msgspec.to_builtins(mail)):
        _check_text(key, text)
    shown = msgspec.json.encode(mail)
    assert msgspec.json.decode(shown, type=InboundMail) == mail, "not the same after JSON"
    _check_explanation(mail)
    found = outline(raw)
    _check_files(raw, found, mail)
    _check_words(raw, found, mail)


def check_same(raw: bytes, mail: InboundMail, mail_from: str | None = None) -> None:
    """The same bytes say the same again."""
    assert read(raw, mail_from) == mail, "read twice, two mails"


def check_quoted(words: str) -> None:
    """Whoever answers with these words, in plain text or in HTML, claims nothing of what they quote."""
    text = words[:2000]
    if any(sign in text.lower() for sign in ("zq7", QUOTED_NUMBER)):
        return
    said, quoted = (escape(one).replace("\n", "<br>\n") for one in (text, QUOTE.replace("\n> ", "\n")))
    opening, _, rest = quoted.strip().partition("<br>")
    markup = (
        f"<html><body><div>{said}</div><div class=gmail_quote><div class=gmail_attr>{opening}</div>"
        f"<blockquote class=gmail_quote>{rest}</blockquote></div></body></html>"
    )
    for kind, body in (("plain", text + QUOTE), ("html", markup)):
        head = ANSWER.format(kind=kind).encode()
        claims = read(head + b64encode(body.encode("utf-8", "replace")), "marie@clients.example").claims
        found = [*claims.logins, *claims.addresses, *claims.numbers, claims.new_address or ""]
        assert not any("zq7" in one or QUOTED_NUMBER in one for one in found), (
            f"claimed from a quote in {kind}: {claims}"
        )


def _check_values(mail: InboundMail) -> None:
    assert not [defect for defect in mail.defects if defect.startswith("cannot be read")], mail.defects
    assert mail.intent in get_args(Intent)
    assert mail.language in get_args(Language)
    assert 0.0 <= mail.confidence <= 1.0
    assert mail.automatic is None or (mail.automatic.kind in get_args(AutomaticKind) and mail.automatic.why)
    assert set(mail.tricks) <= set(get_args(Trick))
    assert mail.origin is None
    assert mail.message_id
    assert mail.hidden_lines >= 0
    assert len(mail.references) <= REFERENCES
    assert len(mail.recipients) <= RECIPIENTS
    assert len(mail.attachments) <= ATTACHMENTS
    claims = mail.claims
    assert claims.service in {None, "shop", "host"}
    assert (
        max(map(len, (mail.because, mail.defects, claims.logins, claims.addresses, claims.numbers))) <= MOST_OF_A_LIST
    )
    assert all(one.count("@") == 1 for one in [mail.from_address, mail.reply_to, claims.new_address] if one)


def _texts(value: Any, key: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield key, value
    elif isinstance(value, dict):
        for name, one in value.items():
            yield from _texts(one, name)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _texts(one, key)


def _check_text(key: str, text: str) -> None:
    assert len(text) <= LONGEST.get(key, OTHERS_LONGEST), f"{key} is of {len(text)} letters"
    shown = KEPT.sub("", text.replace("\n", "")) if key in LINES else text
    assert shown.isprintable(), f"{key} is not printable: {text!r}"
    assert not HIDING.search(shown), f"{key} hides something: {text!r}"
    text.encode()


def _check_explanation(mail: InboundMail) -> None:
    """Both forms of `explain` can be shown, and JSON has the keys of the contract and no others."""
    fields = {name: getattr(mail, name) for name in Explanation.__struct_fields__ if hasattr(mail, name)}
    explained = Explanation(path="x", from_=mail.from_address, **fields)
    row = msgspec.json.decode(explained.as_json())
    assert tuple(row) == KEYS
    assert tuple(row["claims"]) == CONTRACT["claims"]
    assert all(tuple(file) == CONTRACT["attachments"] for file in row["attachments"])
    assert "\n" not in explained.as_json()
    explained.as_text().encode()


def _check_files(raw: bytes, found: Outline, mail: InboundMail) -> None:
    for place, file in enumerate(mail.attachments):
        assert file.verdict in get_args(FileVerdict)
        assert TYPE.fullmatch(file.type), file.type
        assert file.name, "a file without name"
        assert not set(file.name) & set('/\\:*?"<>|'), file.name
        assert not file.name.startswith("."), file.name
        content = b"".join(file_bytes(raw, found, place))
        assert (len(content), sha256(content).hexdigest()) == (file.bytes, file.sha256), "another file at its place"
    assert not list(file_bytes(raw, found, len(mail.attachments))), "a file that is not listed"
    assert not list(file_bytes(raw, found, -1)), "a file before the first"


def _check_words(raw: bytes, found: Outline, mail: InboundMail) -> None:
    """Of a plain mail in ASCII, each line shown is one of its lines, or what is left of it without marks."""
    if not raw.isascii() or [leaf.type for leaf in found.leaves] != ["text/plain"]:
        return
    leaf = found.leaves[0]
    plain = leaf.encoding in {"", "7bit", "8bit"} and leaf.parameters.get("charset", "").lower() in {
        "",
        "us-ascii",
        "utf-8",
    }
    if not plain or "format" in leaf.parameters:
        return
    written = {_bare(line) for line in re.split(r"\r\n?|[\n\x0b\x0c]", raw[leaf.start : leaf.end].decode())}
    for text in (mail.text, mail.whole):
        for line in set(map(_bare, text.split("\n"))) - written:
            assert any(_is_left_of(line, one) for one in written), f"nobody wrote {line!r}"


def _bare(line: str) -> str:
    return re.sub(r"[\x00-\x20\x7f>]+", "", line)


def _is_left_of(line: str, written: str) -> bool:
    letters = iter(written)
    return len(line) <= len(written) and all(letter in letters for letter in line)
