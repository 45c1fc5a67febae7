"""Claims: the logins and addresses that are written, and never a word that is none."""

from __future__ import annotations

import pytest

from handlers.model.mail import Claims
from mailin.claims import claims_of
from tests.mailin.reading import SERVICES, make_mail, read


def claims(text: str) -> Claims:
    """What a text claims."""
    return claims_of("", text, SERVICES, ())


@pytest.mark.parametrize(
    ("text", "login"),
    [
        ("mon identifiant est durand42", "durand42"),
        ("Identifiant : durand42", "durand42"),
        ("mon identifiant est le suivant : durand42", "durand42"),
        ("identifiant = Durand-42 !", "Durand-42"),
        ("login: mdurand", "mdurand"),
        ("my username is jsmith", "jsmith"),
        ("username jsmith77 please", "jsmith77"),
        ("user name: 'jsmith'", "jsmith"),
        ("kullanıcı adım: ayse", "ayse"),
        ("kullanıcı adım ayse34", "ayse34"),
        ("kullanici adim mehmet_k, sifremi unuttum", "mehmet_k"),
        ("durand42 est mon identifiant", "durand42"),
        ("ayse34 kullanıcı adıyla giriyorum", "ayse34"),
        ("mon identifiant Total Care est dur-42", "dur-42"),
        ("mon identifiant ShopFactory Cloud est durand42", "durand42"),
        ("identifiant ShopFactory : durand42", "durand42"),
        ("Mon compte durand42 est bloqué", "durand42"),
        ("numéro client 48213", "48213"),
        ("n° client : C-48213", "C-48213"),
        ("mon identifiant est marie@x.example", "marie@x.example"),
        ("mon identifiant (durand42) ne passe plus", "durand42"),
        ("identifiant :\ndurand42", "durand42"),
        ("Kullanıcı adım\nemre.kaya\nYardımcı olur musunuz?", "emre.kaya"),
        ("jai perdu mon mdp. mon id c durand42. merci", "durand42"),
        ("login name is jdoe5.", "jdoe5"),
        ("my user id is 99231", "99231"),
        ("Mon login est toujours durand42.", "durand42"),
        ("kullanıcı adı: demir.a şifre: gizli1", "demir.a"),
        ("pseudo: zozo", "zozo"),
        ("mon identifiant est Dupont", "Dupont"),
        ("mon identifiant est dupont et mon mail est a@b.example", "dupont"),
        ("Username: JOHN.DOE", "JOHN.DOE"),
        ("login: admin", "admin"),
        ("identifiant client est bien 2231-A", "2231-A"),
        ("hesabım mkaya55 kilitlendi", "mkaya55"),
        ("compte n° 4512", "4512"),
        ("My account number is 77812", "77812"),
        ("« lbernard » est mon identifiant", "lbernard"),
        ("Username - jsmith_7 - password lost", "jsmith_7"),
        ("je me connecte en tant que boulangerie.morel", "boulangerie.morel"),
        ("username jsmith, nothing works", "jsmith"),
        ("J'ai oublié mon mot de passe, identifiant claire", "claire"),
        ("I forgot my password, username claire", "claire"),
        ("I can't log in, my username dupont.", "dupont"),
        ("Şifremi unuttum, kullanıcı adı claire", "claire"),
        ("kullanıcı: tuna_l", "tuna_l"),
        ("my login is my email address, kate@x.example", "kate@x.example"),
        ("mon compte ShopFactory dur42 est bloqué", "dur42"),
        ("kullanıcı adım şükrü.çelik", "şükrü.çelik"),
        ("müşteri numaram 99 123", "99123"),
    ],
)
def test_a_named_login_is_taken_as_written(text: str, login: str) -> None:
    """French, English, Turkish, with and without colon, before and after the word."""
    assert claims(text).logins == (login,)


