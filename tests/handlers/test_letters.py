"""Letters: what every kind says, and how it is headed."""

from __future__ import annotations

import re
from typing import get_args

import pytest

from handlers.languages import LANGUAGES
from handlers.letters import render
from handlers.model.outbox import LetterKind
from handlers.model.service import Wording
from tests.builders import ADDRESS, NOW, STEPS_FR, make_account, make_service
from tests.handlers.letterbox import (
    DIGITS,
    MESSAGE_ID,
    REPLY_TO,
    TOKEN,
    Page,
    make_facts,
    make_issued_case,
    part,
    text_of,
    written,
)
from tests.handlers.samples import all_samples, facts_of

KINDS: tuple[LetterKind, ...] = get_args(LetterKind)
NBSP = "\N{NO-BREAK SPACE}"

every_letter = pytest.mark.parametrize(
    ("kind", "language"), [(kind, language) for kind in KINDS for language in LANGUAGES]
)


def test_every_kind_of_letter_has_a_sample() -> None:
    """Else nobody would read it, and no picture would show it."""
    assert set(KINDS) - set(all_samples()) == set()


@every_letter
def test_text_and_html_say_the_same(kind: LetterKind, language: str) -> None:
    """The text is complete by itself: every sentence of it is in the HTML, in order; both are in one language."""
    mail = written(facts_of(kind, language))
    seen = " ".join(Page(part(mail, "html")).words)
    assert mail["Content-Language"] == language
    assert [sub.get_content_type() for sub in mail.iter_parts()] == ["text/plain", "text/html"]
    lines = [re.sub(r"^\d\. ", "", line) for line in part(mail, "plain").splitlines() if line.strip(" -")]
    at = 0
    for line in lines:
        at = seen.index(line, at)


@every_letter
def test_no_letter_loads_anything_or_leads_anywhere_else(kind: LetterKind, language: str) -> None:
    """Nothing remote, no script, no form, no picture; links lead to our portal alone, in full."""
    page = Page(part(written(facts_of(kind, language)), "html"))
    names = {tag for tag, _ in page.tags}
    assert not names & {"img", "script", "link", "iframe", "form", "object", "base"}
    assert all("src" not in said and "background" not in said for _, said in page.tags)
    assert all(link.startswith("https://recovery.shop.example/") for link in page.links)
    assert set(page.links) <= set(page.words)


@every_letter
def test_every_letter_can_be_read_by_everybody(kind: LetterKind, language: str) -> None:
    """Its language is said, layout tables are no data, light and dark are both provided for."""
    html = part(written(facts_of(kind, language)), "html")
    tags = Page(html).tags
    assert ("html", language) in [(tag, said.get("lang")) for tag, said in tags]
    assert all(said.get("role") == "presentation" for tag, said in tags if tag == "table")
    assert ("color-scheme", "light dark") in [(said.get("name"), said.get("content")) for _, said in tags]
    assert "prefers-color-scheme: dark" in html
    assert 'style="' in html


@every_letter
def test_every_letter_is_marked_as_a_machines_and_travels_in_seven_bits(kind: LetterKind, language: str) -> None:
    """RFC 3834 and Exchange's own sign; nothing a relay would have to rewrite; no line too long."""
    facts = facts_of(kind, language)
    raw, mail = render(facts, MESSAGE_ID, REPLY_TO).as_bytes(), written(facts)
    assert mail["Auto-Submitted"] == ("auto-replied" if kind == "acknowledgement" else "auto-generated")
    assert mail["X-Auto-Response-Suppress"] == "All"
    assert (mail["Message-ID"], mail["Reply-To"], mail["To"]) == (MESSAGE_ID, REPLY_TO, ADDRESS)
    assert str(mail["From"]) == facts.service.sender
    assert mail["Date"].datetime == NOW
    assert raw.isascii()
    assert raw.count(b"\n") == raw.count(b"\r\n")
    assert max(len(line) for line in raw.split(b"\r\n")) <= 78 + 20  # the longest is our own Message-ID's
    assert not {"Precedence", "List-Unsubscribe", "Bcc", "Cc"} & set(mail.keys())


@every_letter
def test_the_same_letter_is_the_same_bytes(kind: LetterKind, language: str) -> None:
    """So that a second delivery is recognised as one."""
    facts = facts_of(kind, language)
    assert render(facts, MESSAGE_ID, REPLY_TO).as_bytes() == render(facts, MESSAGE_ID, REPLY_TO).as_bytes()


@pytest.mark.parametrize(
    ("language", "subject"),
    [
        ("fr", f"ShopFactory{NBSP}: réinitialisation de votre mot de passe"),
        ("en", "ShopFactory: reset your password"),
        ("tr", "ShopFactory: şifre sıfırlama"),
    ],
)
def test_the_desks_own_subject_names_service_and_purpose(language: str, subject: str) -> None:
    """It comes through encoding and decoding as it was."""
    assert str(written(make_facts("reset", language))["Subject"]) == subject


