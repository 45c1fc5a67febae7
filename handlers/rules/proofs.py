"""What a case's evidence proves of what an action needs, and what is missing, in words for staff."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from handlers.model.evidence import Evidence, EvidenceKind
from handlers.model.service import Service

PROOFS: dict[EvidenceKind, str] = {
    "login_known": "login",
    "address_on_file": "address",
    "address_claimed": "address",
    "address_named": "address",
}
"""What each kind of evidence proves of what a service's `identify.require` may ask for."""

UNPROVEN = {
    "login": "The customer has not named a login that we know.",
    "address": "The customer has neither written from the address on file nor named it.",
}

OTHER_PROOFS: tuple[EvidenceKind, ...] = ("password_known", "documents_accepted")
"""What speaks for a customer beside the mailbox, of which a reset of the second factor needs one (CP.28, T27)."""

BETTER: dict[EvidenceKind, str] = {
    "password_too_new": "a password that is a week old",
    "password_by_mail": "a password that was not set through it",
}
"""What would be enough where the password that was given is not."""


def missing(evidence: Sequence[Evidence], service: Service) -> tuple[str, ...]:
    """What the service requires before an action may target an account and the evidence does not show, as sentences."""
    proven = {PROOFS[one.kind] for one in evidence if one.kind in PROOFS}
    return tuple(UNPROVEN[need] for need in service.identify.require if need not in proven)


def beside_the_mailbox(kinds: AbstractSet[EvidenceKind]) -> str:
    """What is missing where the mailbox alone is not enough, as a sentence; empty where something speaks beside it."""
    if kinds & set(OTHER_PROOFS):
        return ""
    known = next((words for kind, words in BETTER.items() if kind in kinds), "the password")
    return f"The mailbox alone is not enough: it needs {known}, given at sign-in, or accepted documents."
