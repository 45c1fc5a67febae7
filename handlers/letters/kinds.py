"""Every kind of letter, and what all of them have in common."""

from __future__ import annotations

from gettext import NullTranslations

from handlers.letters import (
    access,
    addresses,
    closing,
    delegates,
    documents,
    factors,
    freezing,
    information,
    signing_in,
)
from handlers.letters.blocks import Block, Content, Paragraph
from handlers.letters.facts import Facts, Kinds

KINDS: Kinds = {
    **access.KINDS,
    **addresses.KINDS,
    **closing.KINDS,
    **delegates.KINDS,
    **documents.KINDS,
    **factors.KINDS,
    **freezing.KINDS,
    **information.KINDS,
    **signing_in.KINDS,
}


def content(facts: Facts, catalogue: NullTranslations) -> Content:
    """The letter's words; the same facts always give the same ones. Raises ValueError when a fact is missing."""
    subject, blocks = KINDS[facts.letter.kind](facts, catalogue)
    own = facts.service.subject(facts.letter.kind, facts.letter.language)
    name = {"service": facts.service.name}
    return Content(
        subject=own or subject % name,
        blocks=(greeting(catalogue), *blocks),
        footer=catalogue.gettext("This is an automatic message from the %(service)s support team.") % name,
    )


def greeting(catalogue: NullTranslations) -> Block:
    """No name: it would tell a stranger whom an address belongs to, and let a registered name speak in our letters."""
    return Paragraph(catalogue.gettext("Hello,"))
