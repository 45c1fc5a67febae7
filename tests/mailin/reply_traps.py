"""What a writer's own words look like when they look like somebody else's, and mails of unusual form."""

# ruff: noqa: E501 (mails have long lines)

from __future__ import annotations

from collections.abc import Iterator

from tests.mailin.reply_clients import ADDRESS, Reply, announced, divs, headed, marked
from tests.mailin.reply_words import FORWARDED, HEADERS, NOTICES, OLD

# Nothing of these is anybody else's: shown as they came.
OWN = {
    "fr-own-attribution": "Bonjour,\n\nLe 4 mars 2026 à 18:02, votre conseiller m'a écrit :\nvotre compte est bloqué, voir le service client.\n\nEst-ce vrai ?",
    "fr-own-attribution-we": "Le 12/03/2026 nous vous avons écrit :\nsans réponse depuis.",
    "fr-own-form": "De : Marie Durand\nÀ : Support Lantern\nObjet : mot de passe perdu\n\nBonjour,\nje n'arrive plus à me connecter.",
    "fr-own-marks": "Bonjour,\n\nvoici l'erreur affichée :\n> Erreur 403 : accès refusé\n> Contactez l'administrateur\n\nQue faire ?",
    "fr-own-rule": "Bonjour,\n\n---------------\nidentifiant : durand42\nboutique : la-lanterne\n---------------\n\nMerci de votre aide.",
    "fr-own-dashes-first": "--\nBonjour, je suis Marie Durand.\nMon mot de passe est perdu, pouvez-vous m'aider ?",
    "fr-own-dashes-middle": "Bonjour,\nj'ai perdu mon mot de passe.\n--\nJe précise que mon identifiant est durand42, merci de me répondre vite.",
    "fr-own-confidential": "Bonjour,\n\nCe message est confidentiel, ne le montrez à personne.\n\nMon identifiant est durand42.",
    "fr-own-phishing": "Bonjour,\n\nJ'ai reçu ceci :\nDe : faux@arnaque.example\nDate : 4 mars 2026\nObjet : votre compte\nEst-ce bien vous qui l'avez envoyé ?",
    "fr-own-data": "Bonjour,\nmot de passe oublié.\n\nCordialement,\nMarie Durand\nIdentifiant : durand42\nMail : marie@clients.example\nTél : 06 12 34 56 78",
    "fr-own-mobile": "Bonjour,\nJe vous écris depuis mon mobile car mon ordinateur est bloqué.\nEnvoyé depuis mon téléphone car le PC refuse mon mot de passe.\nMerci de votre aide.",
    "fr-own-table": "Bonjour,\n\n| compte | état |\n| a | bloqué |\n| b | ouvert |\n\nLequel est le bon ?",
    "fr-own-message-du": "Message du 04/03/2026 :\nje n'ai pas reçu le code.\n\nMerci",
    "fr-own-postscript": "Mot de passe perdu.\n\nCordialement,\nMarie\n06 12 34 56 78\n\nPS : mon identifiant est bien durand42, pouvez-vous vérifier ?",
    "en-own-attribution": "Hello,\n\nOn 4 March 2026 at 18:02 you wrote:\nyour account is locked.\n\nBut I never locked it. Why?",
    "en-own-monday": "On Monday I wrote:\nplease reset my password\nand nobody answered.",
    "en-own-agent": "Hi,\n\nOn 4 March 2026 at 18:02, your agent Bob wrote:\nsend us your ID\n\nIs that really needed?",
    "en-own-from": "From: London\nTo: wherever you are\n\nI cannot log in since yesterday.",
    "en-own-marks": "Hi,\n\nthe page says:\n> Error 500\n> Try again later\n\nWhat should I do?",
    "en-own-list": "My steps:\n> open the page\n> type smith77\n> get an error\nWhat now?",
    "en-own-attachment-note": "This message is for Bob at the help desk.\n\nMy login is smith77.\n\nThis email address is the one I registered.",
    "en-own-original": "Hi,\nthe original message said: reset within an hour. I was late.\nFrom: tomorrow on I am away.",
    "en-own-time": "At 18:02 on 4 March 2026 the site told me:\nwrong password.\nI typed it three times.",
    "tr-own-attribution": "Merhaba,\n\n4 Mart 2026 18:02'de destek ekibiniz bana şunu yazdı:\nhesabınız kilitli.\n\nNeden?",
    "tr-own-from": "Kimden: hangi birimden aldığımı bilmiyorum.\nKime: sormalıyım?\n\nŞifremi unuttum.",
    "tr-own-secret": "Merhaba,\n\nBu mesaj gizli kalsın lütfen.\n\nKullanıcı adım ayse34.",
    "tr-own-marks": "Merhaba,\n\nekranda şu yazıyor:\n> Hata 403\n> Yöneticiye başvurun\n\nNe yapayım?",
    "tr-own-yazdi": "Arkadaşım şunu yazdı:\nşifreni sıfırlat.\nNasıl yaparım?",
}


