"""What web forms and other programs send for a person is that person's; the mails of the same programs are not."""

# ruff: noqa: E501 (mails have long lines)

from __future__ import annotations

import pytest

from mailin.forms import house
from tests.mailin.test_robots import ASKS, kind

WRITER = "jean@typed.example"
FORM = f"Nom : Jean\nE-mail : {WRITER}\nMessage : rappelez-moi, la page des factures reste blanche"

# As form services, content systems and apps write them, with the writer's address or without.
HANDED_ON = [
    f"Contact form\n\nYour name Adaobi Eze\nYour e-mail {WRITER}\nYour question Will my products be there?\n\nSent with FormPost",
    f"Name:\nAdaobi Eze\n\nEmail:\n{WRITER}\n\nMessage:\nThe reset page stays white.",
    f"*Name*\nAdaobi Eze\n*Email*\n<{WRITER}>\n*How can we help you?*\nThe reset page stays white.",
    f"First name: Ada | Last name: Eze\nEmail address (required): {WRITER}\nComments: stand 14 has no invoice",
    f"Objet : fermeture\nDe : Jean\nAdresse e-mail : mailto:{WRITER}\nVotre message\nFermez ma boutique au 31 mars.",
    f"Demandeur : Jean Petit\nCourriel : {WRITER}\nDemande :\nsupprimez mes données",
    f"Başvuran: Tayfun Demirel\nTalep: Verilerimin silinmesi\nAçıklama: Üç yıldır girmiyorum\nE-posta: {WRITER}",
    f"Adınız Tayfun\nE-posta adresiniz {WRITER}\nMesajınız Faturam gelmedi",
    f"Vorname: Uwe\nE-Mail-Adresse: {WRITER}\nNachricht: Die Rechnung fehlt seit Mai.",
    f"Nombre: Ana\nCorreo electrónico: {WRITER}\nMensaje: no veo mis pedidos",
    f"Nome: Ugo\nIndirizzo e-mail: {WRITER}\nMessaggio: il negozio non si apre",
    f"Naam: Piet\nE-mail: {WRITER}\nVraag: wanneer komt de factuur?",
    "Jean-Paul Maurel vous écrit depuis son application :\n\n« Bonjour, le pain n'arrive pas sur ma caisse. »\n\n"
    "Pour lui répondre, répondez simplement à ce message.",
    "Vous avez reçu un message de : Mme MOKRANI (parent de Ilyes, 5e2)\n\nPeut-on payer en espèces ?\n\n---\n"
    f"Message envoyé depuis l'ENT. Répondre à : {WRITER}",
    "Ada Eze has sent you a message through the Makers app:\n\nThe stock of my candles is wrong.",
    "Ada wrote to you from the stand tablet: the till shows old prices.\n\nJust hit reply, your answer goes to her.",
    "Derya Okan size bir mesaj gönderdi:\n\nFaturam iki kez kesilmiş.\n\nBu iletiyi yanıtlarsanız cevabınız kendisine gider.",
    "Uwe Brandt hat Ihnen über die Vereinsseite eine Nachricht geschickt, um ihm zu antworten, nutzen Sie diese Mail.\n\n"
    "Uwe Brandt schreibt Ihnen: Die Rechnung fehlt.",
    "Ana Ruiz le ha escrito desde la aplicación: no veo mis pedidos.",
    "Ugo Neri le ha inviato un messaggio: il negozio non si apre.",
]


@pytest.mark.parametrize("text", HANDED_ON)
@pytest.mark.parametrize(
    "headers", ["", "Auto-Submitted: auto-generated\n", "Precedence: bulk\n", "Return-Path: <bounce+f7@apps.example>\n"]
)
def test_what_a_program_hands_on_is_its_writers(text: str, headers: str) -> None:
    """A form that names where answers go beside a message, or a program that says who writes: both are answered."""
    headers += f"Reply-To: {WRITER}\n"
    assert kind(text, subject="New submission", headers=headers, sender="no-reply@apps.example") == ""
    assert kind(text, subject="New submission", headers=headers, sender="site@apps.example") == ""


@pytest.mark.parametrize("text", HANDED_ON[:14])
@pytest.mark.parametrize(
    "headers",
    [
        "Reply-To: desk@apps.example\n",
        "Reply-To: team@mail.apps.example\n",
        "Reply-To: no-reply@other.example\n",
        "Reply-To: support@shopfactory.example\n",
        "",
    ],
)
def test_answers_that_go_to_the_program_itself_go_to_nobody(text: str, headers: str) -> None:
    """No answer is sent to the house that the mail came from, to an address that nobody reads, or to ourselves."""
    headers += "Auto-Submitted: auto-generated\n"
    assert kind(text, subject="New submission", headers=headers, sender="no-reply@apps.example") != ""


