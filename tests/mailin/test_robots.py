"""Single signs of machines, and what a person's own words make of them: the rules behind the corpus."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from handlers.model.mail import AutomaticKind
from mailin.wording import wording
from tests.mailin.reading import make_mail, read

SAID = tomllib.loads(Path(__file__).with_name("robots.toml").read_text("utf-8"))
ASKS = "Bonjour, j'ai oublié mon mot de passe, pouvez-vous m'aider ?"


def kind(text: str, *, subject: str = "", headers: str = "", sender: str = "marie@clients.example") -> str:
    """The kind of machine that a mail is taken for, or "" for a person's."""
    raw = make_mail(text, subject=subject, headers=headers).replace("marie@clients.example", sender)
    found = read(raw).automatic
    return found.kind if found else ""


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ("Auto-Submitted: auto-replied (vacation)\n", "auto_reply"),
        ("Auto-Submitted: no\nAuto-Submitted: auto-replied\n", "auto_reply"),
        ("Auto-Submitted: auto-generated\n", "no_reply"),
        ("X-Autoreply: yes\n", "auto_reply"),
        ("X-Autoreply: no\n", ""),
        ("X-Auto-Response-Suppress: DR, OOF, AutoReply\n", ""),
        ("X-Auto-Response-Suppress: All\n", ""),
        ("X-Auto-Response-Suppress: None\n", ""),
        ("X-Failed-Recipients: a@b.example\n", "bounce"),
        ("Return-Path: <>\n", "bounce"),
        ("Precedence: bulk\n", ""),
        ("Precedence: junk\n", "list"),
        ("Precedence: normal\n", ""),
        ("List-Id: <members.lists.example>\n", "list"),
        ("List-Unsubscribe: <mailto:stop@crm.example>\n", ""),
        ("Feedback-ID: 1:AmazonSES\n", ""),
        ("X-Loop: support@shopfactory.example\n", "loop"),
        ("X-Loop: marie@clients.example\n", "auto_reply"),
        ("Reply-To: no-reply@clients.example\n", ""),
        ("Return-Path: <no-reply@forms.example>\n", ""),
    ],
)
def test_a_field_decides_alone_or_not_against_a_person(headers: str, expected: AutomaticKind) -> None:
    """What only machines set decides over a plea for help; what people's mail systems set as well does not."""
    assert kind(ASKS, headers=headers) == expected


@pytest.mark.parametrize(
    "headers",
    [
        "List-Unsubscribe: <mailto:stop@crm.example>\n",
        "Reply-To: no-reply@clients.example\n",
    ],
)
def test_a_field_that_speaks_for_a_machine_is_enough_where_nobody_speaks(headers: str) -> None:
    """The same fields on a mail without a person's words: nothing answers it."""
    assert kind("Disponible.", headers=headers) != ""


@pytest.mark.parametrize(
    ("subject", "text", "expected"),
    [
        ("Undeliverable: Votre code", "", "bounce"),
        ("Réponse automatique : votre code", "Bonjour", "auto_reply"),
        ("Re: votre code", "Je suis en congés jusqu'au 24 août.", "auto_reply"),
        ("Talebiniz alınmıştır", "Talebiniz 5512 numarası ile kaydedilmiştir.", "auto_reply"),
        ("Fwd: Undeliverable: Votre code", "Voilà ce que je reçois.", ""),
        ("Re: Réponse automatique : votre code", "Toujours rien reçu.", ""),
        ("Out of office computer locked me out", "Can you reset my password?", ""),
        ("Votre code", "J'ai reçu « Undelivered Mail Returned to Sender », c'est normal ?", ""),
        ("Re: Automatic reply: Re: Automatic reply: code", "Thank you.", "loop"),
    ],
)
def test_words_decide_where_headers_say_nothing(subject: str, text: str, expected: AutomaticKind) -> None:
    """A machine's phrases make a machine; what a person quotes, forwards or answers does not."""
    assert kind(text, subject=subject) == expected


