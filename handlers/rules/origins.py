"""What the checks of a sender are worth together, and whose a mail is taken for; never more than it proves."""

from __future__ import annotations

from handlers.model.case import Case, State
from handlers.model.evidence import EvidenceKind
from handlers.model.mail import Grade, InboundMail, Origin, Result
from handlers.rules.addresses import canonical

KINDS: dict[Grade, EvidenceKind] = {
    "proven": "sender_proven",
    "partial": "sender_partial",
    "unproven": "sender_unproven",
    "failed": "sender_failed",
    "unknown": "sender_unchecked",
}
"""What each grade is called among the evidence."""

BELIEVED: tuple[Grade, ...] = ("proven", "partial")
"""The grades with which a mail from the address on file speaks for its writer."""

NOT_THEIRS, NOT_PROVEN = "not of ", "in the name of "
"""Mark the keys of requests that are not, or not known to be, of the domain they name: no address begins like this."""

UNDECIDED: tuple[State, ...] = ("new", "claimed", "waiting", "review")
"""The states of a case in which nothing was done yet on what is known of its sender."""


def grade(dmarc: Result, *, spf: bool, dkim: bool, tried: bool) -> Grade:
    """The grade of a mail; `spf` and `dkim` say whether each passed for From's own domain (aligned).

    Where the domain has no DMARC policy, both have to agree to prove it (T1). `tried` is false when a check that might
    have passed got no answer from the DNS: nothing is known then, and nothing held against anybody.
    """
    if dmarc == "pass":
        return "proven"
    if dmarc == "fail":
        return "failed"
    if spf and dkim:
        return "proven"
    if dmarc == "temperror" or not tried:
        return "unknown"
    return "partial" if spf or dkim else "unproven"


def has_failed(origin: Origin | None) -> bool:
    """Whether the domain that a mail names says that it is none of its mails."""
    return origin is not None and origin.grade == "failed"


def requester_keys(address: str) -> tuple[str, ...]:
    """Every key that requests in the name of an address may have."""
    return tuple(f"{mark}{canonical(address)}" for mark in ("", NOT_THEIRS, NOT_PROVEN))


def sender_of(mail: InboundMail) -> str:
    """The address of who wrote: From, or the return path where that cannot be read; neither proves itself."""
    return mail.from_address or mail.mail_from


def is_nobodys(mail: InboundMail) -> bool:
    """Whether nothing in a mail may be taken for its sender's: its domain disowns it, or it says not who wrote it."""
    return has_failed(mail.origin) or (mail.origin is not None and not mail.from_address)


def marked_key(address: str, grade: Grade | None) -> str:
    """The key of requests in the name of an address that prove so much; None where nobody checked.

    What was not proven is never put with what was: a forger can often choose that nothing is proven (T1, T31).
    """
    believed = grade is None or grade in BELIEVED
    mark = NOT_THEIRS if grade == "failed" else "" if believed else NOT_PROVEN
    return f"{mark}{canonical(address)}"


def key_of(mail: InboundMail) -> str:
    """The key by which the cases of who wrote a mail are found; "" where nobody says to have written it."""
    if not sender_of(mail):
        return ""
    grade = mail.origin.grade if mail.origin else None
    return marked_key(sender_of(mail), "failed" if is_nobodys(mail) else grade)


def may_learn(case: Case, sender: str) -> bool:
    """Whether a case may learn later what the mail from `sender` (canonical) proves that opened it unchecked.

    Not once another mail went on with it: nobody knows then whose words it holds, and a mail that is proven late lifts
    nothing that came with it unproven (T1, T31). Not once something was decided, either.
    """
    is_unknown = case.origin is not None and case.origin.grade == "unknown"
    is_alone = all(step.event != "case.continued" for step in case.history)
    is_theirs = bool(sender) and case.requester_key == marked_key(sender, "unknown")
    return is_unknown and is_alone and is_theirs and case.state in UNDECIDED


def may_answer(origin: Origin | None) -> bool:
    """Whether the writer may be written to: not where From or the return path is another's, who never wrote (T16)."""
    return origin is None or (origin.grade != "failed" and (origin.aligned or origin.spf != "fail"))
