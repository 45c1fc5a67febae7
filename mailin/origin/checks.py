"""All that a mail proves, asked for at the same time and under one deadline, and what it comes to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import structlog
from msgspec.structs import replace

from handlers.configuration.settings import Settings
from handlers.model.document import Value
from handlers.model.mail import Origin, Result, Unseen, Via
from handlers.rules.origins import grade
from mailin.origin import dmarc, keys, spf
from mailin.origin.asking import Asking, Kind, Look, Resolving, TooMany, Unanswered
from mailin.origin.border import Said
from mailin.origin.clues import Clues, Trust
from mailin.origin.dmarc import Policy, Verdict
from mailin.origin.domains import is_below
from mailin.origin.names import Names
from mailin.origin.seals import Chain
from mailin.origin.signatures import Signature
from mailin.origin.spf import Sender, Spf

log = structlog.get_logger()

SECONDS = 5.0
QUESTIONS = 150
"""All that a mail can make us ask: SPF 60, five keys, a walk of eight for each of seven domains, and spare for ARC."""

ORDER: tuple[Result, ...] = ("pass", "temperror", "fail", "policy", "permerror", "neutral", "none")


class Proof(Value, frozen=True, kw_only=True):
    """What a mail proves, and what was found on the way, for people who ask why.

    `unanswered` says that the grade is unknown because the DNS did not answer, and may be known later.
    """

    origin: Origin
    spf: Spf
    signature: Signature | None = None
    verdict: Verdict = Verdict(result="none")
    unanswered: bool = False


class Checks:
    """The checks of a desk; `seconds` are given to all the questions of one mail."""

    def __init__(self, names: Resolving, trust: Trust, seconds: float = SECONDS) -> None:
        self.names, self.trust, self._seconds = names, trust, seconds

    @classmethod
    def of(cls, settings: Settings, names: Names | None = None) -> Checks:
        """As the operator set them, with a resolver of their own unless there is one."""
        sealers = tuple(sorted(settings.mail_trusted_sealers))
        return cls(names or Names(settings.dns), Trust(authserv_id=settings.mail_authserv_id, sealers=sealers))

    async def proof(self, clues: Clues, sender: Sender) -> Proof:
        """What a mail from this sender proves. Never raises: what cannot be checked is not known."""
        try:
            look = Look(self.names, self._seconds, QUESTIONS)
            proof = await self._proof(clues, sender, look)
            unknown = proof.origin.grade == "unknown" and not proof.origin.unseen
            return replace(proof, unanswered=unknown and look.unanswered)
        except Exception as error:
            log.error("origin.failed", error=type(error).__name__)
            return Proof(
                origin=Origin(
                    spf="temperror",
                    dkim="temperror",
                    dmarc="temperror",
                    aligned=False,
                    grade="unknown",
                    domain=clues.domain,
                ),
                spf=Spf(result="temperror"),
            )

    async def _proof(self, clues: Clues, sender: Sender, look: Asking) -> Proof:
        await look.fetch(self._questions(clues, sender))
        path = await self._path(clues, sender, look)
        signatures = await _signed(clues, look)
        policy = await _policy(clues, look)
        chain_holds = await _sealed(clues.chain, look)
        aligned = await _aligned(look, "" if clues.odd else clues.domain, policy, path, signatures)
        verdict = await self._verdict(clues, look, policy, aligned, self._unseen(clues, sender))
        via: Via = "border" if clues.border is not None else "direct"
        if (verdict.result == "fail" or verdict.unseen) and chain_holds and not clues.odd and self._was_theirs(clues):
            verdict, via = Verdict(result="pass", wish=verdict.wish, at=verdict.at), "arc"
        best = _best(signatures, aligned.of_signatures)
        passed_by_others = verdict.result == "pass" and via != "direct"
        return Proof(
            origin=Origin(
                spf=path.result,
                dkim=best.result or "none" if best else "none",
                dmarc=verdict.result,
                aligned=aligned.spf or aligned.dkim or passed_by_others,
                grade=grade(verdict.result, spf=aligned.spf, dkim=aligned.dkim, tried=not aligned.open),
                domain=clues.domain,
                spf_domain=path.domain,
                dkim_domain=best.domain if best else "",
                via=via,
                unseen=verdict.unseen,
                border=self.trust.authserv_id if verdict.unseen in ("border", "border_spf") else "",
            ),
            spf=path,
            signature=best,
            verdict=verdict,
        )

    def _questions(self, clues: Clues, sender: Sender) -> Iterator[tuple[str, Kind]]:
        """What is sure to be asked, so that all of it is asked at the same time."""
        said = {one.method for one in clues.border or ()}
        if clues.domain:
            yield from dmarc.questions(clues.domain)
        if not self.trust.authserv_id and (domain := spf.identity(sender)):
            yield domain, "TXT"
        for signature in [] if "dkim" in said else [one for one in clues.signatures if one.result is None]:
            yield keys.name_of(signature), "TXT"
        for link in _links(clues.chain):
            yield keys.name_of(link), "TXT"

    def _was_theirs(self, clues: Clues) -> bool:
        """Whether a trusted sealer, behind none but trusted ones, found the mail to be From's (RFC 8617 7.2.1)."""
        for seal in clues.chain.seals if clues.chain else ():
            if seal.domain not in self.trust.sealers:
                return False
            if any(one.method == "dmarc" and one.result == "pass" and one.domain == clues.domain for one in seal.said):
                return True
        return False

    async def _path(self, clues: Clues, sender: Sender, look: Asking) -> Spf:
        """SPF: with a border server before us it alone saw the sender."""
        if not self.trust.authserv_id:
            return await spf.check(look, sender)
        said = _said(clues, "spf")
        return Spf(result=said.result, domain=said.domain) if said else Spf(result="none")

    def _unseen(self, clues: Clues, sender: Sender) -> Unseen:
        """Why nobody saw who handed the mail in; with a border server before us it alone did."""
        if clues.odd:
            return ""  # nothing could speak for its From
        if self.trust.authserv_id:
            return "" if _said(clues, "spf") else "border_spf" if clues.border else "border"
        return "" if sender.is_known else "file"

    async def _verdict(
        self, clues: Clues, look: Asking, policy: Policy | Result, aligned: _Aligned, unseen: Unseen
    ) -> Verdict:
        said = _said(clues, "dmarc")
        if said and clues.domain == said.domain and clues.domain and not clues.odd:
            return Verdict(result=said.result)
        if not isinstance(policy, Policy):
            return Verdict(result=policy)
        if policy.record is None:
            return Verdict(result="none")
        wish = await dmarc.wish(look, policy)
        if not policy.record.usable:
            return Verdict(result="permerror", at=policy.at)
        if aligned.spf or aligned.dkim:
            return Verdict(result="pass", wish=wish, at=policy.at)
        if aligned.open:
            return Verdict(result="temperror", wish=wish, at=policy.at)
        # A border server that said nothing may have seen it pass; a file alone has nothing that passes.
        return Verdict(
            result="temperror" if unseen not in ("", "file") else "fail", wish=wish, at=policy.at, unseen=unseen
        )


