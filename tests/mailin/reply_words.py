"""What the writers of the reply corpus say, and what they answer: French, English, Turkish; other languages briefly."""

# ruff: noqa: E501 (mails have long lines)

from __future__ import annotations

from typing import NamedTuple


class Body(NamedTuple):
    """What a writer typed, and what of it is shown; the same where nothing of it is a signature or a notice."""

    name: str
    typed: str
    shown: str = ""

    @property
    def expected(self) -> str:
        """The visible text."""
        return self.shown or self.typed


OLD = {
    "fr": "Bonjour,\n\nNous avons bien reçu votre demande. Quel est votre identifiant client ?\n\nL'équipe Lantern",
    "en": "Hello,\n\nWe have received your request. What is your login name?\n\nThe Lantern team",
    "tr": "Merhaba,\n\nTalebinizi aldık. Kullanıcı adınız nedir?\n\nLantern ekibi",
}
BODIES = {
    "fr": [
        Body("short", "Oui c'est bien ça, merci !"),
        Body(
            "paragraphs",
            "Bonjour,\n\nMon identifiant est durand42.\nJe n'ai toujours pas reçu le code 😕\n\nBonne journée,\nMarie Durand",
        ),
        Body(
            "list",
            "Bonjour,\n\nVoici ce que j'ai fait :\n- vidé le cache\n- changé de navigateur\n- attendu 24 h\n\nRien n'y fait.",
        ),
        Body(
            "signed",
            "Toujours bloqué.\n\nCordialement,\nPaul Martin\nMartin & Fils SARL\nTél. : 01 23 45 67 89\nwww.martin.example",
            "Toujours bloqué.\n\nCordialement,\nPaul Martin",
        ),
        Body(
            "dates",
            "Bonjour,\nLe 4 mars, votre conseiller m'a écrit :\nmon mot de passe serait expiré.\n\nDe : quel service s'agit-il ?\nMerci",
        ),
    ],
    "en": [
        Body("short", "Yes, that is the one. Thanks!"),
        Body("paragraphs", "Hi,\n\nmy login is smith77.\nI still did not get the code 😕\n\nBest regards,\nJohn Smith"),
        Body("list", "Hello,\n\nwhat I tried:\n- another browser\n- the link you sent\n- waiting a day\n\nNo luck."),
        Body(
            "signed",
            "Still locked out.\n\nKind regards,\nJane Doe\nSales Director | Doe Ltd\nT: +44 20 7946 0000\nwww.doe.example",
            "Still locked out.\n\nKind regards,\nJane Doe",
        ),
        Body("dates", "Hi,\nOn Monday I wrote:\nplease reset my password.\n\nFrom: what date will it work?\nThanks"),
    ],
    "tr": [
        Body("short", "Evet doğru, teşekkürler!"),
        Body("paragraphs", "Merhaba,\n\nKullanıcı adım ayse34.\nKod hâlâ gelmedi 😕\n\nİyi günler,\nAyşe Demir"),
        Body(
            "list",
            "Merhaba,\n\nşunları denedim:\n- başka tarayıcı\n- gönderdiğiniz bağlantı\n- bir gün bekledim\n\nOlmadı.",
        ),
        Body(
            "signed",
            "Hâlâ giremiyorum.\n\nSaygılarımla,\nMehmet Kaya\nKaya Ticaret\nTel: 0212 555 00 00\nwww.kaya.example",
            "Hâlâ giremiyorum.\n\nSaygılarımla,\nMehmet Kaya",
        ),
        Body(
            "dates",
            "Merhaba,\n4 Mart'ta ekibiniz bana şunu yazdı:\nşifrenizin süresi dolmuş.\n\nKimden: hangi birimden geldi?\nTeşekkürler",
        ),
    ],
}
# How each program announces what it quotes, by language. {n} the name, {a} the address that wrote before.
ATTRIBUTIONS = {
    "gmail": {
        "fr": "Le mer. 4 mars 2026 à 18:02, {n} <{a}> a\nécrit :",
        "en": "On Wed, 4 Mar 2026 at 18:02, {n} <{a}> wrote:",
        "tr": "{n} <{a}>, 4 Mar 2026 Çar, 18:02\ntarihinde şunu yazdı:",
    },
    "apple": {
        "fr": "Le 4 mars 2026 à 18:02, {n} <{a}> a écrit :",
        "en": "On 4 Mar 2026, at 18:02, {n} <{a}> wrote:",
        "tr": "{n} <{a}> şunları yazdı (4 Mar 2026 18:02):",
    },
    "thunderbird": {
        "fr": "Le 04/03/2026 à 18:02, {n} a écrit\u00a0:",
        "en": "On 04/03/2026 18:02, {n} wrote:",
        "tr": "4.03.2026 18:02 tarihinde {n} yazdı:",
    },
    "roundcube": {
        "fr": "Le 2026-03-04 18:02, {n} a écrit\u202f:",
        "en": "On 2026-03-04 18:02, {n} wrote:",
        "tr": "2026-03-04 18:02 tarihinde, {n} yazdı:",
    },
    "yahoo": {
        "fr": "Le mercredi 4 mars 2026 à 18:02:11 UTC+1, {n} <{a}> a écrit :",
        "en": "On Wednesday, March 4, 2026 at 06:02:11 PM GMT+1, {n} <{a}> wrote:",
        "tr": "4 Mart 2026 Çarşamba 18:02:11 GMT+3 tarihinde, {n} <{a}> şunu yazdı:",
    },
    "yandex": {
        "fr": '04.03.2026, 18:02, "{n}" <{a}>:',
        "en": '04.03.2026, 18:02, "{n}" <{a}>:',
        "tr": '04.03.2026, 18:02, "{n}" <{a}>:',
    },
    "proton": {
        "fr": "Le mercredi 4 mars 2026 à 18:02, {n} <{a}> a écrit :",
        "en": "On Wednesday, March 4th, 2026 at 6:02 PM, {n} <{a}> wrote:",
        "tr": "4 Mart 2026 Çarşamba günü saat 18:02'de, {n} <{a}> şunu yazdı:",
    },
    "k9": {
        "fr": "Le 4 mars 2026 18:02:11 GMT+01:00, {n} <{a}> a écrit :",
        "en": "On 4 March 2026 18:02:11 GMT+01:00, {n} <{a}> wrote:",
        "tr": "4 Mart 2026 18:02:11 GMT+03:00 tarihinde {n} <{a}> yazdı:",
    },
    "spark": {
        "fr": "Le 4 mars 2026 à 18:02 +0100, {n} <{a}>, a écrit :",
        "en": "On 4 Mar 2026, 18:02 +0100, {n} <{a}>, wrote:",
        "tr": "4 Mar 2026 18:02 +0300 tarihinde {n} <{a}> şunları yazdı:",
    },
    "horde": {"fr": "{n} <{a}> a écrit :", "en": "Quoting {n} <{a}>:", "tr": "{n} <{a}> yazmış:"},
}
# Headers of an answered mail: sender, date, recipient, subject, as programs name and write them.
HEADERS = {
    "outlook": {
        "fr": "De : {n} <{a}>\nEnvoyé : mercredi 4 mars 2026 18:02\nÀ : {w}\nObjet : {s}",
        "en": "From: {n} <{a}>\nSent: Wednesday, March 4, 2026 6:02 PM\nTo: {w}\nSubject: {s}",
        "tr": "Kimden: {n} <{a}>\nGönderildi: 4 Mart 2026 Çarşamba 18:02\nKime: {w}\nKonu: {s}",
    },
    "android": {
        "fr": "De : {n} <{a}>\nDate : 04/03/2026 18:02 (GMT+01:00)\nÀ : {w}\nObjet : {s}",
        "en": "From: {n} <{a}>\nDate: 04/03/2026 18:02 (GMT+00:00)\nTo: {w}\nSubject: {s}",
        "tr": "Kimden: {n} <{a}>\nTarih: 4.03.2026 18:02 (GMT+03:00)\nAlıcı: {w}\nKonu: {s}",
    },
    "zimbra": {
        "fr": 'De: "{n}" <{a}>\nÀ: "{w}"\nEnvoyé: Mercredi 4 Mars 2026 18:02:11\nObjet: {s}',
        "en": 'From: "{n}" <{a}>\nTo: "{w}"\nSent: Wednesday, March 4, 2026 6:02:11 PM\nSubject: {s}',
        "tr": 'Kimden: "{n}" <{a}>\nKime: "{w}"\nGönderilenler: 4 Mart Çarşamba 2026 18:02:11\nKonu: {s}',
    },
    "gmx": {
        "fr": 'Envoyé: mercredi 4 mars 2026 à 18:02\nDe: "{n}" <{a}>\nÀ: {w}\nObjet: {s}',
        "en": 'Sent: Wednesday, March 04, 2026 at 6:02 PM\nFrom: "{n}" <{a}>\nTo: {w}\nSubject: {s}',
        "tr": 'Gesendet: Mittwoch, 04. März 2026 um 18:02 Uhr\nVon: "{n}" <{a}>\nAn: {w}\nBetreff: {s}',
    },
    "orange": {
        "fr": '> Message du 04/03/26 18:02\n> De : "{n}" <{a}>\n> A : {w}\n> Copie à : \n> Objet : {s}',
        "en": '> Message du 04/03/26 18:02\n> De : "{n}" <{a}>\n> A : {w}\n> Copie à : \n> Objet : {s}',
        "tr": '> Message du 04/03/26 18:02\n> De : "{n}" <{a}>\n> A : {w}\n> Copie à : \n> Objet : {s}',
    },
}
ORIGINAL = {"fr": "Message d'origine", "en": "Original message", "tr": "Orijinal mesaj"}
FORWARDED = {"fr": "Message transféré", "en": "Forwarded message", "tr": "Yönlendirilmiş ileti"}
DEVICES = {
    "iphone": {"fr": "Envoyé de mon iPhone", "en": "Sent from my iPhone", "tr": "iPhone'umdan gönderildi"},
    "samsung": {
        "fr": "Envoyé depuis mon appareil Galaxy",
        "en": "Sent from my Galaxy",
        "tr": "Galaxy cihazımdan gönderildi",
    },
    "outlook": {"fr": "Obtenez Outlook pour Android", "en": "Get Outlook for iOS", "tr": "iOS için Outlook'u edinin"},
    "windows": {
        "fr": "Provenance : Courrier pour Windows",
        "en": "Sent from Mail for Windows",
        "tr": "Windows 10 için Posta ile gönderildi",
    },
    "proton": {
        "fr": "Envoyé avec la messagerie sécurisée Proton Mail.",
        "en": "Sent with Proton Mail secure email.",
        "tr": "Proton Mail güvenli e-posta ile gönderildi.",
    },
    "huawei": {
        "fr": "Envoyé depuis mon téléphone Huawei",
        "en": "Sent from my Huawei phone",
        "tr": "Huawei telefonumdan gönderildi",
    },
    "yahoo": {
        "fr": "Envoyé depuis Yahoo Mail pour Android",
        "en": "Sent from Yahoo Mail on Android",
        "tr": "Android'de Yahoo Postadan gönderildi",
    },
    "k9": {
        "fr": "Envoyé de mon appareil Android avec K-9 Mail. Veuillez excuser ma brièveté.",
        "en": "Sent from my Android device with K-9 Mail. Please excuse my brevity.",
        "tr": "Android cihazımdan K-9 Mail ile gönderildi. Kısa olduğu için kusura bakmayın.",
    },
}
NOTICES = {
    "fr": "Ce message et toutes les pièces jointes (ci-après le « message ») sont confidentiels et établis à\nl'intention exclusive de ses destinataires. Toute utilisation ou diffusion non autorisée est interdite.\nSi vous recevez ce message par erreur, merci de le détruire et d'en avertir l'expéditeur.",
    "en": "This email and any attachments are confidential and intended solely for the addressee. If you have\nreceived this email in error, please notify the sender and delete it. Any disclosure is prohibited.",
    "tr": "Bu e-posta ve ekleri gizlidir ve yalnızca muhatabı olan kişiye özeldir. Yanlışlıkla aldıysanız lütfen\ngönderene bildiriniz ve siliniz. Şirketimiz içeriğinden sorumlu tutulamaz.",
}
AVAST = {
    "fr": "Garanti sans virus. www.avast.com",
    "en": "Virus-free. www.avast.com",
    "tr": "Virüs bulunmuyor. www.avast.com",
}
# Attributions of other languages: their writers' words must be kept, and are best cut.
OTHERS = {
    "de": ("Mein Benutzername ist mueller1.", "Am Mi., 4. März 2026 um 18:02 Uhr schrieb {n} <{a}>:"),
    "de-tb": ("Danke, es geht wieder.", "Am 04.03.26 um 18:02 schrieb {n}:"),
    "es": ("Mi usuario es garcia9.", "El mié, 4 mar 2026 a las 18:02, {n} (<{a}>) escribió:"),
    "it": ("Il mio nome utente è rossi5.", "Il giorno mer 4 mar 2026 alle ore 18:02 {n} <{a}> ha scritto:"),
    "pt": ("O meu utilizador é silva3.", "Em qua., 4 de mar. de 2026 às 18:02, {n} <{a}> escreveu:"),
    "nl": ("Mijn gebruikersnaam is devries.", "Op wo 4 mrt 2026 om 18:02 schreef {n} <{a}>:"),
    "pl": ("Mój login to kowalski.", "śr., 4 mar 2026 o 18:02 {n} <{a}> napisał(a):"),
    "ru": ("Мой логин ivanov.", "ср, 4 мар. 2026 г. в 18:02, {n} <{a}>:"),
    "ar": ("اسم المستخدم هو ahmad7.", "في الأربعاء، 4 مارس 2026 في 18:02 تمت كتابة ما يلي بواسطة {n} <{a}>:"),
    "ja": ("ユーザー名はtanaka3です。", "2026年3月4日(水) 18:02 {n} <{a}>:"),
    "sv": ("Mitt användarnamn är larsson.", "Den ons 4 mars 2026 kl 18:02 skrev {n} <{a}>:"),
    "zh": ("我的用户名是wang5。", "{n} <{a}> 于2026年3月4日周三 18:02写道："),
}
OTHER_HEADERS = {
    "de": ("Vielen Dank!", "Von: {n} <{a}>\nGesendet: Mittwoch, 4. März 2026 18:02\nAn: {w}\nBetreff: {s}"),
    "es": ("Muchas gracias.", "De: {n} <{a}>\nEnviado: miércoles, 4 de marzo de 2026 18:02\nPara: {w}\nAsunto: {s}"),
    "it": ("Grazie mille.", "Da: {n} <{a}>\nInviato: mercoledì 4 marzo 2026 18:02\nA: {w}\nOggetto: {s}"),
    "pt": ("Obrigado.", "De: {n} <{a}>\nEnviada em: quarta-feira, 4 de março de 2026 18:02\nPara: {w}\nAssunto: {s}"),
    "nl": ("Dank u wel.", "Van: {n} <{a}>\nVerzonden: woensdag 4 maart 2026 18:02\nAan: {w}\nOnderwerp: {s}"),
    "pl": ("Dziękuję.", "Od: {n} <{a}>\nWysłano: środa, 4 marca 2026 18:02\nDo: {w}\nTemat: {s}"),
    "ru": ("Спасибо.", "От: {n} <{a}>\nОтправлено: 4 марта 2026 г. 18:02\nКому: {w}\nТема: {s}"),
}
