"""Mails on cards and in their dialog: what others wrote, what was left out and what is unclear."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings

from bot import cards, words
from bot.modals import whole
from handlers.lookups import CardView
from handlers.mails import Glance, Shown
from handlers.model.kept_mail import LeftOut, Written
from handlers.model.mail import Attachment, Automatic, Origin
from handlers.rules.permits import Permit
from tests.bot.builders import HOSTILE, make_case, make_step, make_view
from tests.bot.reading import PLAIN, buttons, shown, strings, wishes
from tests.builders import NOW

CHOOSES = (Permit(action="refuse", allowed=True), Permit(action="choose_intent", allowed=True))


def make_shown(text: str = "Give it to me.", others: bool = True, on_file: bool = False, **changes: Any) -> Shown:
    """A mail of somebody else, unless a test says otherwise."""
    fields: dict[str, Any] = {"sender": "eve@evil.example", "sender_name": "Eve", "subject": "Re: link"}
    written = Written(**fields | {"text": text, "whole": text} | changes)
    return Shown(at=NOW, others=others, on_file=on_file, mail=written)


def with_mails(**mails: Any) -> CardView:
    return make_view(mails=Glance(**{"count": 1} | mails))


def test_a_mail_of_another_sender_is_quoted_masked_and_not_trusted() -> None:
    """Who wrote what, and that nobody believes it (T19)."""
    said = shown(cards.card(with_mails(others=(make_shown(),)), PLAIN))
    assert "👤 *Another sender, not trusted:* `e•••@e••••.example` wrote 14:05 UTC" in said
    assert "Give it to me." in said
    assert "eve@evil" not in said


def test_the_address_on_file_is_named_where_it_answers() -> None:
    """The owner who writes "it was not me" to somebody else's case is not overlooked, nor believed."""
    said = shown(cards.card(with_mails(others=(make_shown(on_file=True),)), PLAIN))
    assert "`e•••@e••••.example`, the address on file as it says, wrote" in said


def test_of_many_other_senders_the_newest_are_quoted() -> None:
    """The card stays calm."""
    came = tuple(make_shown(f"mail {number}") for number in range(9))
    said = shown(cards.card(with_mails(others=came), PLAIN))
    assert said.count("Another sender") == 3
    assert "mail 2" in said
    assert "mail 3" not in said
    assert "… (6 more of other senders)" in said


@pytest.mark.parametrize(("lines", "said"), [(1, "(1 line of"), (7, "(7 lines of quotes and signature hidden)")])
def test_the_card_says_how_much_it_leaves_out(lines: int, said: str) -> None:
    """Beside what the customer wrote; nothing is said where nothing was hidden."""
    assert said in shown(cards.card(with_mails(hidden_lines=lines), PLAIN))
    assert "hidden" not in shown(cards.card(with_mails(), PLAIN))


def test_files_that_were_not_taken_stand_there_with_the_reason() -> None:
    """One line each, five of them; what the sender called them steers nothing."""
    files = tuple(LeftOut(name=f"<!channel>{number}.exe", why="it can run programs") for number in range(7))
    message = cards.card(with_mails(left_out=files), PLAIN)
    assert "📎 *Not taken:* `&lt;!channel&gt;0.exe`, it can run programs" in shown(message)
    assert shown(message).count("Not taken") == 5
    assert "… (2 more)" in shown(message)


def test_the_numbers_that_were_named_stand_in_a_short_line() -> None:
    """Staff look them up elsewhere; they are letter by letter."""
    said = shown(cards.card(make_view(make_case(numbers=("C-77", "482913"))), PLAIN))
    assert "🔢 *Numbers named:* `C-77`, `482913`" in said
    assert "Numbers" not in shown(cards.card(make_view(), PLAIN))