def traps() -> Iterator[Reply]:
    """Every trap, then forms that no table of programs has."""
    for name, text in OWN.items():
        yield Reply(name, text, text + "\n", subject="Question", answers=False)
        quoted = f"{text}\n\n{announced('gmail', name[:2])}\n\n{marked(OLD[name[:2]])}\n"
        yield Reply(f"{name}-answer", text, quoted)
    yield from _passed_on()
    yield from _forms()
    yield from _signatures()


def _passed_on() -> Iterator[Reply]:
    for language, old in OLD.items():
        forward = f"---------- {FORWARDED[language]} ---------\n{headed('android', language)}\n\n\n{old}\n"
        yield Reply(f"{language}-forward-only", old, forward, subject="Fwd: Lantern", answers=False)
        begins = {"fr": "Début du message transféré :", "en": "Begin forwarded message:", "tr": "İleti başlangıcı:"}[
            language
        ]
        apple = f"\n\nEnvoyé de mon iPhone\n\n{begins}\n\n{marked(headed('android', language))}\n> \n{marked(old)}\n"
        yield Reply(f"{language}-forward-only-apple", old, apple, subject="Fwd: Lantern", answers=False)
        yield Reply(
            f"{language}-forward-only-outlook",
            old,
            f"\n{headed('outlook', language)}\n\n{old}\n",
            subject={"fr": "TR: x", "en": "FW: x", "tr": "İLT: x"}[language],
            answers=False,
        )
        yield Reply(f"{language}-nothing-added", "", f"\n\n{announced('gmail', language)}\n\n{marked(old)}\n")
        yield Reply(f"{language}-nothing-added-outlook", "", f"\n{headed('outlook', language)}\n\n{old}\n")


def _forms() -> Iterator[Reply]:
    line, old = announced("gmail", "fr"), OLD["fr"]
    hidden = (
        '<html><body><div style="display:none;max-height:0">Aperçu caché</div><span style="font-size:0px">rien</span>'
        '<div style="color:#ffffff;background-color:#ffffff">blanc sur blanc</div><table style="font-size:0px"><tr><td>'
        '<div style="font-size:14px">Mon identifiant est durand42.</div></td></tr></table><img src="https://t.example/p.gif" width="1" height="1" alt="pixel">'
        "</body></html>"
    )
    yield Reply("fr-hidden", "Mon identifiant est durand42.", html=hidden, answers=False, subject="x")
    yield Reply(
        "fr-html-instead",
        "Mon mot de passe est perdu.",
        "Votre logiciel de messagerie ne prend pas en charge le format HTML.",
        "<p>Mon mot de passe est perdu.</p>",
        answers=False,
    )
    yield Reply(
        "en-html-instead",
        "I lost my password.",
        "Your email client does not support HTML messages.",
        "<p>I lost my password.</p>",
        answers=False,
    )
    lists = "<div>Bonjour</div><ul><li>un</li><li>deux</li></ul><table><tr><td>compte</td><td>durand42</td></tr></table><p>Voir <a href='https://x.example/a'>la page</a> 😀</p>"
    yield Reply(
        "fr-lists-html",
        "Bonjour\n- un\n- deux\ncompte durand42\n\nVoir la page <https://x.example/a> 😀",
        html=lists,
        answers=False,
    )
    indented = '<div>Bonjour</div><blockquote style="margin:0 0 0 40px;border:none;padding:0px"><div>un paragraphe en retrait</div></blockquote><div>Merci</div>'
    yield Reply("fr-indented-html", "Bonjour\n\nun paragraphe en retrait\n\nMerci", html=indented)
    yield Reply(
        "fr-flowed",
        "Bonjour, ceci est une longue phrase que le programme a coupée en deux.\n\nMerci",
        f"Bonjour, ceci est une longue phrase que le \nprogramme a coupée en deux.\n\nMerci\n\n{line}\n{marked(old)}\n",
        parameters="; format=flowed",
    )
    yield Reply(
        "fr-1252",
        "Déjà reçu, l’identifiant est durand42…",
        f"Déjà reçu, l’identifiant est durand42…\n\n{announced('thunderbird', 'fr')}\n{marked(old)}\n",
        charset="windows-1252",
    )
    yield Reply(
        "tr-1254",
        "Şifremi unuttum, çok teşekkürler.",
        f"Şifremi unuttum, çok teşekkürler.\n\n{announced('thunderbird', 'tr')}\n{marked(OLD['tr'])}\n",
        charset="iso-8859-9",
    )
    picture = (
        f"Voir l'image :\n[image: capture.png]\n[cid:image001.png@01DA1234.5678]\n\nMerci\n\n{line}\n\n{marked(old)}\n"
    )
    yield Reply("fr-pictures", "Voir l'image :\n\nMerci", picture)
    emoji = '<div dir="ltr">Merci <img data-emoji="😀" alt="😀" src="https://x.example/1f600.png"></div>'
    yield Reply("fr-emoji-picture", "Merci 😀", html=emoji)
    broken = f"<div>Bonjour<p>ça ne marche <b>pas<div>Merci</div><blockquote type=cite>{divs(old)}"
    yield Reply("fr-broken-html", "Bonjour\n\nça ne marche pas\nMerci", html=broken)
    arabic = '<div dir="rtl">اسم المستخدم هو ahmad7</div><div class="gmail_quote"><div class="gmail_attr">في الأربعاء، 4 مارس 2026 كتب:<br></div><blockquote class="gmail_quote">قديم</blockquote></div>'
    yield Reply("ar-gmail-html", "اسم المستخدم هو ahmad7", html=arabic)
    unknown = f"Aitäh!\n\nKuupäeval K, 4. märts 2026 kell 18:02 kirjutas kasutaja Support <{ADDRESS}>:\n\n{marked(OLD['en'])}\n"
    yield Reply("other-estonian", "Aitäh!", unknown)
    beside = '<div dir="ltr">Ok</div><br><div class="gmail_quote"><div class="gmail_attr">Xyz {0}<br></div><blockquote class="gmail_quote">old words</blockquote></div>'
    yield Reply("other-marked-by-html", "Ok", "Ok\n\nXyz wer schreibt hier\n\nold words\n", beside)


