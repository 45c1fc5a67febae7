"""Cards: every state and evidence drawn, within Slack's limits, saying what they must and no more."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest
from hypothesis import given, settings
from msgspec.structs import replace

from bot import cards, words
from bot.text import Times
from handlers.intake import BETWEEN_MAILS
from handlers.model.audit import EVENTS
from handlers.model.case import Reason, State
from handlers.model.evidence import Evidence, EvidenceKind, Weight
from handlers.model.mail import Intent
from handlers.rules.evidence_words import EVIDENCE
from handlers.rules.identity import fact
from handlers.rules.states import is_over
from tests import builders
from tests.bot.builders import HOSTILE, OFFERED, make_case, make_step, make_view
from tests.bot.reading import PLAIN, buttons, shown, strings
from tests.builders import NOW

STATES: tuple[State, ...] = get_args(State)


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
        "Mot de passe oublié",
        "j'ai oublié mon mot de passe, mon identifiant est durand42.",
        "The customer asked for help, 14:05 UTC",
    ):
        assert part in said
    assert said.endswith("A sender's address can be forged.\nmrkdwn\ncontext")


def test_a_card_names_no_mail_where_the_customer_asked_on_the_portal() -> None:
    """What was typed there came from no address at all, and a card that says so would be believed."""
    case = make_case(source="portal", evidence=(fact("address_on_file", "portal", NOW),))
    said = shown(cards.card(make_view(case), PLAIN))
    assert "✅ *For:* The address given is the one on file." in said
    assert "The mail came" not in said


def test_the_history_says_how_many_of_the_documents_were_kept() -> None:
    """Four tries with a file that nobody can open are no four documents."""
    step = make_step("documents.received", detail="0 new, not kept: too big")
    said = shown(cards.card(make_view(make_case(history=(step,))), PLAIN))
    assert "The customer sent documents (0 new, not kept: too big), 14:05 UTC" in said


@pytest.mark.parametrize("state", STATES)
def test_every_state_is_told_in_words_and_its_button_rule_holds(state: State) -> None:
    """Never colour alone; and a case that is over has no buttons but for the owner who calls after the fact."""
    message = cards.card(make_view(make_case(state=state)), PLAIN)
    emoji, word, _ = words.STATES[state]
    assert f"{emoji} *{word}:*" in shown(message)
    assert word in message.text
    shown_buttons = {button["action_id"] for button in buttons(message)}
    assert shown_buttons == ({"freeze", "reveal"} if is_over(state) else set(OFFERED))


@pytest.mark.parametrize("kind", get_args(EvidenceKind))
@pytest.mark.parametrize("weight", get_args(Weight))
def test_every_evidence_has_its_sentence(kind: EvidenceKind, weight: Weight) -> None:
    """No code name ever reaches staff."""
    one = Evidence(kind=kind, weight=weight, source="mail", at=NOW)
    said = shown(cards.card(make_view(make_case(evidence=(one,))), PLAIN))
    assert EVIDENCE[kind] in said
    assert kind not in said


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("password_too_new", "Set on 22 Nov; given again from 29 Nov on, it counts."),
        ("password_by_mail", "Set on 22 Nov."),
        ("stopped_by_owner", "That was on 22 Nov."),
    ],
)
def test_a_fact_whose_day_matters_names_it(kind: EvidenceKind, said: str) -> None:
    """Staff can tell the customer when to ask again."""
    one = fact(kind, "portal", datetime(2026, 11, 22, 12, tzinfo=UTC))
    assert f"{EVIDENCE[kind]} {said}" in shown(cards.card(make_view(make_case(evidence=(one,))), PLAIN))


def test_evidence_for_stands_before_evidence_against_before_the_rest() -> None:
    """The order on the card is the order of weighing."""
    order: list[Weight] = ["neutral", "against", "for"]
    mixed = tuple(Evidence(kind="login_known", weight=weight, source="mail", at=NOW) for weight in order)
    said = shown(cards.card(make_view(make_case(evidence=mixed)), PLAIN))
    assert said.index("*For:*") < said.index("*Against:*") < said.index("*Worth knowing:*")


def test_what_follows_from_something_stronger_is_not_said_too() -> None:
    """Two lines that say nearly the same look like two proofs."""
    case = builders.make_case("login_known", "address_on_file", "login_and_address_agree")
    said = shown(cards.card(make_view(case), PLAIN))
    assert EVIDENCE["login_known"] not in said
    assert said.count("*For:*") == 2


@pytest.mark.parametrize(
    ("evidence", "account"),
    [(("login_unknown", "address_not_on_file"), "none matches"), (("several_accounts",), "several match")],
)
def test_a_case_without_an_account_says_why(evidence: tuple[EvidenceKind, ...], account: str) -> None:
    """None, or more than one: staff need not guess, and no line contradicts another."""
    case = builders.make_case(*evidence, account=None)
    said = shown(cards.card(make_view(case, login="", address=""), PLAIN))
    assert f"*Account*\n{account}" in said
    assert ("No account has this address." in said) == ("address_not_on_file" in evidence)
    assert "is not the one on file" not in said


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
    assert [button["action_id"] for button in buttons(message)] == ["freeze", "reveal"]


def test_a_long_history_shows_its_end() -> None:
    """Old steps are counted, not listed."""
    steps = tuple(make_step("case.continued", at=NOW + timedelta(minutes=number)) for number in range(40))
    said = shown(cards.card(make_view(make_case(history=steps)), PLAIN))
    assert "… (34 earlier)" in said
    assert "14:44 UTC" in said
    assert "14:38 UTC" not in said


def test_the_newest_mail_is_quoted_first_and_the_first_of_all_last() -> None:
    """Several mails on one case are told apart; those between are shown whole or not at all."""
    mails = ["Toujours rien ?", "Je réessaie.", "x" * 590, "Bonjour"]
    said = shown(cards.card(make_view(make_case(text=BETWEEN_MAILS.join(mails))), PLAIN))
    assert "> Toujours rien ?\n> — — —\n> Je réessaie.\n> — — —\n> … (1 between)\n> — — —\n> Bonjour" in said
    assert "xxx" not in said


def test_a_forged_mail_does_not_push_the_customers_own_words_off_the_card() -> None:
    """T31: long mails in her name are cut; what she wrote first stands there."""
    mails = ["x" * 1000, "y" * 1000, "Ma boîte est perdue, je m’appelle Marie."]
    said = shown(cards.card(make_view(make_case(text=BETWEEN_MAILS.join(mails))), PLAIN))
    assert "Ma boîte est perdue" in said
    assert "xxx" in said


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
    assert set(EVIDENCE) == set(get_args(EvidenceKind))
    assert all(EVENTS.values())


@settings(max_examples=60, deadline=None)
@given(HOSTILE, HOSTILE, HOSTILE, HOSTILE)
def test_no_customer_text_breaks_a_card(wrote: str, subject: str, login: str, name: str) -> None:
    """Whatever they wrote: within the limits, no mention, no link, nothing invisible, no whole address."""
    many = tuple(Evidence(kind="login_known", weight="for", source="mail", at=NOW) for _ in range(60))
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
