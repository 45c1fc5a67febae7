"""What a letter is written from, and the words that several kinds share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from gettext import NullTranslations
from typing import TypeVar

from handlers import signed
from handlers.languages import duration, moment
from handlers.letters.blocks import Block, Button, Fact, Link, Paragraph, Warning
from handlers.model.account import Account
from handlers.model.case import Case
from handlers.model.document import Value
from handlers.model.grant import Grant
from handlers.model.outbox import Letter, LetterKind
from handlers.model.service import Service
from handlers.vault import Secret, Vault

T = TypeVar("T")


class Facts(Value, frozen=True, kw_only=True):
    """What is known when a letter is written out.

    `secret` is the raw token of a link; for a code, the token of the page it is typed on, a space, and the digits.
    """

    letter: Letter
    service: Service
    account: Account | None
    grant: Grant | None
    case: Case | None
    secret: Secret | None
    portal_url: str
    vault: Vault

    @property
    def sign_in(self) -> str:
        """The service's sign-in page, in the language of the letter, whatever the reader's browser prefers (SF.23)."""
        return f"{self.portal_url}/sign-in/{self.service.id}?lang={self.letter.language}"

    def page(self, purpose: signed.Purpose) -> str:
        """The signed address of a page about the letter's case, or about its account where there is no case."""
        subject = self.letter.case or self.letter.account
        return f"{self.portal_url}/{purpose}/{signed.token(self.vault, purpose, subject, self.letter.written_at)}"


Writer = Callable[[Facts, NullTranslations], tuple[str, tuple[Block, ...]]]
"""Writes one kind of letter: its subject, and its blocks after the greeting."""

Kinds = Mapping[LetterKind, Writer]


def login(facts: Facts, catalogue: NullTranslations) -> list[Block]:
    """Which account it is, for people who have several; the address on file may know its own login.

    On one line whatever it holds: nobody registers a login that speaks in our letters.
    """
    return [Fact(catalogue.gettext("Login:"), " ".join(facts.account.login.split()))] if facts.account else []


def button(catalogue: NullTranslations, *, lead: str, label: str, url: str) -> Block:
    """The page to open."""
    hint = catalogue.gettext("If the button does not work, copy this address into your browser:")
    return Button(lead=lead, label=label, hint=hint, url=url)


def happened(facts: Facts) -> dict[str, str]:
    """The service, and when the letter was written, for a sentence: what it tells of has just happened."""
    return {"service": facts.service.name, "when": moment(facts.letter.written_at, facts.letter.language)}


def asked(facts: Facts) -> dict[str, str]:
    """The service, and when the request came that the letter answers, for a sentence."""
    when = facts.case.opened_at if facts.case else facts.letter.written_at
    return {"service": facts.service.name, "when": moment(when, facts.letter.language)}


def code_life(facts: Facts) -> dict[str, str]:
    """The service, how long a code that has no grant lives, and until when, for a sentence."""
    language, until = facts.letter.language, required(facts.letter.until)
    length = until - facts.letter.written_at
    return {
        "service": facts.service.name,
        "duration": duration(length, language),
        "end": moment(until, language),
    }


def life(grant: Grant, language: str) -> dict[str, str]:
    """How long a grant lives, and until when, for a sentence."""
    length = grant.expires_at - grant.issued_at
    return {"duration": duration(length, language), "end": moment(grant.expires_at, language)}


def never_ask(catalogue: NullTranslations) -> Block:
    """What protects a customer from whoever writes in our name."""
    _ = catalogue.gettext
    return Paragraph(
        _("We never ask for a password or a code, by e-mail or by telephone. Do not give them to anybody.")
    )


def not_you(facts: Facts, title: str, text: str) -> Block:
    """What to do if it was somebody else: `text` leads to the page that stops everything."""
    return Warning(title=title, text=text, url=facts.page("stop"))


def follow(facts: Facts, catalogue: NullTranslations) -> Block:
    """Where the request of a letter to the address on file stands, and how it is taken back."""
    return Link(catalogue.gettext("To see where your request stands, or to cancel it:"), facts.page("case"))


def required(fact: T | None) -> T:
    """The fact; raises ValueError when it is missing."""
    if fact is None:
        raise ValueError("A letter with a secret needs its grant and the secret.")
    return fact
