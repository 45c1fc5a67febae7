"""What the buttons of a card are called, what they ask first, and in which order they stand."""

from __future__ import annotations

from typing import NamedTuple

from handlers.model.case import Action, State
from handlers.model.grant import GrantKind


class Button(NamedTuple):
    """A button's label, what a screen reader says (75 characters at most), and what has to be confirmed, if anything.

    In the question, `{to}` is the masked address on file, `{writer}` that of whoever asked, `{new}` the one to come and
    `{hours}` how long the old one can object. An `urged` button is green when it is the first.
    """

    label: str
    spoken: str
    question: str = ""
    urged: bool = True


MAIL_STAYS = "A mail cannot be taken back; an older link, code or password dies."

BUTTONS: dict[Action, Button] = {
    "approve": Button("Approve", "Agree, as another pair of eyes", urged=False),
    "review_documents": Button("Review documents…", "Look at the documents and give a verdict on each"),
    "reactivate_account": Button(
        "Send reopening link",
        "Send a link that reopens the account to the address on file",
        f"A link that reopens the account goes to {{to}}, the address on file. {MAIL_STAYS}",
    ),
    "reset_second_factor": Button(
        "Reset second factor",
        "Propose to reset the second factor; others have to approve",
        "Approvers are asked first. Once they agree, a link that resets the second factor goes to {to}, the address on "
        "file. It cannot be taken back then.",
    ),
    "send_link": Button(
        "Send reset link",
        "Send a reset link to the address on file",
        f"A reset link goes to {{to}}, the address on file. {MAIL_STAYS}",
    ),
    "send_code": Button(
        "Send one-time code",
        "Send a one-time code to the address on file",
        f"A one-time code goes to {{to}}, the address on file. {MAIL_STAYS}",
    ),
    "send_temporary_password": Button(
        "Send temporary password",
        "Send a temporary password to the address on file",
        f"A temporary password, good for one sign-in, goes to {{to}}, the address on file. {MAIL_STAYS}",
    ),
    "request_documents": Button(
        "Ask for documents",
        "Ask the writer for the documents that prove who they are",
        "A list of the missing documents goes to {writer}, who asked. A mail cannot be taken back.",
    ),
    "change_address": Button("Change address…", "Propose the new address; says first what happens next"),
    "claim": Button("Take this case", "Take this case, so that others leave it to you"),
    "refuse": Button("Refuse…", "Refuse this request or just close it; asks for the reason first"),
    "freeze": Button(
        "Freeze",
        "Somebody says that it was not them: stop the case and the account",
        "For when the owner says that it was not them. What was mailed dies for good, changes stop, and nothing goes "
        "on until somebody else lifts the freeze.",
        urged=False,
    ),
    "reveal": Button("Show addresses", "Show the full addresses to you alone; the audit trail says so", urged=False),
    "show_mail": Button(
        "Show the whole mail", "Show the mails of this case whole, to you alone; the trail says so", urged=False
    ),
    "choose_intent": Button("Something else…", "Say what the customer wants", urged=False),
}
PLACES: dict[Action, int] = {"claim": 1, "refuse": 2, "freeze": 3, "reveal": 4, "show_mail": 5, "choose_intent": 6}
"""What stands behind the remedies, which keep the order that policy gives them."""

RARE: tuple[Action, ...] = ("freeze", "reveal", "show_mail")
"""What stands in a row of its own, also on a case that is over: the owner may call after the fact."""

DANGEROUS: tuple[Action, ...] = ("refuse", "freeze")
QUIET: tuple[State, ...] = ("issued", "opened", "frozen", "pending")
"""States in which no button is urged on staff: somebody else has the next move."""

TAKE_OVER = Button("Take over", "Take this case over from whoever has it", urged=False)
AGAIN: dict[GrantKind, tuple[Action, Button]] = {
    "link": ("send_link", BUTTONS["send_link"]._replace(label="Send another link")),
    "code": ("send_code", BUTTONS["send_code"]._replace(label="Send another code")),
    "temporary": (
        "send_temporary_password",
        BUTTONS["send_temporary_password"]._replace(label="Send another password"),
    ),
    "reactivation": ("reactivate_account", BUTTONS["reactivate_account"]._replace(label="Send another reopening link")),
}
"""What the remedy that was used last is called from then on."""

UNCLEAR_WISH, OTHER_WISH = "What does the customer want?", "Asks for something else…"
"""What stands in the list of wishes before one is chosen: where the desk is not sure, and where it is."""

APPROVALS: dict[Action, Button] = {
    "freeze": Button(
        "Lift the freeze",
        "Lift the freeze: the case and the account can be worked on again",
        "The case and the account can be worked on again, and the owner is told by mail. What was mailed before stays "
        "dead. Be sure that whoever said it was not them has been asked.",
        urged=False,
    ),
    "change_address": Button(
        "Approve the new address",
        "Agree that the registered address is replaced by the new one",
        "You agree that letters go to {new} instead of {to}, once the new address is confirmed. The old one is told, "
        "and can object for {hours}.",
        urged=False,
    ),
    "reset_second_factor": Button(
        "Approve the reset",
        "Agree that the second factor is reset",
        "You agree that a link which resets the second factor goes to {to}, the address on file. A mail cannot be "
        "taken back.",
        urged=False,
    ),
}
"""What `approve` is called, by what it approves."""
