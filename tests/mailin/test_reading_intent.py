"""What people want is told from their words, in three languages, however they write."""

from __future__ import annotations

from collections import Counter

import pytest

from mailin.intent import intent_of
from mailin.language import language_of
from tests.mailin.reading import wishes


def test_wishes_are_understood_in_each_language() -> None:
    """At least 95 of 100 labelled wishes, in French, English and Turkish alike."""
    right, all_ = Counter[str](), Counter[str]()
    for language, intent, words in wishes():
        all_[language] += 1
        right[language] += intent_of("", words).intent == intent
    assert {language: right[language] >= 0.95 * count for language, count in all_.items()} == dict.fromkeys(all_, True)


def test_what_is_no_recovery_is_not_taken_for_one() -> None:
    """Of what is taken for a wish of recovery, at least 98 of 100 are one."""
    taken = [intent for _, intent, words in wishes() if intent_of("", words).intent != "other"]
    assert sum(intent != "other" for intent in taken) >= 0.98 * len(taken)


def test_languages_are_told_apart() -> None:
    """At least 98 of 100 short texts."""
    rows = list(wishes())
    assert sum(language_of(words) == language for language, _, words in rows) >= 0.98 * len(rows)


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("I did not ask to reset my password", "other"),
        ("je n'ai pas demandé de code", "other"),
        ("Merci de supprimer définitivement mon site", "close_account"),  # O2.14
        ("Please delete my website and everything on it", "close_account"),
        ("Lütfen web sitemi silin", "close_account"),
        ("Je ne veux pas fermer mon compte, je veux changer mon mot de passe", "password_reset"),
        ("I don't want to close my account, I forgot my password", "password_reset"),
        ("hesabımı kapatmak istemiyorum, şifremi unuttum", "password_reset"),
        ("quel est le code postal de votre siège ?", "other"),
        ("mot de passe d'hebergement oublie", "hosting_password"),
        ("", "other"),
    ],
)
def test_negation_and_neighbours_are_heard(text: str, intent: str) -> None:
    """What the writer denies or does not want is not what they ask for."""
    assert intent_of("", text).intent == intent


def test_the_words_that_decided_are_the_writers() -> None:
    """`because` quotes the mail, accents and typing errors included."""
    wish = intent_of("", "Bonjour, j'ai OUBLIÉ mon motdepasse")
    assert wish.because == ("OUBLIÉ", "motdepasse")
    assert wish.confidence > 0.9


def test_nothing_said_is_other_with_little_confidence() -> None:
    """A greeting decides nothing."""
    assert intent_of("Bonjour", "Bonjour, merci.") == ("other", 0.3, ())


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("sifremi unuttum", "tr"),
        ("j'ai oublie mon mot de passe", "fr"),
        ("I forgot my password", "en"),
        ("12345", ""),
        ("", ""),
    ],
)
def test_accents_and_dots_are_not_needed(text: str, language: str) -> None:
    """Words without them tell the language too; where nothing tells it, none is named."""
    assert language_of(text) == language


def test_the_declared_language_tips_a_balance_only() -> None:
    """Content-Language does not make Turkish of French."""
    assert language_of("j'ai oublié mon mot de passe", declared="tr") == "fr"
