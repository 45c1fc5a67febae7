"""Of an answer, only what its writer wrote is shown, whichever program sent it."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from mailin.markup import text_of_html
from mailin.quotes import visible
from mailin.text import clean
from tests.mailin.reading import make_mail, read

REPLIES = tomllib.loads(Path(__file__).with_name("replies.toml").read_text("utf-8"))


@pytest.mark.parametrize(("came", "shown"), REPLIES["plain"])
def test_plain_answers_are_cut_to_what_was_written(came: str, shown: str) -> None:
    """Gmail, Outlook, Apple Mail, Thunderbird, Yahoo, Orange and phones; and lines that only look like theirs."""
    assert visible(clean(came)).text == shown


@pytest.mark.parametrize(("came", "shown"), REPLIES["html"])
def test_html_answers_are_cut_to_what_was_written(came: str, shown: str) -> None:
    """The marks that mail programs leave in HTML, and their words where they leave none."""
    assert visible(text_of_html(came)).text == shown


def test_hidden_lines_count_what_was_left_out() -> None:
    """Lines that are not blank: the attribution, the quote, the signature."""
    mail = read(make_mail("Oui\n\n-- \nMarie\n\nLe 4 mars 2026 à 18:02, S <s@x.example> a écrit :\n> un\n>\n> deux"))
    assert mail.text == "Oui"
    assert mail.hidden_lines == 6


def test_a_mail_that_is_all_quote_shows_nothing() -> None:
    """Nothing of it is the writer's."""
    mail = read(make_mail("> supprimez mon compte"))
    assert (mail.text, mail.intent, mail.hidden_lines) == ("", "other", 1)


def test_plain_text_without_words_gives_way_to_html() -> None:
    """An empty plain part is no reason to show nothing."""
    raw = (
        "From: a@clients.example\nContent-Type: multipart/alternative; boundary=b\n\n--b\n\n \n"
        "--b\nContent-Type: text/html\n\n<p>mot de passe perdu</p>\n--b--\n"
    )
    assert read(raw).text == "mot de passe perdu"