def _signatures() -> Iterator[Reply]:
    heads = {language: HEADERS["outlook"][language] for language in OLD}
    for language, words in {
        "fr": (
            "Toujours rien reçu.\n\nBien cordialement,\n\nClaire Petit",
            "Responsable administrative\nPETIT & CO\n12 rue des Lilas\n75011 Paris\nTél. +33 1 23 45 67 89 | Mob. 06 12 34 56 78\nwww.petit.example\nSuivez-nous sur LinkedIn",
        ),
        "en": (
            "Nothing yet.\n\nKind regards,\n\nClaire Small",
            "Office Manager\nSMALL & CO\n12 Lilac Street, London\nPhone: +44 20 7946 0001\nclaire@small.example\nwww.small.example",
        ),
        "tr": (
            "Hâlâ gelmedi.\n\nSaygılarımla,\n\nCem Ak",
            "Muhasebe Müdürü\nAK Ltd. Şti.\nLale Mah. Gül Sok. No: 5 İstanbul\nTel: +90 212 555 00 01\nFaks: +90 212 555 00 02\nwww.ak.example",
        ),
    }.items():
        own, block = words
        head = heads[language].format(n="Support", a=ADDRESS, w="Claire", s="x")
        yield Reply(f"{language}-company", own, f"{own}\n{block}\n\n{NOTICES[language]}\n\n{head}\n\n{OLD[language]}\n")
        yield Reply(
            f"{language}-dashes",
            own,
            f"{own}\n\n-- \n{block}\n\n{announced('thunderbird', language)}\n{marked(OLD[language])}\n",
        )
        yield Reply(
            f"{language}-notice-twice",
            own,
            f"{own}\n\n{NOTICES[language]}\n\n{NOTICES['en']}\n\n{announced('apple', language)}\n\n{marked(OLD[language])}\n",
        )
        html = f'<div dir="ltr">{divs(own)}<br clear="all"><div><br></div><span class="gmail_signature_prefix">-- </span><br><div dir="ltr" class="gmail_signature">{divs(block)}</div></div>'
        yield Reply(f"{language}-gmail-signature", own, html=html)
    groups = '-- \nYou received this message because you are subscribed to the Google Groups "x" group.\nTo unsubscribe from this group, send an email to x.\n'
    yield Reply("en-google-groups", "Thanks, it works.", f"Thanks, it works.\n\n{groups}")
