"""Reading clicks and dialogs: strict, and nothing in them is believed but which case and version were looked at."""

from __future__ import annotations

from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.clicks import Click, seen, sentence
from bot.commands import typed
from bot.modals import refusal
from bot.modals.parts import Mistakes
from handlers.decide import UNANSWERED
from handlers.model.case import Action, Reason
from handlers.model.errors import DeskError, Invalid, Limited, Refused, Stale, Unavailable, Unknown
from tests.bot.builders import make_case, make_view


def body(**changes: Any) -> dict[str, Any]:
    return {"actions": [{"type": "button", "action_id": "send_link", "value": "R-7F3K2M:4"} | changes]}


@pytest.mark.parametrize("action", [one for one in get_args(Action) if one != "choose_intent"])
def test_a_click_names_case_version_and_action(action: Action) -> None:
    """Every action of the contract can be read."""
    assert Click.read(body(action_id=action)) == Click(case="R-7F3K2M", version=4, action=action)


def choice(**changes: Any) -> dict[str, Any]:
    chosen = {"type": "static_select", "action_id": "choose_intent", "block_id": "wish:R-7F3K2M:4"}
    return {"actions": [chosen | {"selected_option": {"value": "access_code"}} | changes]}


@pytest.mark.parametrize("block", ["wish", "rare"])
def test_a_choice_names_case_version_and_wish(block: str) -> None:
    """From either of the two places where the list stands."""
    assert Click.read(choice(block_id=f"{block}:R-7F3K2M:4")) == Click(
        case="R-7F3K2M", version=4, action="choose_intent", intent="access_code"
    )


@pytest.mark.parametrize(
    "payload",
    [
        choice(type="button"),
        choice(block_id=None),
        choice(block_id="wish:R-7F3K2M"),
        choice(selected_option=None),
        choice(selected_option={"value": "drop_everything"}),
        choice(selected_option={"value": ["other"]}),
        {},
        {"actions": []},
        {"actions": "send_link"},
        {"actions": [None]},
        {"actions": body()["actions"] * 2},
        body(type="static_select"),
        body(action_id="drop_everything"),
        body(action_id=None),
        body(value=None),
        body(value={"case": "R-7F3K2M"}),
    ],
)
def test_anything_else_is_no_click(payload: dict[str, Any]) -> None:
    """Buttons of older versions and forged payloads are answered, never executed."""
    with pytest.raises(Invalid):
        Click.read(payload)


@pytest.mark.parametrize(
    "value",
    [
        "R-7F3K2M",
        "R-7F3K2M:",
        "R-7F3K2M:0",
        "R-7F3K2M:-1",
        "R-7F3K2M:٣",
        "R-7F3K2M:4\n",
        "R-7F3K2M:4:admin",
        " R-7F3K2M:4",
        "r-7f3k2m:4",
        "R-../../etc:4",
        "R-7F3K2M:99999999999999999999",
        '{"case":"R-7F3K2M"}',
    ],
)
def test_a_value_that_was_tampered_with_is_refused(value: str) -> None:
    """The value is a case id and a version, to the letter (THREATS T25)."""
    with pytest.raises(Invalid):
        seen(value)


@given(st.text() | st.none() | st.integers() | st.lists(st.text()))
def test_no_value_crashes_the_reader(value: object) -> None:
    """Whatever it is, it is read or refused."""
    try:
        case, version = seen(value)
    except Invalid:
        return
    assert f"{case}:{version}" == value


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (Refused("ShopFactory does not offer this."), "✋ ShopFactory does not offer this."),
        (
            Stale("This case has changed: <!channel> sent a reset link 1 s ago."),
            "✋ This case has changed: &lt;!channel",
        ),
        (Unknown("There is no case R-1."), "✋ There is no case R-1."),
        (Limited("10 links today.", 7200), "⏳ 10 links today. Try again in 2 h."),
        (Limited("10 links today.", 30), "⏳ 10 links today. Try again in 1 min."),
        (Unavailable("The disk is full."), "⚠️ The disk is full. Nothing was done; please try again in a minute."),
    ],
)
def test_every_error_has_its_sentence(error: DeskError, said: str) -> None:
    """Whoever clicked learns what happened and what to do, and names in it cannot mention anybody."""
    assert sentence(error).startswith(said)


def test_the_dialog_offers_every_reason_and_carries_only_case_and_version() -> None:
    """Authority is read anew at submit."""
    view = refusal.draw(make_view(make_case(version=4)))
    assert view["private_metadata"] == "R-7F3K2M:4"
    options = view["blocks"][0]["element"]["options"]
    assert [option["value"] for option in options] == list(get_args(Reason))


def test_the_dialog_says_which_choices_send_no_letter() -> None:
    """What the customer will hear is known before the choice, as the desk does it."""
    options = refusal.draw(make_view(make_case(version=4)))["blocks"][0]["element"]["options"]
    silent = {option["value"] for option in options if "no letter is sent" in option["text"]["text"]}
    assert silent == set(UNANSWERED)
    assert max(len(option["text"]["text"]) for option in options) <= 75


@pytest.mark.parametrize("chosen", [None, {}, {"value": "because"}, {"value": None}])
def test_a_dialog_without_a_reason_of_ours_is_refused(chosen: object) -> None:
    """No reason, no refusal."""
    view = {"state": {"values": {refusal.REASON: {refusal.REASON: {"selected_option": chosen}}}}}
    with pytest.raises(Mistakes) as error:
        refusal.read(view)
    assert error.value.fields == {refusal.REASON: "Please choose a reason."}


@pytest.mark.parametrize(
    ("line", "meant"),
    [
        ("find <mailto:claire@mail.example|claire@mail.example>", "find claire@mail.example"),
        ("find <mailto:claire@mail.example>", "find claire@mail.example"),
        ("  case \u00a0 R-7F3K2M ", "case R-7F3K2M"),
        ("find a&amp;b", "find a&b"),
        ("find " + "x" * 1000, "find " + "x" * 315),
    ],
)
def test_what_slack_makes_of_typed_text_is_undone(line: str, meant: str) -> None:
    """Slack turns addresses into links and escapes signs."""
    assert typed(line) == meant
