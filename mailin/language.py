"""French, English or Turkish: told by common words and letters, accents and dots or none."""

from __future__ import annotations

import re

from handlers.model.mail import Language
from mailin.lexicon import language_words
from mailin.prose import has_words
from mailin.text import fold

WORD = re.compile(r"[^\W\d_]+")
CHARACTERS = 1500

WORDS = language_words()
TURKISH_ENDING = re.compile(
    r"\w{2,}(?:[iu]yorum|[iu]yor|[ae]miyor|[ae]madim|[ae]medim|mistim|misim|[dt][iu]m|l[ae]r[iu]m|n[iu]z[iu]?|m[ae]k"
    r"|l[ae]r[iu](?:n[iu])?|[iu]yo|[iu]yom|[ae]m[iu]s|[lnt]m[iu]s|m[iu]siniz|[ae]c[ae]k|[ae]bilir|[iu]lsin|[dt][iu]k|[iu]m[iu]z|l[iu]kt[ae]n"
    r"|s[iu]nd[ae]|y[ae]y[iu]m|y[iu]n|g[iu]z[iu]n|larin|lerin)"
)
LETTERS: dict[Language, re.Pattern[str]] = {
    "fr": re.compile("[éèêàùœôëÉÈÊÀ]"),
    "tr": re.compile("[ğşıİĞŞ]|[öüÖÜ]"),
}
LETTER_WEIGHT = {"fr": 0.7, "tr": 1.5}
DECLARED_WEIGHT = 1.0


def language_of(text: str, declared: str = "", house: Language = "") -> Language:
    """The language of a text; `declared` (Content-Language) and the service's own tip a close balance, no more.

    Empty for a text without words: whoever answers then takes the service's own language.
    """
    text = text[:CHARACTERS]
    scores = _scores(text)
    if not any(scores.values()) or not has_words(text):
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
