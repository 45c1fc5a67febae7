"""What a mail proves of its sender, in words that a support agent understands; `handlers.rules.origins` decides."""

from __future__ import annotations

from handlers.model.mail import Grade, Origin, Result, Unseen, Via

NAMED = "the domain it names"
"""What stands for a mail's domain where none is to be named."""

MEANINGS: dict[Grade, tuple[str, str]] = {
    "proven": ("The mail comes from {it}.", "Who wrote it there is not proven."),
    "partial": ("The mail most likely comes from {it}.", "One of two checks says so."),
    "unproven": ("Nothing shows that the mail comes from {it}.", "A sender can be forged."),
    "failed": ("This mail does not come from {it}.", "Anybody may have written it: do nothing on its word."),
    "unknown": ("Whether the mail comes from {it} could not be checked.", "Nothing is known, for it or against it."),
}
"""What each grade says of the domain that a mail names, and what follows for whoever reads it."""

CAUSES: dict[Unseen, str] = {
    "": "The name servers did not answer.",
    "file": "A saved file does not show who handed it in.",
    "border": "Your border server ({border}) said nothing about this mail.",
    "border_spf": "Your border server ({border}) did not say whether its sender was allowed to hand it in.",
}
"""Why it could not be checked."""

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


def in_general(grade: Grade) -> str:
    """What a grade says, and what follows, of whatever domain a mail names."""
    return " ".join(MEANINGS[grade]).format(it=NAMED)


def meaning(origin: Origin) -> tuple[str, str]:
    """What a mail proves of the domain it names, and what follows, in a sentence each."""
    says, so = MEANINGS[origin.grade]
    if origin.grade == "failed" and origin.unseen:
        says = "Nothing in this file shows that the mail comes from {it}, whose rules demand it."
    if origin.unseen or origin.grade == "unknown":
        so = CAUSES[origin.unseen].format(border=origin.border)
    return says.format(it=origin.domain or NAMED), so


def reasons(origin: Origin) -> tuple[tuple[str, str], ...]:
    """What the three checks said, each by its name, in words that a support agent understands."""
    spf = SPF[origin.spf].format(it=origin.spf_domain or "the sender's domain")
    dkim = DKIM[origin.dkim].format(it=origin.dkim_domain or "some domain")
    dmarc = DMARC[origin.dmarc].format(it=origin.domain) if origin.domain else "there is no one From address"
    if origin.spf == "none" and not origin.spf_domain:
        spf = "who handed it in, or for whom, is not known"
    return ("SPF", spf), ("DKIM", dkim), ("DMARC", f"{dmarc}{LOOKED[origin.via]}")
