"""Of an answer, only what its writer wrote is shown, whichever program sent it."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from mailin.contents import TEXT_LENGTH
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


@pytest.mark.parametrize(("sender", "came", "shown"), REPLIES["signed"])
def test_what_companies_put_below_goes_in_many_languages(sender: str, came: str, shown: str) -> None:
    """Streets, towns and numbers of seven countries, notices in seven languages, Notes' headers; never a sentence."""
    mail = make_mail(came, subject="Re: x", headers="In-Reply-To: <a@b.example>\n").replace("Marie Durand", sender)
    assert read(mail).text == shown


OWN = "Oui, c'est durand42.\n\nMerci"
QUOTE = "Bonjour,\n\nQuel est votre identifiant ?"


@pytest.mark.parametrize("announcement", REPLIES["announcements"])
def test_what_programs_write_above_a_quote_ends_the_text(announcement: str) -> None:
    """Fifty forms in twenty languages; the quote below has no marks."""
    assert visible(clean(f"{OWN}\n\n{announcement}\n\n{QUOTE}\n"), answers=True).text == OWN


@pytest.mark.parametrize("attribution", REPLIES["attributions"])
@pytest.mark.parametrize("form", ["{own}\n\n{said}\n{quote}", "{own}\n{said}\n{quote}", "{said}\n{quote}\n\n{own}"])
def test_the_line_above_a_marked_quote_goes_with_it(attribution: str, form: str) -> None:
    """Wrapped or not, right below the writer's words or apart from them, and above an answer at the end."""
    quote = "> Bonjour,\n>\n> Quel est votre identifiant ?"
    mail = form.format(own=OWN, said=attribution, quote=quote)
    assert visible(clean(mail), answers=True).text == OWN


@pytest.mark.parametrize("device", REPLIES["devices"])
def test_what_phones_sign_with_is_left_out(device: str) -> None:
    """On a line of its own at the end, with a blank line above or without."""
    assert visible(clean(f"{OWN}\n\n{device}\n")).text == OWN
    assert visible(clean(f"{OWN}\n{device}\n")).text == OWN


@pytest.mark.parametrize(
    "mail",
    [
        "Bonjour\n\nEnvoyé depuis mon téléphone car le PC refuse mon mot de passe.\n\nMerci",
        "Merci\n\nOn 4 March 2026 at 18:02, your agent wrote:\nsend us your ID\n\nIs that needed?",
        "Bonjour\n\nDe : ancienne@x.example\nÀ : nouvelle@x.example\n\nObjet : changement d'adresse\n\nMerci",
        "Merci\n\nMarie Durand\ndurand42",
        "Hallo\n\nVon meinem Handy gesendet, weil der PC mein Passwort ablehnt.\n\nDanke",
        "Hola\n\nEnviado desde mi móvil porque no puedo entrar en la web\n\nGracias",
        "Bonjour\n\nCe message m'est parvenu par erreur, je n'en suis pas le destinataire.\n\nMerci",
        "Hello\n\nThe information on my account must be modified. Please delete the attachments.\n\nThanks",
        "Hello\n\nThis email address is private, do not disclose it. Delete the old one.\n\nThanks",
        "Merhaba\n\nBu mesajı yanlışlıkla sildim, bundan kim sorumlu?\n\nŞifremi unuttum.",
        "Bonjour\n\nPensez à moi.\n\nVirus ou pas, mon compte est bloqué, pouvez-vous vérifier ?",
        "İyi günler,\n\nŞifremi unuttum, yardım eder misiniz?\n\nKaya Ticaret\nMehmet Kaya",
    ],
)
def test_what_only_looks_like_a_programs_words_stays(mail: str) -> None:
    """A quote too much does less harm than a line too few."""
    assert visible(clean(mail), answers=True, sender="Marie Durand").text == mail


def test_below_the_senders_name_titles_go() -> None:
    """The name that the mail came from ends the writer's words, whatever the company adds."""
    mail = "Rien reçu.\n\nMarie Durand\nDirectrice\nÉcole de musique\n01 60 00 12 34"
    assert visible(mail, sender="Marie Durand").text == "Rien reçu.\n\nMarie Durand"
    assert visible(mail, sender="Paul Martin").text == mail


def test_words_typed_where_a_signature_would_stand_are_shown() -> None:
    """When nothing else is there, what the markup calls a signature is what was written."""
    assert visible(text_of_html('<div id="Signature"><p>mot de passe perdu</p></div>')).text == "mot de passe perdu"


def test_hidden_lines_count_what_was_left_out() -> None:
    """Lines that are not blank: the attribution, the quote, the signature."""
    mail = read(make_mail("Oui\n\n-- \nMarie\n\nLe 4 mars 2026 à 18:02, S <s@x.example> a écrit :\n> un\n>\n> deux"))
    assert mail.text == "Oui"
    assert mail.hidden_lines == 6


def test_the_whole_text_is_kept_beside_the_visible_one() -> None:
    """What was cut is one click away, quotes from HTML marked as in plain text, and bounded."""
    mail = read(make_mail("Oui\n\n-- \nMarie\n\nLe 4 mars 2026 à 18:02, S <s@x.example> a écrit :\n> un"))
    assert mail.whole == "Oui\n\n--\nMarie\n\nLe 4 mars 2026 à 18:02, S <s@x.example> a écrit :\n> un"
    html = "From: a@b.example\nContent-Type: text/html\n\n<p>Oui</p><blockquote type=cite>un<br>deux</blockquote>"
    assert (read(html).text, read(html).whole) == ("Oui", "Oui\n\n> un\n> deux")
    assert len(read(make_mail("a b\n" * 20_000)).whole) <= TEXT_LENGTH


def test_a_footer_that_a_server_adds_does_not_hide_the_html() -> None:
    """Parts that are no alternatives of each other are read one by one."""
    raw = (
        "From: a@clients.example\nContent-Type: multipart/mixed; boundary=b\n\n"
        "--b\nContent-Type: text/html\n\n<p>mot de passe perdu</p>\n"
        "--b\nContent-Type: text/plain\n\nThis email has been scanned by Example for viruses.\n--b--\n"
    )
    assert read(raw).text == "mot de passe perdu"


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
