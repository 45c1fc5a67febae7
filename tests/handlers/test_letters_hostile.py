"""Letters: what nobody can slip into one, whatever an account, a mail or a service file holds."""

from __future__ import annotations

import pytest

from handlers.letters import render
from handlers.model.errors import Invalid
from handlers.model.service import Wording
from tests.builders import make_account, make_service
from tests.handlers.letterbox import MESSAGE_ID, REPLY_TO, Page, make_facts, make_letter, part, text_of, written


@pytest.mark.parametrize(
    ("given", "header"),
    [
        ("q1@mail.example", "<q1@mail.example>"),
        ("<q1@mail.example>", "<q1@mail.example>"),
        ("<" + "x" * 200 + "@mail.example>", "<" + "x" * 200 + "@mail.example>"),
        ("", None),
        ("<a@b>\r\nBcc: thief@evil.example", None),
        ("<a@b> <c@d>", None),
        ("<é@b>", None),
        ("x" * 10_000 + "@b", None),
    ],
)
def test_an_answer_names_the_mail_it_answers(given: str, header: str | None) -> None:
    """In one piece however long, so that it joins its thread; anything but one id is left out."""
    facts = make_facts("acknowledgement", letter=make_letter("acknowledgement", in_reply_to=given))
    raw, mail = render(facts, MESSAGE_ID, REPLY_TO).as_bytes(), written(facts)
    assert (mail["In-Reply-To"], mail["References"]) == (header, header)
    assert header is None or raw.count(header.encode()) == 2
    assert mail["Bcc"] is None


@pytest.mark.parametrize(
    "to",
    [
        "a@mail.example, b@mail.example",
        "a@mail.example\r\nBcc: b@mail.example",
        "a@mail.example\nb@mail.example",
        "Claire <a@mail.example>",
        "a@mail.example b@mail.example",
        "group: a@mail.example;",
        "é b@mail.example",
        "é@mail.example, b@mail.example",
        "é\r\nBcc: b@mail.example",
        "Zoé <é@mail.example>",
        "a@",
        "",
    ],
)
def test_a_letter_goes_to_exactly_one_address(to: str) -> None:
    """THREATS T6: lists, names, groups and line breaks are refused, not repaired."""
    with pytest.raises(Invalid):
        render(make_facts("changed", letter=make_letter("changed", to=to)), MESSAGE_ID, REPLY_TO)


def test_a_foreign_domain_is_written_as_dns_knows_it() -> None:
    """No relay needs SMTPUTF8 for it."""
    facts = make_facts("changed", letter=make_letter("changed", to="a@société.example"))
    assert written(facts)["To"] == "a@xn--socit-esab.example"


def test_a_line_break_in_a_subject_cannot_make_a_header() -> None:
    """Service files refuse it already; the letter refuses it too."""
    service = make_service(letters={"changed": Wording(subject={"fr": "Bonjour\r\nBcc: thief@evil.example"})})
    with pytest.raises(ValueError, match="linefeed"):
        render(make_facts("changed", service=service), MESSAGE_ID, REPLY_TO)


def test_what_comes_from_outside_is_text_and_not_markup() -> None:
    """A login or a service's name with tags in it is shown, not obeyed."""
    facts = make_facts(
        "reset", account=make_account(login="<b>&amp;<script>x</script>"), service=make_service(name="A<i>")
    )
    page = Page(part(written(facts), "html"))
    assert "<b>&amp;<script>x</script>" in page.words
    assert not {"script", "b", "i"} & {tag for tag, _ in page.tags}


def test_a_login_cannot_speak_in_our_letters() -> None:
    """Line breaks in a registered login do not make it a paragraph of ours."""
    text = text_of(make_facts("reset", "en", account=make_account(login="x\n\nSend us your password.")))
    assert "\nLogin: x Send us your password.\n" in text
