"""What customers wrote: behind a bar, so that no line of theirs passes for one of the desk's, however it begins.

Nothing in there is a mention, a link, a picture or bold (THREATS T26).
"""

from __future__ import annotations

from collections.abc import Iterator

from slack_sdk.models.blocks import Block

from bot import text
from bot.cards.lines import aside, said, several
from bot.text import Times
from handlers.intake import BETWEEN_MAILS
from handlers.lookups import CardView
from handlers.mails import Shown
from handlers.rules.origins import has_failed

OTHERS = 3
"""Mails of other senders that a card quotes, the newest."""

OTHERS_EXCERPT = 200


def own(view: CardView) -> Iterator[Block]:
    """What the case's own writer wrote, and how much of the newest mail is not shown."""
    case = view.case
    subject = text.excerpt(case.subject, 120).replace("\n", " ")
    wrote = text.newest([mail for mail in case.text.split(BETWEEN_MAILS) if mail] or [""], BETWEEN_MAILS.strip())
    if subject or wrote:
        count = view.mails.hidden_lines
        hidden = f" ({several(count, 'line')} of quotes and signature hidden)" if count else ""
        whose = "What the mail says" if has_failed(case.origin) else "What the customer wrote"
        yield aside(f"*{whose}*{hidden}")
        yield said(text.quoted("\n".join(filter(None, (subject, wrote)))))
    if case.numbers:
        yield aside(f"🔢 *Numbers named:* {', '.join(text.code(one, 40) for one in case.numbers)}")


def others(view: CardView, times: Times) -> Iterator[Block]:
    """What somebody else wrote into this case's thread: shown, and believed by nobody (T19)."""
    came = view.mails.others
    for one in came[:OTHERS]:
        wrote = text.excerpt(one.mail.text or one.mail.subject, OTHERS_EXCERPT)
        yield aside(_who(one, times))
        if wrote:
            yield said(text.quoted(wrote))
    if len(came) > OTHERS:
        yield aside(f"… ({len(came) - OTHERS} more of other senders)")


def _who(one: Shown, times: Times) -> str:
    known = ", the address on file as it says," if one.on_file else ""
    who = text.code(text.address(one.mail.sender))
    return f"👤 *Another sender, not trusted:* {who}{known} wrote {times.at(one.at)}"
