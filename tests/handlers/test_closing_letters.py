"""What the letters about closed accounts and missing details say."""

from __future__ import annotations

from datetime import timedelta

import pytest

from handlers.languages import LANGUAGES
from handlers.model.outbox import LetterKind
from handlers.vault import Secret
from tests.builders import NOW, make_account, make_grant
from tests.handlers.letterbox import TOKEN, make_facts, make_letter, text_of
from tests.handlers.samples import facts_of

UNTIL = NOW + timedelta(days=30)
LAST_MOMENT = {
    "fr": "22 décembre 2026 à 14:05 (UTC)",
    "en": "22 December 2026 at 14:05 (UTC)",
    "tr": "22 Aralık 2026 14:05 (UTC)",
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_CP_20_the_notice_says_until_when_signing_in_reopens(language: str) -> None:
    """The exact moment, and the page for whoever did not close it."""
    text = text_of(facts_of("closed", language))
    assert LAST_MOMENT[language] in text
    assert "https://recovery.shop.example/stop/adurand-" in text


def test_CP_22_the_notice_says_where_to_ask_for_data_and_that_later_there_is_none() -> None:
    """CP.21: gone for good, even on request."""
    text = text_of(facts_of("closed", "en"))
    for said in ("write to support@connectprof.example", "nobody can give you any", "not even on request"):
        assert said in text


@pytest.mark.parametrize("kind", ["reset", "code", "temporary_password"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_CP_25_a_way_into_a_closed_account_says_that_signing_in_reopens_it(kind: LetterKind, language: str) -> None:
    """Said before it happens, with the moment; an open account's letter says nothing of it."""
    facts = facts_of(kind, language)
    closed = make_facts(
        kind,
        language,
        service=facts.service,
        letter=facts.letter,
        grant=facts.grant,
        secret=facts.secret,
        account=make_account(closed_at=NOW, reopens_until=UNTIL),
    )
    assert LAST_MOMENT[language] in text_of(closed)
    assert LAST_MOMENT[language] not in text_of(facts)


def test_CP_25_after_the_days_of_grace_no_letter_promises_to_reopen() -> None:
    """The moment itself is too late."""
    account = make_account(closed_at=NOW - timedelta(days=30), reopens_until=NOW)
    assert "reopens" not in text_of(make_facts("reset", "en", account=account))


def test_the_last_letter_leads_nowhere() -> None:
    """There is nothing to stop, to follow or to sign in to any more."""
    assert "https://" not in text_of(facts_of("purged", "en"))


@pytest.mark.parametrize("kind", ["reset", "code", "reactivation", "information", "temporary_password"])
def test_letters_about_a_request_lead_to_where_it_stands(kind: LetterKind) -> None:
    """One quiet line, to the address on file."""
    assert "https://recovery.shop.example/case/r7f3k2m-" in text_of(facts_of(kind, "en"))


def test_CP_2_the_letter_says_what_is_missing_and_why() -> None:
    """In the reader's language, and on one line."""
    text = text_of(facts_of("information", "en"))
    assert "Still missing: country, city and date of birth" in text
    assert "without them no request can be created, and it is harder for us to reach you" in " ".join(text.split())
    assert "/information/r7f3k2m-" in text


def test_a_reactivation_letter_carries_its_link_and_what_stays_off() -> None:
    """The link is the grant's, and lives as long."""
    facts = make_facts(
        "reactivation",
        "en",
        letter=make_letter("reactivation", language="en", detail=UNTIL.isoformat()),
        grant=make_grant(kind="reactivation"),
        secret=Secret(TOKEN),
    )
    text = text_of(facts)
    assert f"https://recovery.shop.example/reactivate/{TOKEN}\n" in text
    assert "Integrations stay off" in text
