"""Letters about account information: what is missing and why, and the notice that it was changed."""

from __future__ import annotations

from gettext import NullTranslations

from babel.lists import format_list

from handlers.languages import LOCALES
from handlers.letters.blocks import Block, Fact, Paragraph
from handlers.letters.facts import Facts, Kinds, asked, button, follow, happened, login, never_ask, not_you


def information(facts: Facts, catalogue: NullTranslations) -> tuple[str, tuple[Block, ...]]:
    """What is missing, why it is needed (CP.1, CP.2), and the page to give it on; the letter alone has its address."""
    _ = catalogue.gettext
    return _("%(service)s: we need some details before we can help"), (
        Paragraph(_("On %(when)s, somebody wrote to us about your %(service)s account.") % asked(facts)),
        *login(facts, catalogue),
        Paragraph(
            _(
                "Before our team can work on a request, the account needs some details: without them no request can "
                "be created, and it is harder for us to reach you."
            )
        ),
        Fact(_("Still missing:"), _missing(facts, catalogue)),
        button(
            catalogue,
            lead=_("Please fill them in on this page:"),
            label=_("Fill in the details"),
            url=facts.page("information"),
        ),
        Paragraph(_("As soon as they are there, your request goes on by itself: you do not have to write again.")),
        follow(facts, catalogue),
        not_you(
            facts,
            _("If it was not you"),
            _("Fill in nothing, and tell us on this page: we stop the request and freeze the account."),
        ),
        never_ask(catalogue),
    )


def profile(facts: Facts, catalogue: NullTranslations) -> tuple[str, tuple[Block, ...]]:
    """The notice that somebody who was signed in changed what we know of the customer; not what it is now."""
    _ = catalogue.gettext
    said = happened(facts)
    return _("%(service)s: your account information was changed"), (
        Paragraph(_("The information of your %(service)s account was changed on %(when)s.") % said),
        *login(facts, catalogue),
        Paragraph(_("If it was you, there is nothing to do.")),
        not_you(
            facts,
            _("If it was not you"),
            _("Tell us on this page: we freeze the account and look into it. Change the password of your mailbox too."),
        ),
        never_ask(catalogue),
    )


KINDS: Kinds = {"information": information, "profile": profile}


def _missing(facts: Facts, catalogue: NullTranslations) -> str:
    _ = catalogue.gettext
    names = {
        "address": _("e-mail"),
        "name": _("name and surname"),
        "company": _("trade name"),
        "country": _("country"),
        "city": _("city"),
        "born": _("date of birth"),
        "phone": _("telephone"),
    }
    return format_list([names[one] for one in facts.letter.detail.split()], locale=LOCALES[facts.letter.language])
