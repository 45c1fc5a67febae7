"""A brand the desk answers for, as its service file describes it: policy is data."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated, Literal

from msgspec import Meta, field

from handlers.model.account import AccountKind
from handlers.model.document import Value
from handlers.model.outbox import LetterKind

Language = Literal["fr", "en", "tr"]
Fact = Literal["login", "address"]
CharacterClass = Literal["upper", "lower", "digit", "symbol"]
Remedy = Literal["send_link", "send_code", "send_temporary_password"]
Particular = Literal["address", "name", "company", "country", "city", "born", "phone"]
PieceName = Literal["identity", "kbis", "statutes", "letter"]
Subject = Literal["name", "company", "association", "president"]
Statement = Literal["wish", "reason", "new_address", "address_change", "new_access", "president"]

Contradiction = tuple[str, str]
"""The key of a section that does not fit the others, and a sentence that says why."""

# `is` names a check that needs more than the type; the loader brings the checks, so that this module stays plain data.
Line = Annotated[str, Meta(extra={"is": "line"})]
Mailbox = Annotated[str, Meta(extra={"is": "mailbox"})]
Sender = Annotated[str, Meta(extra={"is": "sender"})]
Channel = Annotated[str, Meta(extra={"is": "channel"})]


class Identify(Value, frozen=True, kw_only=True):
    """What a request must name, and match, before an action may target an account."""

    require: Annotated[tuple[Fact, ...], Meta(min_length=1)] = ("address",)


class Offer(Value, frozen=True, kw_only=True):
    """Remedies in order of preference, their lives, and those the desk may take alone (`automatic`)."""

    actions: Annotated[tuple[Remedy, ...], Meta(min_length=1)] = ("send_link",)
    link_minutes: Annotated[int, Meta(ge=1, le=1440)] = 30
    code_minutes: Annotated[int, Meta(ge=1, le=60)] = 10
    code_digits: Annotated[int, Meta(ge=6, le=8)] = 6
    code_tries: Annotated[int, Meta(ge=1, le=10)] = 5
    code_resends: Annotated[int, Meta(ge=0, le=10)] = 3
    resend_wait_seconds: Annotated[int, Meta(ge=0, le=3600)] = 60
    temporary_minutes: Annotated[int, Meta(ge=5, le=1440)] = 60
    automatic: tuple[Remedy, ...] = ()

    def contradictions(self) -> Iterator[Contradiction]:
        """What the types let pass and sense does not."""
        alone = [action for action in self.automatic if action not in self.actions]
        if alone:
            yield "automatic", f"{quoted(alone)} must be among actions, which are {quoted(self.actions)}"


class PasswordPolicy(Value, frozen=True, kw_only=True):
    """Rules for a new password; lengths in Unicode characters, `max_age_days` 0 means it never has to be renewed.

    A new password differs from the one in use and from the `remember` before it. `why` tells operators why the policy
    departs from the standards, where it does.
    """

    min_length: Annotated[int, Meta(ge=8, le=128)] = 12
    max_length: Annotated[int, Meta(ge=8, le=1024)] = 128
    require: tuple[CharacterClass, ...] = ()
    advise: tuple[CharacterClass, ...] = ()
    max_age_days: Annotated[int, Meta(ge=0, le=3650)] = 0
    remember: Annotated[int, Meta(ge=0, le=5)] = 0
    why: str = ""

    def contradictions(self) -> Iterator[Contradiction]:
        """What the types let pass and sense does not."""
        if self.min_length > self.max_length:
            yield "min_length", f"{self.min_length} must not exceed max_length, which is {self.max_length}"
        both = [kind for kind in self.advise if kind in self.require]
        if both:
            yield "advise", f"{quoted(both)} must not be in require as well: a rule is not advice"


class SecondFactor(Value, frozen=True, kw_only=True):
    """The second factors customers of the service can have, none by default, and how many staff approve a reset."""

    methods: tuple[Literal["totp", "mail"], ...] = ()
    approvals: Annotated[int, Meta(ge=1, le=5)] = 1


class SignIn(Value, frozen=True, kw_only=True):
    """When the sign-in page asks for a code by mail besides the password; never by default.

    A second factor is asked for at every sign-in, and a code by mail then is not.
    """

    code_on: tuple[Literal["every_sign_in", "new_device", "every_30_days"], ...] = ()
    session_minutes: Annotated[int, Meta(ge=5, le=1440)] = 30


class ChangeAddress(Value, frozen=True, kw_only=True):
    """How a registered address is replaced: how many staff agree, how long the old one can object, and then undo it.

    `confirm_hours` is for how long the new address can be confirmed. With `follows` = "profile" the only possible new
    address is the one in the customer's profile (SF.4).
    """

    approvals: Annotated[int, Meta(ge=1, le=5)] = 2
    confirm_hours: Annotated[int, Meta(ge=1, le=168)] = 24
    wait_hours: Annotated[int, Meta(ge=0, le=720)] = 72
    undo_hours: Annotated[int, Meta(ge=0, le=720)] = 168
    follows: Literal["", "profile"] = ""


class Piece(Value, frozen=True, kw_only=True):
    """A document the customer must send; `max_age_days` (0: any age) is counted at receipt.

    `matches` says whose particulars it must carry, `declaration` that it comes with a declaration on honour, `states`
    what it must say.
    """

    max_age_days: Annotated[int, Meta(ge=0, le=3650)] = 0
    matches: Literal["", Subject] = ""
    declaration: bool = False
    both_sides: bool = False
    handwritten: bool = False
    signed: bool = False
    states: tuple[Statement, ...] = ()


FITTING: dict[PieceName, tuple[str, ...]] = {
    "identity": ("max_age_days", "matches", "declaration", "both_sides"),
    "kbis": ("max_age_days", "matches"),
    "statutes": ("max_age_days", "matches", "states"),
    "letter": ("matches", "handwritten", "signed", "states"),
}
"""What can be asked of each document."""

TOLD: tuple[LetterKind, ...] = ("reset", "hosting_changed", "delegate")
"""The kinds of letter whose after-care customers see."""


class Closure(Value, frozen=True, kw_only=True):
    """Customers can close their account, and for so many days it can be brought back."""

    grace_days: Annotated[int, Meta(ge=0, le=3650)] = 30


class AccountInformation(Value, frozen=True, kw_only=True):
    """What must be known of a customer before a request by mail is worked on (CP.1); nothing by default."""

    require: tuple[Particular, ...] = ()


class Hosting(Value, frozen=True, kw_only=True):
    """A second password for a second realm, which customers who are hosted set after the first (SF.15, SF.17)."""

    name: dict[Language, Line]


class Wording(Value, frozen=True, kw_only=True):
    """The service's own words in one kind of letter, per language, in place of the desk's."""

    subject: dict[Language, Line] = field(default_factory=dict)
    after_care: dict[Language, tuple[Line, ...]] = field(default_factory=dict)


class Service(Value, frozen=True, kw_only=True):
    """A service file; `id` is the file's name without `.toml`, and stands in addresses of the portal."""

    id: str
    name: Line
    language: Language
    mailboxes: Annotated[tuple[Mailbox, ...], Meta(min_length=1)]
    sender: Sender
    aliases: tuple[Line, ...] = ()
    slack_channel: Channel = ""
    identify: Identify = Identify()
    offer: Offer = Offer()
    password: PasswordPolicy = PasswordPolicy()
    second_factor: SecondFactor = SecondFactor()
    sign_in: SignIn = SignIn()
    change_address: ChangeAddress | None = None
    documents: dict[AccountKind, dict[PieceName, Piece]] = field(default_factory=dict)
    closure: Closure | None = None
    account_information: AccountInformation = AccountInformation()
    hosting: Hosting | None = None
    letters: dict[LetterKind, Wording] = field(default_factory=dict)

    def contradictions(self) -> Iterator[Contradiction]:
        """What the types let pass and sense does not."""
        for kind, pieces in self.documents.items():
            yield from _unfit(kind, pieces)
        if self.hosting and self.language not in self.hosting.name:
            yield "hosting.name", f"must have one in the service's own language: name.{self.language}"
        for letter, wording in self.letters.items():
            if wording.after_care and letter not in TOLD:
                yield f"letters.{letter}.after_care", f"is never shown; only that of {quoted(TOLD)} is"

    def subject(self, kind: LetterKind, language: str) -> str | None:
        """The exact subject this service gives a letter in `language`, or None: the desk's own will do."""
        return next((text for known, text in self._wording(kind).subject.items() if known == language), None)

    def after_care(self, kind: LetterKind, language: str) -> tuple[str, ...]:
        """What the customer has to do afterwards, sentence by sentence, in `language`."""
        return next((lines for known, lines in self._wording(kind).after_care.items() if known == language), ())

    def _wording(self, kind: LetterKind) -> Wording:
        return self.letters.get(kind, Wording())


def _unfit(kind: AccountKind, pieces: dict[PieceName, Piece]) -> Iterator[Contradiction]:
    if not pieces:
        yield f"documents.{kind}", "names no document; leave the section out where none is wanted"
    for name, piece in pieces.items():
        for key in Piece.__struct_fields__:
            if getattr(piece, key) and key not in FITTING[name]:
                yield f"documents.{kind}.{name}.{key}", f"does not fit a {name}; possible are {quoted(FITTING[name])}"


def quoted(names: Sequence[str]) -> str:
    """The names as a service file writes them, for a sentence: `"a", "b"`."""
    return ", ".join(f'"{name}"' for name in names)
