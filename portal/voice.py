"""What the portal says, in one language."""

from __future__ import annotations

import gettext
from collections.abc import Sequence
from datetime import timedelta
from functools import cache, lru_cache
from math import ceil

from babel.lists import format_list
from markupsafe import Markup, escape

from handlers import languages

LONGEST_MINUTES = 24 * 60
"""The longest life of a grant; the durations up to it are kept."""


def phrase(message: str) -> str:
    """Marks a sentence that stands in a table, so that translators find it; `Voice.say` translates it."""
    return message


class Voice:
    """Translates the portal's sentences into `language`.

    Values are escaped where they are filled in (`%(name)s`), so a sentence can stand in a page as it is.
    """

    def __init__(self, language: str, catalogue: gettext.NullTranslations) -> None:
        self.language = language
        self._catalogue = catalogue
        self._translated = cache(self._translate)
        self._lasting = lru_cache(LONGEST_MINUTES)(self._of_minutes)

    def say(self, message: str, /, **values: object) -> Markup:
        """The sentence, with the values filled in."""
        sentence = self._translated(message)
        return sentence % values if values else sentence

    def count(self, one: str, many: str, n: int, /) -> Markup:
        """The sentence for `n` things; `%(n)s` is the number."""
        return escape(self._catalogue.ngettext(one, many, n)) % {"n": n}

    def lasting(self, length: timedelta) -> str:
        """How long that is, in whole minutes or hours, never less than a minute: "30 minutes"."""
        return self._lasting(max(1, ceil(length.total_seconds() / 60)))

    def listed(self, things: Sequence[str]) -> str:
        """The things as one phrase: "a, b and c"."""
        return format_list(things, locale=languages.LOCALES[self.language])

    def _of_minutes(self, minutes: int) -> str:
        return languages.duration(timedelta(minutes=minutes), self.language)

    def _translate(self, message: str) -> Markup:
        return escape(self._catalogue.gettext(message))