def test_an_unclear_wish_is_said_to_be_one_and_staff_choose() -> None:
    """The best guess stands in brackets, and the list comes before the buttons."""
    view = make_view(make_case(confidence=0.3), permits=CHOOSES)
    message = cards.card(view, PLAIN)
    assert message.blocks[0]["text"]["text"] == "Unclear request (maybe: Password reset) · R-7F3K2M"
    assert "unclear request (maybe: Password reset). New" in message.text
    [wish] = wishes(message)
    assert wish["action_id"] == "choose_intent"
    assert [one["value"] for one in wish["options"]] == list(words.ASKED)
    [block] = [one for one in message.blocks if one.get("accessory")]
    assert block["block_id"] == "wish:R-7F3K2M:1"
    assert "choose_intent" not in {one["action_id"] for one in buttons(message)}


def test_what_nothing_speaks_for_has_no_guess() -> None:
    """The reader found none of the wishes it knows."""
    message = cards.card(make_view(make_case(asked="other", confidence=0.0)), PLAIN)
    assert message.blocks[0]["text"]["text"] == "Unclear request · R-7F3K2M"


def test_a_clear_wish_can_be_put_right_without_noise() -> None:
    """The list stands at the end of the last row, without what the card says already."""
    message = cards.card(make_view(permits=(*CHOOSES, Permit(action="reveal", allowed=True))), PLAIN)
    [wish] = wishes(message)
    assert "password_reset" not in [one["value"] for one in wish["options"]]
    row = [block for block in message.blocks if block["type"] == "actions"][-1]
    assert (row["block_id"], row["elements"][-1]["action_id"]) == ("rare:R-7F3K2M:1", "choose_intent")


def test_who_may_not_choose_sees_no_list() -> None:
    """As with buttons; and a card for reading has none."""
    assert wishes(cards.card(make_view(make_case(confidence=0.1)), PLAIN)) == []
    assert wishes(cards.card(make_view(make_case(confidence=0.1), permits=CHOOSES), PLAIN, buttons=False)) == []


def test_the_history_says_what_was_chosen_and_why_a_letter_came_back() -> None:
    """In words, beside who and when."""
    steps = (
        make_step("intent.chosen", "Ayşe", detail="access_code"),
        make_step("letter.bounced", "the desk", detail="mailbox full: the reset link sent 22 Nov 14:05 UTC"),
        make_step("mail.shown", "the desk", detail="e•••@e••••.example"),
    )
    said = shown(cards.card(make_view(make_case(history=steps)), PLAIN))
    assert "Ayşe said what the customer wants (access code), 14:05 UTC" in said
    assert "a letter came back (mailbox full: the reset link sent 22 Nov 14:05 UTC), 14:05 UTC" in said
    assert "a mail of another sender, not trusted (e•••@e••••.example), 14:05 UTC" in said


def test_the_dialog_shows_the_newest_first_and_marks_what_the_card_hides() -> None:
    """From whom in full, since it is one person's and on the trail; machines and others are called so."""
    own = make_shown("My login is durand42.", whole="My login is durand42.\n> hello\n-- \nMarie", others=False)
    robot = make_shown("550 no such user", automatic=Automatic(kind="bounce", why="a delivery report"))
    drawn = whole.draw("R-7F3K2M", [robot, make_shown(reply_to="x@y.example"), own], PLAIN)
    said = "\n".join(strings(drawn))
    for part in (
        "🤖 *Written by a machine:* a delivery report",
        "👤 *Another sender, not trusted*",
        "From Eve `eve@evil.example`, 14:05 UTC",
        "Replies would go to `x@y.example`",
        "│ › hello\n│ -- \n│ Marie",
    ):
        assert part in said
    kinds = [block["type"] for block in drawn["blocks"] if block["type"] in ("section", "context")][-2:]
    assert kinds == ["section", "context"]
    assert said.index("550 no such") < said.index("Give it to me") < said.index("My login")
    assert "callback_id" not in drawn
    assert "submit" not in drawn


