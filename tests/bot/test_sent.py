"""What a card says of the letter that was sent, and of what became of it."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any, get_args

import pytest

from bot import cards
from bot.cards import grants
from bot.text import Times
from handlers import codes, decide, links, lookups
from handlers.desk import Desk
from handlers.model.case import State
from handlers.model.grant import GrantState
from handlers.model.outbox import Letter
from handlers.model.staff import CUSTOMER
from handlers.rules.states import is_over
from tests.bot.builders import AGENT, make_case, make_step, make_view, open_case
from tests.bot.reading import PLAIN, buttons, shown
from tests.builders import GOOD_PASSWORD, NOW, make_grant


@pytest.mark.parametrize(
    ("state", "grant", "told"),
    [
        ("issued", {}, "Reset link sent 14:05 UTC to `m•••@m••••.example`; not used yet, valid until 14:35 UTC."),
        ("issued", {"kind": "code"}, "One-time code sent 14:05 UTC"),
        ("opened", {"state": "opened"}, "opened, valid until 14:35 UTC."),
        ("redeemed", {"state": "redeemed", "redeemed_at": NOW + timedelta(minutes=3)}, "used 14:08 UTC."),
        ("redeemed", {"state": "redeemed"}, "; used."),
        ("issued", {"state": "replaced"}, "replaced by a newer one."),
        ("issued", {"state": "withdrawn"}, "given back by the customer."),
        ("issued", {"state": "dead"}, "dead after too many wrong codes."),
        ("expired", {}, "ran out unused 14:35 UTC."),
        ("issued", {"expires_at": NOW + timedelta(minutes=5)}, "ran out unused 14:10 UTC."),
    ],
)
def test_the_grant_tells_its_life(state: State, grant: dict[str, Any], told: str) -> None:
    """What was sent, where to, until when, and what became of it."""
    view = make_view(make_case(state=state, grant="G-1"), grant=make_grant(**grant))
    assert told in shown(cards.card(view, PLAIN))


@pytest.mark.parametrize(
    ("state", "link", "told"),
    [
        ("opened", {}, "typed 14:07 UTC; no password set yet, valid until 14:35 UTC."),
        ("opened", {"expires_at": NOW}, "typed 14:07 UTC; no password set by 14:05 UTC."),
        ("expired", {}, "typed 14:07 UTC; no password set by 14:35 UTC."),
        ("redeemed", {"state": "redeemed"}, "typed 14:07 UTC; password set."),
        ("issued", {"state": "replaced"}, "typed 14:07 UTC; replaced by a newer one."),
    ],
)
def test_a_typed_code_stays_a_code(state: State, link: dict[str, Any], told: str) -> None:
    """The link that it turned into was never mailed, so the card does not speak of it."""
    steps = (make_step("code.issued", "Ayşe Demir", by="U01AYSE"), make_step("code.verified"))
    turned = make_grant(by=CUSTOMER.id, issued_at=NOW + timedelta(minutes=2), **link)
    message = cards.card(make_view(make_case(state=state, grant="G-1", history=steps), grant=turned), PLAIN)
    assert f"✉️ One-time code sent 14:05 UTC by Ayşe Demir to `m•••@m••••.example`; {told}" in shown(message)
    assert "Reset link" not in shown(message)
    assert is_over(state) or "Send another code" in [button["text"]["text"] for button in buttons(message)]


def test_a_code_that_was_asked_for_again_says_so() -> None:
    """The time is that of the newest letter."""
    steps = (
        make_step("code.issued", "Ayşe Demir", by="U01AYSE"),
        make_step("code.resent", at=NOW + timedelta(minutes=4)),
    )
    view = make_view(make_case(state="issued", grant="G-1", history=steps), grant=make_grant(kind="code"))
    assert "One-time code sent again 14:09 UTC, as the customer asked, to" in shown(cards.card(view, PLAIN))


async def test_a_code_that_was_used_reads_as_a_code(desk: Desk) -> None:
    """From the click to the new password, with a real desk."""
    case = await open_case(desk)
    await decide.act(desk, case.id, "send_code", AGENT, None)
    [letter] = await desk.store.find(Letter)
    token, digits = desk.vault.open("letter", letter.sealed).value.split()
    link = await codes.verify(desk, token, digits)
    assert "; no password set yet, valid until" in await seen_of(desk, case.id)
    await links.redeem(desk, link.value, GOOD_PASSWORD)
    said = await seen_of(desk, case.id)
    assert re.search(
        r"One-time code sent \d\d:\d\d UTC by Ayşe Demir to `.*`; typed .* UTC; password set .* UTC\.", said
    )
    assert "Reset link" not in said


async def seen_of(desk: Desk, case_id: str) -> str:
    """What the case's card says now."""
    view = await lookups.card(desk, case_id)
    assert view is not None
    return shown(cards.card(view, Times(desk.now(), local=False)))


def test_every_grant_state_has_words() -> None:
    """A state that a later version adds breaks here, not on a card."""
    fates = {state: grants.fate(make_grant(state=state), make_view(), PLAIN) for state in get_args(GrantState)}
    assert len(set(fates.values())) == len(fates)


def test_a_letter_that_came_back_says_why() -> None:
    """Staff see that the customer got nothing."""
    view = make_view(make_case(state="undelivered"), failure="550 5.1.1 <no such user>")
    said = shown(cards.card(view, PLAIN))
    assert "📪 *Not delivered:* 550 5.1.1 &lt;no such user&gt;" in said
