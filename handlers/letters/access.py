"""Letters about getting back in: a link, a code, the notice of a new password, and the two neutral answers."""

from __future__ import annotations

from gettext import NullTranslations

from handlers.letters.blocks import Block, Code, Link, Paragraph, Steps
from handlers.letters.closing import note_if_closed
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


def acknowledgement(facts: Facts, catalogue: NullTranslations) -> tuple[str, tuple[Block, ...]]:
    """Word for word the same whether or not the account exists, and nothing of what the writer wrote."""
    _ = catalogue.gettext
    name = {"service": facts.service.name}
    return _("%(service)s: we have received your message"), (
        Paragraph(_("Your message has reached the %(service)s support team, and we are looking into it.") % name),
        Paragraph(
            _(
                "If it is about access to an account, everything you need will go to the address registered for that "
                "account, and to no other. Please look there, in the junk folder too. There is no need to write again; "
                "if you want to add something, reply to this message."
            )
        ),
        never_ask(catalogue),
    )


def reset(facts: Facts, catalogue: NullTranslations) -> tuple[str, tuple[Block, ...]]:
    """A link to the page where a new password is chosen."""
    _ = catalogue.gettext
    grant = required(facts.grant)
    return _("%(service)s: reset your password"), (
        Paragraph(_asked_for_link(facts, catalogue)),
        *login(facts, catalogue),
        button(
            catalogue,
            lead=_("To choose a new password, open this page:"),
            label=_("Choose a new password"),
            url=f"{facts.portal_url}/reset/{required(facts.secret).value}",
        ),
        Paragraph(
            _("The link is valid for %(duration)s, until %(end)s, and works once. After that, ask for a new one.")
            % life(grant, facts.letter.language)
        ),
        *note_if_closed(facts, catalogue),
        follow(facts, catalogue),
        not_you(
            facts,
            _("If you did not ask for this"),
            _("Your password stays as it is. To stop the request and protect your account, open this page instead:"),
        ),
        never_ask(catalogue),
    )


def code(facts: Facts, catalogue: NullTranslations) -> tuple[str, tuple[Block, ...]]:
    """A one-time code and the page to type it on; no other number of its length may stand in this letter."""
    _ = catalogue.gettext
    grant = required(facts.grant)
    token, _space, digits = required(facts.secret).value.partition(" ")
    return _("%(service)s: your verification code"), (
        Paragraph(_asked_for_code(facts, catalogue)),
        Code(label=_("Your verification code:"), digits=digits),
        button(
            catalogue,
            lead=_("Enter it on this page, and nowhere else:"),
            label=_("Enter the code"),
            url=f"{facts.portal_url}/code/{token}",
        ),
        Paragraph(
            _("The code is valid for %(duration)s, until %(end)s, and works once. A newer code replaces it.")
            % life(grant, facts.letter.language)
        ),
        *note_if_closed(facts, catalogue),
        follow(facts, catalogue),
        not_you(
            facts,
            _("If you did not ask for this"),
            _(
                "Do not give this code to anybody, not even to us. "
                "To stop the request and protect your account, open this page:"
            ),
        ),
        never_ask(catalogue),
    )


def changed(facts: Facts, catalogue: NullTranslations) -> tuple[str, tuple[Block, ...]]:
    """The notice after a password change: when it was, what remains to be done, and whom to tell if it was a thief."""
    _ = catalogue.gettext
    language = facts.letter.language
    when = happened(facts)
    steps = facts.service.after_care("reset", language)
    return _("%(service)s: your password was changed"), (
        Paragraph(_("The password of your %(service)s account was changed on %(when)s.") % when),
        *login(facts, catalogue),
        Link(_("If it was you, sign in with your new password:"), facts.sign_in),
        *([Steps(title=_("What remains to be done:"), steps=steps)] if steps else []),
        not_you(
            facts,
            _("If it was not you"),
            _(
                "Somebody else may have got into your account. Change the password of your mailbox, and open this page "
                "at once: it stops everything and alerts our team."
            ),
        ),
        never_ask(catalogue),
    )


def refused(facts: Facts, catalogue: NullTranslations) -> tuple[str, tuple[Block, ...]]:
    """A neutral no: the reason is for staff alone, and nothing here tells whether there is an account."""
    _ = catalogue.gettext
    name = {"service": facts.service.name}
    return _("%(service)s: about your request"), (
        Paragraph(
            _(
                "The %(service)s support team has examined your request. With what we have received, we cannot do what "
                "you asked for. To protect our customers, we give no details by e-mail."
            )
            % name
        ),
        Paragraph(
            _(
                "If the account is yours, write to us again from the address registered for it, with all you know "
                "about the account. Never send us a password."
            )
        ),
        never_ask(catalogue),
    )


KINDS: Kinds = {
    "acknowledgement": acknowledgement,
    "reset": reset,
    "code": code,
    "changed": changed,
    "refused": refused,
}


def _asked_for_link(facts: Facts, catalogue: NullTranslations) -> str:
    _ = catalogue.gettext
    said = asked(facts)
    if facts.case and facts.case.source == "portal":
        return _("On %(when)s, somebody asked on our website to reset the password of your %(service)s account.") % said
    return _("On %(when)s, somebody wrote to us asking to reset the password of your %(service)s account.") % said


def _asked_for_code(facts: Facts, catalogue: NullTranslations) -> str:
    _ = catalogue.gettext
    if facts.case and facts.case.source == "portal":
        return _("On %(when)s, somebody asked on our website for access to your %(service)s account.") % asked(facts)
    return _("On %(when)s, somebody wrote to us asking for access to your %(service)s account.") % asked(facts)