@pytest.mark.parametrize(
    "local", ["no-reply", "ne_pas_repondre", "yanitlamayin", "app-noreply", "noreply+x1", "MAILER-DAEMON"]
)
def test_nobody_reads_these_senders(local: str) -> None:
    """Whatever such a mail says, it is not answered where its bounces go elsewhere, as machines' do (T18)."""
    assert kind(ASKS, sender=f"{local}@vendor.example", headers="Return-Path: <out-7@vendor.example>\n") != ""


@pytest.mark.parametrize("local", ["n.oreply", "daemonique", "robot.yilmaz", "info", "office", "contact", "postmaster"])
def test_people_read_these_senders(local: str) -> None:
    """A person's plea is answered from any address that a person may have."""
    assert kind(ASKS, sender=f"{local}@clients.example") == ""


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("İzindeyim ama site çöktü", "Şu anda izindeyim. Site açılmıyor, acil bakabilir misiniz?"),
        ("Re: Rendez-vous", "Je serai absente de mon bureau mardi, on peut faire mercredi ?"),
        ("Out of office feature", "Does your helpdesk have an out of office feature?"),
        (
            "Undeliverable: order confirmation",
            "That is what buyers get since Monday, and it is not their fault at all.",
        ),
        ("VAT", "The VAT number is wrong.\n\nTom\n\nPlease do not reply to this email. To unsubscribe click here."),
        ("Delayed Mail (still being retried)", "Is this why it never came?\n\n> THIS IS A WARNING ONLY."),
    ],
)
def test_neither_a_subject_nor_an_absence_nor_a_footer_decides_against_a_person(subject: str, text: str) -> None:
    """Who asks something or tells of trouble is answered, whatever stands above and below."""
    assert kind(text, subject=subject) == ""


def test_questions_that_machines_ask_make_no_person() -> None:
    """A notice's own questions count for nothing."""
    said = (
        "Nous avons bien reçu votre e-mail. Une question urgente ? Appelez le standard. Avez-vous consulté notre aide ?"
    )
    assert kind(said, subject="Accusé de réception") == "auto_reply"


def test_a_plus_address_is_its_owners() -> None:
    """`marie+noreply@` is an address that Marie made for herself."""
    assert kind("New link please?", sender="marie+noreply@clients.example") == ""


def test_a_web_form_hands_on_what_a_person_typed() -> None:
    """A no-reply sender is a person's where answers go elsewhere, to an address that the form shows."""
    typed = "Nom : Jean\nE-mail : jean@typed.example\nMessage : j'ai oublié mon mot de passe"
    form = {"sender": "noreply@forms.example", "headers": "Reply-To: jean@typed.example\n"}
    assert kind(typed, **form) == ""
    assert kind("Votre code : 998877", **form) == "no_reply"


def test_a_web_form_may_have_no_return_path() -> None:
    """Many web hosts send forms with an empty one: what a person typed in named fields is theirs, all else a bounce."""
    typed = "Nom : Jean\nE-mail : jean@typed.example\nMessage : j'ai oublié mon mot de passe, que faire ?"
    form = "Return-Path: <>\nReply-To: jean@typed.example\n"
    assert kind(typed, headers=form, sender="wwwrun@forms.example") == ""
    assert kind("Jean, jean@typed.example : j'ai oublié mon mot de passe, que faire ?", headers=form) == "bounce"
    assert kind("To: jean@typed.example\nSubject: code\nMessage: not delivered", headers=form) == "bounce"


