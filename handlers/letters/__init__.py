"""Letters: what the desk writes to customers, as text and HTML, in their language.

`render` turns a letter from the outbox into a mail. It is pure: the same letter gives the same bytes at every attempt,
so that a letter that goes out twice is seen as one.
"""

from __future__ import annotations

import re
from email.headerregistry import Address, HeaderRegistry, MessageIDHeader
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import parseaddr
from pathlib import Path

from css_inline import CSSInliner
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from msgspec.structs import replace

from handlers.languages import Catalogues, choose
from handlers.letters.blocks import Content
from handlers.letters.facts import Facts
from handlers.letters.kinds import content
from handlers.model.errors import Invalid
from handlers.rules.addresses import parse_one

__all__ = ["FOLDER", "POLICY", "Facts", "render"]

FOLDER = Path(__file__).parent
CATALOGUES = Catalogues.load(FOLDER / "locale")

_headers = HeaderRegistry()
for _name in ("in-reply-to", "references"):
    # As plain text, a long id would be folded into encoded words, and no mail program would find its thread again.
    _headers.map_to_type(_name, MessageIDHeader)  # type: ignore[arg-type]  # the stubs lack its base class

POLICY = SMTP.clone(header_factory=_headers, cte_type="7bit")
"""How letters are written out: CRLF, seven bits, headers that refuse line breaks."""

INTERNATIONAL = POLICY.clone(utf8=True)
"""For an address that is not ASCII: the headers in UTF-8 (RFC 6532), for a relay that offers SMTPUTF8."""

_drawn = Environment(
    loader=FileSystemLoader(FOLDER / "templates"),
    autoescape=select_autoescape(("html",)),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_inliner = CSSInliner(load_remote_stylesheets=False, keep_at_rules=True)
_ID = re.compile(r"[!-;=?-~]{1,240}@[!-;=?-~]{1,240}", re.ASCII)


def render(facts: Facts, message_id: str, reply_to: str) -> EmailMessage:
    """The letter as a mail to `letter.to` alone; `message_id` comes in angle brackets, `reply_to` is one address.

    A language that we do not write becomes the service's.

    Raises Invalid when `letter.to` is not exactly one address, and ValueError when a fact that this kind of letter
    needs is missing.
    """
    language = choose(facts.letter.language, facts.service.language)
    facts = replace(facts, letter=replace(facts.letter, language=language))
    words = content(facts, CATALOGUES[language])
    mail = _headed(facts, words.subject, message_id, reply_to)
    mail.set_content(_draw("letter.txt", words, facts), cte="quoted-printable")
    mail.add_alternative(_inliner.inline(_draw("letter.html", words, facts)), subtype="html", cte="quoted-printable")
    mail["Content-Language"] = language
    # Otherwise drawn by lot at every writing; the tag in our own id stands in no letter's body.
    mail.set_boundary("=_" + message_id.strip("<>").partition("@")[0])
    return mail


def _headed(facts: Facts, subject: str, message_id: str, reply_to: str) -> EmailMessage:
    """The headers (RFC 3834 section 5 for robots' letters); assigning one with a line break raises ValueError."""
    letter = facts.letter
    mail = EmailMessage(POLICY if letter.to.rpartition("@")[0].isascii() else INTERNATIONAL)
    mail["From"] = _mailbox(facts.service.sender)
    mail["To"] = _alone(letter.to)
    mail["Reply-To"] = _alone(reply_to)
    mail["Subject"] = subject
    mail["Date"] = letter.written_at
    mail["Message-ID"] = message_id
    answered = letter.in_reply_to.strip().removeprefix("<").removesuffix(">")
    if _ID.fullmatch(answered):
        mail["In-Reply-To"] = mail["References"] = f"<{answered}>"
    mail["Auto-Submitted"] = "auto-replied" if letter.kind == "acknowledgement" else "auto-generated"
    mail["X-Auto-Response-Suppress"] = "All"
    return mail


def _mailbox(sender: str) -> Address:
    name, address = parseaddr(sender)
    return Address(display_name=name, addr_spec=address)


def _alone(address: str) -> Address:
    """One recipient and no second one hidden beside it (THREATS T6); the domain as DNS knows it."""
    local, at, domain = address.rpartition("@")
    try:
        if not local.isascii():
            # The standard library knows no address like this, so somebody else has to see that it is one.
            local = parse_one(address).rpartition("@")[0]
            return Address(username=local, domain=domain.encode("idna").decode())
        return Address(addr_spec=f"{local}{at}{domain.encode('idna').decode()}")
    except (ValueError, IndexError) as error:
        raise Invalid("The recipient is not exactly one address.") from error


def _draw(template: str, words: Content, facts: Facts) -> str:
    return _drawn.get_template(template).render(
        content=words, language=facts.letter.language, service=facts.service.name
    )