@pytest.mark.parametrize(
    "text",
    [
        "mon identifiant est perdu",
        "login : je ne sais plus",
        "login : inconnu",
        "my login is not accepted",
        "My username is not recognised.",
        "user: help",
        "kullanıcı adım yanlış",
        "identifiant et mot de passe perdus",
        "J'ai perdu mon identifiant, merci de m'aider",
        "my account is blocked",
        "compte bloqué depuis 2 jours",
        "mon compte 24h/24",
        "mon identifiant c'est pas bon",
        "mes identifiants sont faux",
        "I cannot login since yesterday",
        "login page shows error 500",
        "login 2 fois",
        "le login est correct",
        "my login was working yesterday",
        "username is incorrect",
        "login as root",
        "kullanıcı adım neydi",
        "kullanıcı adım silinmiş",
        "Identifiant: oublié",
        "Identifiant: ?",
        "Identifiant : MARTIN Jean",
        "user account is locked",
        "users cannot login",
        "the user has left",
        "login durand, mot de passe perdu",
        "mon identifiant est celui de ma femme",
        "Mon identifiant est invalide.",
        "My login is fine.",
        "my login is gone",
        "my username is not working",
        "mon identifiant est oublié",
        "login page",
        "mon identifiant est peut-être faux.",
        "username problem, please help",
        "j'ai un compte ShopFactory et un compte o2switch",
        "my login fails, my email is kate@x.example",
        "mon identifiant est introuvable.",
        "J'ai perdu mon mot de passe, identifiant oublié",
        "problème de connexion, identifiant inchangé",
        "je n'ai plus accès, identifiant extranet",
        "I forgot my password, username unknown.",
        "I lost everything, username included",
        "I can't get in, username recovery please",
        "password, username and email",
    ],
)
def test_an_ordinary_word_is_no_login(text: str) -> None:
    """A false login is worse than none."""
    assert claims(text).logins == ()


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("ma nouvelle adresse est a@n.example", "a@n.example"),
        ("Merci de remplacer a@o.example par b@n.example", "b@n.example"),
        ("change my email from a@o.example to b@n.example", "b@n.example"),
        ("my email is a@x.example", None),
        ("eski adresim a@o.example, yeni adresim b@n.example", "b@n.example"),
        ("a@o.example yerine b@n.example olsun", "b@n.example"),
        ("adresimi b@n.example olarak değiştirin", "b@n.example"),
        ("adresimi b@n.example ile değiştirir misiniz", "b@n.example"),
        ("l'ancienne adresse a@o.example n'existe plus, désormais c'est b@n.example", "b@n.example"),
        ("mettre à jour mon adresse : b@n.example", "b@n.example"),
        ("Please use b@n.example instead of a@o.example", "b@n.example"),
        ("new email: b@n.example (old: a@o.example)", "b@n.example"),
        ("Nouvelle adresse e-mail à utiliser : b@n.example", "b@n.example"),
        ("envoyez le lien à a@x.example", None),
        ("yeni mail adresim b@n.example", "b@n.example"),
        ("Je voudrais changer mon adresse a@o.example en b@n.example", "b@n.example"),
        ("my old address was a@o.example and the new one is b@n.example", "b@n.example"),
        ("mon ancienne adresse était a@o.example et la nouvelle est b@n.example", "b@n.example"),
        ("switch it to b@n.example please", "b@n.example"),
        ("my old address a@o.example no longer works, please use b@n.example", "b@n.example"),
        ("the address should be b@n.example, not a@o.example", "b@n.example"),
        ("b@n.example adresini a@o.example yerine yazar mısınız", "b@n.example"),
        ("a@o.example'dan b@n.example'a geçmek istiyorum", "b@n.example"),
        ("mon adresse a changé, c'est maintenant b@n.example", "b@n.example"),
        ("ma nouvelle adresse est b@n.example ou c@n.example", None),
        ("I lost access to a@o.example, what now?", None),
        ("someone put a@x.example on my account", None),
        ("my new address is b (at) n.example", "b@n.example"),
    ],
)
def test_the_new_address_is_told_from_the_old(text: str, address: str | None) -> None:
    """The address after the cue for the new one, wherever the old one stands."""
    assert claims(text).new_address == address


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Je suis un particulier", "individual"),
        ("au nom de notre société", "company"),
        ("Kbis ci-joint", "company"),
        ("president de l'association sportive", "association"),
        ("Şirketimizin hesabı", "company"),
        ("derneğimizin hesabı", "association"),
        ("bireysel hesap", "individual"),
        ("our company account", "company"),
        ("mon compte", None),
        ("je suis auto-entrepreneur", "company"),
        ("Kaya Tekstil Ltd. Şti.", "company"),
        ("Kaya A.Ş. hesabı", "company"),
        ("şahıs şirketim var", "company"),
        ("I run a small business", "company"),
        ("our tennis club", "association"),
        ("a registered charity", "association"),
        ("je ne suis pas une entreprise mais un particulier", "individual"),
        ("votre société ne répond pas", None),
        ("your company never answers", None),
        ("firmanız telefona bakmıyor", None),
        ("l'entreprise de livraison", None),
        ("une association de consommateurs", None),
        ("un cas particulier", None),
    ],
)
def test_O2_5_the_kind_of_account_is_read(text: str, kind: str | None) -> None:
    """The three kinds of O2.6 to O2.8, in three languages."""
    assert claims(text).account_kind == kind


