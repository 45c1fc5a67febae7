"""What is known for and against a writer, in words for staff, whatever shows them."""

from __future__ import annotations

from datetime import datetime

from handlers.model.case import Case
from handlers.model.evidence import Evidence, EvidenceKind, Weight
from handlers.rules import origins
from handlers.rules.origin_words import in_general
from handlers.rules.origins import has_failed
from handlers.rules.second_factor import SETTLED

EVIDENCE: dict[EvidenceKind, str] = {
    **{kind: in_general(grade) for grade, kind in origins.KINDS.items()},
    "login_known": "The login named is one of ours.",
    "address_on_file": "The mail came from the address on file.",
    "address_claimed": "The mail names the address on file as its sender. Nothing proves it.",
    "address_named": "The address on file was named, but the request came from elsewhere.",
    "login_and_address_agree": "Login and address belong to the same account.",
    "login_unknown": "No account has the login named.",
    "address_not_on_file": "The address used is not the one on file.",
    "address_moved": "The address on file was changed after this was asked.",
    "login_and_address_disagree": "The login belongs to one account, the address to another.",
    "several_accounts": "Several accounts match; none was chosen.",
    "typed_on_portal": "Typed on the portal: anybody could have.",
    "not_the_owner": "The writer says that the account is somebody else's.",
    "sender_unproven": "A sender's address can be forged.",
    "sender_lookalike": "The sender's address is easily taken for the one on file, and is another.",
    "address_in_name": "The sender's name shows an address or a domain that is not the sender's.",
    "mixed_scripts": "The sender's address mixes letters of several alphabets, or passes for Latin.",
    "like_our_domain": "The sender's domain, or name, is easily taken for ours, and is another's.",
    "return_elsewhere": "A mail was handed in for another domain than the one it names.",
    "reply_elsewhere": "Replies to a mail would go to another address than the sender's.",
    "recently_changed": "The password was changed within the last 24 hours.",
    "name_changed": "Name or company changed less than 30 days before this, or since: documents must fit the old one.",
    "factor_added": "The second factor was added within 30 days before the freeze: ask whether the owner did it.",
    "password_known": "Whoever asks knows the account's password: it was given at sign-in.",
    "password_too_new": "The password was given, but it was set too lately to count.",
    "password_by_mail": "The password was given, but it was set through the mailbox: it proves that once more.",
    "documents_accepted": "All the documents that were asked for were accepted.",
    "document_reused": "A document of this case was sent for another account before.",
    "new_address_doubtful": "The new address is easily taken for the one on file, and is another.",
    "new_address_disputed": "Another new address was named later, and not taken: compare with the documents.",
    "stopped_by_owner": "Somebody who reads mail at an address we know stopped this: “it was not me”.",
    "account_closed": "The account is closed. Until it is deleted it can be reopened, also by signing in.",
    "account_purged": "An account with these particulars was deleted with its data; nothing can be brought back.",
}
DATED: dict[EvidenceKind, str] = {
    "password_too_new": "Set on {day}; given again from {week} on, it counts.",
    "password_by_mail": "Set on {day}.",
    "stopped_by_owner": "That was on {day}.",
}
"""What is said besides of facts whose day matters; `{week}` is when a password has settled."""

NO_ACCOUNT: dict[EvidenceKind, str] = {"address_not_on_file": "No account has this address."}
"""What a kind says instead when the case has no account."""

BY_PORTAL: dict[EvidenceKind, str] = {"address_on_file": "The address given is the one on file."}
"""What a kind says instead of what was given on the portal, where no mail came from anywhere."""

STRONGER: dict[EvidenceKind, EvidenceKind] = {
    "login_known": "login_and_address_agree",
    "address_claimed": "address_on_file",
}
"""What need not be said when the other is: it follows from it."""

FOOTNOTES: tuple[EvidenceKind, ...] = ("sender_unproven",)
"""What is true of nearly every case: it stands at the end, small."""

GRADED: tuple[EvidenceKind, ...] = tuple(origins.KINDS.values())
"""What the line about the sender's domain says already, with its reasons."""

ORDER: tuple[Weight, ...] = ("for", "against", "neutral")


def told(case: Case) -> list[tuple[Weight, str]]:
    """What speaks for the writer, then what against, then the rest; not what follows from something stronger.

    Nothing speaks for the writer of a mail that its domain disowns: that is anybody (T1).
    """
    kinds = {one.kind for one in case.evidence}
    said = (*FOOTNOTES, *(GRADED if case.origin else ()))
    heard = [one for one in case.evidence if one.kind not in said and STRONGER.get(one.kind) not in kinds]
    heard = [one for one in heard if one.weight != "for"] if has_failed(case.origin) else heard
    return [(one.weight, _fact(one, case)) for one in sorted(heard, key=lambda one: ORDER.index(one.weight))]


def _fact(one: Evidence, case: Case) -> str:
    dated = DATED.get(one.kind, "").format(day=_day(one.at), week=_day(one.at + SETTLED))
    instead = {**(BY_PORTAL if one.source == "portal" else {}), **({} if case.account else NO_ACCOUNT)}
    return f"{instead.get(one.kind, EVIDENCE[one.kind])} {dated}".rstrip()


def _day(at: datetime) -> str:
    return f"{at.day} {at:%b}"
