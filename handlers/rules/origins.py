"""What the checks of a sender are worth together: one grade, which never says more than the mail proves."""

from __future__ import annotations

from handlers.model.mail import Grade, Result


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