@pytest.mark.parametrize(
    "headers",
    [
        "List-Id: <members.apps.example>\n",
        "List-Unsubscribe: <mailto:stop@apps.example>\nPrecedence: bulk\n",
        "Precedence: list\n",
        "Auto-Submitted: auto-replied\n",
        "X-Autoreply: yes\n",
    ],
)
def test_what_went_to_many_or_answers_is_a_machines_with_any_words(headers: str) -> None:
    """A list's mail and an automatic answer stay what they are, whatever form they show (T17)."""
    assert kind(FORM, headers=f"{headers}Reply-To: {WRITER}\n", sender="no-reply@apps.example") != ""


# [subject, text] of what programs send in their own name while answers go elsewhere.
OWN_WORDS = [
    ("New sign-in", f"There was a new sign-in.\nEmail: {WRITER}\nIf this was not you, change your password."),
    ("Confirm your address", f"Please confirm your e-mail address {WRITER} by clicking the link below."),
    (
        "Facture 2026-114",
        f"Votre facture est disponible. Pour toute question, répondez à ce message.\nContact : {WRITER}",
    ),
    ("Your invoice", "Your invoice is ready. Reply to this email to reach our support team."),
    ("You have a new message", "You have a new message from Ada Eze. Log in to read and reply to it."),
    ("Nouveau message", "Vous avez reçu un nouveau message de Ada. Connectez-vous pour le lire."),
    ("Yeni mesajınız var", "Ada size bir mesaj gönderdi. Okumak için giriş yapın."),
    ("Document to sign", f"Ada Eze sent you a document to review and sign.\nSender: Ada Eze ({WRITER})"),
    ("Invoice 114", f"Please find attached invoice 114 from Atelier Petit.\nQuestions? Contact {WRITER}"),
    (
        "Fatura",
        f"Faturanız ektedir. Sorularınız için bu e-postayı yanıtlayarak bize ulaşabilirsiniz.\nE-posta: {WRITER}",
    ),
    (
        "Ihre Rechnung",
        "Ihre Rechnung liegt bereit. Fragen? Antworten Sie einfach auf diese E-Mail, um uns zu erreichen.",
    ),
    ("Donnez votre avis", "Comment s'est passée votre commande chez Atelier Petit ? Notez-la de 1 à 5."),
    ("New order 4471", f"You have an order from Jean Petit:\n\nBowl 2 40.00\n\nBilling address\nJean Petit\n{WRITER}"),
    ("Copy of your message", "You wrote to us:\nE-mail: support@shopfactory.example\nMessage: your code is 4711"),
]


@pytest.mark.parametrize(("subject", "text"), OWN_WORDS)
@pytest.mark.parametrize("headers", ["Auto-Submitted: auto-generated\n", "Precedence: bulk\n"])
def test_what_a_program_says_itself_is_nobodys(subject: str, text: str, headers: str) -> None:
    """An address in the text makes no form of a notice, and one that is to be read elsewhere hands nothing on (T18)."""
    assert kind(text, subject=subject, headers=f"{headers}Reply-To: {WRITER}\n", sender="no-reply@apps.example") != ""


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        (
            "Invoice 114",
            f"Please find attached invoice 114 from Atelier Petit.\nAmount due: 120.00\nQuestions? Contact {WRITER}",
        ),
        ("Partage", f"Jean Petit ({WRITER}) vous a invité à modifier le document suivant : Budget 2026."),
        ("Please sign", f"Jean Petit ({WRITER}) has sent you a document for signature.\nReview document"),
        ("Files", f"{WRITER} sent you 3 files, 12 MB in total. Expires on 24 November."),
        ("Rappel", f"Vous avez rendez-vous demain à 10 h avec Jean Petit. Contact : {WRITER}"),
    ],
)
def test_an_address_alone_makes_no_form(subject: str, text: str) -> None:
    """Invoices, invitations and files sent for somebody come from a no-reply sender too, with answers to them (T18)."""
    header = f"Reply-To: {WRITER}\n"
    assert kind(text, subject=subject, headers=header, sender="no-reply@apps.example") == "no_reply"
    pleads = f"{WRITER} : j'ai oublié mon mot de passe, pouvez-vous m'aider ?"
    assert kind(pleads, subject=subject, headers=header, sender="no-reply@apps.example") == ""


