"""What is looked at to tell machines from people: a mail's headers, its addresses, its words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from mailin.lexicon import patterns
from mailin.mime import Outline
from mailin.text import fold

_FOUND = patterns("robots.toml")
SPAM_MARK = re.compile(r"(?:\W{0,3}(?:\[(?:spam|ext|extern\w*|dis|bulk)\]|\*+ ?spam ?\*+|ext ?:)\s*)+")
ANSWER = re.compile(
    r"(?:re|ref|rep|fwd?|tr|ynt|cvp|ilt|iletilen|aw|wg|sv|vs|vl|antw|doorst|rv|res|enc|odp|pd|rif|ha)"
    r"(?:\[\d+\]|\(\d+\))? ?:"
)


@dataclass(frozen=True)
class Seen:
    """What is looked at: `sender`, `reply_to` and `own` in lower case, `mail_from` None when it is not known.

    `subject` is as it was written, `text` what the writer wrote, `whole` all that can be read, `asks` whether the text
    asks for recovery.
    """

    mail: Outline
    sender: str
    reply_to: str
    mail_from: str | None
    subject: str
    text: str
    whole: str
    asks: bool
    own: frozenset[str]

    @property
    def local(self) -> str:
        """The local part of the sender."""
        return self.sender.partition("@")[0]

    @cached_property
    def folded(self) -> str:
        """The subject as patterns meet it, without what a spam filter put before it."""
        subject = fold(self.subject).strip()
        marked = SPAM_MARK.match(subject)
        return subject[marked.end() :] if marked else subject

    @cached_property
    def answers(self) -> bool:
        """Whether the subject is that of another mail, answered or passed on."""
        return ANSWER.match(self.folded) is not None

    @property
    def footer(self) -> str:
        """What stands around the writer's words in a mail that answers none, so that it is no quote."""
        if self.answers or self.mail.headers.names() & {"in-reply-to", "references"} or self.whole == self.text:
            return ""
        written = set(self.text.split("\n"))
        return "\n".join(line for line in self.whole.split("\n") if line not in written)

    @cached_property
    def submitted(self) -> str:
        """What Auto-Submitted says of a machine (RFC 3834), or an empty string."""
        values = (fold(value).partition(";")[0].strip() for value in self.mail.headers.every("auto-submitted"))
        return next((value for value in values if value not in {"", "no"}), "")

    @property
    def is_own_list(self) -> bool:
        """Whether its list is the group address that our own mailbox is: then everybody's mail comes as a list's."""
        headers = self.mail.headers
        named = " ".join(headers.every("list-id") + headers.every("list-post") + headers.every("mailing-list")).lower()
        return bool(named) and any(box in named or f"<{box.replace('@', '.')}>" in named for box in self.own)

    @property
    def returns_to_sender(self) -> bool:
        """Whether its sender gets the bounces of this mail themselves; machines take care not to."""
        return self.mail_from is not None and self.mail_from.lower() == self.sender != ""

    def is_named(self, kind: str) -> bool:
        """Whether the sender's local part is one of these."""
        return _FOUND[kind].fullmatch(self.local) is not None

    def begins(self, kind: str) -> bool:
        """Whether the subject begins with one of these."""
        return _FOUND[kind].match(self.folded) is not None
