"""What the owner of a frozen account is told."""

from __future__ import annotations

from gettext import NullTranslations

from handlers.letters.blocks import Block, Paragraph, Steps
from handlers.letters.facts import Facts, Kinds, happened, login, never_ask


def frozen(facts: Facts, catalogue: NullTranslations) -> tuple[str, tuple[Block, ...]]:
    """That everything has stopped, and what happens next."""
    _ = catalogue.gettext
    said = happened(facts)
    return _("%(service)s: your account is frozen"), (
        Paragraph(
            _(
                "On %(when)s, we froze your %(service)s account to protect it: somebody told us that a request was not "
                "theirs, or our team noticed something unusual."
            )
            % said
        ),
        *login(facts, catalogue),
        Steps(
            title=_("What happens now:"),
            steps=(
                _("Nobody can sign in, and nothing about the account can be changed."),
                _("Links and codes from earlier e-mails no longer work."),
                _("Our team looks into it. You will hear from us at this address."),
            ),
        ),
        Paragraph(
            _(
                "If somebody else may know the password of your mailbox, change it now. "
                "If you can tell us more, reply to this message."
            )
        ),
        never_ask(catalogue),
    )


KINDS: Kinds = {"frozen": frozen}
