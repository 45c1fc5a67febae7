"""Letters about a closed account: until when it comes back, the way back, and the last word once it is deleted."""

from __future__ import annotations

from datetime import datetime
from gettext import NullTranslations

from handlers.languages import moment
from handlers.letters.blocks import Block, Paragraph, Steps
from handlers.letters.facts import (
    Facts,
    Kinds,
    asked,
    button,
    follow,
    happened,
    life,
    login,
    never_ask,
    not_you,
    required,
)
from handlers.rules.closing import may_reopen


def closed(facts: Facts, catalogue: NullTranslations) -> tuple[str, tuple[Block, ...]]:
    """The notice: what has stopped, until when signing in brings it back, and what is gone after that (CP.19-22)."""
    _ = catalogue.gettext
    said = _said(facts) | {"mailbox": facts.service.mailboxes[0]}
    return _("%(service)s: your account is closed"), (
        Paragraph(
            _("Your %(service)s account was closed on %(when)s. Its integrations were switched off first.") % said
        ),
        *login(facts, catalogue),
        Steps(
            title=_("What happens now:"),
            steps=(
                _(
                    "Until %(until)s, signing in reopens the account; you are asked before that happens. "
                    "Integrations stay off: you start them again one by one."
                )
                % said,
                _(
                    "If you need data from the account, write to %(mailbox)s before then. "
                    "Later, nobody can give you any."
                )
                % said,
                _(
                    "After that, all its data are deleted for good, products, orders and integrations included. "
                    "They cannot be brought back, not even on request."
                ),
            ),
        ),
        _not_me(facts, catalogue),
        never_ask(catalogue),
    )


def reactivation(facts: Facts, catalogue: NullTranslations) -> tuple[str, tuple[Block, ...]]:
    """A link that reopens the account, and what it brings back."""
    _ = catalogue.gettext
    grant = required(facts.grant)
    return _("%(service)s: reopen your account"), (
        Paragraph(
            _("On %(when)s, somebody asked us to reopen your %(service)s account, which is closed.") % asked(facts)
        ),
        *login(facts, catalogue),
        button(
            catalogue,
            lead=_("To reopen it, open this page:"),
            label=_("Reopen the account"),
            url=f"{facts.portal_url}/reactivate/{required(facts.secret).value}",
        ),
        Paragraph(
            _("The link is valid for %(duration)s, until %(end)s, and works once. After that, ask for a new one.")
            % life(grant, facts.letter.language)
        ),
        Paragraph(
            _(
                "The account comes back with its data. Integrations stay off: you start them again one by one. "
                "If you do nothing, the account and its data are deleted on %(until)s."
            )
            % _said(facts)
        ),
        follow(facts, catalogue),
        _not_me(facts, catalogue),
        never_ask(catalogue),
    )


def reactivated(facts: Facts, catalogue: NullTranslations) -> tuple[str, tuple[Block, ...]]:
    """The notice that the account is open again."""
    _ = catalogue.gettext
    said = happened(facts)
    return _("%(service)s: your account is open again"), (
        Paragraph(_("Your %(service)s account was reopened on %(when)s. Its data will not be deleted.") % said),
        *login(facts, catalogue),
        Paragraph(_("Integrations stay off until you start them again, one by one.")),
        _not_me(facts, catalogue),
        never_ask(catalogue),
    )


def purged(facts: Facts, catalogue: NullTranslations) -> tuple[str, tuple[Block, ...]]:
    """The last letter; there is nothing left to stop, and so no page to do it on (CP.21)."""
    _ = catalogue.gettext
    said = happened(facts)
    return _("%(service)s: your account and its data are deleted"), (
        Paragraph(
            _("As announced when it was closed, your %(service)s account was deleted on %(when)s, with all its data.")
            % said
        ),
        Paragraph(_("They cannot be brought back, not even on request.")),
        Paragraph(
            _("This is our last message about this account. Your address is deleted from our records along with it.")
        ),
        never_ask(catalogue),
    )


def note_if_closed(facts: Facts, catalogue: NullTranslations) -> list[Block]:
    """What a way back in means for an account that is closed: it is said before it happens (CP.25)."""
    _ = catalogue.gettext
    account = facts.account
    if account is None or account.reopens_until is None or not may_reopen(account, facts.letter.written_at):
        return []
    until = {"until": moment(account.reopens_until, facts.letter.language)}
    return [
        Paragraph(
            _(
                "This account is closed. Signing in afterwards reopens it; you are asked before that happens, and "
                "integrations stay off. If you do not sign in, the account and its data are deleted on %(until)s."
            )
            % until
        )
    ]


KINDS: Kinds = {"closed": closed, "reactivation": reactivation, "reactivated": reactivated, "purged": purged}


def _said(facts: Facts) -> dict[str, str]:
    """When the letter was written, and the moment it names, which its account may not have any more."""
    return happened(facts) | {"until": moment(datetime.fromisoformat(facts.letter.detail), facts.letter.language)}


def _not_me(facts: Facts, catalogue: NullTranslations) -> Block:
    _ = catalogue.gettext
    return not_you(
        facts,
        _("If it was not you"),
        _("Tell us on this page: we freeze the account, so that nothing is lost, and look into it."),
    )
