"""What a mail server says of a letter it did not deliver, in words for staff (RFC 3463)."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Literal

from handlers.model.mail import Bounce
from handlers.model.outbox import LetterKind

Fate = Literal["failed", "delayed", "delivered"]

BOUNCES = timedelta(days=10)
"""For so long a letter may come back: mail servers give up after five days, and what comes later is nobody's report."""

UNSAID = "it came back"
WORDS: dict[str, str] = {
    "1": "mailbox unknown",
    "1.2": "no such domain",
    "1.6": "mailbox moved, and nobody says where",
    "1.7": "they refuse our own address",
    "1.8": "they refuse our own address",
    "2": "mailbox unusable",
    "2.1": "mailbox disabled",
    "2.2": "mailbox full",
    "2.3": "letter too large for the mailbox",
    "3": "their server cannot take it",
    "3.4": "letter too large for their server",
    "4": "their server cannot be reached",
    "4.4": "no such domain",
    "4.7": "their server could not be reached in time",
    "5": "their server did not understand ours",
    "6": "their server cannot read it",
    "7": "refused as unwanted",
}
"""By the subject and detail of an enhanced status code, or by its subject alone; without the class."""

LETTERS: dict[LetterKind, str] = {
    "acknowledgement": "the acknowledgement",
    "reset": "the reset link",
    "code": "the one-time code",
    "changed": "the notice of the new password",
    "refused": "the refusal",
    "delegate": "the letter to the writer, who is not the owner",
    "confirm_address": "the code that confirms the new address",
    "address_asked": "the notice that a new address was asked for",
    "address_agreed": "the notice that the address will change",
    "address_changed": "the notice that the address changed",
    "address_registered": "the letter to the new address",
    "frozen": "the notice of the freeze",
    "lifted": "the notice that the freeze is lifted",
    "documents": "the list of documents",
    "recovery_asked": "the notice that documents were asked for",
    "information": "the question about account information",
    "profile": "the notice of the new account information",
    "closed": "the notice that the account is closed",
    "reactivation": "the link that reopens the account",
    "reactivated": "the notice that the account is open again",
    "purged": "the notice that the account is deleted",
    "sign_in_code": "the sign-in code",
    "temporary_password": "the temporary password",
    "hosting_changed": "the notice of the new hosting password",
    "second_factor_code": "the code for the second factor",
    "second_factor_changed": "the notice about the second factor",
    "second_factor_reset": "the link that resets the second factor",
}
"""What each letter is, as one says it in a sentence."""

_STATUS = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.]*\d)")


def fate(bounce: Bounce | None) -> Fate:
    """What a delivery report says became of the letter: the class of its status tells (2 arrived, 4 late, 5 failed).

    One that says nothing is of a letter that came back.
    """
    named: dict[str, Fate] = {"2": "delivered", "4": "delayed"}
    return named.get(bounce.status[:1], "failed") if bounce else "failed"


def in_words(status: str) -> str:
    """Why it was not delivered, by its enhanced status code; without one, only that it came back."""
    _, _, code = status.partition(".")
    return WORDS.get(code) or WORDS.get(code.partition(".")[0]) or UNSAID


def told(kind: LetterKind, sent: datetime, bounce: Bounce | None) -> str:
    """What staff read about a letter that came back or is late: why, and which letter of when (UTC)."""
    why = in_words(bounce.status if bounce else "")
    late = "delayed, their server tries again" + (f" ({why})" if why != UNSAID else "")
    what = late if fate(bounce) == "delayed" else why
    return f"{what}: {LETTERS[kind]} sent {sent.day} {sent:%b %H:%M} UTC"


def refusal(said: str) -> str:
    """What a relay said of a letter, after the words for the status code in it, if it has one."""
    found = _STATUS.search(said)
    why = in_words(found[0]) if found else UNSAID
    return said if why == UNSAID else f"{why} ({said})"