@pytest.mark.parametrize(
    ("kind", "subject"),
    [
        ("code", "L'Opcommerce : votre code de connexion temporaire."),
        ("reset", "L'Opcommerce : demande de renouvellement de votre mot de passe."),
    ],
)
def test_the_services_subject_is_exact_and_holds_no_code(kind: LetterKind, subject: str) -> None:
    """OC.5, OC.15: letter by letter, the final full stop included."""
    service = make_service(letters={kind: Wording(subject={"fr": subject})})
    mail = written(make_facts(kind, service=service))
    assert str(mail["Subject"]) == subject


def test_a_reset_letter_says_what_was_asked_when_and_for_how_long() -> None:
    """When, with its time zone; which account; the minutes; the link; what to do if it was somebody else."""
    text = text_of(make_facts("reset", "fr"))
    for said in (
        "Le 22 novembre 2026 à 14:02 (UTC), nous avons reçu par e-mail une demande de réinitialisation",
        f"Identifiant{NBSP}: durand42",
        f"\nhttps://recovery.shop.example/reset/{TOKEN}\n",
        "valable 30 minutes, jusqu’au 22 novembre 2026 à 14:35 (UTC)",
        "Vous n’êtes pas à l’origine de cette demande",
    ):
        assert said in text


@pytest.mark.parametrize(("source", "said"), [("mail", "wrote to us"), ("portal", "asked on our website")])
@pytest.mark.parametrize("kind", ["reset", "code"])
def test_a_letter_says_where_it_was_asked(kind: LetterKind, source: str, said: str) -> None:
    """By mail or on the portal: a customer who did neither knows that somebody else did."""
    assert f"somebody {said}" in text_of(make_facts(kind, "en", case=make_issued_case(source=source)))


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("fr", f"Votre code de vérification{NBSP}:"),
        ("en", "Your verification code:"),
        ("tr", "Doğrulama kodunuz:"),
    ],
)
def test_a_code_stands_alone_after_the_words_that_name_it(language: str, words: str) -> None:
    """Phones and people find it: no other number of its length is in the letter, and none in the subject."""
    mail = written(make_facts("code", language, account=make_account(login="client654321")))
    text, html = part(mail, "plain"), part(mail, "html")
    assert f"\n{words}\n\n{DIGITS}\n" in text
    assert f"\nhttps://recovery.shop.example/code/{TOKEN}\n" in text
    for form in (text, html):
        assert set(re.findall(r"(?<!\d)\d{6}(?!\d)", form)) == {DIGITS}
    assert DIGITS not in str(mail["Subject"])


def test_an_acknowledgement_is_word_for_word_the_same_for_everybody() -> None:
    """Rule 5: known or not, and whatever was written, the letters differ in nothing but their own addresses."""
    known = make_facts("acknowledgement")
    unknown = make_facts("acknowledgement", account=None, grant=None, case=None)
    assert render(known, MESSAGE_ID, REPLY_TO).as_bytes() == render(unknown, MESSAGE_ID, REPLY_TO).as_bytes()
    text = text_of(known)
    assert not any(secret in text for secret in ("R-7F3K2M", "durand42", "marie", "Durand"))


def test_a_refusal_gives_no_reason_and_tells_nothing_about_accounts() -> None:
    """Rule 7: one neutral sentence, whatever the reason and whether or not there is an account."""
    reasons = [make_issued_case(reason=reason) for reason in ("not_the_owner", "no_account", "suspicious")]
    letters = {render(make_facts("refused", case=case), MESSAGE_ID, REPLY_TO).as_bytes() for case in reasons}
    letters.add(render(make_facts("refused", account=None, case=None), MESSAGE_ID, REPLY_TO).as_bytes())
    assert len(letters) == 1


def test_SF_13_a_notice_says_when_what_remains_and_whom_to_tell() -> None:
    """SF.13: the service's after-care, in order; if it was a thief, the page that stops everything (T30)."""
    text = text_of(make_facts("changed", "fr"))
    assert "modifié le 22 novembre 2026 à 14:05 (UTC)" in text
    assert f"1. {STEPS_FR[0]}\n2. {STEPS_FR[1]}\n" in text
    assert re.search(r"ouvrez immédiatement cette page.*\n\nhttps://recovery.shop.example/stop/r7f3k2m-", text)


def test_a_notice_without_after_care_has_no_empty_list() -> None:
    """ConnectProf has none in Turkish here: neither title nor list."""
    mail = written(make_facts("changed", "tr"))
    assert "Yapmanız gerekenler" not in part(mail, "plain")
    assert "<ol" not in part(mail, "html")


@pytest.mark.parametrize(("stored", "written_in"), [("fr-CA", "fr"), ("de", "tr"), ("", "tr")])
def test_a_language_we_do_not_write_becomes_the_services(stored: str, written_in: str) -> None:
    """An imported account may have any language; its letter goes out all the same, in one language."""
    mail = written(make_facts("reset", stored, service=make_service(language="tr")))
    assert mail["Content-Language"] == written_in
    assert f'lang="{written_in}"' in part(mail, "html")


@pytest.mark.parametrize("kind", ["reset", "code"])
def test_a_letter_without_its_secret_is_not_written(kind: LetterKind) -> None:
    """A letter with an empty link would be worse than none."""
    for facts in (make_facts(kind, secret=None), make_facts(kind, grant=None)):
        with pytest.raises(ValueError, match="needs its grant and the secret"):
            render(facts, MESSAGE_ID, REPLY_TO)
