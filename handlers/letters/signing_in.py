"""Letters about signing in: its code, a temporary password, and the notice about the second realm."""

from __future__ import annotations

from gettext import NullTranslations

from handlers.letters.blocks import Block, Code, Paragraph, Password, Steps
from handlers.letters.closing import note_if_closed
from handlers.letters.facts import (
    Facts,
    Kinds,
    button,
    code_life,
    follow,
    happened,
    life,
    login,
    never_ask,
    not_you,
    required,
)


def sign_in_code(facts: Facts, catalogue: NullTranslations) -> tuple[str, tuple[Block, ...]]:
    """A one-time code for a sign-in under way; no other number of its length may stand in this letter."""
    _ = catalogue.gettext
    said = code_life(facts)
    return _("%(service)s: your sign-in code"), (
        Paragraph(_("A sign-in to your %(service)s account is under way, with the right password.") % said),
        Code(label=_("If it is you, this is your sign-in code:"), digits=required(facts.secret).value),
        Paragraph(_("Type it on the page where you are signing in, and nowhere else.")),
        Paragraph(
            _("The code is valid for %(duration)s, until %(end)s, and works once. A newer code replaces it.") % said
        ),
        not_you(
            facts,
            _("If it is not you"),
            _(
                "Do not give this code to anybody, not even to us: without it, nobody gets in. "
                "To protect your account, open this page:"
            ),
        ),
        never_ask(catalogue),
    )


def temporary_password(facts: Facts, catalogue: NullTranslations) -> tuple[str, tuple[Block, ...]]:
    """A password for one sign-in, alone on its line so that it is copied without anything beside it (ESP.8)."""
    _ = catalogue.gettext
    grant, name = required(facts.grant), {"service": facts.service.name}
    return _("%(service)s: your temporary password"), (
        Paragraph(_("We have been asked for a new password for your %(service)s account.") % name),
        *login(facts, catalogue),
        Password(
            label=_("Your password has been reset to this temporary one:"),
            password=required(facts.secret).value,
        ),
        button(
            catalogue,
            lead=_("Select it, copy it, and sign in with it on this page:"),
            label=_("Sign in"),
            url=facts.sign_in,
        ),
        Paragraph(
            _(
                "It is valid for %(duration)s, until %(end)s, and for one sign-in. You then choose a password of your "
                "own. Until you use it, your old password still works. Only the latest temporary password is valid."
            )
            % life(grant, facts.letter.language)
        ),
        *note_if_closed(facts, catalogue),
        follow(facts, catalogue),
        not_you(
            facts,
            _("If you did not ask for this"),
            _("Your old password stays as it is. To stop the request and protect your account, open this page:"),
        ),
        never_ask(catalogue),
    )


def hosting_changed(facts: Facts, catalogue: NullTranslations) -> tuple[str, tuple[Block, ...]]:
    """The notice after the second password was changed, with what remains to be done (SF.19)."""
    _ = catalogue.gettext
    language = facts.letter.language
    said = happened(facts)
    steps = facts.service.after_care("hosting_changed", language)
    return _("%(service)s: your hosting password was changed"), (
        Paragraph(_("The hosting password of your %(service)s account was changed on %(when)s.") % said),
        *login(facts, catalogue),
        Paragraph(_("The password of the account itself stays as it is.")),
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


KINDS: Kinds = {
    "sign_in_code": sign_in_code,
    "temporary_password": temporary_password,
    "hosting_changed": hosting_changed,
}