def test_bulk_mail_that_nobody_but_its_writer_sent_is_theirs() -> None:
    """Some universities put `Precedence: bulk` on all mail: clear words, sent to us, with bounces to their writer."""
    by_hand = "Precedence: bulk\nReturn-Path: <marie@clients.example>\n"
    assert kind(ASKS, headers=by_hand) == ""
    assert kind("Nos locaux changent d'adresse.", headers=by_hand) == "list"
    assert kind(ASKS, headers=f"{by_hand}List-Unsubscribe: <mailto:stop@clients.example>\n") == "list"
    assert kind(ASKS, headers=by_hand.replace("bulk", "list")) == "list"
    assert kind(ASKS, headers="Precedence: bulk\nReturn-Path: <news-7@clients.example>\n") == "list"
    assert kind(ASKS, headers=f"{by_hand}Auto-Submitted: auto-generated\n") != ""


def test_a_postmaster_may_be_a_person() -> None:
    """A bounce's subject from a postmaster is a person's where its text is, and bounces of it go to that postmaster."""
    own = {"sender": "postmaster@clients.example", "headers": "Return-Path: <postmaster@clients.example>\n"}
    asked = "Your host keeps retrying a mailbox that was closed. Could you remove it from my account?"
    told = "Your message could not be delivered to a@b.example: mailbox unknown."
    assert kind(asked, subject="Delivery problem", **own) == ""
    assert kind(told, subject="Delivery problem", **own) == "bounce"
    assert kind(asked, subject="Delivery problem", sender="postmaster@clients.example") == "bounce"


@pytest.mark.parametrize(("subject", "text"), SAID["machines"])
def test_machines_are_told_by_their_words_in_many_languages(subject: str, text: str) -> None:
    """Tickets' receipts, read receipts, scanners and bounces of many makes, without any header that tells (T17)."""
    assert kind(text, subject=subject) != ""


@pytest.mark.parametrize(("subject", "text"), SAID["people"])
def test_people_who_speak_of_the_same_things_are_answered(subject: str, text: str) -> None:
    """Who writes of a ticket, a scan, a bounce or a leave that is to come is no machine."""
    assert kind(text, subject=subject) == ""


def test_our_own_mail_is_known_when_it_comes_back() -> None:
    """By our address with its tag, by our Message-ID's form, and by having been delivered to us before (T17)."""
    ours = "support@shopfactory.example"
    tagged = "support+c-r7f3k2m-abcdefghijklmnopqrst@shopfactory.example"
    message_id = "<a0.abcdefghijklmnopqrst.abcdefghijklmnopqrst@shopfactory.example>"
    hop = "Received: from a.example by b.example; Mon, 1 Jun 2026 08:00:00 +0200\n"
    assert kind(ASKS, sender=tagged) == "loop"
    assert read(make_mail(ASKS).replace("<m1@clients.example>", message_id)).automatic is not None
    assert kind(ASKS, headers=f"Delivered-To: {ours}\n{hop * 3}Delivered-To: {ours}\n{hop}") == "loop"
    assert kind(ASKS, headers=f"Delivered-To: {ours}\n{hop}Delivered-To: {ours}\n{hop}") == ""
    assert kind(ASKS, headers=hop * 26) == "loop"


def test_a_group_address_of_ours_is_no_list() -> None:
    """A mailbox that is a group hands on everybody's mail with a list's headers; other lists stay lists."""
    group = "List-Id: <support.shopfactory.example>\nPrecedence: list\n"
    assert kind(ASKS, headers=group) == ""
    assert kind(ASKS, headers=group.replace("support.", "members.")) == "list"


def test_a_notice_below_an_answer_is_a_quote() -> None:
    """Our own footer under a person's answer says nothing about the answer."""
    quoted = "merci\n\n-- \nCeci est un message automatique, merci de ne pas répondre."
    assert kind(quoted, subject="Re: votre demande", headers="In-Reply-To: <a@b.example>\n") == ""


def test_hostile_words_are_weighed_in_no_time() -> None:
    """What begins a thousand phrases and ends none costs little: only so much of a text is looked at."""
    assert wording("", "votre " * 100_000) == []
    assert [sign.kind for sign in wording("", "mon compte " * 50_000)] == ["person"]
