"""Catalogues are whole, languages are chosen well, times and durations read like a native's."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from handlers.languages import LANGUAGES, Catalogues, choose, duration, moment
from handlers.model.errors import Unavailable

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = [folder for name in ("handlers/letters", "portal") if (folder := ROOT / name).joinpath("locale").is_dir()]
TRANSLATED = [(folder, language) for folder in FOLDERS for language in LANGUAGES if language != "en"]
NAMES = [f"{folder.name}-{language}" for folder, language in TRANSLATED]

MARKS = "\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}"
# A colon inside a time or an address is no punctuation.
UNSPACED = re.compile(rf"[^{MARKS}\s][!?;»](?!\w)|[^{MARKS}]:(?=\s|$)|«[^{MARKS}]| [:;!?»]")
PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|%[sd]")


def catalogue(folder: Path, language: str) -> Catalog:
    with (folder / "locale" / f"{language}.po").open("rb") as file:
        return read_po(file, locale=language, abort_invalid=True)


def message_ids(folder: Path) -> set[str]:
    """Every text that code and templates of the folder have translated; the singular, where there is a plural."""
    methods = [("**.py", "python"), ("**.html", "jinja2.ext:babel_extract"), ("**.txt", "jinja2.ext:babel_extract")]
    options = {pattern: {"trimmed": "true", "silent": "false"} for pattern, _ in methods[1:]}
    keywords = {"_": None, "gettext": None, "say": None, "phrase": None, "count": (1, 2)}
    found = extract_from_dir(folder, methods, options, keywords)
    return {message if isinstance(message, str) else message[0] for _, _, message, _, _ in found}


def texts(string: str | tuple[str, ...] | list[str] | None) -> list[str]:
    return [string] if isinstance(string, str) else list(string or [""])


@pytest.mark.parametrize(("folder", "language"), TRANSLATED, ids=NAMES)
def test_a_catalogue_has_exactly_the_texts_of_the_code(folder: Path, language: str) -> None:
    """Nothing is left in English for want of a translation, and nothing is kept that nobody says."""
    known = {texts(message.id)[0] for message in catalogue(folder, language) if message.id}
    assert known == message_ids(folder)
    assert known


@pytest.mark.parametrize(("folder", "language"), TRANSLATED, ids=NAMES)
def test_a_catalogue_has_no_guess_and_no_gap(folder: Path, language: str) -> None:
    """No fuzzy entry, no empty one, and the placeholders of the English text, all of them."""
    for message in catalogue(folder, language):
        if not message.id:
            continue
        assert not message.fuzzy, message.id
        wanted = set(PLACEHOLDER.findall(texts(message.id)[-1]))
        for text in texts(message.string):
            assert text.strip(), message.id
            assert set(PLACEHOLDER.findall(text)) == wanted, message.id


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_french_keeps_its_punctuation_on_the_line(folder: Path) -> None:
    """A no-break space before : ; ! ? » and after «, so that none of them begins a line."""
    for message in catalogue(folder, "fr"):
        for text in texts(message.string) if message.id else ():
            assert not UNSPACED.search(text), text


@pytest.mark.parametrize(
    "text", ["Quoi ?", "Quoi?", "Voici:", "Voici :", "«mot\N{NO-BREAK SPACE}»", "«\N{NO-BREAK SPACE}mot»", "Non!", "a;"]
)
def test_the_french_rule_finds_what_is_wrong(text: str) -> None:
    """The rule above can fail."""
    assert UNSPACED.search(text)


def test_a_catalogue_speaks_its_language_and_english_is_the_source() -> None:
    """What the loader returns translates, and falls back on the English text itself."""
    catalogues = Catalogues.load(ROOT / "handlers" / "letters" / "locale")
    said = [catalogues[language].gettext("Hello,") for language in ("fr", "en", "tr")]
    assert said == ["Bonjour,", "Hello,", "Merhaba,"]


@pytest.mark.parametrize("content", [None, "no catalogue", '"a"', "\xff"])
def test_a_catalogue_that_cannot_be_read_is_named(tmp_path: Path, content: str | None) -> None:
    """A missing or broken file stops the start, with its name."""
    if content is not None:
        (tmp_path / "fr.po").write_text(content, encoding="latin-1")
    with pytest.raises(Unavailable, match=r"fr\.po cannot be read"):
        Catalogues.load(tmp_path)


@pytest.mark.parametrize(
    ("hints", "chosen"),
    [
        (("tr",), "tr"),
        (("", None, "fr"), "fr"),
        (("de", "tr-TR,tr;q=0.9,en;q=0.8"), "tr"),
        (("fr_CH",), "fr"),
        (("FR",), "fr"),
        (("fr;q=0.2, en;q=0.9",), "en"),
        (("fr;q=0, tr;q=0.1",), "tr"),
        (("de,*;q=0.5", "tr"), "tr"),
        (("fr;q=x", "tr"), "tr"),
        (("," * 1000, "\x00;;=", "fr"), "fr"),
        (("de", "es"), "en"),
        ((), "en"),
    ],
)
def test_the_first_hint_that_names_a_known_language_decides(hints: tuple[str | None, ...], chosen: str) -> None:
    """The account's language before the mail's, the browser's weights obeyed, nonsense passed over."""
    assert choose(*hints) == chosen


@pytest.mark.parametrize(
    ("language", "written"),
    [
        ("fr", "22 novembre 2026 à 14:05 (UTC)"),
        ("en", "22 November 2026 at 14:05 (UTC)"),
        ("tr", "22 Kasım 2026 14:05 (UTC)"),
    ],
)
def test_a_time_is_written_with_its_zone(language: str, written: str) -> None:
    """Whatever zone it came in."""
    there = timezone(timedelta(hours=3))
    assert moment(datetime(2026, 11, 22, 17, 5, tzinfo=there), language) == written


def test_the_first_of_a_month_is_an_ordinal_in_french() -> None:
    """`1er`, and only the first."""
    assert moment(datetime(2026, 5, 1, 9, 0, tzinfo=UTC), "fr") == "1er mai 2026 à 09:00 (UTC)"
    assert moment(datetime(2026, 5, 21, 9, 0, tzinfo=UTC), "fr") == "21 mai 2026 à 09:00 (UTC)"


@pytest.mark.parametrize(
    ("minutes", "language", "written"),
    [
        (30, "fr", "30 minutes"),
        (1, "fr", "1 minute"),
        (10, "en", "10 minutes"),
        (30, "tr", "30 dakika"),
        (60, "tr", "1 saat"),
        (90, "en", "90 minutes"),
        (1440, "fr", "24 heures"),
    ],
)
def test_a_duration_is_exact(minutes: int, language: str, written: str) -> None:
    """Never rounded: 90 minutes are not two hours."""
    assert duration(timedelta(minutes=minutes), language) == written
