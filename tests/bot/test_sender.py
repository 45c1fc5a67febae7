"""A card says what a mail proves of its sender: one grade with its three reasons, and never more than that."""

from __future__ import annotations

from typing import get_args

import pytest

from bot import cards
from handlers.model.mail import Grade, Origin, Result, Via
from handlers.rules.origin_words import reasons
from tests.bot.builders import make_case, make_view
from tests.bot.reading import PLAIN, shown

RESULTS: tuple[Result, ...] = get_args(Result)


def make_origin(grade: Grade = "proven", **changes: object) -> Origin:
    """A mail of Marie's."""
    fields: dict[str, object] = {"spf": "pass", "dkim": "pass", "dmarc": "pass", "aligned": True}
    domains = {"domain": "mail.example", "spf_domain": "bounce.mail.example", "dkim_domain": "mail.example"}
    return Origin(grade=grade, **(fields | domains | changes))  # type: ignore[arg-type]


def card(origin: Origin) -> str:
    """All that the card of a case with this origin says."""
    return shown(cards.card(make_view(make_case(origin=origin)), PLAIN))


@pytest.mark.parametrize("grade", get_args(Grade))
def test_each_grade_is_told_with_its_three_reasons(grade: Grade) -> None:
    """In words a support agent understands; the word verified is in none."""
    said = card(make_origin(grade))
    assert "`mail.example`" in said
    assert all(f"{check}: " in said for check in ("SPF", "DKIM", "DMARC"))
    assert "verified" not in said.lower()
    assert "A sender's address can be forged." not in said


def test_a_spoofed_mail_says_so_before_anything_else_is_weighed() -> None:
    """What it is, and what to do about it."""
    said = card(make_origin("failed", spf="fail", dkim="none", dmarc="fail", aligned=False))
    assert "*This mail does not come from `mail.example`.*" in said
    assert "DMARC: by the rules of `mail.example`, such a mail is not its own" in said
    assert said.index("does not come from") < said.index("What the mail says")
    assert "a mail in French in the name of" in said
    assert "customer wrote" not in said


@pytest.mark.parametrize("result", RESULTS)
@pytest.mark.parametrize("via", get_args(Via))
def test_every_result_has_words(result: Result, via: Via) -> None:
    """None is left as the word of an RFC, and no place in a sentence is empty."""
    said = reasons(make_origin("unproven", spf=result, dkim=result, dmarc=result, via=via))
    assert len(said) == 3
    words = " ".join(word for _, word in said)
    assert not any(word in words for word in ("temperror", "permerror", "softfail", "{", "  "))


def test_what_a_sender_calls_its_domain_cannot_draw_on_the_card() -> None:
    """It is shown letter by letter (T26)."""
    said = card(make_origin(domain="<!channel>*x*`.example"))
    assert "<!channel>" not in said
