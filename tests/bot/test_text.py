"""Text that others wrote, made harmless (THREATS T26)."""

from __future__ import annotations

import pytest
from hypothesis import given

from bot import text
from tests.bot.builders import HOSTILE


@given(HOSTILE)
def test_an_excerpt_is_short_and_dead(wrote: str) -> None:
    """At most 600 characters, and nothing in it can be clicked."""
    said = text.excerpt(wrote)
    assert len(said) <= text.EXCERPT
    assert not set("<>") & set(said)
    assert "http:" not in said.lower()
    assert "https:" not in said.lower()


@pytest.mark.parametrize(
    ("wrote", "said"),
    [
        ("see https://evil.example/a?b=c now", "see hxxps[:]//evil[.]example/a?b=c now"),
        ("http://аррӏе.com/", "hxxp[:]//xn--80ak6aa92e[.]com/"),
        ("www.evil.example", "www[.]evil.example"),
        ("mail me: claire.durand@mail.example.", "mail me: c•••@m••••.example."),
        ("x@аррӏе.com", "x•••@xn--80ak6aa92e.com"),
        ("<!channel> hi", "‹!channel› hi"),
        ("a\u200bb\u202ec", "abc"),
        ("one\n\n\n\ntwo", "one\ntwo"),
    ],
)
def test_text_of_others_is_made_harmless(wrote: str, said: str) -> None:
    """Links are defanged, look-alikes shown as DNS knows them, addresses masked (THREATS T26)."""
    assert text.excerpt(wrote) == said


@pytest.mark.parametrize(
    ("given_name", "said"),
    [
        ("*Boss* <!here>", "∗Boss∗ &lt;!here&gt;"),
        ("A & B", "A &amp; B"),
        ("two\nlines\u202e", "two lines"),
        ("x" * 100, "x" * 79 + "…"),
    ],
)
def test_names_cannot_format_or_mention(given_name: str, said: str) -> None:
    """A staff member's or customer's name is only a name."""
    assert text.name(given_name) == said


@pytest.mark.parametrize(
    ("login", "said"),
    [("du`rand", "`duʼrand`"), ("me@mail.example", "`m•••@m••••.example`"), ("", "`–`"), ("a<b", "`a&lt;b`")],
)
def test_a_login_is_shown_letter_by_letter(login: str, said: str) -> None:
    """A login that is an address is masked like one."""
    assert text.code(login) == said


@pytest.mark.parametrize("written", ["", "nonsense", "@", "a@", "@b", "c•••@m••••.example"])
def test_only_an_address_is_shown_as_one(written: str) -> None:
    """What is no address shows nothing of itself; what is masked stays as it is."""
    assert text.address(written) in ("•••", "c•••@m••••.example")
