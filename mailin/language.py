"""French, English or Turkish, or none of them: told by common words and letters, accents and dots or none."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping
from itertools import chain, islice
from math import ceil

from handlers.model.mail import Language
from mailin.lexicon import language_words, other_language_words
from mailin.prose import has_words
from mailin.text import fold

WORD = re.compile(r"[^\W\d_]+")
CHARACTERS = 1500

WORDS = language_words()
OTHERS: defaultdict[str, list[str]] = defaultdict(list)
"""The other languages that have a word."""
for _language, _words in other_language_words().items():
    for _word in _words:
        OTHERS[_word].append(_language)
TURKISH_ENDING = re.compile(
    r"\w{2,}(?:[iu]yorum|[iu]yor|[ae]miyor|[ae]madim|[ae]medim|mistim|misim|[dt][iu]m|l[ae]r[iu]m|n[iu]z[iu]?|m[ae]k"
    r"|l[ae]r[iu](?:n[iu])?|[iu]yo|[iu]yom|[ae]m[iu]s|[lnt]m[iu]s|m[iu]siniz|[ae]c[ae]k|[ae]bilir|[iu]lsin|[dt][iu]k|[iu]m[iu]z|l[iu]kt[ae]n"
    r"|s[iu]nd[ae]|y[ae]y[iu]m|y[iu]n|g[iu]z[iu]n|larin|lerin)"
)
# Letters that tell a language: those of Turkish are nobody's but its sisters' (ö, ü and ç are half of Europe's).
LETTERS: dict[Language, re.Pattern[str]] = {"fr": re.compile("[éèêàùœôëÉÈÊÀ]"), "tr": re.compile("[ğşıİĞŞ]")}
LETTER_WEIGHT: dict[Language, float] = {"fr": 0.3, "tr": 1.0}
OTHER_LETTERS: dict[str, re.Pattern[str]] = {
    "de": re.compile("[ßäÄ]"),
    "es": re.compile("[ñ¿¡áíóúé]"),
    "it": re.compile("[ìòàèùé]"),
    "pt": re.compile("[ãõáíóúéàê]"),
    "ca": re.compile("[òóíúàèé]"),
    "pl": re.compile("[łąęśżźćń]"),
    "nordic": re.compile("[åøæäÅØÄ]"),
    "cs": re.compile("[řůěčšžáíýťďé]"),
    "ro": re.compile("[ățșţ]"),
    "vi": re.compile("[đơưăạảấầậắặẹếềểệỉịọốồổộớờợụủứừữựỳỹ]"),
    "hu": re.compile("[őűáíúé]"),
}
OTHER_LETTER = 0.3
DECLARED_WEIGHT = 1.0
ALPHABET = re.compile(r"[A-Za-zÀ-ɏ]")
ELSEWHERE = 0.25  # of the letters of a text, so many of another alphabet make it another language's
SHARE = 0.25  # of the words of a text, at least so many are known to its language
ENDINGS = 2.0  # Turkish endings for each word or letter that is Turkish: alone they are other languages' too


def language_of(text: str, declared: str = "", house: Language = "") -> Language:
    """The language of a text; `declared` (Content-Language) and the service's own tip a close balance, no more.

    Empty for a text without words, and for another language: whoever answers then takes the service's own language.
    """
    text = text[:CHARACTERS]
    words = WORD.findall(fold(text))
    scores = _scores(words, text)
    if not _tells(scores, words, text) or _is_written_elsewhere(words) or not has_words(text):
        return ""
    said = declared.strip().lower()[:2]
    for language in scores:
        scores[language] += DECLARED_WEIGHT * (language == said) + 0.5 * (language == house)
    return max(scores, key=lambda language: scores[language])


def _tells(scores: Mapping[Language, float], words: list[str], text: str) -> bool:
    """Whether the words are enough of one of the three languages, and no more another's."""
    best = max(scores.values())
    return best > 0 and best >= SHARE * len(words) and best >= _other(words, text)


def _is_written_elsewhere(words: list[str]) -> bool:
    letters = "".join(words)
    return not letters.isascii() and len(ALPHABET.findall(letters)) < (1 - ELSEWHERE) * len(letters)


def _scores(words: list[str], text: str) -> dict[Language, float]:
    scores: dict[Language, float] = {
        language: float(sum(map(known.__contains__, words))) for language, known in WORDS.items()
    }
    for language, letters in LETTERS.items():
        scores[language] += LETTER_WEIGHT[language] * len(letters.findall(text))
    most = ENDINGS * scores["tr"]
    endings = (1.0 for word in words if word not in WORDS["tr"] and TURKISH_ENDING.fullmatch(word))
    scores["tr"] += min(sum(islice(endings, ceil(most))), most)
    return scores


def _other(words: list[str], text: str) -> float:
    """How many words are of the other language that knows most of them, and what its letters say."""
    spoken = Counter(chain.from_iterable(OTHERS[word] for word in words if word in OTHERS))
    return max(spoken.values(), default=0) + OTHER_LETTER * max(
        len(letters.findall(text)) for letters in OTHER_LETTERS.values()
    )