def test_a_house_ends_below_what_many_share() -> None:
    """Two firms of one country are not of one house because of `com.tr` or `co.uk`."""
    assert house("a@mail.firm.example") == house("b@firm.example") == "firm.example"
    assert house("a@mail.example.com.tr") == "example.com.tr"
    assert house("a@example.co.uk") == "example.co.uk"


NO_REPLY_PEOPLE = [
    "Hello! My grandson set this address up for a joke and now I'm stuck with it. Your form won't take it. Could you put it in for me?",
    "Bonjour, je sais, mon adresse a l'air d'un robot. Je n'arrive plus à me connecter à ma boutique, pouvez-vous m'aider ?",
    "Merhaba, adresim noreply gibi görünüyor ama gerçekten benim. Faturalar yanlış adrese geliyor, düzeltir misiniz?",
    "Guten Tag, ich komme nicht mehr in meinen Shop. Können Sie mir bitte helfen? Mein Passwort geht nicht.",
]


@pytest.mark.parametrize("text", NO_REPLY_PEOPLE)
@pytest.mark.parametrize("local", ["noreply", "do-not-reply-maureen", "ne-pas-repondre", "yanitlamayin"])
def test_a_person_may_have_an_address_that_nobody_seems_to_read(local: str, text: str) -> None:
    """Small firms and jokers write from `noreply@`: clear words decide where nothing else is a machine's."""
    sender = f"{local}@clients.example"
    assert kind(text, sender=sender) == ""
    assert kind(text, sender=sender, headers=f"Return-Path: <{sender}>\n") == ""


@pytest.mark.parametrize(
    "headers",
    [
        "Return-Path: <bounces-77@vendor.example>\n",
        "Return-Path: <>\n",
        "Reply-To: help@vendor.example\n",
        "Auto-Submitted: auto-generated\n",
        "Precedence: bulk\n",
        "List-Unsubscribe: <mailto:stop@vendor.example>\n",
        "Feedback-ID: 1:AmazonSES\n",
    ],
)
def test_what_else_a_machine_has_leaves_no_reply_to_machines(headers: str) -> None:
    """Bounces that go elsewhere, or one field that programs set, and no words help (T18)."""
    assert kind(ASKS, sender="no-reply@vendor.example", headers=headers) != ""


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        (
            "Password reset",
            "Did you ask for a new password? If not, ignore this mail: nothing changes on your account.",
        ),
        (
            "Your code",
            "Bonjour, je n'arrive plus à me connecter, pouvez-vous m'aider ? Votre code de vérification : 998877",
        ),
        ("Siparişiniz", "Siparişiniz kargoya verildi. Sorunuz mu var?"),
        (
            "Confirm",
            "Hello my account is lost could you help me, please confirm your e-mail address by clicking below.",
        ),
        ("Avis", "Êtes-vous satisfait de votre commande ? Donnez votre avis."),
    ],
)
def test_a_no_reply_address_with_words_of_a_machine_is_one(subject: str, text: str) -> None:
    """Also where somebody typed a plea into the name that another site greets (T18)."""
    assert kind(text, subject=subject, sender="no-reply@vendor.example") != ""
    assert (
        kind(text, subject=subject, sender="no-reply@vendor.example", headers="Auto-Submitted: auto-generated\n") != ""
    )


BULK = "Precedence: bulk\nReturn-Path: <marie@clients.example>\n"


@pytest.mark.parametrize(
    "text",
    [
        "hi, is the student plan still available if i'm part time? and what do you want as proof, the card or a letter?",
        "Bonjour, mon groupe n'a pas été ajouté à l'espace TP. Est-ce à vous qu'il faut le demander ?",
        "hocam platformda dersim gözükmüyor şifrem de kabul edilmiyor",
        "Wo finde ich bitte die Rechnung vom Mai?",
    ],
)
def test_a_question_is_enough_in_bulk_mail_that_is_nobody_elses(text: str) -> None:
    """Universities' servers mark all mail: two points of a person suffice where nothing in it is a list's."""
    assert kind(text, headers=BULK) == ""


@pytest.mark.parametrize(
    "text",
    [
        "Our new opening hours start on Monday.",
        "Serez-vous des nôtres samedi ? Inscrivez-vous en ligne. Pour vous désinscrire de cette lettre, cliquez ici.",
        "Newsletter of May: did you know our autumn sale? Unsubscribe here.",
        "Kampanyamızı gördünüz mü? Bültenimizden çıkmak için tıklayın.",
    ],
)
def test_a_newsletters_question_is_a_lists(text: str) -> None:
    """A question that goes with a newsletter's words asks nobody."""
    assert kind(text, headers=BULK) == "list"
