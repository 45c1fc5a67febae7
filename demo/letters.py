"""A letter as it arrived in a customer's mailbox, and what a reader takes from it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from functools import cached_property

_LINK = re.compile(r"https?://[^\s<>\"]+/(?:reset|code|address|second-factor|reactivate)/[\w-]+")
_DIGITS = re.compile(r"^\s*(\d{6,8})\s*$", re.MULTILINE)
_PASSWORD = re.compile(r"^([^\s,:/]{9,128})\r?$", re.MULTILINE)


@dataclass(frozen=True)
class Letter:
    """One mail that the relay took: `number` counts from 1, `sender` and `recipients` are those of the envelope.

    An empty `sender` is the null return path, which nobody answers.
    """

    number: int
    at: datetime
    sender: str
    recipients: tuple[str, ...]
    mail: EmailMessage

    @property
    def to(self) -> str:
        """The recipients of the envelope, in one line."""
        return ", ".join(self.recipients)

    @property
    def subject(self) -> str:
        """The subject, decoded."""
        return str(self.mail["Subject"] or "")

    @property
    def author(self) -> str:
        """The From header, decoded."""
        return str(self.mail["From"] or "")

    @property
    def message_id(self) -> str:
        """The Message-ID: the same for a letter that was delivered twice."""
        return str(self.mail["Message-ID"] or "")

    @cached_property
    def text(self) -> str:
        """The letter as plain text, or nothing."""
        return self._part("plain")

    @cached_property
    def html(self) -> str:
        """The letter as HTML, or nothing."""
        return self._part("html")

    @property
    def headers(self) -> str:
        """Every header, decoded, a line each."""
        return "\n".join(f"{name}: {' '.join(str(value).split())}" for name, value in self.mail.items())

    @property
    def link(self) -> str:
        """The page the letter leads to, or nothing."""
        found = _LINK.search(self.text)
        return found[0] if found else ""

    def leads_to(self, page: str) -> str:
        """The page of this kind that the letter names, such as `stop`, or nothing."""
        found = re.search(rf"https?://[^\s<>\"]+/{re.escape(page)}/[\w.-]+", self.text)
        return found[0] if found else ""

    @property
    def digits(self) -> str:
        """The code that stands alone on a line, or nothing."""
        found = _DIGITS.search(self.text)
        return found[1] if found else ""

    @property
    def password(self) -> str:
        """The temporary password that stands alone on a line, or nothing."""
        found = _PASSWORD.search(self.text)
        return found[1] if found else ""

    @property
    def words(self) -> str:
        """Everything a reader sees, for comparing one letter with another."""
        return f"{self.subject}\n{self.text}\n{self.html}"

    @property
    def is_acknowledgement(self) -> bool:
        """Whether it only says that a mail has arrived (RFC 3834, section 5)."""
        return bool(self.mail["Auto-Submitted"] == "auto-replied")

    def summary(self) -> dict[str, str | int]:
        """The letter as plain JSON."""
        return {
            "number": self.number,
            "at": self.at.isoformat(),
            "from": self.author,
            "to": self.to,
            "subject": self.subject,
            "text": self.text,
            "link": self.link,
        }

    def _part(self, subtype: str) -> str:
        part = self.mail.get_body(preferencelist=(subtype,))
        return str(part.get_content()) if part else ""