def test_the_dialog_names_each_file_and_what_its_bytes_show() -> None:
    """In plain text: a file's name is the sender's."""
    file = Attachment(
        name="<!here>tool.exe", type="application/x-dosexec", bytes=9, sha256="0" * 64, verdict="dangerous"
    )
    said = strings(whole.draw("R-7F3K2M", [make_shown(attachments=(file,))], PLAIN))
    assert "📎 !here_tool.exe, application/x-dosexec: it can run programs" in list(said)


def test_a_motley_mail_stands_in_one_piece() -> None:
    """Answers between the lines of a quote would need a block each: they are only marked."""
    lines = [line for number in range(40) for line in (f"> question {number}", f"answer {number}")]
    own = make_shown("\n".join(lines[1::2]), whole="\n".join(lines), others=False)
    drawn = whole.draw("R-7F3K2M", [own], PLAIN)
    assert len(drawn["blocks"]) == 4
    assert "│ › question 7\nanswer 7\n│ › question 8" in "\n".join(strings(drawn))


@pytest.mark.parametrize("text", ["x" * 20_000, "\n" * 20_000, "a\n" * 10_000, "ﷺ" * 20_000, '"\\' * 10_000])
@pytest.mark.parametrize("count", [1, 20])
def test_the_dialog_keeps_slacks_limits(text: str, count: int) -> None:
    """100 blocks, 3,000 characters each, 250 KB in all; what does not fit is said."""
    drawn = whole.draw("R-7F3K2M", [make_shown(text, subject="s" * 200)] * count, PLAIN)
    assert len(drawn["blocks"]) <= 100
    assert len(drawn["title"]["text"]) <= 24
    assert len(json.dumps(drawn)) < 250_000
    assert all(0 < len(one) <= 3000 for one in texts(drawn))
    if count == 20 and len(text.strip()) > 15_000:
        assert "bot.py case R-7F3K2M --mails" in str(drawn)


@settings(deadline=None)
@given(HOSTILE)
def test_nothing_in_the_dialog_comes_alive(text: str) -> None:
    """What customers write stands in plain text alone, links are cold, and no mention is one (T26)."""
    origin = Origin(spf="none", dkim="none", dmarc="none", aligned=False, grade="unproven", domain=text)
    names: dict[str, Any] = {"sender": text, "sender_name": text, "reply_to": text, "returned": text}
    hostile = make_shown(text, subject=text, defects=(text,), origin=origin, **names)
    drawn = whole.draw("R-7F3K2M", [hostile], PLAIN)
    for one in objects(drawn):
        if one["type"] == "mrkdwn":
            assert one["verbatim"] is True
            assert "<!" not in one["text"]
            assert "<@" not in one["text"]
            assert "<http" not in one["text"]
        else:
            assert "https://" not in one["text"]
    assert all(0 < len(one) <= 3000 for one in texts(drawn))


@settings(deadline=None)
@given(HOSTILE)
def test_nothing_of_other_senders_comes_alive_on_a_card(text: str) -> None:
    """Nor do names of files and numbers (T26)."""
    case = make_case(numbers=(text[:40],))
    mails = Glance(count=2, others=(make_shown(text, sender=text),), left_out=(LeftOut(name=text, why=text),))
    message = cards.card(make_view(case, mails=mails), PLAIN)
    for one in objects({"blocks": message.blocks}):
        if one["type"] == "mrkdwn":
            assert "<!" not in one["text"].replace("<!date", "")
            assert "<@" not in one["text"]
    assert sum(map(len, strings(message.blocks))) <= 10_000


def objects(value: Any) -> list[dict[str, Any]]:
    """Every text object, wherever it stands."""
    inner = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []
    mine = [value] if isinstance(value, dict) and isinstance(value.get("text"), str) and "type" in value else []
    return [*mine, *[one for part in inner for one in objects(part)]]


def texts(value: Any) -> list[str]:
    return [one["text"] for one in objects(value)]