@pytest.mark.parametrize(
    ("text", "says_so"),
    [
        ("Je suis le webmaster du site", True),
        ("je m'occupe du site pour mon client, il a perdu l'accès", True),
        ("I am the developer of this shop", True),
        ("I am writing on behalf of a customer", True),
        ("müşterim adına yazıyorum", True),
        ("C'est le compte de mon mari", True),
        ("Je ne suis pas le webmaster", False),
        ("I am a customer of yours", False),
        ("je suis client chez vous", False),
        ("müşterinizim", False),
        ("I am the owner, not the webmaster", False),
        ("sitenin sahibiyim, webmasterı değilim", False),
        ("je suis la comptable de l'entreprise", False),
        ("je suis le président de l'association", False),
        ("on behalf of our company", False),
        ("kendi adıma yazıyorum", False),
        ("notre webmaster est parti avec les codes", False),
        ("my dad recommended you", False),
        ("je gère le site de mon client", True),
        ("je suis le nouveau prestataire", True),
        ("my boss's account", True),
        ("I'm writing for my mother", True),
        ("an ex-employee's account", True),
        ("müşterimin hesabı", True),
        ("annem adına yazıyorum", True),
        ("my husband passed away and I need his account", True),
    ],
)
def test_O2_11_who_writes_for_somebody_else_says_so(text: str, says_so: bool) -> None:
    """A webmaster does not own the account (O2.11)."""
    assert claims(text).not_owner is says_so


@pytest.mark.parametrize(
    ("text", "service"),
    [
        ("mon compte Total Care", "shopfactory"),
        ("shopfactory cloud", "shopfactory"),
        ("compte ESP bloqué", "esp"),
        ("this esp. is about", None),
        ("ShopFactory ou o2switch ?", None),
        ("écrivez à contact@o2switch.example", None),
        ("bonjour", None),
        ("mot de passe shop factory", "shopfactory"),
        ("T-Soft'ta", "connectprof"),
        ("connectprofta giriş", "connectprof"),
        ("O2 Switch", "o2switch"),
    ],
)
def test_SF_20_a_service_is_known_by_its_aliases(text: str, service: str | None) -> None:
    """Customers use several names for one service (SF.20); two services named are none."""
    assert claims(text).service == service


def test_our_own_mailboxes_are_nobodys_address() -> None:
    """The mailbox that was written to is not claimed."""
    assert claims("j'ai écrit à support@esp.example depuis marie@x.example").addresses == ("marie@x.example",)


