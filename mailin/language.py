"""French, English or Turkish: told by common words and letters, accents and dots or none."""

from __future__ import annotations

import re

from handlers.model.mail import Language
from mailin.text import fold

WORD = re.compile(r"[^\W\d_]+")
CHARACTERS = 4000

# Folded words, each in one language only; what two share (`mail`, `merci` in Turkish) is left out.
WORDS: dict[Language, frozenset[str]] = {
    "fr": frozenset(
        """je j mon ma mes le la les l un une des du de d est et a au aux en pas plus ne n que qui quoi vous votre vos nous notre
        nos pour par sur dans avec sans bonjour bonsoir salut merci cordialement svp suis ai avez etes etait ete peux pouvez peut
        veux voudrais souhaite oublie perdu passe mot mdp compte adresse acces connecter connexion identifiant cette ce cet ces
        son sa ses il elle on y c qu si mais ou donc car tres bien toujours depuis lorsque quand comment faire aide ca jai cest
        demande recu recois recevoir nouvelle nouveau ancienne ancien changer supprimer fermer desactiver facture commande svp
        madame monsieur jarrive arrive pv pouvoir vouloir ci joint piece trouve deja apres avant encore aussi plait""".split()
    ),
    "en": frozenset(
        """i i'm my me the a an is are was were and or not no to of for from with without in on at it this that you your we our
        hello hi dear please thanks thank regards can cannot can't could would have has had do does did don't didn't been be will
        forgot forgotten lost password account login log sign access help need want get got receive received new old change
        delete close there what when how why which if but so as by any just still am im ive u pls plz reset locked out into""".split()
    ),
    "tr": frozenset(
        """ve bir bu su icin ile ben benim biz bana beni siz sizin degil var yok ne nasil neden mi mu gibi daha cok ama fakat ancak
        merhaba merhabalar selam selamlar sayin iyi gunler calismalar tesekkur tesekkurler ederim ediyorum saygilar saygilarimla
        lutfen rica sifre sifremi sifrem sifreyi parola parolami parolam hesap hesabim hesabimi hesabima unuttum unutmusum
        giremiyorum kullanici adim kod kodu gelmedi gelmiyor istiyorum istemiyorum eposta posta adresim adresimi yeni eski
        degistirmek kapatmak silmek yardim yardimci olur musunuz misiniz acil tekrar gonderir gonderin yapamiyorum oldu olmuyor
        olarak sonra once hic her sey kadar numaram telefonum telefonumu kaybettim giris hocam""".split()
    ),
}
TURKISH_ENDING = re.compile(
    r"\w{2,}(?:[iu]yorum|[iu]yor|[ae]miyor|[ae]madim|[ae]medim|mistim|misim|[dt][iu]m|l[ae]r[iu]m|n[iu]z[iu]?|m[ae]k)"
)
LETTERS: dict[Language, re.Pattern[str]] = {
    "fr": re.compile("[éèêàùçœûîôâëÉÈÊÀÇ]"),
    "tr": re.compile("[ğşıİĞŞ]"),
}
LETTER_WEIGHT = {"fr": 0.7, "tr": 1.5}
DECLARED_WEIGHT = 1.0


def language_of(text: str, declared: str = "", house: Language = "") -> Language:
    """The language of a text; `declared` (Content-Language) and the service's own tip a close balance, never decide alone."""
    text = text[:CHARACTERS]
    scores = _scores(text)
    if not any(scores.values()):
        return ""
    said = declared.strip().lower()[:2]
    for language in scores:
        scores[language] += DECLARED_WEIGHT * (language == said) + 0.5 * (language == house)
    best = max(scores, key=lambda language: scores[language])
    return best


def _scores(text: str) -> dict[Language, float]:
    words = WORD.findall(fold(text))
    scores: dict[Language, float] = {
        language: float(sum(word in known for word in words)) for language, known in WORDS.items()
    }
    scores["tr"] += sum(1.0 for word in words if word not in WORDS["tr"] and TURKISH_ENDING.fullmatch(word))
    for language, letters in LETTERS.items():
        scores[language] += LETTER_WEIGHT[language] * len(letters.findall(text))
    return scores
