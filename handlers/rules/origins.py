"""What the checks of a sender are worth together: one grade, which never says more than the mail proves."""

from __future__ import annotations

from handlers.model.evidence import EvidenceKind
from handlers.model.mail import Grade, InboundMail, Origin, Result, Via
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

MEANINGS: dict[Grade, tuple[str, str]] = {
    "proven": ("The mail comes from {it}.", "Who wrote it there is not proven."),
    "partial": ("The mail most likely comes from {it}.", "One of two checks says so."),
    "unproven": ("Nothing shows that the mail comes from {it}.", "A sender can be forged."),
    "failed": ("This mail does not come from {it}.", "Anybody may have written it: do nothing on its word."),
    "unknown": ("Whether the mail comes from {it} could not be checked.", "The name servers did not answer."),
}
"""What each grade says of the domain that a mail names, and what follows for whoever reads it."""

SPF: dict[Result, str] = {
    "pass": "handed in by a server of {it}",
    "fail": "handed in by a server that {it} does not allow",
    "softfail": "handed in by a server that {it} does not name as its own",
    "neutral": "{it} does not say which servers are its own",
    "none": "{it} does not say which servers are its own",
    "policy": "handed in by a server that {it} does not allow",
    "temperror": "no answer about the servers of {it}",
    "permerror": "what {it} says of its servers is broken",
}
DKIM: dict[Result, str] = {
    "pass": "signed by {it}, and unchanged since",
    "fail": "signed in the name of {it}, but the signature does not hold",
    "softfail": "signed in the name of {it}, but the signature does not hold",
    "neutral": "signed in a way that says nothing",
    "none": "not signed",
    "policy": "signed by {it}, in a way that does not count",
    "temperror": "signed in the name of {it}, whose key could not be fetched",
    "permerror": "signed in the name of {it}, but the signature or its key is broken",
}
DMARC: dict[Result, str] = {
    "pass": "{it} knows it as its own",
    "fail": "by the rules of {it}, such a mail is not its own",
    "softfail": "by the rules of {it}, such a mail is not its own",
    "neutral": "{it} has no rules for its mails",
    "none": "{it} has no rules for its mails",
    "policy": "by the rules of {it}, such a mail is not its own",
    "temperror": "no answer about the rules of {it}",
    "permerror": "the rules of {it} are broken",
}
LOOKED: dict[Via, str] = {"direct": "", "border": " (says our border server)", "arc": " (says a trusted forwarder)"}

NOT_THEIRS, NOT_PROVEN = "not of ", "in the name of "
"""Mark the keys of requests that are not, or not known to be, of the domain they name: no address begins like this."""


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


def key_of(mail: InboundMail) -> str:
    """The key by which the cases of who wrote a mail are found.

    What was not proven is never put with what was: a forger can often choose that nothing is proven (T1, T31).
    """
    believed = mail.origin is None or mail.origin.grade in BELIEVED
    mark = NOT_THEIRS if is_nobodys(mail) else "" if believed else NOT_PROVEN
    return f"{mark}{canonical(sender_of(mail))}"


def may_answer(origin: Origin | None) -> bool:
    """Whether the writer may be written to: not where From or the return path is another's, who never wrote (T16)."""
    return origin is None or (origin.grade != "failed" and (origin.aligned or origin.spf != "fail"))


def meaning(origin: Origin) -> tuple[str, str]:
    """What a mail proves of the domain it names, and what follows, in a sentence each."""
    says, so = MEANINGS[origin.grade]
    return says.format(it=origin.domain or "the domain it names"), so


def reasons(origin: Origin) -> tuple[tuple[str, str], ...]:
    """What the three checks said, each by its name, in words that a support agent understands."""
    spf = SPF[origin.spf].format(it=origin.spf_domain or "the sender's domain")
    dkim = DKIM[origin.dkim].format(it=origin.dkim_domain or "some domain")
    dmarc = DMARC[origin.dmarc].format(it=origin.domain) if origin.domain else "there is no one From address"
    if origin.spf == "none" and not origin.spf_domain:
        spf = "who handed it in, or for whom, is not known"
    return ("SPF", spf), ("DKIM", dkim), ("DMARC", f"{dmarc}{LOOKED[origin.via]}")
