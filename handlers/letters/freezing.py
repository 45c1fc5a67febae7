"""What the owner of a frozen account is told, and when it is one no longer."""

from __future__ import annotations

from gettext import NullTranslations

from handlers.letters.blocks import Block, Paragraph, Steps
from handlers.letters.facts import Facts, Kinds, happened, login, never_ask, not_you


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


def lifted(facts: Facts, catalogue: NullTranslations) -> tuple[str, tuple[Block, ...]]:
    """That our team has looked into it: the letter about the freeze promised to say so."""
    _ = catalogue.gettext
    return _("%(service)s: your account is no longer frozen"), (
        Paragraph(
            _("On %(when)s, after looking into it, our team lifted the freeze of your %(service)s account.")
            % happened(facts)
        ),
        *login(facts, catalogue),
        Steps(
            title=_("What this means:"),
            steps=(
                _("You can sign in again. If somebody else may know your password, choose a new one."),
                _("Links and codes from earlier e-mails no longer work."),
                _("What was stopped has not been done. If you still need it, reply to this message."),
            ),
        ),
        not_you(
            facts,
            _("If something is still wrong"),
            _("Open this page. It stops everything once more and alerts our team:"),
        ),
        never_ask(catalogue),
    )


KINDS: Kinds = {"frozen": frozen, "lifted": lifted}
