"""Cards: every state, grant and evidence drawn, within Slack's limits, saying what they must and no more."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from msgspec.structs import replace

from bot import cards, words
from bot.text import Times
from handlers.model.audit import EVENTS
from handlers.model.case import Reason, State
from handlers.model.evidence import Evidence, EvidenceKind, Weight
from handlers.model.grant import GrantState
from handlers.model.mail import Intent
from handlers.rules.permits import Permit
from handlers.rules.states import is_over
from tests.bot.builders import HOSTILE, make_case, make_step, make_view
from tests.builders import NOW, make_grant

PLAIN = Times(NOW + timedelta(minutes=5), local=False)
STATES: tuple[State, ...] = get_args(State)


def strings(value: Any) -> Iterator[str]:
    """Every text in a message, wherever it stands."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from strings(inner)


def shown(message: cards.Message) -> str:
    """All that a person reads on the card."""
    return "\n".join(strings(message.blocks))


def buttons(message: cards.Message) -> list[dict[str, Any]]:
    """The card's buttons, in order."""
    return [one for block in message.blocks if block["type"] == "actions" for one in block["elements"]]


def test_a_new_card_says_what_is_asked_by_whom_for_which_account_and_why() -> None:
    """Staff decide from the card alone."""
    said = shown(cards.card(make_view(), PLAIN))
    for part in (
        "Password reset · R-7F3K2M",
        "*ShopFactory*",
        "wrote in French, 14:05 UTC",
        "🆕 *New:* nobody has taken this yet.",
        "`durand42`",
        "Marie Durand · private person",
        "`m•••@m••••.example`",
        "✅ *For:* The mail came from the address on file.",
        "ℹ️ *Worth knowing:* A sender's address can be forged.",
        "Mot de passe oublié",
        "j'ai oublié mon mot de passe, mon identifiant est durand42.",
        "The customer opened the case, 14:05 UTC",
    ):
        assert part in said


@pytest.mark.parametrize("state", STATES)
def test_every_state_is_told_in_words_and_its_button_rule_holds(state: State) -> None:
    """Never colour alone; and a case that is over has no buttons."""
    message = cards.card(make_view(make_case(state=state)), PLAIN)
    emoji, word, _ = words.STATES[state]
    assert f"{emoji} *{word}:*" in shown(message)
    assert word in message.text
    assert bool(buttons(message)) != is_over(state)


@pytest.mark.parametrize("kind", get_args(EvidenceKind))
@pytest.mark.parametrize("weight", get_args(Weight))
def test_every_evidence_has_its_sentence(kind: EvidenceKind, weight: Weight) -> None:
    """No code name ever reaches staff."""
    one = Evidence(kind=kind, weight=weight, source="mail", at=NOW)
    said = shown(cards.card(make_view(make_case(evidence=(one,))), PLAIN))
    assert words.EVIDENCE[kind] in said
    assert kind not in said


def test_evidence_for_stands_before_evidence_against_before_the_rest() -> None:
    """The order on the card is the order of weighing."""
    order: list[Weight] = ["neutral", "against", "for"]
    mixed = tuple(Evidence(kind="login_known", weight=weight, source="mail", at=NOW) for weight in order)
    said = shown(cards.card(make_view(make_case(evidence=mixed)), PLAIN))
    assert said.index("*For:*") < said.index("*Against:*") < said.index("*Worth knowing:*")


@pytest.mark.parametrize(
    ("state", "grant", "told"),
    [
        ("issued", {}, "Reset link sent 14:05 UTC to `m•••@m••••.example`; not opened yet, valid until 14:35 UTC."),
        ("issued", {"kind": "code"}, "One-time code sent 14:05 UTC"),
        ("opened", {"state": "opened"}, "opened, valid until 14:35 UTC."),
        ("redeemed", {"state": "redeemed", "redeemed_at": NOW + timedelta(minutes=3)}, "used 14:08 UTC."),
        ("redeemed", {"state": "redeemed"}, "; used."),
        ("issued", {"state": "replaced"}, "replaced by a newer one."),
        ("issued", {"state": "dead"}, "dead after too many wrong codes."),
        ("expired", {}, "ran out unused 14:35 UTC."),
        ("issued", {"expires_at": NOW + timedelta(minutes=5)}, "ran out unused 14:10 UTC."),
    ],
)
def test_the_grant_tells_its_life(state: State, grant: dict[str, Any], told: str) -> None:
    """What was sent, where to, until when, and what became of it."""
    view = make_view(make_case(state=state, grant="G-1"), grant=make_grant(**grant))
    assert told in shown(cards.card(view, PLAIN))


def test_every_grant_state_has_words() -> None:
    """A state that a later version adds breaks here, not on a card."""
    fates = {state: cards._fate(make_grant(state=state), make_view(), PLAIN) for state in get_args(GrantState)}
    assert len(set(fates.values())) == len(fates)


def test_a_letter_that_came_back_says_why() -> None:
    """Staff see that the customer got nothing."""
    view = make_view(make_case(state="undelivered"), failure="550 5.1.1 <no such user>")
    said = shown(cards.card(view, PLAIN))
    assert "📪 *Not delivered:* 550 5.1.1 &lt;no such user&gt;" in said


