"""The three reasons of a grade in plain words, for people who ask why."""

from __future__ import annotations

from collections.abc import Iterator

from handlers.model.mail import Result, Via
from mailin.origin.checks import Proof

SPF: dict[Result, str] = {
    "pass": "{peer} may send mail of {domain}",
    "fail": "{peer} may not send mail of {domain}",
    "softfail": "{peer} should not send mail of {domain}",
    "neutral": "{domain} does not say whether {peer} may send its mail",
    "none": "{domain} does not say who may send its mail",
    "policy": "what {domain} says was not accepted",
    "temperror": "the DNS did not say in time who may send mail of {domain}",
    "permerror": "what {domain} says about who may send its mail makes no sense",
}
DMARC: dict[Result, str] = {
    "pass": "the mail comes from {domain}",
    "fail": "the mail does not come from {domain}, though its From says so",
    "none": "{domain} does not say how its mails are recognised",
    "temperror": "it could not be found out in time whether the mail comes from {domain}",
    "permerror": "what {domain} says about its mails makes no sense",
}
VIA: dict[Via, str] = {"direct": "", "border": "; our border server says so", "arc": "; a trusted forwarder says so"}


def reasons(proof: Proof) -> Iterator[tuple[str, str]]:
    """Name, result and reason of each of the three."""
    origin = proof.origin
    at_border = VIA["border"] if origin.via == "border" else ""
    yield "SPF", f"{origin.spf}: {_path(proof)}{at_border if origin.spf_domain else ''}"
    yield "DKIM", f"{origin.dkim}: {_signature(proof)}"
    yield "DMARC", f"{origin.dmarc}: {_owner(proof)}{VIA[origin.via] if origin.dmarc != 'none' else ''}"


def _path(proof: Proof) -> str:
    domain = proof.origin.spf_domain
    if not domain:
        return "who handed it in, or for whom, is not known"
    return SPF[proof.origin.spf].format(peer=proof.spf.peer or "its sender", domain=domain)


def _signature(proof: Proof) -> str:
    signature = proof.signature
    if signature is None:
        return "it is not signed"
    by = f" (a signature of {signature.domain})" if signature.domain else ""
    if signature.result == "pass":
        return f"signed by {signature.domain}, and unchanged since"
    return f"{signature.why or 'its signature was not accepted'}{by}"


def _owner(proof: Proof) -> str:
    domain = proof.origin.domain
    if not domain:
        return "there is no one From address"
    wish = proof.verdict.wish
    asked = (
        f" ({proof.verdict.at} asks to {wish} such mails)"
        if proof.origin.dmarc == "fail" and wish not in ("", "none")
        else ""
    )
    return DMARC.get(proof.origin.dmarc, "the mail was judged by rules we do not know").format(domain=domain) + asked
