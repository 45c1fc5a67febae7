"""Letters about a change of the registered address: the question to the new one, and what the known ones are told."""

from __future__ import annotations

from datetime import datetime
from gettext import NullTranslations

from handlers.languages import moment
from handlers.letters.blocks import Block, Code, Paragraph, Warning
from handlers.letters.facts import Facts, Kinds, button, happened, login, never_ask, not_you, required
from handlers.rules.addresses import SAME


def confirm_address(facts: Facts, catalogue: NullTranslations) -> tuple[str, tuple[Block, ...]]:
    """A code to an address that nobody has registered: it says nothing of any account, and can only confirm."""
    _ = catalogue.gettext
    grant = required(facts.grant)
    token, _space, digits = required(facts.secret).value.partition(" ")
    end = {"end": moment(grant.expires_at, facts.letter.language)}
    return _("%(service)s: confirm your new address"), (
        Paragraph(
            _("Somebody asked us to register this address at %(service)s. If it was you, confirm that it is yours.")
            % {"service": facts.service.name}
        ),
        Code(label=_("Your confirmation code:"), digits=digits),
        button(
            catalogue,
            lead=_("Enter it on this page, and nowhere else:"),
            label=_("Confirm the address"),
            url=f"{facts.portal_url}/address/{token}",
        ),
        Paragraph(_("The code is valid until %(end)s and works once. A newer code replaces it.") % end),
        Warning(
            title=_("If you did not ask for this"),
            text=_("You have nothing to do: without the code, this address is not registered. Give it to nobody."),
        ),
        never_ask(catalogue),
    )


def address_asked(facts: Facts, catalogue: NullTranslations) -> tuple[str, tuple[Block, ...]]:
    """At the start, to every address we know: nothing has happened yet, and one click stops it."""
    _ = catalogue.gettext
    return _("%(service)s: somebody asked for another address"), (
        Paragraph(
            _(
                "On %(when)s, somebody asked us to register another e-mail address for your %(service)s account: "
                "%(address)s."
            )
            % _said(facts, catalogue)
        ),
        Paragraph(_("Nothing has changed yet. If it was you, go on with the e-mail that we sent to the new address.")),
        _stop(facts, catalogue),
        never_ask(catalogue),
    )


def address_agreed(facts: Facts, catalogue: NullTranslations) -> tuple[str, tuple[Block, ...]]:
    """At the decision: when it will happen, and that there is time to object."""
    _ = catalogue.gettext
    return _("%(service)s: your address is about to change"), (
        Paragraph(
            _("On %(end)s, the e-mail address registered for your %(service)s account will become %(address)s.")
            % _said(facts, catalogue)
        ),
        Paragraph(_("If it was you who asked for this, there is nothing to do.")),
        _stop(facts, catalogue),
        never_ask(catalogue),
    )


def address_changed(facts: Facts, catalogue: NullTranslations) -> tuple[str, tuple[Block, ...]]:
    """At completion: it is done, and until when it can be undone."""
    _ = catalogue.gettext
    return _("%(service)s: your address was changed"), (
        Paragraph(
            _(
                "On %(when)s, the e-mail address registered for your %(service)s account became %(address)s. "
                "From now on, we write to that address."
            )
            % _said(facts, catalogue)
        ),
        _undo(facts, catalogue),
        never_ask(catalogue),
    )


def address_registered(facts: Facts, catalogue: NullTranslations) -> tuple[str, tuple[Block, ...]]:
    """At completion, to the new address: it is the one on file."""
    _ = catalogue.gettext
    said = happened(facts)
    return _("%(service)s: your new address is registered"), (
        Paragraph(
            _(
                "On %(when)s, this address became the one registered for your %(service)s account. "
                "From now on, we write to you here."
            )
            % said
        ),
        *login(facts, catalogue),
        _stop(facts, catalogue),
        never_ask(catalogue),
    )


KINDS: Kinds = {
    "confirm_address": confirm_address,
    "address_asked": address_asked,
    "address_agreed": address_agreed,
    "address_changed": address_changed,
    "address_registered": address_registered,
}


def _stop(facts: Facts, catalogue: NullTranslations) -> Block:
    """Before it is done there is only a request that can have been somebody else's."""
    _ = catalogue.gettext
    done = facts.letter.kind in ("address_changed", "address_registered")
    return not_you(
        facts,
        _("If it was not you") if done else _("If you did not ask for this"),
        _("Open this page at once. It stops everything, protects your account and alerts our team:"),
    )


def _undo(facts: Facts, catalogue: NullTranslations) -> Block:
    """While the change can be undone, that comes first."""
    _ = catalogue.gettext
    if _time(facts) <= facts.letter.written_at:
        return _stop(facts, catalogue)
    said = _("Until %(end)s, this page puts the old address back. It also protects your account and alerts our team:")
    return not_you(facts, _("If it was not you"), said % _said(facts, catalogue))


def _said(facts: Facts, catalogue: NullTranslations) -> dict[str, str]:
    """The new address, masked, and the moments that the letter speaks of."""
    address = facts.letter.detail.partition(" ")[0]
    if address == SAME:
        address = catalogue.gettext("one that begins like the present one")
    return happened(facts) | {"address": address, "end": moment(_time(facts), facts.letter.language)}


def _time(facts: Facts) -> datetime:
    return datetime.fromisoformat(facts.letter.detail.partition(" ")[2])
