"""The buttons of a card: which there are, in which order, and what they say."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot import cards
from handlers import lookups
from handlers.model.case import Action
from handlers.model.service import Offer
from handlers.rules.permits import Permit
from tests.bot.builders import make_case, make_view, open_case
from tests.bot.reading import PLAIN, buttons, shown
from tests.builders import make_desk, make_grant, make_service, open_store


def test_only_permitted_actions_have_a_button_and_the_others_say_why() -> None:
    """Policy decides which buttons exist (FEATURES 33)."""
    permits = (
        Permit(action="claim", allowed=True),
        Permit(action="send_link", allowed=False, why="The customer has not named a login that we know."),
        Permit(action="send_code", allowed=False, why="The customer has not named a login that we know."),
        Permit(action="refuse", allowed=True),
    )
    message = cards.card(make_view(permits=permits), PLAIN)
    assert [button["action_id"] for button in buttons(message)] == ["claim", "refuse"]
    assert "🔒 *Send reset link, Send one-time code:* The customer has not named a login that we know." in shown(
        message
    )


def test_the_buttons_keep_the_order_of_policy() -> None:
    """What the service prefers, or what was asked, comes first and is green; taking and refusing come last."""
    actions: tuple[Action, ...] = ("claim", "send_code", "send_link", "refuse")
    permits = tuple(Permit(action=action, allowed=True) for action in actions)
    shown_buttons = buttons(cards.card(make_view(permits=permits), PLAIN))
    assert [(button["action_id"], button.get("style")) for button in shown_buttons] == [
        ("send_code", "primary"),
        ("send_link", None),
        ("claim", None),
        ("refuse", "danger"),
    ]


async def test_who_waits_for_a_code_is_offered_a_code_first(tmp_path: Path) -> None:
    """The drawn card of a real desk, for what the customer asked and for what the service prefers."""
    service = make_service(offer=Offer(actions=("send_link", "send_code")))
    async with open_store(tmp_path) as store:
        desk = make_desk(store, service)
        for number, (asked, first) in enumerate({"access_code": "send_code", "password_reset": "send_link"}.items()):
            case = await open_case(desk, id=f"R-00000{number}", asked=asked)
            view = await lookups.card(desk, case.id)
            assert view is not None
            drawn = buttons(cards.card(view, PLAIN))
            assert (drawn[0]["action_id"], drawn[0]["style"]) == (first, "primary")


@pytest.mark.parametrize(("holder", "style"), [("", "primary"), ("U01AYSE", None)])
def test_taking_over_is_never_urged(holder: str, style: str | None) -> None:
    """Where nothing can be sent, taking the case is the next step, but not from somebody who has it."""
    permits = (Permit(action="claim", allowed=True), Permit(action="refuse", allowed=True))
    drawn = buttons(cards.card(make_view(make_case(claimed_by=holder), permits=permits), PLAIN))
    assert (drawn[0]["action_id"], drawn[0].get("style")) == ("claim", style)


def test_a_button_carries_case_and_version_and_nothing_else() -> None:
    """A forged or old value can claim nothing (THREATS T25)."""
    message = cards.card(make_view(make_case(version=4)), PLAIN)
    assert {button["value"] for button in buttons(message)} == {"R-7F3K2M:4"}


def test_what_cannot_be_taken_back_is_confirmed_first() -> None:
    """A mail to a customer asks once more, naming where it goes; refusing asks in its own dialog."""
    shown_buttons = buttons(cards.card(make_view(), PLAIN))
    asked = {button["action_id"]: str(button.get("confirm", {}).get("text")) for button in shown_buttons}
    assert "m•••@m••••.example" in asked["send_link"]
    assert "m•••@m••••.example" in asked["send_code"]
    assert asked["claim"] == asked["refuse"] == "None"


def test_a_screen_reader_is_told_the_whole_act() -> None:
    """Every button has a label for the ear, within Slack's 75 characters."""
    for button in buttons(cards.card(make_view(), PLAIN)):
        assert 10 < len(button["accessibility_label"]) <= 75


def test_a_claimed_case_offers_to_take_over() -> None:
    """The button says what it does to a colleague."""
    case = make_case(state="claimed", claimed_by="U1", claimed_name="Ayşe Demir")
    message = cards.card(make_view(case), PLAIN)
    assert "🙋 *Taken:* Ayşe Demir is on it." in shown(message)
    assert "Take over" in [button["text"]["text"] for button in buttons(message)]


def test_what_was_sent_can_be_sent_once_more() -> None:
    """The button says that it is another one; nothing is urged on staff while the customer has a living one."""
    message = cards.card(make_view(make_case(state="issued", grant="G-1"), grant=make_grant()), PLAIN)
    assert [button["text"]["text"] for button in buttons(message)][:2] == ["Send another link", "Send one-time code"]
    assert "primary" not in [button.get("style") for button in buttons(message)]


def test_a_card_for_reading_has_no_buttons() -> None:
    """A look-up cannot be clicked: an ephemeral message never follows its case."""
    assert buttons(cards.card(make_view(), PLAIN, buttons=False)) == []