@pytest.mark.parametrize(
    ("text", "addresses"),
    [
        ("b (at) y.example", ("b@y.example",)),
        ("b [at] y [dot] example", ("b@y.example",)),
        ("p.dupuis arobase libre point example", ("p.dupuis@libre.example",)),
        ("p.demir et posta nokta example", ("p.demir@posta.example",)),
        ("jean.petit @ fai.example", ("jean.petit@fai.example",)),
        ("l'adresse d'anne@x.example", ("anne@x.example",)),
        ("<a@x.example>, a@x.example<mailto:a@x.example>", ("a@x.example",)),
        ("look at shop.example", ()),
        ("write to me @ home", ()),
        ("https://x.example/?mail=a@y.example", ()),
    ],
)
def test_addresses_are_found_however_they_are_spelt(text: str, addresses: tuple[str, ...]) -> None:
    """In brackets, as links, and written so that robots do not collect them."""
    assert claims(text).addresses == addresses


@pytest.mark.parametrize(
    ("text", "says_so"),
    [
        ("please change it to this one I'm writing from", True),
        ("remplacez a@o.example par l'adresse depuis laquelle je vous écris", True),
        ("şu an yazdığım bu adresle değiştirin", True),
        ("I'm writing from my new address", True),
        ("please reply to this address", False),
        ("I'm writing from a colleague's address, change my password", False),
        ("send the link to this address", False),
    ],
)
def test_the_senders_own_address_may_be_the_new_one(text: str, says_so: bool) -> None:
    """Where a change to it is asked for; an address to reply to is none."""
    assert (read(make_mail(text)).claims.new_address == "marie@clients.example") is says_so


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("n° client 123456", ("123456",)),
        ("customer no. C-4411", ("C-4411",)),
        ("müşteri numaram 99 123", ("99123",)),
        ("commande 2024-000123", ("2024-000123",)),
        ("sipariş no: 77812", ("77812",)),
        ("77812 nolu siparişim", ("77812",)),
        ("48213 is my customer number", ("48213",)),
        ("ma commande cmd-4589 (facture FC-991)", ("CMD-4589", "FC-991")),
        ("invoice #778-12", ("778-12",)),
        ("order of 03/09/2026", ()),
        ("commande 03/09/2026", ()),
        ("contract 2016", ()),
        ("order 2 books", ()),
        ("invoice 1200 euros", ()),
        ("Tel 06 12 34 56 78, 31000 Toulouse", ()),
        ("IBAN FR76 3000 6000 0112 3456 7890 189", ()),
        ("the code 482913 is rejected", ()),
    ],
)
def test_numbers_of_customers_and_orders_are_kept_in_one_form(text: str, numbers: tuple[str, ...]) -> None:
    """Without spaces and in capitals; never dates, counts, sums, telephones, postal codes, bank accounts or codes."""
    assert claims(text).numbers == numbers


def test_a_signature_claims_no_address() -> None:
    """Who signs with another address does not ask for anything with it."""
    mail = read(make_mail("Mon adresse est a@x.example.\n\n-- \nXavier\nGérant - SARL Petit\ncontact@petit.example"))
    assert (mail.claims.addresses, mail.claims.account_kind) == (("a@x.example",), None)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("our domain lapsed and a stranger owns it, switch us over to hello@n.example", "hello@n.example"),
        ("registered to a@o.example, who left. Transfer to b@n.example", "b@n.example"),
        ("the reset goes to a@o.example which was switched off", None),
        ("someone put a@x.example on my account", None),
        ("send it to a@x.example, that's the address on the account", None),
        ("a@x.example, b@y.example and c@z.example", None),
    ],
)
def test_a_wish_for_another_address_means_the_only_one_that_is_not_old(text: str, address: str | None) -> None:
    """People say what is wrong at length, and then an address; two of them are none (T6)."""
    assert claims_of("", text, SERVICES, (), changes=True).new_address == address
