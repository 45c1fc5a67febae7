"""`/case/<token>`: where a request stands, for whoever got our letter about it, and taking it back."""

from __future__ import annotations

from typing import NamedTuple

from aiohttp import web

from handlers import following
from handlers.following import CaseView
from handlers.languages import moment
from handlers.model.mail import Intent
from handlers.rules.following import Standing
from portal.desks import DESK
from portal.forms import FORMS, show_form
from portal.pages import speak_as
from portal.voice import phrase

ASKED: dict[Intent, str] = {
    "password_reset": phrase("a new password"),
    "hosting_password": phrase("a new hosting password"),
    "access_code": phrase("a code to sign in"),
    "second_factor": phrase("help with two-step verification"),
    "address_change": phrase("a change of e-mail address"),
    "close_account": phrase("the closing of an account"),
    "reactivate_account": phrase("the reopening of an account"),
    "documents": phrase("documents were sent"),
    "other": phrase("help with an account"),
}


class Said(NamedTuple):
    """Where a request stands, and what comes next."""

    stands: str
    next: str
    good: bool = False


ASK_AGAIN = phrase("If you still need help, write to us again or fill in the form again.")
SAID: dict[Standing, Said] = {
    "looked_into": Said(
        phrase("Our team is looking into your request."),
        phrase("You have nothing to do. We write to the e-mail address registered with the account."),
    ),
    "information": Said(
        phrase("We wait for some details about you."),
        phrase(
            "Open the page in our e-mail about missing details, and fill them in. Then the request goes on by itself."
        ),
    ),
    "documents": Said(
        phrase("We wait for documents from you."),
        phrase("Our e-mail says which ones are missing, and has the page where you can send them."),
    ),
    "reviewed": Said(
        phrase("We have your documents and are examining them."),
        phrase("You have nothing to do. We write to you when this is done."),
    ),
    "approved": Said(
        phrase("Your request is being checked a second time."),
        phrase("More than one person decides about this, for the safety of the account. We write to you."),
    ),
    "sent": Said(
        phrase("We have sent an e-mail to the address registered with the account."),
        phrase("Open it and follow it; look in the junk folder too. It is only valid for a short time."),
        good=True,
    ),
    "begun": Said(
        phrase("You have begun. One step is left."),
        phrase("Go on with the page that you opened from our e-mail."),
    ),
    "done": Said(
        phrase("This request is done."), phrase("You have nothing more to do. You can close this page."), good=True
    ),
    "ran_out": Said(phrase("What we sent has run out, or a newer e-mail has replaced it."), ASK_AGAIN),
    "lapsed": Said(phrase("The time for an answer is over."), ASK_AGAIN),
    "refused": Said(
        phrase("We could not do what was asked."),
        phrase("To protect our customers, we give no details here. If the account is yours, write to us again."),
    ),
    "cancelled": Said(phrase("This request is cancelled."), ASK_AGAIN),
    "stopped": Said(
        phrase("This request is stopped: somebody told us that it was not theirs, or something seemed unusual."),
        phrase("Our team looks into it. You will hear from us at the address registered with the account."),
    ),
}
"""In the customer's words; no reason, no name, nothing about the account."""


async def look(request: web.Request) -> web.Response:
    """GET: where the request stands; changes nothing."""
    return _page(request, await following.look(request.app[DESK], request.match_info["token"]))


async def cancel(request: web.Request) -> web.Response:
    """POST: take the request back; the page then says so."""
    await request.app[FORMS].read(request)
    return _page(request, await following.cancel(request.app[DESK], request.match_info["token"]))


def _page(request: web.Request, view: CaseView) -> web.Response:
    voice = speak_as(request, view.language)
    said = SAID[view.standing]
    return show_form(
        request,
        "case",
        voice,
        view.service,
        200,
        {
            "since": moment(view.asked_at, voice.language),
            "until": moment(view.deadline, voice.language) if view.deadline else "",
        },
        asked=voice.say(ASKED[view.asked]),
        stands=voice.say(said.stands),
        next=voice.say(said.next),
        good=said.good,
        may_cancel=view.may_cancel,
        waits=view.deadline is not None,
    )