class _Aligned(NamedTuple):
    """What passed for From's own domain; `open` is whether something might have that nobody could check."""

    spf: bool
    dkim: bool
    of_signatures: Sequence[bool]
    open: bool


async def _signed(clues: Clues, look: Asking) -> list[Signature]:
    said = [one for one in clues.border or () if one.method == "dkim"]
    if said:
        return [Signature(domain=one.domain, result="policy" if clues.odd else one.result) for one in said]
    return [await keys.judged(look, signature) for signature in clues.signatures]


async def _policy(clues: Clues, look: Asking) -> Policy | Result:
    """What holds for From's domain, or the result where that cannot be known."""
    if not clues.domain:
        return "permerror"
    try:
        return await dmarc.discover(look, clues.domain)
    except TooMany:
        return "permerror"
    except Unanswered:
        return "temperror"


async def _sealed(chain: Chain | None, look: Asking) -> bool:
    """Whether the chain of a trusted sealer holds, every link of it."""
    judged = [await keys.judged(look, one) for one in _links(chain)]
    return bool(judged) and all(one.result == "pass" for one in judged)


def _links(chain: Chain | None) -> list[Signature]:
    """The signatures of a chain; none where it is broken already."""
    return [chain.message, *(one.seal for one in chain.seals)] if chain and not chain.fault else []


async def _aligned(
    look: Asking, author: str, policy: Policy | Result, path: Spf, signed: Sequence[Signature]
) -> _Aligned:
    record = policy.record if isinstance(policy, Policy) else None
    strict_spf, strict_dkim = (record.strict_spf, record.strict_dkim) if record else (True, True)
    spf_may = await _may_speak(look, author, policy, path, strict_spf)
    dkim_may = [await _may_speak(look, author, policy, one, strict_dkim) for one in signed]
    passed = [may is True and one.result == "pass" for may, one in zip(dkim_may, signed, strict=True)]
    unsure = [_is_open(author, may, one) for may, one in zip(dkim_may, signed, strict=True)]
    spf_passed = spf_may is True and path.result == "pass"
    return _Aligned(spf_passed, any(passed), passed, _is_open(author, spf_may, path) or any(unsure))


async def _may_speak(
    look: Asking, author: str, policy: Policy | Result, one: Spf | Signature, strict: bool
) -> bool | None:
    """Whether a result that counts is of From's own domain; None where nobody knows."""
    if one.result not in ("pass", "temperror") or not author or not one.domain:
        return False
    if one.domain == author:
        return True
    if not isinstance(policy, Policy):
        return None if policy == "temperror" else False
    try:
        return await dmarc.is_aligned(look, policy, one.domain, strict)
    except TooMany:
        return False
    except Unanswered:
        return None


def _is_open(author: str, may_speak: bool | None, one: Spf | Signature) -> bool:
    """Whether it may yet turn out to speak for From.

    What nobody answered counts for From's own domain and those above it: below it whoever forges may look for a name
    whose servers are gone, and a mail that is not theirs would be nobody's.
    """
    if one.result == "temperror":
        return may_speak is not False and is_below(author, one.domain)
    return may_speak is None


def _best(signatures: Sequence[Signature], aligned: Sequence[bool]) -> Signature | None:
    """The signature that says most: one that passed for From's domain, one that passed, the one that nearly did."""
    ranked = sorted(
        zip(aligned, signatures, strict=True), key=lambda one: (not one[0], ORDER.index(one[1].result or "none"))
    )
    return ranked[0][1] if ranked else None


def _said(clues: Clues, method: str) -> Said | None:
    return next((one for one in clues.border or () if one.method == method), None)
