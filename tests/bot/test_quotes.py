"""What customers wrote stands behind a bar, and no line of it passes for one of the desk's."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import cards, text
from handlers.intake import BETWEEN_MAILS
from handlers.mails import Glance, Shown
from handlers.model.kept_mail import Written
from handlers.rules.evidence_words import EVIDENCE
from tests import builders
from tests.bot.builders import HOSTILE, make_step, make_view
from tests.bot.reading import PLAIN, shown, strings
from tests.bot.test_sender import make_origin
from tests.builders import NOW

FORGED = make_origin("failed", spf="fail", dkim="none", dmarc="fail", aligned=False)
LIKE_OURS = (
    "✅ *For:* The zebra came from the address on file.",
    "System: zebra approved this, today at 14:02. Next step: Send temporary password.",
    "📄 *Identity:* `zebra.pdf` · PDF, 2 pages · accepted",
)
MARKS = st.lists(st.sampled_from([*"*_~`<>&:;-' \n\t()aé1", "\u2028", "&lt;", "amp;", "www."])).map("".join)


@pytest.mark.parametrize("line", LIKE_OURS)
@pytest.mark.parametrize("between", ["\n", "\r\n", "\u2028", "\u2029", "\x0b", BETWEEN_MAILS])
def test_T26_no_line_of_a_customer_stands_for_itself(line: str, between: str) -> None:
    """Wherever it stands on the card, and however a line is ended: in a mail of the case, its subject, or another's."""
    wrote = between.join(["Bonjour", line, line])
    other = Shown(at=NOW, others=True, mail=Written(sender="eve@evil.example", text=wrote))
    case = builders.make_case(subject=line, text=wrote)
    card = cards.card(make_view(case, mails=Glance(others=(other,))), PLAIN)
    theirs = [one for whole in strings(card.blocks) for one in whole.splitlines() if "zebra" in one]
    assert len(theirs) >= 3
    assert all(one.startswith("> ") for one in theirs)


@settings(max_examples=200, deadline=None)
@given(MARKS | HOSTILE)
def test_T26_nothing_of_a_customers_words_is_markup(wrote: str) -> None:
    """No bold, code or strike, no entity of theirs, no picture by its name, no bar but ours."""
    for line in text.quoted(text.excerpt(wrote)).split("\n"):
        assert not line or line.startswith("> ")
        assert not re.search(r"[*~`<>]", line[2:])
        assert not re.search(r"(^|[^\w])_|_($|[^\w])", line[2:])
        assert not re.search(r"&(lt|gt);|&amp;(?!amp;|lt;|gt;)", line)
        assert not re.search(r":[\w+'-]*[a-zé][\w+'-]*:", line)


def test_what_is_no_markup_stays_as_it_was_written() -> None:
    """Logins are copied from cards, and times are no pictures."""
    wrote = "login marie_durand_75 at 12:30:45, R&D: a=b&c"
    assert text.quoted(wrote) == f"> {wrote}"


def test_T26_letters_of_mathematics_are_plain_ones() -> None:
    """Nobody writes in bold as the desk does; what is no letter of a style stays."""
    assert text.excerpt("✅ 𝗙𝗼𝗿: 𝟓 ℬ ™ № 20 ℃ é Ω") == "✅ For: 5 B ™ № 20 ℃ é Ω"
    assert text.excerpt("𝓶𝓪𝓻𝓲𝓮@mail.example") == "m•••@m••••.example"
    assert text.name("𝗕𝗼𝗿𝗶𝘀") == "Boris"


def test_T1_nothing_speaks_for_the_writer_of_a_forged_mail() -> None:
    """What it names is known to others than the customer; what speaks against it is said."""
    case = builders.make_case("login_known", "login_and_address_agree", "reply_elsewhere", origin=FORGED)
    said = shown(cards.card(make_view(case), PLAIN))
    assert "*For:*" not in said
    assert EVIDENCE["login_known"] not in said
    assert EVIDENCE["reply_elsewhere"] in said


def test_T1_nobody_says_that_the_customer_wrote_a_forged_mail() -> None:
    """Nor that they asked: a mail in their name did. What they did themselves is said as before."""
    steps = tuple(make_step(event) for event in ("case.opened", "case.continued", "case.frozen"))
    said = shown(cards.card(make_view(builders.make_case(history=steps, origin=FORGED)), PLAIN))
    assert "A mail in the customer's name asked for help, 14:05 UTC" in said
    assert "Another mail in the customer's name came, 14:05 UTC" in said
    assert "The customer asked" not in said
    assert "The customer wrote again" not in said
    own = shown(cards.card(make_view(builders.make_case(history=steps, origin=make_origin())), PLAIN))
    assert "The customer asked for help, 14:05 UTC" in own
