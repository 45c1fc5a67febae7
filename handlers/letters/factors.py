"""Letters about the second factor: a code that proves it, the notices of every change, the link that resets it."""

from __future__ import annotations

from gettext import NullTranslations

from handlers.letters.blocks import Block, Code, Paragraph, Steps
from handlers.letters.facts import Facts, Kinds, button, code_life, happened, life, login, never_ask, not_you, required


def second_factor_code(facts: Facts, catalogue: NullTranslations) -> tuple[str, tuple[Block, ...]]:
    """A code for the page that is open (CP.12); no other number of its length may stand in this letter."""
    _ = catalogue.gettext
    said = code_life(facts)
    return _("%(service)s: your code for two-step verification"), (
        Paragraph(
            _("Somebody who is signed in to your %(service)s account is changing its two-step verification.") % said
        ),
        Code(label=_("If it is you, this is your code:"), digits=required(facts.secret).value),
        Paragraph(_("Type it on the page that is open in your browser, and nowhere else.")),
        Paragraph(
            _("The code is valid for %(duration)s, until %(end)s, and works once. A newer code replaces it.") % said
        ),
        _stop(facts, catalogue),
        never_ask(catalogue),
    )


def second_factor_changed(facts: Facts, catalogue: NullTranslations) -> tuple[str, tuple[Block, ...]]:
    """What became of the second factor, to every known address; the letter's detail says which of `words` it is."""
    _ = catalogue.gettext
    what, _space, number = facts.letter.detail.partition(" ")
    said = happened(facts) | {"number": number}
    subject, *sentences = words(catalogue)[what]
    return subject, (
        *(Paragraph(sentence % said) for sentence in sentences),
        *login(facts, catalogue),
        _stop(facts, catalogue),
        never_ask(catalogue),
    )


def second_factor_reset(facts: Facts, catalogue: NullTranslations) -> tuple[str, tuple[Block, ...]]:
    """A link to the page that takes the second factor off, once somebody of the team has agreed."""
    _ = catalogue.gettext
    grant, said = required(facts.grant), {"service": facts.service.name}
    return _("%(service)s: remove two-step verification"), (
        Paragraph(
            _(
                "You told us that you can no longer get the codes for two-step verification of your %(service)s "
                "account. Our team has looked at your request and agrees."
            )
            % said
        ),
        *login(facts, catalogue),
        button(
            catalogue,
            lead=_("To remove it, open this page and confirm:"),
            label=_("Remove two-step verification"),
            url=f"{facts.portal_url}/second-factor/{required(facts.secret).value}",
        ),
        Steps(
            title=_("This ends:"),
            steps=(
                _("the codes of the old app or mailbox,"),
                _("the old recovery codes,"),
                _("every session in which somebody is signed in now."),
            ),
        ),
        Paragraph(_("Your password stays. At the next sign-in, you can set up two-step verification again.")),
        Paragraph(
            _("The link is valid for %(duration)s, until %(end)s, and works once. Nothing changes before you confirm.")
            % life(grant, facts.letter.language)
        ),
        _stop(facts, catalogue),
        never_ask(catalogue),
    )


def words(catalogue: NullTranslations) -> dict[str, tuple[str, ...]]:
    """For each thing that can become of a second factor: the subject, and what is said of it."""
    _ = catalogue.gettext
    on, off = _("%(service)s: two-step verification is on"), _("%(service)s: two-step verification is off")
    return {
        "added_totp": (
            on,
            _(
                "On %(when)s, an authenticator app was linked to your %(service)s account. From now on, every sign-in "
                "asks for its code."
            ),
            _("Keep your recovery codes somewhere else than on the phone with the app: they help if it is lost."),
        ),
        "added_mail": (
            on,
            _(
                "On %(when)s, codes by e-mail were switched on for your %(service)s account. From now on, every "
                "sign-in asks for a code that we send to the registered address."
            ),
            _(
                "Whoever can read that mailbox can also ask for a new password. Protect the mailbox well, or use an "
                "authenticator app instead."
            ),
        ),
        "removed": (
            off,
            _(
                "On %(when)s, two-step verification was removed from your %(service)s account by somebody who was "
                "signed in. From now on, the password alone is enough."
            ),
        ),
        "reset": (
            off,
            _(
                "On %(when)s, two-step verification was removed from your %(service)s account with the link that we "
                "had sent. The old recovery codes and all sessions have ended."
            ),
            _("At your next sign-in, set it up again: until then, your account is less well protected."),
        ),
        "reset_sent": (
            _("%(service)s: somebody asks to remove two-step verification"),
            _(
                "On %(when)s, we sent a link that removes two-step verification from your %(service)s account to the "
                "address registered for it. Nothing has changed yet."
            ),
        ),
        "recovery_used": (
            _("%(service)s: a recovery code was used"),
            _(
                "On %(when)s, somebody used a recovery code of your %(service)s account. Recovery codes left: "
                "%(number)s."
            ),
            _("If the app is lost, set up two-step verification anew while you are signed in."),
        ),
        "recovery_made": (
            _("%(service)s: you have new recovery codes"),
            _("On %(when)s, new recovery codes were made for your %(service)s account. The old ones no longer work."),
        ),
        "unusable": (
            _("%(service)s: set up two-step verification again"),
            _(
                "On %(when)s, somebody signed in to your %(service)s account with the password and a code that we sent "
                "by e-mail, because the old key of your authenticator app can no longer be checked."
            ),
            _("Please set up two-step verification again on the page “Your account”."),
        ),
    }


KINDS: Kinds = {
    "second_factor_code": second_factor_code,
    "second_factor_changed": second_factor_changed,
    "second_factor_reset": second_factor_reset,
}


def _stop(facts: Facts, catalogue: NullTranslations) -> Block:
    _ = catalogue.gettext
    return not_you(
        facts,
        _("If it was not you"),
        _("Open this page at once. It stops everything, protects your account and alerts our team:"),
    )