@pytest.mark.parametrize("reason", get_args(Reason))
def test_every_refusal_names_its_reason(reason: Reason) -> None:
    """The reason that was chosen in the dialog stands on the card, in words."""
    said = shown(cards.card(make_view(make_case(state="refused", reason=reason)), PLAIN))
    assert words.REASONS[reason].lower() in said.lower()


def test_a_finished_card_names_who_did_what_when() -> None:
    """The end of the story can be read years later."""
    steps = (
        make_step("case.opened"),
        make_step("link.issued", "Ayşe Demir", NOW + timedelta(minutes=1)),
        make_step("password.changed", "the customer", NOW + timedelta(minutes=4)),
    )
    message = cards.card(make_view(make_case(state="redeemed", history=steps)), PLAIN)
    assert "Ayşe Demir sent a reset link, 14:06 UTC" in shown(message)
    assert "The customer set a new password, 14:09 UTC" in shown(message)
    assert buttons(message) == []


def test_a_long_history_shows_its_end() -> None:
    """Old steps are counted, not listed."""
    steps = tuple(make_step("case.continued", at=NOW + timedelta(minutes=number)) for number in range(40))
    said = shown(cards.card(make_view(make_case(history=steps)), PLAIN))
    assert "… (34 earlier)" in said
    assert "14:44 UTC" in said
    assert "14:38 UTC" not in said


def test_only_permitted_actions_have_a_button_and_the_others_say_why() -> None:
    """Policy decides which buttons exist (FEATURES 33)."""
    permits = (
        Permit(action="claim", allowed=True),
        Permit(action="send_link", allowed=False, why="Still missing: a login that we know."),
        Permit(action="send_code", allowed=False, why="Still missing: a login that we know."),
        Permit(action="refuse", allowed=True),
    )
    message = cards.card(make_view(permits=permits), PLAIN)
    assert [button["action_id"] for button in buttons(message)] == ["claim", "refuse"]
    assert "🔒 *Send reset link, Send one-time code:* Still missing: a login that we know." in shown(message)


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


def test_the_notification_holds_no_personal_data() -> None:
    """It shows on locked screens."""
    case = make_case(claimed_name="Ayşe Demir", claimed_by="U1")
    said = cards.card(make_view(case), PLAIN).text
    assert said == "Recovery case R-7F3K2M at ShopFactory: password reset. New: nobody has taken this yet."


def test_a_card_is_found_again_by_its_first_block() -> None:
    """So that a post whose answer was lost is adopted, and no other case's card is."""
    blocks = cards.card(make_view(make_case(version=3)), PLAIN).blocks
    assert blocks[0]["block_id"] == "case:R-7F3K2M:3"
    assert cards.shows({"blocks": blocks}, "R-7F3K2M")
    assert not cards.shows({"blocks": blocks}, "R-7F3K2")
    assert not cards.shows({"text": "hello"}, "R-7F3K2M")


def test_a_card_for_reading_has_no_buttons() -> None:
    """A look-up cannot be clicked: an ephemeral message never follows its case."""
    assert buttons(cards.card(make_view(), PLAIN, buttons=False)) == []


def test_times_are_the_readers_own_in_slack() -> None:
    """Slack's date token, with UTC to fall back on; yesterday is named."""
    times = Times(NOW)
    assert times.at(NOW) == "<!date^1795356300^{time}|14:05 UTC>"
    assert times.at(NOW - timedelta(days=1)) == "<!date^1795269900^{date_short_pretty} {time}|21 Nov 14:05 UTC>"


def test_what_does_not_fit_is_counted() -> None:
    """A list is never cut silently."""
    assert cards.fit(["a" * 30] * 5, 90) == "\n".join(["a" * 30] * 2 + ["… (3 more)"])
    assert cards.fit(["short"] * 3) == "short\nshort\nshort"


def test_all_closed_lists_have_their_words() -> None:
    """A new intent or event needs its words before it reaches a card."""
    assert set(words.ASKED) == set(get_args(Intent))
    assert set(words.STATES) == set(STATES)
    assert set(words.REASONS) == set(get_args(Reason))
    assert set(words.EVIDENCE) == set(get_args(EvidenceKind))
    assert all(EVENTS.values())


@settings(max_examples=60, deadline=None)
@given(HOSTILE, HOSTILE, HOSTILE, HOSTILE)
def test_no_customer_text_breaks_a_card(wrote: str, subject: str, login: str, name: str) -> None:
    """Whatever they wrote: within the limits, no mention, no link, nothing invisible, no whole address."""
    many = tuple(Evidence(kind="login_known", weight="for", source="mail", at=NOW, detail=login) for _ in range(60))
    steps = tuple(make_step("case.continued", name) for _ in range(60))
    case = make_case(text=wrote, subject=subject, requester=login, evidence=many, history=steps, claimed_name=name)
    view = replace(make_view(case), login=login, account_name=name, failure=wrote)
    message = cards.card(view, PLAIN)
    said = list(strings(message.blocks))
    assert sum(map(len, said)) <= 10_000
    assert len(message.blocks) <= 40
    assert len(message.text) <= 3000
    for one in (*said, message.text):
        assert "<" not in one.replace("<!date^", "")
        assert "http:" not in one.lower()
        assert "https:" not in one.lower()
        assert "\u202e" not in one
        assert "\x00" not in one
    assert "victim+tag@" not in json.dumps(message.blocks)
