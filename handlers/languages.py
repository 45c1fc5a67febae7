"""The languages customers are written to: catalogues, the choice between them, and how each writes times and durations.

English is the language of the sources: its catalogue is the message itself. The other languages live beside what they
translate as `<folder>/<language>.po`; they are read once, at the start, and no compiled file is kept.
"""

from __future__ import annotations

import gettext
import io
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from babel import Locale
from babel.dates import format_datetime
from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po
from babel.units import format_unit

from handlers.model.errors import Unavailable

LANGUAGES = ("fr", "en", "tr")
"""Every language letters and pages are written in."""

SOURCE = "en"
"""The language of the message ids."""

LONGEST_HINT = 200
"""Characters of a header that are looked at; a browser's own Accept-Language is shorter."""

# "en" alone would write dates the American way round.
LOCALES = {"fr": Locale("fr"), "en": Locale("en", "GB"), "tr": Locale("tr")}
MOMENTS = {"fr": "d MMMM y 'à' HH:mm '(UTC)'", "en": "d MMMM y 'at' HH:mm '(UTC)'", "tr": "d MMMM y HH:mm '(UTC)'"}
FIRST_OF_MONTH = {"fr": "d'er' MMMM y 'à' HH:mm '(UTC)'"}


class Catalogues:
    """The catalogues of one folder, by language; `catalogues["fr"].gettext("Hello")`."""

    def __init__(self, by_language: Mapping[str, gettext.NullTranslations]) -> None:
        self._by_language = dict(by_language)

    @classmethod
    def load(cls, folder: Path) -> Catalogues:
        """Reads the folder's catalogue of every language; raises Unavailable, naming the file that cannot be read."""
        return cls({language: translations(folder, language) for language in LANGUAGES})

    def __getitem__(self, language: str) -> gettext.NullTranslations:
        """The catalogue of a language in `LANGUAGES`; raises KeyError for any other."""
        return self._by_language[language]


def translations(folder: Path, language: str) -> gettext.NullTranslations:
    """What `<folder>/<language>.po` says; raises Unavailable, naming the file, if it is missing or not a catalogue."""
    if language == SOURCE:
        return gettext.NullTranslations()
    path = folder / f"{language}.po"
    try:
        with path.open("rb") as file:
            catalogue = read_po(file, locale=language, abort_invalid=True)
    except (OSError, PoFileError, ValueError) as error:
        raise Unavailable(f"The catalogue {path} cannot be read: {error}") from error
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


def choose(*hints: str | None) -> str:
    """The first language we know among the hints, best hint first; English when none names one.

    A hint is a language ("tr"), a locale ("fr_CH"), the value of an Accept-Language header, empty, or None.
    """
    return next((language for hint in hints for language in _ranked(hint or "")), SOURCE)


def _ranked(hint: str) -> list[str]:
    """The known languages of an Accept-Language value, most wanted first (RFC 9110, section 12.5.4)."""
    wanted = [_weighed(part) for part in hint[:LONGEST_HINT].split(",")]
    known = [(weight, language) for weight, language in wanted if weight > 0 and language in LANGUAGES]
    return [language for _, language in sorted(known, key=lambda one: -one[0])]


def _weighed(part: str) -> tuple[float, str]:
    tag, _, parameter = part.partition(";")
    language = tag.strip().replace("_", "-").partition("-")[0].lower()
    _, _, weight = parameter.partition("=")
    try:
        return (float(weight) if weight else 1.0), language
    except ValueError:
        return 0.0, language


def moment(at: datetime, language: str) -> str:
    """A time with its zone, such as "22 novembre 2026 à 14:05 (UTC)"; always UTC, since we do not know the reader's."""
    utc = at.astimezone(UTC)
    pattern = FIRST_OF_MONTH.get(language, MOMENTS[language]) if utc.day == 1 else MOMENTS[language]
    return format_datetime(utc, pattern, tzinfo=UTC, locale=LOCALES[language])


def duration(length: timedelta, language: str) -> str:
    """How long something lasts, in whole hours or else minutes, such as "30 minutes" or "24 saat"."""
    minutes = round(length.total_seconds() / 60)
    whole_hours = minutes >= 60 and minutes % 60 == 0
    unit, count = ("duration-hour", minutes // 60) if whole_hours else ("duration-minute", minutes)
    # The customer reads and searches for "30 minutes" with the space they would type.
    return format_unit(count, unit, length="long", locale=LOCALES[language]).replace("\N{NO-BREAK SPACE}", " ")
