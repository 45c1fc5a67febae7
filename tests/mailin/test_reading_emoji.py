"""Emoji that are made of several are shown as one; what draws nothing is shown nowhere else."""

from __future__ import annotations

import pytest

from console.show import printable
from handlers.excerpts import excerpt
from handlers.unseen import JOINER
from mailin.contents import TEXT_LENGTH
from tests.mailin.reading import make_mail, read, text_of

WHOLE = {
    "family": "👨\u200d👩\u200d👧\u200d👦",
    "shrug": "🤷🏽\u200d♀\ufe0f",
    "pride": "🏳\ufe0f\u200d🌈",
    "heart": "❤\ufe0f\u200d🔥",
    "bear": "🐻\u200d❄\ufe0f",
    "kiss": "👩🏽\u200d❤\ufe0f\u200d💋\u200d👨🏿",
    "left or right": "🙂\u200d↔\ufe0f",
    "farmer": "🧑\u200d🌾",
    "sun": "☀\ufe0f",
}

UNSEEN = (
    "\u00ad", "\u034f", "\u061c", "\u115f", "\u17b4", "\u180b", "\u180d", "\u180f", "\u200b", "\u2060", "\u2800",
    "\u3164", "\ufe00", "\ufe0f", "\ufeff", "\uffa0", "\ufff0", "\ufffc", "\U00016fe4", "\U0001bca0", "\U0001d159",
    "\U0001d173", "\U000e0001", "\U000e0100", "\U000e01ef", "\U000e0fff",
)  # fmt: skip


def html_of(html: str) -> str:
    """What is shown of a mail of this HTML."""
    return read(make_mail(html).replace("text/plain", "text/html")).text


@pytest.mark.parametrize("emoji", WHOLE.values(), ids=WHOLE)
def test_an_emoji_made_of_several_stays_whole(emoji: str) -> None:
    """In plain text, in HTML, as an entity and as the picture that a program sends for it; for whoever looks."""
    assert text_of(f"Merci {emoji} !") == f"Merci {emoji} !"
    assert html_of(f"<p>Merci {emoji} !</p>") == f"Merci {emoji} !"
    assert html_of(f"<p>Merci {emoji.replace(JOINER, '&zwj;')} !</p>") == f"Merci {emoji} !"
    assert html_of(f'<p>Merci <img alt="{emoji}"> !</p>') == f"Merci {emoji} !"
    assert printable(excerpt(f"Merci {emoji} !")) == f"Merci {emoji} !"


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("pass\u200dword", "password"),
        ("می\u200dخواهم", "میخواهم"),
        ("👨\u200d", "👨"),
        ("\u200d👨", "👨"),
        ("👨\u200da", "👨a"),
        ("a\u200d👨", "a👨"),
        ("a\ufe0f\u200d👨", "a👨"),
        ("1\ufe0f\u200d1", "11"),
        ("❤\ufe0f\ufe0f", "❤\ufe0f"),
        ("1\ufe0f", "1"),
        ("1\ufe0f\u20e3", "1\ufe0f\u20e3"),
        ("©\ufe0f", "©\ufe0f"),
        ("ℹ\ufe0f", "ℹ"),
        ("☀\U000e0100\ufe0f", "☀"),
        ("👨\u200d\u200d👩", "👨👩"),
        ("👨\u200d\u2060\u200d👩", "👨👩"),
        ("👨\u200d\n👩", "👨\n👩"),
        ("👨\u200d \u200d👩", "👨 👩"),
        ("👨\u200d\U0001faff b", "👨 b"),
        ("👨\u200c👩", "👨👩"),
    ],
)
def test_a_joiner_that_joins_no_pictures_is_taken_out(written: str, shown: str) -> None:
    """Between letters, at an end, beside another: there it would only hide."""
    assert text_of(written) == shown
    assert html_of(f"<p>{written.replace(JOINER, '&zwj;')}</p>".replace("\n", "<br>")) == shown


@pytest.mark.parametrize("written", ["pass\u200dword", "👨\u200d", "👨\u200da", "a\u200d👨", "👨\u200d\u200d👩"])
def test_neither_cards_nor_terminals_are_given_one(written: str) -> None:
    """Whoever wrote the words, and whoever read them before."""
    assert excerpt(written) == written.replace(JOINER, "")
    assert printable(written) == written.replace(JOINER, "�")


def test_names_and_subjects_have_no_joiners() -> None:
    """They are compared, and nobody needs a family there."""
    family = WHOLE["family"]
    mail = read(make_mail("x", subject=family).replace("Marie Durand", f"Marie {family}"))
    assert (mail.subject, mail.from_name) == ("👨👩👧👦", "Marie 👨👩👧👦")


def test_a_text_that_is_cut_ends_with_no_joiner() -> None:
    """Wherever the cut falls."""
    family = WHOLE["family"]
    for before in range(3):
        text = text_of("a" * before + family * TEXT_LENGTH)
        assert TEXT_LENGTH - 1 <= len(text) <= TEXT_LENGTH
        assert not text.endswith(JOINER)


def test_a_picture_that_stands_for_what_is_invisible_shows_nothing() -> None:
    """The words of a picture may be entities, which nobody has cleaned yet."""
    assert html_of('<p>mot<img alt="&#x2060;&#x202e;">de<img alt="&#xe0041;&#x200d;">passe</p>') == "motdepasse"


def code(sign: str) -> str:
    """The number of a sign, for the name of a test."""
    return f"{ord(sign):x}"


@pytest.mark.parametrize("sign", UNSEEN, ids=code)
def test_T26_what_draws_nothing_is_shown_nowhere(sign: str) -> None:
    """In no words, names or subjects, on no card, and in no terminal (T26)."""
    mail = read(make_mail(f"pass{sign}e", subject=f"pass{sign}e").replace("Marie Durand", f"Ma{sign}rie"))
    assert (mail.text, mail.subject, mail.from_name) == ("passe", "passe", "Marie")
    assert html_of(f"<p>pass&#{ord(sign)};e</p>") == html_of(f"<p>pass{sign}e</p>") == "passe"
    assert excerpt(f"pass{sign}e") == "passe"
    assert printable(f"pass{sign}e") == "pass�e"


@pytest.mark.parametrize("sign", ["\ufe0f", "\u180b", "\u2800", "\U000e0100"], ids=code)
def test_words_that_are_split_by_what_draws_nothing_are_understood(sign: str) -> None:
    """The login, the address to which it should go, and the words of a robot; a sender so written is none."""
    text = f"Mon iden{sign}tifiant est durand{sign}42. Ma nouv{sign}elle adresse est thief@ev{sign}il.example."
    mail = read(make_mail(text).replace("<marie@", f"<ma{sign}rie@"))
    assert (mail.claims.logins, mail.claims.new_address) == (("durand42",), "thief@evil.example")
    assert mail.from_address == ""
    robot = read(
        make_mail(f"I am out of the of{sign}fice until Monday.", subject=f"Out of of{sign}fice: auto{sign}matic reply")
    )
    assert robot.automatic is not None
    assert "•••@e••••" in excerpt(f"thief@ev{sign}il.example")
