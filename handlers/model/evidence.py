"""Observed facts for or against the writer being the owner."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from handlers.model.document import Value

Added = Literal[
    "factor_added",
    "password_known",
    "password_too_new",
    "password_by_mail",
    "documents_accepted",
    "document_reused",
    "new_address_doubtful",
    "new_address_disputed",
    "stopped_by_owner",
]
"""What becomes known of a case on other ways than by what a request and the accounts say of each other."""

EvidenceKind = Literal[
    "login_known",
    "address_on_file",
    "address_named",
    "address_claimed",
    "login_and_address_agree",
    "login_unknown",
    "address_not_on_file",
    "address_moved",
    "login_and_address_disagree",
    "several_accounts",
    "typed_on_portal",
    "not_the_owner",
    "sender_proven",
    "sender_partial",
    "sender_unproven",
    "sender_failed",
    "sender_unchecked",
    "sender_lookalike",
    "address_in_name",
    "mixed_scripts",
    "like_our_domain",
    "return_elsewhere",
    "reply_elsewhere",
    "recently_changed",
    "name_changed",
    Added,
    "account_closed",
    "account_purged",
]
Weight = Literal["for", "against", "neutral"]
Source = Literal["mail", "portal", "record", "staff"]


class Evidence(Value, frozen=True, kw_only=True):
    """One observed fact: what it is, which way it speaks, where it was seen and when (UTC)."""

    kind: EvidenceKind
    weight: Weight
    source: Source
    at: datetime
