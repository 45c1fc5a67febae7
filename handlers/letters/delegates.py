"""The friendly no to somebody who works for the owner and is not the owner (O2.10, O2.11)."""

from __future__ import annotations

from gettext import NullTranslations

from handlers.letters.blocks import Block, Paragraph, Steps
from handlers.letters.facts import Facts, Kinds, never_ask


def delegate(facts: Facts, catalogue: NullTranslations) -> tuple[str, tuple[Block, ...]]:
    """What a delegate can use instead; nothing here tells whether there is such an account."""
    _ = catalogue.gettext
    name = {"service": facts.service.name}
    instead = facts.service.after_care("delegate", facts.letter.language)
    return _("%(service)s: about your request"), (
        Paragraph(
            _(
                "Thank you for writing to the %(service)s support team. You tell us that the account belongs to "
                "somebody else. To protect its owner, we help nobody else to get in, however good the reason."
            )
            % name
        ),
        *([Steps(title=_("What you can use instead:"), steps=instead)] if instead else []),
        Paragraph(
            _(
                "If the owner has lost access, please ask them to write to us themselves, from the address registered "
                "for the account."
            )
        ),
        never_ask(catalogue),
    )


KINDS: Kinds = {"delegate": delegate}
