"""The language of a mail: French, English or Turkish, or none where another language or nothing tells."""

from __future__ import annotations

import time

import pytest

from bench.wishes import LANGUAGES
from mailin.language import language_of
from mailin.text import fold
from tests.mailin.reading import wishes

OTHERS = (
    "Sehr geehrte Damen und Herren, leider kann ich mich nicht mehr in mein Konto einloggen. "
    "Können Sie mir bitte ein neues Passwort schicken?",
    "Ich habe mein Passwort vergessen, können Sie es zurücksetzen?",
    "Wo bleibt meine Rechnung? Gruß, Jürgen Öztürk",
    "Hej, jag har glömt mitt lösenord och kan inte logga in på mitt konto. Vänliga hälsningar, Björn",
    "Hei, jeg har glemt passordet mitt og får ikke logget inn. Kan dere hjelpe meg?",
    "Jeg kan ikke logge ind på min konto, og jeg har ikke modtaget koden. Venlig hilsen Søren",
    "Hei, en pääse enää kirjautumaan tililleni, voisitteko lähettää uuden salasanan? Terveisin Päivi",
    "Bună ziua, am uitat parola și nu mai pot intra în cont. Vă rog să mă ajutați.",
    "Buna ziua, nu mai pot intra in contul meu, am schimbat telefonul si nu primesc codul.",
    "Tisztelt Ügyfélszolgálat! Elfelejtettem a jelszavamat, kérem küldjenek újat. Köszönöm",
    "Hola, he olvidado la contraseña de mi cuenta y no me llega el correo para cambiarla.",
    "Buenos días, quisiera cerrar mi cuenta de cliente y borrar todos mis datos, gracias.",
    "Dzień dobry, zapomniałem hasła do konta. Proszę o wysłanie nowego. Pozdrawiam",
    "nie moge sie zalogowac, prosze o pomoc",
    "Buongiorno, ho dimenticato la password e non riesco ad accedere al mio account.",
    "Vorrei chiudere il mio account, grazie. Cordiali saluti",
    "Beste, ik ben mijn wachtwoord vergeten en kan niet meer inloggen op mijn account.",
    "Bom dia, esqueci a senha e não consigo entrar na minha conta. Obrigado",
    "Dobrý den, zapomněl jsem heslo a nemohu se přihlásit ke svému účtu. Děkuji",
    "Dobrý deň, zabudol som heslo a neviem sa prihlásiť do svojho účtu.",
    "Poštovani, zaboravio sam lozinku i ne mogu se prijaviti na svoj račun. Hvala",
    "Здравствуйте, забыл пароль от аккаунта ConnectProf, login ivan42, не могу войти",
    "Καλημέρα, ξέχασα το password του λογαριασμού μου",
    "パスワードを忘れました。login できません",
    "مرحبا، نسيت كلمة المرور الخاصة بحسابي",
)


@pytest.mark.parametrize("text", OTHERS)
def test_another_language_is_none_of_the_three(text: str) -> None:
    """Accents, endings and small words that languages share make no Turkish of Swedish, and no French of Italian."""
    assert language_of(text) == ""
    assert language_of(fold(text)) == ""


@pytest.mark.parametrize("house", LANGUAGES)
def test_neither_the_service_nor_a_program_makes_one_of_the_three_of_it(house: str) -> None:
    """A declared language and the service's own tip a balance, and there is none."""
    assert {language_of(text, declared=house, house=house) for text in OTHERS} == {""}  # type: ignore[arg-type]


def test_the_wishes_of_other_languages_are_of_none_of_the_three() -> None:
    """At least 95 of 100 short sentences in German, Spanish, Italian, Dutch and Portuguese."""
    told = [language_of(words) for language, _, words in wishes() if language not in LANGUAGES]
    assert told.count("") >= 0.95 * len(told)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Bonjour, je n'arrive plus à me connecter. Thanks, John", "fr"),
        ("Merhaba, my password çalışmıyor, hesabıma giremiyorum, yardım eder misiniz", "tr"),
        ("Hi, I moved from Köln to Istanbul, my address changed: Grüner Weg 5. Can you update my account?", "en"),
        ("Bonjour, ich bin Jürgen Müller, je ne retrouve plus mon mot de passe, pouvez-vous m'aider ?", "fr"),
        ("Hello, my Turkish is bad, şifremi unuttum, I cannot log in to my account, please help me", "en"),
        ("benim adim Björn, Isvecten yaziyorum, hesabima giremiyorum", "tr"),
    ],
)
def test_a_mixed_mail_keeps_its_main_language(text: str, language: str) -> None:
    """A name, an address or a greeting of another language changes nothing."""
    assert language_of(text) == language


def test_a_long_text_is_told_as_soon_as_a_short_one() -> None:
    """Only its beginning is read: a hundred texts of a megabyte take less than two seconds."""
    text = "ich habe mein passwort vergessen, şifremi unuttum " * 20_000
    started = time.process_time()
    for _ in range(100):
        language_of(text)
    assert time.process_time() - started < 2
